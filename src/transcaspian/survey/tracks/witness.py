"""What trackers witnessed: their stays and stops as witnesses."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from transcaspian.events.declarations import WITNESSES
from transcaspian.events.engine import gathered
from transcaspian.events.testimony import row_hash
from transcaspian.readers.tracks.zones import Zone
from transcaspian.survey.tracks.stays import stays
from transcaspian.tables.parse import schema_of

STAY = {"border_post": "border", "port": "port", "terminal": "port", "gauge_break": "gauge_break"}
QUEUE = "queue"
INSTANT = pl.Datetime("us", "UTC")
US_PER_H = 3_600_000_000


def tracked(
    fixes: object, zones: Sequence[Zone], *, places: pl.DataFrame, hold_m: float, gap_h: float
) -> pl.DataFrame:
    """The witnesses of some fixes: a start and an end for each stay in a zone and each stop.

    The bounds of a start are the last fix before the zone and the first within; at the beginning of
    a track the earlier is not known, at its end the later of the end. Stops on the way have no
    place, and share a label by which their two ends are known.

    Shape: WITNESSES, and pings, how many fixes the stay holds, gap, whole (whether the track goes
    on before and after), and interval_h, the time between two fixes in stays of this tracker.
    """
    found = gathered(stays(fixes, zones, hold_m=hold_m, gap_h=gap_h)).sort("run", "trip", "visit")
    named = found.join(places.select("place", "kind", "country"), on="place", how="left")
    kind = pl.col("kind").replace_strict(STAY, default="stop", return_dtype=pl.String)
    activity = (
        pl.when(pl.col("place").is_null())
        .then(pl.lit("line"))
        .when(pl.col("part") == QUEUE)
        .then(pl.lit("wait_queue"))
        .otherwise(kind)
    )
    hashes = pl.Series(
        "row_hash",
        [row_hash(row) for row in named.select("trip", "first", "last", "pings").iter_rows()],
        dtype=pl.String,
    )
    label = pl.concat_str(pl.lit("stay "), pl.col("visit"))
    both = named.with_columns(
        activity.alias("activity"),
        hashes,
        label.alias("label"),
        (pl.col("before").is_not_null() & pl.col("after").is_not_null()).alias("whole"),
        _interval().over("run", "trip").alias("interval_h"),
    )
    ends = (("start", "before", "first"), ("complete", "last", "after"))
    rows = pl.concat([_end(both, *end) for end in ends]).sort(
        "run", "trip", "visit", "lifecycle", descending=[False, False, False, True]
    )
    number = pl.int_range(1, pl.len() + 1).over("run", "trip").alias("witness")
    shaped = rows.with_columns(number)
    columns = [pl.col(name).cast(kind) for name, kind in schema_of(WITNESSES).items()]
    return shaped.select(*columns, *EXTRAS)


EXTRAS = ("pings", "gap", "whole", "interval_h")


def _interval() -> pl.Expr:
    """The hours between two fixes of a tracker while it stood."""
    steady = (pl.col("pings") > 1) & ~pl.col("gap")
    apart = pl.when(steady).then(pl.col("last") - pl.col("first")).sum()
    return apart / US_PER_H / pl.when(steady).then(pl.col("pings") - 1).sum()


def _end(both: pl.DataFrame, lifecycle: str, low: str, high: str) -> pl.DataFrame:
    """One end of each stay."""
    on_way = pl.col("place").is_null()
    seen = pl.col(high if lifecycle == "start" else low)
    bounds = (pl.when(on_way).then(seen).otherwise(pl.col(name)) for name in (low, high))
    earliest, latest = (bound.cast(INSTANT) for bound in bounds)
    return both.select(
        "run",
        "trip",
        "visit",
        "place",
        "activity",
        "label",
        earliest.alias("earliest"),
        latest.alias("latest"),
        pl.lit(None, pl.Float64).alias("hours"),
        pl.lit("UTC").alias("zone"),
        pl.lit(None, pl.String).alias("network"),
        pl.col("country").alias("side"),
        pl.lit(lifecycle).alias("lifecycle"),
        pl.lit("tracker").alias("source"),
        "row_hash",
        *EXTRAS,
    )
