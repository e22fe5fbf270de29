"""The steps of the log, out of visits and what was done at them, and the way between them."""

from __future__ import annotations

import narwhals as nw
import polars as pl

from transcaspian.events.engine import Frame, beside, counted, grouped
from transcaspian.survey.trips.acts import US_PER_H
from transcaspian.survey.trips.visits import VISIT

TRIP = ("run", "trip")
UNKNOWN = "x90_unknown_stop"
SHORTEST_US = 1_000_000
STEP = (
    *TRIP,
    "at",
    "rank",
    "place",
    "ordinal",
    "activity",
    "arrived",
    "started",
    "ended",
    "half",
    "quality",
    "grade",
)


def middles(visits: Frame) -> Frame:
    """The visits with the middle of each end, and half of the wider bounds.

    Ends that cannot be put in order within their bounds are both unknown.

    Shape: the columns of the visits, `arrived` and `left` (null where not known), half.
    """
    ordered = (
        nw.when(nw.col("out_hi").is_null() | nw.col("in_lo").is_null())
        .then(nw.lit(value=True))
        .otherwise(nw.col("out_hi") >= nw.col("in_lo"))
    )
    timed = visits.with_columns(
        ordered.alias("ordered"),
        *(
            ((nw.col(f"{end}_hi") - nw.col(f"{end}_lo")) // 2).alias(f"half_{end}")
            for end in ("in", "out")
        ),
    )
    known = timed.with_columns(
        nw.when(nw.col("ordered")).then(nw.col("in_lo") + nw.col("half_in")).alias("arrived"),
        nw.when(nw.col("ordered")).then(nw.col("out_lo") + nw.col("half_out")).alias("left"),
    )
    half = nw.max_horizontal(nw.col("half_in"), nw.col("half_out"))
    left = nw.max_horizontal(
        nw.col("left"), nw.when(~nw.col("left").is_null()).then(nw.col("arrived"))
    )
    return known.with_columns(half.alias("half"), left.alias("left")).drop("half_in", "half_out")


def stay_steps(visits: Frame, acts: Frame, stays: Frame) -> Frame:
    """The steps at places: each activity with the wait before it, then what nobody accounts for.

    A stay of which nothing but its ends is told is one step, its activity that of a whole stay.

    Shape: `visits` as `middles` gives them; `acts`: run, trip, place, ordinal, activity, started,
    ended, half, quality, turn. The columns of STEP, instants in microseconds.
    """
    known = visits.filter(~nw.col("arrived").is_null() | ~nw.col("left").is_null()).join(
        stays, on="place", how="left"
    )
    inner = acts.join(known.select(*VISIT, "arrived", "left", "grade"), on=list(VISIT), how="inner")
    upto = nw.col("ended").cum_max().over(*VISIT, order_by=["started", "ended", "turn"])
    chained = inner.with_columns(upto.alias("upto"))
    before = nw.col("upto").shift(1).over(*VISIT, order_by=["started", "ended", "turn"])
    waited = chained.with_columns(nw.coalesce(before, nw.col("arrived")).alias("since"))
    since = nw.min_horizontal(nw.coalesce(nw.col("since"), nw.col("started")), nw.col("started"))
    done = waited.select(
        *TRIP,
        nw.col("started").alias("at"),
        (nw.col("turn") + 10).alias("rank"),
        "place",
        "ordinal",
        "activity",
        since.alias("arrived"),
        "started",
        "ended",
        "half",
        "quality",
        "grade",
    )
    last = grouped(inner, VISIT, nw.col("ended").max().alias("upto"))
    rest = known.join(last, on=list(VISIT), how="left")
    return nw.concat([done, _rest(rest)])


def _rest(visits: Frame) -> Frame:
    """The steps of whole stays, and of what is left of a stay after all that was told of it."""
    told = ~nw.col("upto").is_null()
    over = told & (nw.col("left") - nw.col("upto") < SHORTEST_US).fill_null(value=False)
    since = nw.when(told).then(nw.col("upto")).otherwise(nw.col("arrived"))
    activity = nw.when(told).then(nw.lit(UNKNOWN)).otherwise(nw.col("stay"))
    form = (nw.col("in_source") == "form") | (nw.col("out_source") == "form")
    quality = nw.when(form).then(nw.lit("reported")).otherwise(nw.lit("observed"))
    return visits.filter(~over).select(
        *TRIP,
        nw.coalesce(since, nw.col("left")).alias("at"),
        nw.when(told).then(nw.lit(1_000_000)).otherwise(nw.lit(5)).cast(nw.Int64).alias("rank"),
        "place",
        "ordinal",
        activity.alias("activity"),
        since.alias("arrived"),
        nw.lit(None).cast(nw.Int64).alias("started"),
        nw.col("left").alias("ended"),
        "half",
        quality.alias("quality"),
        "grade",
    )


def neighbours(visits: Frame, units: Frame) -> Frame:
    """The visits with the places before and after them in their trip, and the networks between.

    Shape: the columns of the visits as `middles` gives them, and previous, next, networks (to the
    next place: as said there, else what the unit may use), networks_in (from the previous), said,
    arrives (when the next place was reached), grade_there, leg (the number of the visit).
    """
    at = nw.coalesce(nw.col("arrived"), nw.col("left"), nw.col("in_hi"), nw.col("out_lo"))
    seen = visits.rename({"network": "said"}).with_columns(at.alias("at"))
    order = ["at", "place"]
    placed = seen.with_columns(
        nw.col("place").shift(1).over(*TRIP, order_by=order).alias("previous"),
        nw.col("place").shift(-1).over(*TRIP, order_by=order).alias("next"),
        nw.col("arrived").shift(-1).over(*TRIP, order_by=order).alias("arrives"),
        nw.col("grade").shift(-1).over(*TRIP, order_by=order).alias("grade_there"),
        nw.col("said").shift(-1).over(*TRIP, order_by=order).alias("said_next"),
        counted(TRIP, order=order).alias("leg"),
    ).join(units, on=list(TRIP), how="left")
    return placed.with_columns(
        nw.coalesce(nw.col("said_next"), nw.col("networks")).alias("networks"),
        nw.coalesce(nw.col("said"), nw.col("networks")).alias("networks_in"),
    )


def legs(visits: Frame) -> Frame:
    """The ways between consecutive visits of a trip whose ends are known and in order.

    Shape: run, trip, leg, origin, destination, networks, departs, arrives (microseconds), half,
    grade.
    """
    forward = visits.filter(~nw.col("next").is_null() & (nw.col("arrives") >= nw.col("left")))
    return forward.select(
        *TRIP,
        "leg",
        nw.col("place").alias("origin"),
        nw.col("next").alias("destination"),
        "networks",
        nw.col("left").alias("departs"),
        "arrives",
        "half",
        nw.max_horizontal(nw.col("grade"), nw.col("grade_there")).alias("grade"),
    )


def backward(visits: Frame) -> Frame:
    """The visits that a trip would have left after it reached the next: a clock is wrong.

    Shape: run, trip, place, next, after_h.
    """
    late = visits.with_columns(((nw.col("left") - nw.col("arrives")) / US_PER_H).alias("after_h"))
    return late.filter(nw.col("after_h") > 0).select(*TRIP, "place", "next", "after_h")


def way_steps(ways: Frame, stops: Frame, chains: pl.DataFrame) -> Frame:
    """The steps on the links between places, and the stops on them.

    Where a way has several links, the instants between them are imputed from the hours in motion
    that each would take.

    Shape: `stops`: run, trip, since, until (microseconds); `chains` as `network.chains` gives them
    and `activity`. The columns of STEP.
    """
    inside = _within(ways, stops)
    halts = grouped(inside, (*TRIP, "leg"), nw.col("long").sum().alias("halted"))
    known = ways.join(halts, on=[*TRIP, "leg"], how="left").with_columns(
        (nw.col("arrives") - nw.col("departs") - nw.col("halted").fill_null(0)).alias("moving")
    )
    linked = known.join(beside(chains, ways), on=["origin", "destination", "networks"], how="inner")
    keep = (*TRIP, "leg", "departs", "arrives", "half", "grade")
    on_links = linked.select(
        *keep,
        (nw.col("from_share") * nw.col("moving")).cast(nw.Int64).alias("m"),
        nw.col("order").alias("turn"),
        nw.lit(0).cast(nw.Int64).alias("long"),
        "link",
        "activity",
        nw.col("share"),
    )
    with_chain = grouped(linked, (*TRIP, "leg"), nw.len().alias("links"))
    halted = inside.join(with_chain, on=[*TRIP, "leg"], how="inner").select(
        *keep,
        "m",
        nw.lit(1_000_000).cast(nw.Int64).alias("turn"),
        "long",
        nw.lit(None).cast(nw.String).alias("link"),
        nw.lit(None).cast(nw.String).alias("activity"),
        nw.lit(None).cast(nw.Float64).alias("share"),
    )
    return _segments(nw.concat([on_links, halted]))


def _within(ways: Frame, stops: Frame) -> Frame:
    """The stops on each way, with where on it they are in hours of motion (m) and how long."""
    both = ways.join(stops, on=list(TRIP), how="inner").filter(
        (nw.col("since") >= nw.col("departs")) & (nw.col("until") <= nw.col("arrives"))
    )
    long = both.with_columns((nw.col("until") - nw.col("since")).alias("long"))
    earlier = nw.col("long").cum_sum().over(*TRIP, "leg", order_by="since") - nw.col("long")
    return long.with_columns((nw.col("since") - nw.col("departs") - earlier).alias("m"))


def _segments(marks: Frame) -> Frame:
    """Moving from each mark to the next, and standing at those that are stops."""
    leg = (*TRIP, "leg")
    order = ["m", "turn"]
    halted = nw.col("long").cum_sum().over(*leg, order_by=order) - nw.col("long")
    placed = marks.with_columns(
        (nw.col("departs") + nw.col("m") + halted).alias("since"),
        *(
            nw.col(name).fill_null(strategy="forward").over(*leg, order_by=order).alias(name)
            for name in ("link", "activity", "share")
        ),
    )
    goes = nw.col("since").shift(-1).over(*leg, order_by=order)
    timed = placed.with_columns(nw.coalesce(goes, nw.col("arrives")).alias("goes"))
    whole = nw.col("share") > 1 - 1e-9
    quality = nw.when(whole).then(nw.lit("reported")).otherwise(nw.lit("imputed"))
    moving = timed.with_columns((nw.col("since") + nw.col("long")).alias("starts"))
    moved = _step(moving, "starts", "goes", nw.col("activity"), quality)
    stood = _step(
        moving.filter(nw.col("long") > 0), "since", "starts", nw.lit("line"), nw.lit("observed")
    )
    return nw.concat([moved.filter(nw.col("ended") > nw.col("arrived")), stood])


def _step(frame: Frame, begin: str, end: str, activity: nw.Expr, quality: nw.Expr) -> Frame:
    return frame.select(
        *TRIP,
        nw.col(begin).alias("at"),
        nw.lit(3).cast(nw.Int64).alias("rank"),
        nw.col("link").alias("place"),
        nw.lit(0).cast(nw.Int64).alias("ordinal"),
        activity.alias("activity"),
        nw.col(begin).alias("arrived"),
        nw.col(begin).alias("started"),
        nw.col(end).alias("ended"),
        "half",
        quality.alias("quality"),
        "grade",
    )


__all__ = ["backward", "legs", "middles", "neighbours", "stay_steps", "way_steps"]
