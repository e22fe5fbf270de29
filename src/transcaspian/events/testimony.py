"""What the files of a survey said, before anyone has decided what happened."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import polars as pl

from transcaspian.events.declarations import PAYMENTS, RUN, TRIP, TRIPS, WITNESSES
from transcaspian.tables.parse import schema_of
from transcaspian.tables.schema import Column, Table

IDENTITIES = Table(
    "identities",
    "The names by which trips of several sources can be known to be one; never published.",
    (
        RUN,
        TRIP,
        Column(
            "kind",
            "str",
            "What is named.",
            choices=("vehicle", "equipment", "consignment", "tracker", "driver"),
        ),
        Column("name", "str", "The name, in Latin capitals and digits."),
    ),
    key=("run", "trip", "kind", "name"),
    sourced=False,
)

FIXES = Table(
    "fixes",
    "Positions of trackers.",
    (
        RUN,
        TRIP,
        Column("instant", "datetime", "When."),
        Column("lat_deg", "float", "Latitude, WGS 84.", unit="deg", least=-90, most=90),
        Column("lon_deg", "float", "Longitude, WGS 84.", unit="deg", least=-180, most=180),
    ),
    key=("run", "trip", "instant"),
    sourced=False,
)

REJECTS = Table(
    "rejects",
    "Rows of the sources that were not taken, and why.",
    (
        Column("file", "str", "File of the wave."),
        Column("row", "int", "Row below the header, or number of the event, from 1."),
        Column("column", "str", "Where in the row.", null=True),
        Column("code", "str", "Fault code."),
        Column("what", "str", "What was seen."),
        Column("expected", "str", "What would have been right.", null=True),
        Column("row_hash", "str", "Hash of the source row."),
    ),
    key=("file", "row", "column", "code"),
    sourced=False,
)

NOTICES = Table(
    "notices",
    "What was taken but should be known: rows read with wider bounds, doubtful files.",
    (
        Column("file", "str", "File of the wave."),
        Column("code", "str", "Fault code."),
        Column("rows", "int", "How many rows it touches."),
        Column("what", "str", "What was seen and what was done."),
    ),
    key=("file", "code", "what"),
    sourced=False,
)

TESTIMONY = {
    table.name: table for table in (TRIPS, WITNESSES, PAYMENTS, IDENTITIES, FIXES, REJECTS, NOTICES)
}
SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True)
class Testimony:
    """What sources said: a trip is one of one source, as that source counts them.

    Shape: each frame as its declaration in TESTIMONY.
    """

    trips: pl.DataFrame
    witnesses: pl.DataFrame
    payments: pl.DataFrame
    identities: pl.DataFrame
    fixes: pl.DataFrame
    rejects: pl.DataFrame
    notices: pl.DataFrame


def testimony(**rows: pl.DataFrame | Sequence[tuple[object, ...]]) -> Testimony:
    """The testimony of some frames or lists of rows; what is left out is empty."""
    made: dict[str, pl.DataFrame] = {}
    for name, table in TESTIMONY.items():
        given = rows.get(name, ())
        if isinstance(given, pl.DataFrame):
            made[name] = given.select(
                pl.col(key).cast(kind) for key, kind in schema_of(table).items()
            )
        else:
            made[name] = pl.DataFrame(list(given), schema=schema_of(table), orient="row")
    return Testimony(**made)


def together(parts: Iterable[Testimony]) -> Testimony:
    """The testimony of several sources as one; the trips of each are counted on."""
    found = list(parts)
    count = 0
    frames: dict[str, list[pl.DataFrame]] = {name: [] for name in TESTIMONY}
    for part in found:
        for field in fields(Testimony):
            frame: pl.DataFrame = getattr(part, field.name)
            if "trip" in frame.columns:
                frame = frame.with_columns(pl.col("trip") + count)
            frames[field.name].append(frame)
        count += int(part.trips["trip"].max() or 0)  # pyright: ignore[reportArgumentType]  # whole numbers
    if not found:
        return testimony()
    return Testimony(**{name: pl.concat(each) for name, each in frames.items()})


def row_hash(cells: Iterable[object]) -> str:
    """The hash of a source row: SHA-256 of its cells as they stood, the first 16 hex digits."""
    text = SEPARATOR.join("" if cell is None else str(cell) for cell in cells)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


__all__ = [
    "FIXES",
    "IDENTITIES",
    "NOTICES",
    "REJECTS",
    "TESTIMONY",
    "Testimony",
    "row_hash",
    "testimony",
    "together",
]
