"""Stays in zones and stops between them, out of positions."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw
import polars as pl

from transcaspian.events.engine import (
    TRIP,
    Frame,
    beside,
    coded,
    grouped,
    here,
    micros,
    on_engine,
    running,
)
from transcaspian.readers.tracks.zones import Zone
from transcaspian.survey.tracks.fences import M_PER_DEG, OUTSIDE, RAD, fenced

US_PER_H = 3_600_000_000
FASTEST_KMH = 250.0
"""No truck or train is faster: a fix that needs more on both sides is a jump."""
STILL_KMH = 2.0
MOVING_KMH = 6.0
SHORTEST_STOP_H = 0.5
STOPPED = OUTSIDE - 1
ENDS = {1: "begins", -1: "ends"}


def stays(fixes: object, zones: Sequence[Zone], *, hold_m: float, gap_h: float) -> Frame:
    """The stays of each tracker in the zones, and its stops between them.

    A tracker enters a zone when it is held inside and leaves when it is held outside or in another
    zone; near an edge it stays what it was, so that jitter across a border makes no crossings.

    Shape: run, trip, visit, place and part (null for a stop on the way), lat_deg, lon_deg, pings,
    and, in microseconds since 1970: before (the last fix elsewhere, null at the start of the
    track), first, last (its fixes there), after (the next fix elsewhere, null at the end), silence
    (the longest time between its fixes there); gap: whether a silence beyond `gap_h` hides its
    start, its end or its middle.
    """
    kept = without_jumps(_ordered(micros(on_engine(fixes), ["instant"])))
    spans = _spans(_runs(_latched(fenced(kept, zones, hold_m=hold_m))))
    names = pl.DataFrame(
        [(number, zone.place, zone.part) for number, zone in enumerate(zones)],
        schema={"state": pl.Int64, "place": pl.String, "part": pl.String},
        orient="row",
    )
    known = spans.join(beside(names, spans), on="state", how="left")
    hidden = nw.max_horizontal(
        nw.col("silence"),
        (nw.col("first") - nw.col("before")).fill_null(0),
        (nw.col("after") - nw.col("last")).fill_null(0),
    )
    gap = (hidden > round(gap_h * US_PER_H)).alias("gap")
    return known.with_columns(gap, nw.col("run").cast(nw.String)).drop("state")


def _ordered(fixes: Frame) -> Frame:
    """The fixes in order of time, with marks on the first and the last of each track."""
    if not here(fixes):
        return fixes
    native = nw.to_native(fixes)
    if not native.select(pl.struct("run", "trip", "instant").is_sorted()).item():
        native = native.sort(*TRIP, "instant")
    return _marked(coded(nw.from_native(native), ("run",)))


def _marked(fixes: Frame) -> Frame:
    """The fixes with marks on the ends of each track, where the engine keeps order."""
    if not here(fixes):
        return fixes
    marks = [
        (
            (nw.col("trip") != nw.col("trip").shift(rows))
            | (nw.col("run") != nw.col("run").shift(rows))
        )
        .fill_null(value=True)
        .alias(name)
        for rows, name in ENDS.items()
    ]
    return fixes.with_columns(*marks)


def _past(column: str, frame: Frame, rows: int) -> nw.Expr:
    """What stands `rows` back, or on if negative, in the same track."""
    other = nw.col(column).shift(rows)
    if here(frame):
        return nw.when(~nw.col(ENDS[rows])).then(other)
    return other.over(*TRIP, order_by="instant")


def without_jumps(fixes: Frame) -> Frame:
    """The fixes, with the speed at which each was reached, without those that nothing could have
    reached and left in time.
    """
    columns = fixes.collect_schema().names()
    known = fixes.with_columns(
        *(
            _past(name, fixes, rows).alias(f"{name}{rows}")
            for rows in ENDS
            for name in ("lat_deg", "lon_deg", "instant")
        )
    ).with_columns(*(_kmh(rows).alias(f"kmh{rows}") for rows in ENDS))
    fast = [(nw.col(f"kmh{rows}") > FASTEST_KMH).fill_null(value=False) for rows in ENDS]
    kept = known.filter(~(fast[0] & fast[1]))
    if here(kept) and len(kept) == len(known):
        return kept.select(*columns, nw.col("kmh1").alias("kmh"), nw.col("instant1").alias("came"))
    kept = _marked(kept.select(*(name for name in columns if name not in ENDS.values())))
    again = kept.with_columns(
        *(_past(name, kept, 1).alias(f"{name}1") for name in ("lat_deg", "lon_deg", "instant"))
    )
    columns = kept.collect_schema().names()
    return again.select(*columns, _kmh(1).alias("kmh"), nw.col("instant1").alias("came"))


def _kmh(rows: int) -> nw.Expr:
    """The speed between a fix and the one `rows` back or on."""
    lat, lon = nw.col("lat_deg"), nw.col("lon_deg")
    north = (lat - nw.col(f"lat_deg{rows}")) * M_PER_DEG
    east = (lon - nw.col(f"lon_deg{rows}")) * M_PER_DEG * (lat * RAD).cos()
    hours = (nw.col("instant") - nw.col(f"instant{rows}")).abs() / US_PER_H
    return (north * north + east * east).sqrt() / 1000 / nw.when(hours > 0).then(hours)


def _latched(fixes: Frame) -> Frame:
    """The fixes with the state that lasts until another is decided: a zone, a stop, or the way."""
    pace = fixes.with_columns(
        nw.when(nw.col("kmh") < STILL_KMH)
        .then(nw.lit(1))
        .otherwise(nw.when(nw.col("kmh") > MOVING_KMH).then(nw.lit(0)))
        .alias("still")
    )
    lasting = pace.with_columns(
        _held("zone", pace, OUTSIDE).alias("zone"), _held("still", pace, 0).alias("still")
    )
    stopped = nw.when(nw.col("still") == 1).then(nw.lit(STOPPED)).otherwise(nw.lit(OUTSIDE))
    return lasting.with_columns(
        nw.when(nw.col("zone") == OUTSIDE).then(stopped).otherwise(nw.col("zone")).alias("state")
    )


def _held(name: str, frame: Frame, start: int) -> nw.Expr:
    """What was last decided in the track; before anything was, `start`."""
    if here(frame):
        begun = nw.when(nw.col("begins") & nw.col(name).is_null()).then(nw.lit(start))
        return begun.otherwise(nw.col(name)).fill_null(strategy="forward")
    held = nw.col(name).fill_null(strategy="forward").over(*TRIP, order_by="instant")
    return nw.coalesce(held, nw.lit(start))


def _runs(fixes: Frame) -> Frame:
    """The fixes with the number of the run of equal states that each belongs to."""
    edged = fixes.with_columns(
        _past("state", fixes, 1).alias("state1"), _past("instant", fixes, -1).alias("goes")
    ).with_columns((nw.col("state") != nw.col("state1")).fill_null(value=True).alias("new"))
    pause = nw.when(~nw.col("new")).then(nw.col("instant") - nw.col("came")).otherwise(nw.lit(0))
    visit = running("new", edged, by="instant").cast(nw.Int64)
    return edged.with_columns(visit.alias("visit"), pause.alias("silence"))


def _spans(runs: Frame) -> Frame:
    """One row a stay or stop; the way between them is left out. A stop on the way began where the
    tracker stood before it was known to stand.
    """
    there = runs.filter(nw.col("state") != OUTSIDE)
    spans = grouped(
        there.with_columns(
            nw.when(nw.col("new")).then(nw.col("came")).alias("before"),
            nw.col("goes").is_null().cast(nw.Int64).alias("final"),
        ),
        (*TRIP, "visit", "state"),
        nw.col("before", "silence", "goes", "final").max(),
        nw.col("instant").min().alias("first"),
        nw.col("instant").max().alias("last"),
        nw.col("lat_deg", "lon_deg").mean(),
        nw.len().alias("pings"),
    )
    way = nw.col("state") == STOPPED
    since = nw.when(way).then(nw.coalesce(nw.col("before"), nw.col("first")))
    ended = spans.with_columns(
        nw.when(nw.col("final") == 0).then(nw.col("goes")).alias("after"),
        since.otherwise(nw.col("first")).alias("first"),
    )
    long = (nw.col("last") - nw.col("first")) >= round(SHORTEST_STOP_H * US_PER_H)
    return ended.filter(~way | long).drop("final", "goes")
