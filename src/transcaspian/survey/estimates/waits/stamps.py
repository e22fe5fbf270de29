"""Stamps of single acts, with the visit that each is of."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw
import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.events.engine import Frame, beside, grouped, micros, on_engine
from transcaspian.survey.estimates.journeys import TRIP
from transcaspian.survey.estimates.stays import CELL, US_PER_H

COARSE_US = 2 * US_PER_H
"""A stamp known less well than this, as a day without an hour, tells of no act."""
VISIT = (*TRIP, "place", "ordinal")


def passed(
    witnesses: object,
    visits: object,
    *,
    acts: pl.DataFrame,
    kinds: Sequence[str],
    corridor: Corridor,
) -> Frame:
    """When each visit to places of some kinds passed each milestone of which a stamp is known.

    Stamps alone count: what a form says only the hours of has no instant of its own. An act is of
    the first visit that had not ended an hour before it.

    Shape: `acts`: activity, lifecycle, milestone, and whether it is passed by the `last` act of its
    kind, and not by the first. run, trip, CELL, ordinal, arrived, left (of the visit),
    one column a milestone; instants in microseconds.
    """
    known = on_engine(visits)
    places = corridor.table("places").filter(pl.col("kind").is_in(kinds)).select("place")
    here = known.join(beside(places, known), on="place", how="semi").filter(
        ~nw.col("arrived").is_null()
    )
    said = on_engine(witnesses)
    stamped = said.join(beside(acts, said), on=["activity", "lifecycle"], how="inner").filter(
        ~nw.col("place").is_null() & ~nw.col("earliest").is_null() & ~nw.col("latest").is_null()
    )
    timed = micros(stamped, ["earliest", "latest"]).filter(
        nw.col("latest") - nw.col("earliest") <= COARSE_US
    )
    at = (nw.col("earliest") + nw.col("latest")) // 2
    both = timed.with_columns(at.alias("at")).join(
        here.select(*VISIT, "left"), on=[*TRIP, "place"], how="inner"
    )
    before = both.filter(nw.col("left").is_null() | (nw.col("at") <= nw.col("left") + US_PER_H))
    soonest = grouped(before, (*TRIP, "place", "witness"), nw.col("ordinal").min())
    mine = before.drop("ordinal").join(soonest, on=[*TRIP, "place", "witness"], how="inner")
    names = acts["milestone"].unique(maintain_order=True).to_list()
    told = [nw.when(nw.col("milestone") == name).then(nw.col("at")).alias(name) for name in names]
    by_last = set(acts.filter("last")["milestone"])
    sums = [nw.col(name).max() if name in by_last else nw.col(name).min() for name in names]
    when = grouped(mine.with_columns(*told), VISIT, *sums)
    return when.join(here.select(*VISIT, *CELL[1:], "arrived", "left"), on=list(VISIT), how="inner")
