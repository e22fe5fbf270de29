"""What should not be believed as it stands: trips told twice, and forms copied from forms."""

from __future__ import annotations

import narwhals as nw
import polars as pl

from transcaspian.events.engine import Frame, beside, counted, gathered, grouped

US_PER_H = 3_600_000_000
US_PER_MIN = 60_000_000
NEAR_H = 3.0
"""Two forms of one truck that put it at a place within this time speak of one visit."""
FEWEST = 3
"""Stays that must all be alike before forms are said to be copied."""


def doubles(visits: Frame, identities: Frame) -> pl.DataFrame:
    """The form trips that an earlier form trip told already.

    Two trips of one vehicle are one when most of the visits of the shorter are visits of the other.

    Shape: run, trip, same_as.
    """
    forms = visits.filter(nw.col("source") == "form").select(
        "run", "trip", "told", "place", nw.coalesce(nw.col("in_hi"), nw.col("out_lo")).alias("at")
    )
    named = identities.filter(nw.col("kind").is_in(["vehicle", "consignment"])).rename(
        {"trip": "told"}
    )
    ours = forms.join(named, on=["run", "told"], how="inner").select(
        "run", "trip", "place", "at", "kind", "name"
    )
    theirs = ours.rename({"trip": "same_as", "at": "at_there"})
    pairs = ours.join(theirs, on=["run", "kind", "name", "place"], how="inner").filter(
        (nw.col("same_as") < nw.col("trip"))
        & ((nw.col("at") - nw.col("at_there")).abs() <= round(NEAR_H * US_PER_H))
    )
    shared = grouped(
        grouped(pairs, ("run", "trip", "same_as", "place"), nw.len().alias("n")),
        ("run", "trip", "same_as"),
        nw.len().alias("shared"),
    )
    sizes = grouped(forms, ("run", "trip"), nw.len().alias("visits"))
    other = sizes.rename({"trip": "same_as", "visits": "visits_there"})
    known = shared.join(sizes, on=["run", "trip"], how="inner").join(
        other, on=["run", "same_as"], how="inner"
    )
    least = nw.min_horizontal(nw.col("visits"), nw.col("visits_there"))
    same = known.filter(nw.col("shared") * 2 > least)
    first = grouped(same, ("run", "trip"), nw.col("same_as").min())
    return gathered(first).sort("run", "trip")


def copies(visits: Frame, trips: pl.DataFrame) -> pl.DataFrame:
    """The carriers whose forms repeat the same stays to the minute on different trips.

    Shape: run, carrier, trips (how many repeat another), stays.
    """
    forms = visits.filter(nw.col("source") == "form")
    lengths = forms.with_columns(
        (
            (nw.col("out_lo") + nw.col("out_hi") - nw.col("in_lo") - nw.col("in_hi"))
            // 2
            // US_PER_MIN
        ).alias("minutes"),
        counted(("run", "trip"), order=["in_lo", "place"]).alias("turn"),
    ).filter(~nw.col("minutes").is_null() & (nw.col("minutes") > 0))
    prints = grouped(
        lengths,
        ("run", "trip"),
        nw.len().alias("stays"),
        (nw.col("minutes") * (nw.col("turn") * nw.col("turn") + 7)).sum().alias("one"),
        (nw.col("minutes") * nw.col("minutes") * (nw.col("turn") + 3)).sum().alias("two"),
        nw.col("place").min().alias("first"),
        nw.col("place").max().alias("last"),
    ).filter(nw.col("stays") >= FEWEST)
    alike = grouped(prints, ("run", "stays", "one", "two", "first", "last"), nw.len().alias("n"))
    again = prints.join(
        alike.filter(nw.col("n") > 1),
        on=["run", "stays", "one", "two", "first", "last"],
        how="inner",
    )
    carriers = beside(trips.select("run", "trip", "carrier"), visits)
    by = grouped(
        again.join(carriers, on=["run", "trip"], how="left"),
        ("run", "carrier"),
        nw.len().alias("trips"),
        nw.col("stays").sum(),
    )
    return gathered(by).sort("run", "carrier")
