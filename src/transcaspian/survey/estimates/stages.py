"""What was done during stays: activities with their hours, and who was waited for."""

from __future__ import annotations

import narwhals as nw
import polars as pl

from transcaspian.events.engine import Frame, beside, grouped, micros, on_engine
from transcaspian.survey.estimates.journeys import TRIP, people
from transcaspian.survey.estimates.stays import CELL, US_PER_H

WHOLE = ("border", "port", "stop", "gauge_break", "line")
UNTOLD = "x90_unknown_stop"
VISIT = (*TRIP, "place", "ordinal")


def activities(visits: object, steps: object, *, trips: pl.DataFrame) -> Frame:
    """The hours of each activity of the visits of which any activity is told.

    The wait before an activity is queueing for it, and stands in a column of its own.

    Shape: run, trip, place, country, network, direction, activity, wait_h, work_h, stay_h (of the
    whole visit, null where its end is not known), visit_from and arrived (microseconds, of the
    visit and of the activity), weight, cluster; what nobody accounts for is its own activity.
    """
    known = on_engine(visits).filter(~nw.col("arrived").is_null())
    timed = micros(on_engine(steps), ["arrived", "started", "ended"])
    done = timed.filter(
        ~nw.col("activity").is_in(WHOLE) & ~nw.col("ended").is_null() & ~nw.col("arrived").is_null()
    )
    begun = nw.coalesce(nw.col("started"), nw.col("arrived"))
    hours = done.with_columns(
        ((begun - nw.col("arrived")) / US_PER_H).alias("wait_h"),
        ((nw.col("ended") - begun) / US_PER_H).alias("work_h"),
    ).select(*TRIP, "place", "activity", "wait_h", "work_h", nw.col("arrived").alias("since"))
    spans = known.select(*TRIP, *CELL, "arrived", "left")
    joined = hours.join(spans, on=[*TRIP, "place"], how="inner").filter(
        (nw.col("since") >= nw.col("arrived"))
        & ((nw.col("since") <= nw.col("left")) | nw.col("left").is_null())
    )
    whole = joined.with_columns(nw.col("arrived").alias("visit_from")).join(
        beside(people(trips), joined), on=list(TRIP), how="inner"
    )
    return whole.select(
        *TRIP,
        *CELL,
        "activity",
        "wait_h",
        "work_h",
        ((nw.col("left") - nw.col("visit_from")) / US_PER_H).alias("stay_h"),
        "visit_from",
        nw.col("since").alias("arrived"),
        "weight",
        "cluster",
    )


def told_visits_of(found: Frame) -> Frame:
    """The visits of which an activity is told, with their weight and length.

    Shape: run, trip, place, country, network, direction, visit_from (microseconds), weight,
    cluster, stay_h.
    """
    keys = (*TRIP, *CELL, "cluster", "visit_from")
    return grouped(found, keys, nw.col("weight", "stay_h").max())
