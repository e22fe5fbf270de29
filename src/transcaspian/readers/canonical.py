"""Canonical long events: a row an instant, in CSV, Parquet or JSON lines."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from transcaspian.errors import Fault, Faults, Where
from transcaspian.events.testimony import Testimony, row_hash, testimony
from transcaspian.readers.forms.stamps import INSTANT, OF_WAVE, Habits
from transcaspian.readers.gazetteer import Gazetteer
from transcaspian.tables.vocabulary import codes

NEEDED = ("trip_id", "ts_lo", "ts_hi", "place_id", "activity", "lifecycle")
SOURCES = ("form", "tracker", "message")
NETWORKS = ("rail", "road", "sea")
ENDS = ("start", "complete")
EXPECTED = {
    "V103": "ISO 8601 with an offset, ts_lo at most ts_hi",
    "V106": "a place of the corridor",
    "V108": "start or complete",
    "V120": OF_WAVE,
}


def read_canonical(path: Path, gazetteer: Gazetteer, *, run: str, habits: Habits) -> Testimony:
    """What the events of a file say; most columns of the canonical event may be left out.

    An activity that is not in the vocabulary becomes an unknown stop and keeps its word.

    Errors: V102 for a column that is missing. Rows that cannot be read are told.
    """
    frame = _read(path)
    lost = [name for name in NEEDED if name not in frame.columns]
    if lost:
        raise Faults(
            Fault("V102", f"no {name}", where=Where(file=path.name), expected=f"a column {name}")
            for name in lost
        )
    rows = _whole(frame, gazetteer, habits)
    taken = rows.filter(pl.col("reason").is_null())
    trips = taken.select("trip_id").unique(maintain_order=True).with_row_index("trip", offset=1)
    said = taken.join(trips, on="trip_id", maintain_order="left").with_columns(
        pl.lit(run).alias("run")
    )
    return testimony(
        trips=_trips(said),
        witnesses=_witnesses(said),
        identities=_identities(said),
        rejects=_rejects(rows.filter(pl.col("reason").is_not_null()), path.name),
    )


def _read(path: Path) -> pl.DataFrame:
    if path.suffix == ".parquet":
        return pl.read_parquet(path)
    if path.suffix == ".jsonl":
        return pl.read_ndjson(path)
    return pl.read_csv(path, infer_schema=False, encoding="utf8")


def _whole(frame: pl.DataFrame, gazetteer: Gazetteer, habits: Habits) -> pl.DataFrame:
    """The rows with every column, their number, hash, and what is wrong with them."""
    optional = ("unit_id", "tz", "side", "source", "row_hash", "mode", "carrier", "cluster")
    blank = [pl.lit(None, pl.String).alias(name) for name in optional if name not in frame.columns]
    known = set(codes("activities"))
    said = pl.col("activity").cast(pl.String)
    lower = said.str.to_lowercase()
    rows = frame.with_row_index("row", offset=1).with_columns(*blank)
    hashed = pl.col("row_hash") if "row_hash" in frame.columns else _hashes(frame)
    return rows.with_columns(
        *(_instant(frame, name) for name in ("ts_lo", "ts_hi")),
        pl.col("place_id").cast(pl.String),
        pl.when(lower.is_in(list(known)))
        .then(lower)
        .otherwise(pl.lit("x90_unknown_stop"))
        .alias("activity"),
        pl.when(~lower.is_in(list(known))).then(said).alias("label"),
        pl.col("lifecycle").cast(pl.String).str.to_lowercase(),
        hashed.alias("row_hash"),
    ).with_columns(_reason(gazetteer, habits).alias("reason"))


def _hashes(frame: pl.DataFrame) -> pl.Series:
    """The hash of each row, for files that bring none."""
    return pl.Series("row_hash", [row_hash(row) for row in frame.iter_rows()], dtype=pl.String)


def _instant(frame: pl.DataFrame, name: str) -> pl.Expr:
    if frame.schema[name] == pl.String:
        text = pl.col(name).str.strip_chars().str.replace(r"Z$", "+00:00").str.replace(" ", "T")
        return text.str.to_datetime(
            "%Y-%m-%dT%H:%M:%S%.f%:z", strict=False, time_unit="us", time_zone="UTC"
        ).alias(name)
    return pl.col(name).cast(INSTANT)


def _reason(gazetteer: Gazetteer, habits: Habits) -> pl.Expr:
    low, high = pl.col("ts_lo"), pl.col("ts_hi")
    return (
        pl.when(low.is_null() | high.is_null() | (high < low))
        .then(pl.lit("V103"))
        .when(habits.beyond(low, high))
        .then(pl.lit("V120"))
        .when(~pl.col("place_id").is_in(list(gazetteer.country)))
        .then(pl.lit("V106"))
        .when(~pl.col("lifecycle").is_in(ENDS))
        .then(pl.lit("V108"))
        .otherwise(None)
    )


def _witnesses(said: pl.DataFrame) -> pl.DataFrame:
    return said.select(
        "run",
        "trip",
        pl.int_range(1, pl.len() + 1).over("trip").alias("witness"),
        pl.col("place_id").alias("place"),
        "activity",
        "label",
        pl.col("ts_lo").alias("earliest"),
        pl.col("ts_hi").alias("latest"),
        pl.lit(None, pl.Float64).alias("hours"),
        pl.col("tz").alias("zone"),
        pl.when(pl.col("mode").is_in(NETWORKS)).then("mode").alias("network"),
        "side",
        "lifecycle",
        pl.when(pl.col("source").is_in(SOURCES)).then("source").otherwise(pl.lit("message")),
        "row_hash",
    )


def _trips(said: pl.DataFrame) -> pl.DataFrame:
    blank = {name: pl.lit(None, pl.String) for name in ("flow", "goods", "unit", "direction")}
    return (
        said.group_by("run", "trip", maintain_order=True)
        .agg(
            pl.col("trip_id").first().alias("name"),
            pl.col("place_id").first().alias("origin"),
            pl.col("place_id").last().alias("destination"),
            pl.col("carrier").first(),
            pl.col("cluster").first(),
        )
        .with_columns(
            *(value.alias(name) for name, value in blank.items()),
            *(pl.lit(None, pl.Float64).alias(name) for name in ("tonnes", "value_usd")),
            pl.lit(1.0).alias("weight"),
            pl.lit(None, pl.Boolean).alias("lost"),
        )
    )


def _identities(said: pl.DataFrame) -> pl.DataFrame:
    known = said.select("run", "trip", "unit_id").drop_nulls().unique(maintain_order=True)
    return known.select(
        "run", "trip", pl.lit("equipment").alias("kind"), pl.col("unit_id").alias("name")
    )


def _rejects(wrong: pl.DataFrame, file: str) -> list[tuple[object, ...]]:
    seen = {"V103": "ts_lo", "V106": "place_id", "V108": "lifecycle", "V120": "ts_lo"}
    return [
        (
            *(file, row["row"], seen[row["reason"]], row["reason"]),
            f"seen {row[seen[row['reason']]]}",
            *(EXPECTED[row["reason"]], row["row_hash"]),
        )
        for row in wrong.iter_rows(named=True)
    ]
