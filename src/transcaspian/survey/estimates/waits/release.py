"""The release chain: arrival, lodgement, assessment, inspection, payment, release, departure."""

from __future__ import annotations

from functools import cache

import narwhals as nw
import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.events.engine import (
    Frame,
    added,
    beside,
    gathered,
    settled,
)
from transcaspian.survey.estimates.cells import LEVEL, cells
from transcaspian.survey.estimates.inference.ratios import ratios, sums
from transcaspian.survey.estimates.journeys import TRIP, people
from transcaspian.survey.estimates.stays import CELL, CROSSINGS, US_PER_H, spells
from transcaspian.survey.estimates.waits.stamps import passed
from transcaspian.tables.vocabulary import vocabulary

MILESTONES = (
    "arrival",
    "lodgement",
    "assessment",
    "inspection",
    "payment",
    "release",
    "departure",
)
LAST = ("release",)
"""Milestones that are passed when the last act of their kind is done."""
BY = {
    "lodgement": "trader",
    "assessment": "agency",
    "inspection": "agency",
    "payment": "trader",
    "release": "agency",
    "departure": "onward",
}
"""Whose act ends the time before a milestone; after the release, whatever keeps goods there."""
PARTIES = ("agency", "trader", "onward")
STEP = (*CELL, "since", "until")


@cache
def acts() -> pl.DataFrame:
    """The acts that pass a milestone.

    Shape: activity, lifecycle, milestone, last.
    """
    last = pl.col("milestone").is_in(LAST).alias("last")
    return vocabulary("trs_milestones").select("activity", "lifecycle", "milestone", last)


def milestones(witnesses: object, visits: object, corridor: Corridor) -> Frame:
    """When each visit to a crossing passed each milestone of which a stamp is known.

    Papers may be lodged before the goods arrive.

    Shape: run, trip, place, ordinal, country, network, direction, one column a milestone, in
    microseconds.
    Source: World Customs Organization, Time Release Study guide.
    """
    found = passed(witnesses, visits, acts=acts(), kinds=CROSSINGS, corridor=corridor)
    return found.rename({"arrived": "arrival", "left": "departure"})


def intervals(known: Frame, trips: pl.DataFrame) -> Frame:
    """The time from each milestone to the next of which a stamp is known.

    Time begins when the goods arrive: what came before that, as papers lodged early, counts from
    there. Where the later one came first it is no time, and `early` is one.

    Shape: run, trip, CELL, since, until, hours, early, half_h, open, good, weight, cluster.
    """
    parts: list[Frame] = []
    ordered = _in_order(known)
    for number, name in enumerate(MILESTONES[:-1]):
        later = MILESTONES[number + 1 :]
        until = nw.lit(None, nw.String)
        for other in reversed(later):
            until = nw.when(~nw.col(other).is_null()).then(nw.lit(other)).otherwise(until)
        first = nw.coalesce(*(nw.col(other) for other in later)) - nw.col(name)
        apart = nw.coalesce(*(nw.col(f"{other}_at") for other in later)) - nw.col(f"{name}_at")
        parts.append(
            ordered.select(
                *TRIP,
                *CELL,
                nw.lit(name).alias("since"),
                until.alias("until"),
                (first / US_PER_H).alias("apart"),
                (apart / US_PER_H).alias("hours"),
            ).filter(~nw.col("apart").is_null())
        )
    both = nw.concat(parts)
    return both.with_columns(
        (nw.col("apart") < 0).cast(nw.Float64).alias("early"),
        nw.lit(0.0).alias("half_h"),
        nw.lit(value=False).alias("open"),
        nw.lit(0).cast(nw.Int64).alias("good"),
    ).join(beside(people(trips), both), on=list(TRIP), how="inner")


def _in_order(known: Frame) -> Frame:
    """The milestones with when each counts: not before the arrival, nor before an earlier one.

    Shape: the columns of `milestones`, and one more, as arrival_at, for each milestone.
    """
    upto: nw.Expr = nw.col(MILESTONES[0])
    counts: list[nw.Expr] = [upto.alias(f"{MILESTONES[0]}_at")]
    for name in MILESTONES[1:]:
        upto = nw.max_horizontal(upto, nw.coalesce(nw.col(name), nw.col(MILESTONES[0])))
        counts.append(nw.when(~nw.col(name).is_null()).then(upto).alias(f"{name}_at"))
    return known.with_columns(*counts)


def chain(
    witnesses: object,
    visits: object,
    *,
    trips: pl.DataFrame,
    corridor: Corridor,
    publish_from: int,
) -> dict[str, pl.DataFrame]:
    """The tables of the release chain: `chain`, each interval, and `chain_parties`, who took it.

    What is below the floor is left out.

    Shape: chain: run, CELL, since, until, party, n, n_eff, grade, p50_h and p90_h with limits,
    mean_h with limits, early_share; chain_parties: run, CELL, party, n, clusters, value
    (mean hours a stay between arrival and departure that end with an act of the party), low, high.
    """
    apart = settled(intervals(milestones(witnesses, visits, corridor), trips))
    found = cells(gathered(spells(apart, by=STEP)), publish_from=publish_from, by=STEP, below=False)
    early = ratios(
        sums(apart.with_columns(nw.col("early").alias("y"), nw.lit(1.0).alias("x")), by=STEP),
        by=STEP,
        level=LEVEL,
    ).select("run", *STEP, pl.col("value").alias("early_share"))
    return {
        "chain": _intervals_table(found.join(early, on=["run", *STEP], how="left")),
        "chain_parties": _parties(apart, publish_from),
    }


TOLD = (
    "p50_h",
    "p50_low",
    "p50_high",
    "p90_h",
    "p90_low",
    "p90_high",
    "mean_h",
    "mean_low",
    "mean_high",
    "early_share",
)


def _intervals_table(found: pl.DataFrame) -> pl.DataFrame:
    order = {name: number for number, name in enumerate(MILESTONES)}
    return (
        found.filter(~pl.col("withheld"))
        .with_columns(pl.col("until").replace_strict(BY, return_dtype=pl.String).alias("party"))
        .sort(
            "run",
            *CELL,
            pl.col("since").replace_strict(order, return_dtype=pl.Int64),
            pl.col("until").replace_strict(order, return_dtype=pl.Int64),
        )
        .select("run", *STEP, "party", "n", "n_eff", "grade", *TOLD)
    )


def _parties(apart: Frame, publish_from: int) -> pl.DataFrame:
    """The hours a stay that each party took, over the stays of which any milestone is known."""
    parts: list[pl.DataFrame] = []
    took = [
        nw.when(nw.col("until").is_in([name for name, by in BY.items() if by == party]))
        .then(nw.col("hours"))
        .otherwise(nw.lit(0.0))
        .alias(party)
        for party in PARTIES
    ]
    stays_of = added(apart.with_columns(*took), (*TRIP, *CELL, "cluster", "weight"), PARTIES)
    for party in PARTIES:
        rows = stays_of.with_columns(nw.col(party).alias("y"), nw.lit(1.0).alias("x"))
        found = ratios(sums(rows, by=CELL), by=CELL, level=LEVEL)
        parts.append(found.with_columns(pl.lit(party).alias("party")))
    return (
        pl.concat(parts)
        .filter(pl.col("clusters") >= publish_from)
        .select("run", *CELL, "party", "n", "clusters", "value", "low", "high")
        .sort("run", *CELL, "party")
    )
