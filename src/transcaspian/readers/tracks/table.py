"""Positions in CSV or Parquet, any number of trackers a file."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from transcaspian.errors import Fault, Faults, Where
from transcaspian.events.testimony import Testimony, row_hash
from transcaspian.readers.forms.rows import sign_of
from transcaspian.readers.forms.stamps import Habits
from transcaspian.readers.forms.words import plain
from transcaspian.readers.tracks.trail import Named, settle

ALIASES = {
    "tracker": (
        "tracker",
        "device",
        "device id",
        "unit",
        "unit id",
        "imei",
        "id",
        "трекер",
        "устройство",
        "端末",
    ),
    "vehicle": ("vehicle", "plate", "truck", "автомобиль", "госномер", "車両番号"),
    "equipment": ("equipment", "container", "wagon", "контейнер", "вагон", "コンテナ番号"),
    "instant": ("instant", "time", "timestamp", "datetime", "t", "время", "日時"),
    "lat_deg": ("lat deg", "lat", "latitude", "y", "широта", "緯度"),
    "lon_deg": ("lon deg", "lon", "lng", "long", "longitude", "x", "долгота", "経度"),
}
NEEDED = ("tracker", "instant", "lat_deg", "lon_deg")
OFFSET = r"(Z|[+-]\d{2}:?\d{2})$"


def read_track_table(path: Path, *, run: str, habits: Habits) -> Testimony:
    """The fixes of a table with a row a fix: tracker, instant, latitude, longitude.

    Errors: V102 for a column that is missing. Rows that cannot be read are told.
    """
    frame = _read(path, habits)
    named = {
        column: next((name for name in frame.columns if plain(name) in words), None)
        for column, words in ALIASES.items()
    }
    lost = [column for column in NEEDED if named[column] is None]
    if lost:
        raise Faults(
            Fault("V102", f"no {name}", where=Where(file=path.name), expected=f"a column {name}")
            for name in lost
        )
    known = {column: name for column, name in named.items() if name is not None}
    rows = frame.select(pl.col(name).alias(column) for column, name in known.items())
    rows = rows.with_row_index("row", offset=1)
    hashes = lambda at: row_hash(frame.row(at - 1))  # noqa: E731  # hashed only where it is told
    timed = rows.with_columns(_instant(rows, habits), *_degrees())
    return settle(timed, Named(path.name, run, hashes, habits))


def _read(path: Path, habits: Habits) -> pl.DataFrame:
    if path.suffix == ".parquet":
        return pl.read_parquet(path)
    encoding = "utf8" if habits.encoding == "utf-8" else habits.encoding
    with path.open(encoding="utf-8-sig" if encoding == "utf8" else encoding) as stream:
        sign = sign_of(stream.readline())
    return pl.read_csv(path, separator=sign, infer_schema=False, encoding=encoding)


def _instant(rows: pl.DataFrame, habits: Habits) -> pl.Expr:
    """The instants in UTC: with an offset as said, without one in the zone of the wave."""
    if rows["instant"].dtype != pl.String:
        return pl.col("instant").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    text = pl.col("instant").str.strip_chars()
    said = text.str.contains(OFFSET)
    zoned = (
        pl.when(said)
        .then(text.str.replace(r"Z$", "+00:00").str.replace(" ", "T"))
        .str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%:z", strict=False, time_unit="us", time_zone="UTC")
    )
    if habits.clock in {"", "place"}:
        return zoned.alias("instant")
    local = (
        pl.when(~said)
        .then(text.str.replace(" ", "T"))
        .str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="us")
        .dt.replace_time_zone(habits.clock, ambiguous="earliest", non_existent="null")
        .dt.convert_time_zone("UTC")
    )
    return pl.coalesce(zoned, local).alias("instant")


def _degrees() -> list[pl.Expr]:
    return [
        pl.col(name).cast(pl.String).str.strip_chars().cast(pl.Float64, strict=False)
        for name in ("lat_deg", "lon_deg")
    ]
