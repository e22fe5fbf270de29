"""Wagons and containers that moved as one train: one arrival, however many there are."""

from __future__ import annotations

import polars as pl

from transcaspian.survey.trips.lay import TRIP
from transcaspian.survey.trips.visits import US_PER_MIN

EXACT_US = 10 * US_PER_MIN
"""Departures known more coarsely than this do not show who left together."""
APART = ("train", "truck")
"""What is an arrival of its own, whoever leaves beside it."""


def by_train(trips: pl.DataFrame, visits: pl.DataFrame) -> pl.DataFrame:
    """The trips with the train they moved with as their cluster, where they name none.

    Trips that leave one place for the same next one by rail within the same minute are of one
    train; of the trains a trip moved with, its cluster is the first that others were on.

    Shape: as `trips`; `visits` as `Reconciled.visits`, gathered.
    """
    alone = trips.filter(
        pl.col("cluster").is_null() & ~pl.col("unit").fill_null("").is_in(APART)
    ).select(*TRIP)
    after = pl.col("network").shift(-1).over(*TRIP, order_by="leg")
    known = visits.with_columns(after.alias("by"), (pl.col("left") // US_PER_MIN).alias("minute"))
    exact = (pl.col("out_hi") - pl.col("out_lo")) <= EXACT_US
    left = known.filter((pl.col("by") == "rail") & pl.col("left").is_not_null() & exact)
    key = ("run", "place", "next", "minute")
    shared = left.join(alone, on=TRIP, how="semi").filter(pl.col("trip").n_unique().over(*key) > 1)
    when = pl.from_epoch(pl.col("minute") * 60, time_unit="s").dt.strftime("%Y-%m-%dT%H:%MZ")
    first = (
        shared.sort(*TRIP, "leg")
        .unique(TRIP, keep="first", maintain_order=True)
        .select(*TRIP, pl.format("train {} {} {}", "place", "next", when).alias("train"))
    )
    joined = trips.join(first, on=TRIP, how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("cluster", "train").alias("cluster")).drop("train")
