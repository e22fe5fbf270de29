"""Stays out of visits: how long, within which bounds, open or not, and of whom."""

from __future__ import annotations

import narwhals as nw
import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.events.engine import Frame, added, beside, on_engine

US_PER_H = 3_600_000_000
TRIP = ("run", "trip")
CELL = ("place", "country", "network", "direction")
CROSSINGS = ("border_post", "port", "gauge_break")
LEAST_HALF_H = 0.02
"""Bounds narrower than a minute or so are as good as none."""
GRAIN_PER_H = 600
"""Stays are gathered at a tenth of a minute: finer than anyone tells them."""


def stays(visits: object, trips: pl.DataFrame, corridor: Corridor) -> Frame:
    """The stays at crossings: posts, ports and gauge breaks, with whom they befell.

    A stay whose arrival or departure is not known is open: it lasted longer than it was seen.
    Visits told backwards are none.

    Shape: run, trip, place, country, network, direction, hours (of an open stay, as long as it was
    seen), half_h (half of the width of the bounds that the witnesses leave), open, good (whether
    two sources agree), arrived (microseconds), weight, cluster (the trip itself where it has none),
    carrier, goods (empty where nobody names them), unit.
    """
    known = on_engine(visits)
    places = corridor.table("places").filter(pl.col("kind").is_in(CROSSINGS)).select("place")
    people = trips.select(
        *TRIP,
        "weight",
        pl.coalesce("cluster", pl.concat_str(pl.lit("trip "), "trip")).alias("cluster"),
        "carrier",
        pl.col("goods").fill_null(""),
        "unit",
    )
    here = known.join(beside(places, known), on="place", how="semi").join(
        beside(people, known), on=list(TRIP), how="inner"
    )
    low = nw.max_horizontal((nw.col("out_lo") - nw.col("in_hi")) / US_PER_H, nw.lit(0.0))
    high = (nw.col("out_hi") - nw.col("in_lo")) / US_PER_H
    middle = nw.max_horizontal((nw.col("left") - nw.col("arrived")) / US_PER_H, nw.lit(0.0))
    measured = here.with_columns(low.alias("low_h"), high.alias("high_h"), middle.alias("middle"))
    open_ = nw.col("high_h").is_null()
    return measured.with_columns(
        open_.alias("open"),
        nw.when(open_).then(nw.col("low_h")).otherwise(nw.col("middle")).alias("hours"),
        nw.when(open_).then(nw.lit(0.0)).otherwise((high - low) / 2).alias("half_h"),
        (nw.col("grade") == "A").cast(nw.Int64).alias("good"),
    ).select(
        *TRIP,
        *CELL,
        "hours",
        "half_h",
        "open",
        "good",
        "arrived",
        "weight",
        "cluster",
        "carrier",
        "goods",
        "unit",
    )


def spells(found: Frame, *, by: tuple[str, ...] = CELL) -> Frame:
    """The stays gathered: how many of each length there are in each cell and cluster.

    This is the last aggregate: what is estimated is estimated from it.

    Shape: run, the columns of `by`, cluster, hours, half_h (in steps of a fourth root of two),
    open, n, weight (of all n), weight2 (the sum of the squares), good.
    """
    grain = (nw.col("hours") * GRAIN_PER_H + 0.5).floor() / GRAIN_PER_H
    rows = found.with_columns(
        grain.alias("hours"),
        nw.when(nw.col("half_h") > LEAST_HALF_H)
        .then(2.0 ** (((nw.col("half_h").log(2)) * 4 + 0.5).floor() / 4))
        .otherwise(nw.lit(0.0))
        .alias("half_h"),
        nw.col("open").cast(nw.Int64).alias("open"),
        (nw.col("weight") * nw.col("weight")).alias("weight2"),
    )
    return added(
        rows,
        ("run", *by, "cluster", "hours", "half_h", "open"),
        ("weight", "weight2"),
        nw.len().alias("n"),
        nw.col("good").sum(),
    )
