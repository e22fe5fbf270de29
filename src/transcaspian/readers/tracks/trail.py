"""Raw fixes into testimony: positions that cannot be are told, trackers become trips."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from transcaspian.events.testimony import Testimony, testimony
from transcaspian.readers.forms.form import identity
from transcaspian.readers.forms.stamps import INSTANT, OF_WAVE, Habits

RAW = {
    "row": pl.UInt32,
    "tracker": pl.String,
    "instant": INSTANT,
    "lat_deg": pl.Float64,
    "lon_deg": pl.Float64,
}
KINDS = ("vehicle", "equipment")


@dataclass(frozen=True, slots=True)
class Named:
    """The file of some fixes, the wave, and how a row of it is hashed."""

    file: str
    run: str
    hashes: Callable[[int], str]
    habits: Habits


def settle(raw: pl.DataFrame, named: Named) -> Testimony:
    """The fixes as testimony, a trip a tracker, in order of time, each instant once.

    Shape: `raw` has the columns of RAW and perhaps vehicle and equipment. Null island, latitudes
    beyond the poles, unreadable times, those of other years and repeated instants are told.
    """
    reasons = raw.with_columns(_reason(named.habits).alias("reason"))
    same = pl.struct("tracker", "instant", "reason")
    twice = ~same.is_first_distinct() & pl.col("reason").is_null()
    reasons = reasons.with_columns(
        pl.when(twice).then(pl.lit("V204")).otherwise(pl.col("reason")).alias("reason")
    )
    taken = reasons.filter(pl.col("reason").is_null()).sort("tracker", "instant", "row")
    trackers = taken.select("tracker").unique(maintain_order=True).with_row_index("trip", offset=1)
    fixes = taken.join(trackers, on="tracker", maintain_order="left")
    run = pl.lit(named.run).alias("run")
    return testimony(
        trips=_trips(trackers, named),
        fixes=fixes.select(run, "trip", "instant", "lat_deg", "lon_deg"),
        identities=_identities(fixes, named),
        rejects=_rejects(reasons.filter(pl.col("reason").is_not_null()), named),
    )


def _reason(habits: Habits) -> pl.Expr:
    lat, lon = pl.col("lat_deg"), pl.col("lon_deg")
    return (
        pl.when(pl.col("instant").is_null())
        .then(pl.lit("V105"))
        .when(habits.beyond(pl.col("instant"), pl.col("instant")))
        .then(pl.lit("V120"))
        .when(lat.is_null() | lon.is_null() | ~lat.is_finite() | ~lon.is_finite())
        .then(pl.lit("V108"))
        .when((lat.abs() > 90) | (lon.abs() > 180))  # noqa: PLR2004  # poles and the far meridian
        .then(pl.lit("V109"))
        .when((lat == 0) & (lon == 0))
        .then(pl.lit("V109"))
        .otherwise(None)
    )


SAID = {
    "V105": ("a time without a zone, or that cannot be read", "ISO 8601 with an offset"),
    "V108": ("a position that is not two numbers", "decimal degrees"),
    "V109": ("a position that cannot be", "latitude and longitude in this order, and not 0, 0"),
    "V120": ("a time that is not of this wave", OF_WAVE),
    "V204": ("the same tracker at the same instant again", "one fix an instant"),
}


def _rejects(wrong: pl.DataFrame, named: Named) -> list[tuple[object, ...]]:
    return [
        (
            *(named.file, row, None, reason),
            f"{SAID[reason][0]}: {lat}, {lon} at {instant}",
            *(SAID[reason][1], named.hashes(row)),
        )
        for row, reason, lat, lon, instant in wrong.select(
            "row", "reason", "lat_deg", "lon_deg", "instant"
        ).iter_rows()
    ]


def _trips(trackers: pl.DataFrame, named: Named) -> pl.DataFrame:
    """A trip a tracker; where it begins and ends is for the zones to say."""
    blank = {
        name: pl.lit(None, pl.String)
        for name in ("flow", "goods", "unit", "direction", "carrier", "cluster")
    }
    return trackers.select(
        pl.lit(named.run).alias("run"),
        "trip",
        pl.col("tracker").alias("name"),
        *(value.alias(name) for name, value in blank.items()),
        *(pl.lit("").alias(name) for name in ("origin", "destination")),
        *(pl.lit(None, pl.Float64).alias(name) for name in ("tonnes", "value_usd")),
        pl.lit(1.0).alias("weight"),
        pl.lit(None, pl.Boolean).alias("lost"),
    )


def _identities(fixes: pl.DataFrame, named: Named) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = [
        (named.run, trip, "tracker", identity(name))
        for trip, name in fixes.select("trip", "tracker").unique(maintain_order=True).iter_rows()
    ]
    for kind in KINDS:
        if kind in fixes.columns:
            pairs = fixes.select("trip", kind).drop_nulls().unique(maintain_order=True)
            found += [(named.run, trip, kind, identity(name)) for trip, name in pairs.iter_rows()]
    return found
