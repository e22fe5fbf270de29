"""Payments: at crossings, official and unofficial apart, and over distance and cargo."""

from __future__ import annotations

import narwhals as nw
import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.events.engine import added, beside, gathered, grouped, on_engine
from transcaspian.events.log import Events
from transcaspian.readers.wave import Wave
from transcaspian.survey.estimates.cells import LEVEL
from transcaspian.survey.estimates.inference.ratios import ratios, sums
from transcaspian.survey.estimates.journeys import TRIP, people, spent
from transcaspian.survey.estimates.stays import CELL

KINDS = ("official", "unofficial")
LEAST_T = 2.0
"""A tonnage of none or one is a blank filled in: such trips are in no cost a tonne."""


def payments_in_usd(events: Events, rates: pl.DataFrame) -> pl.DataFrame:
    """The payments in dollars; those in a currency without a rate are left out.

    Shape: run, trip, step, kind, usd.
    """
    known = pl.concat(
        [rates.select("currency", "usd"), pl.DataFrame({"currency": ["USD"], "usd": [1.0]})]
    ).unique("currency", keep="first", maintain_order=True)
    joined = events.payments.join(
        known.rename({"usd": "rate"}), on="currency", how="inner", maintain_order="left"
    )
    return joined.select(*TRIP, "step", "kind", (pl.col("amount") * pl.col("rate")).alias("usd"))


def costs(
    events: Events, visits: object, *, in_usd: pl.DataFrame, wave: Wave, corridor: Corridor
) -> dict[str, pl.DataFrame]:
    """The tables of payments: `payments` by crossing and kind, and `costs` over 500 km and 20 t.

    Blank is unknown, not free: a value is the mean of the stays of which a payment of its kind is
    told, and told_share says how many they are of those of which any is. Unofficial payments have a
    floor of their own.

    Shape: payments: run, place, country, network, direction, kind, n, clusters, value, low, high
    (USD), told_share; costs: run, unit, n, clusters, value, low, high (USD).
    Source: CPMM, indicators 2 and 3.
    """
    if in_usd.is_empty():
        return {"payments": _no_payments(), "costs": _no_costs()}
    return {
        "payments": _payments(events, visits, in_usd=in_usd, wave=wave),
        "costs": _costs(events, visits, in_usd=in_usd, floor=wave.publish_from, corridor=corridor),
    }


def _payments(events: Events, visits: object, *, in_usd: pl.DataFrame, wave: Wave) -> pl.DataFrame:
    known = on_engine(visits)
    steps = on_engine(events.steps).select(*TRIP, "step", "place")
    paid = beside(in_usd, steps).join(steps, on=[*TRIP, "step"], how="inner")
    spans = known.select(*TRIP, *CELL)
    placed = paid.join(spans, on=[*TRIP, "place"], how="inner").join(
        beside(people(events.trips), known), on=list(TRIP), how="inner"
    )
    visits = gathered(grouped(placed, ("run", *CELL, *TRIP[1:]), nw.len().alias("n")))
    stays = visits.group_by("run", *CELL).agg(pl.len().alias("stays"))
    parts: list[pl.DataFrame] = []
    for kind in KINDS:
        rows = placed.filter(nw.col("kind") == kind).with_columns(
            nw.col("usd").alias("y"), nw.lit(1.0).alias("x")
        )
        found = ratios(_by_visit(sums(rows, by=(*CELL, "trip"))), by=CELL, level=LEVEL)
        floor = wave.payments_from if kind == "unofficial" else wave.publish_from
        told = found.join(stays, on=["run", *CELL], how="left").with_columns(
            (pl.col("n") / pl.col("stays")).alias("told_share")
        )
        parts.append(
            told.with_columns(
                pl.lit(kind).alias("kind"), (pl.col("clusters") >= floor).alias("shown")
            )
        )
    whole = pl.concat(parts)
    return (
        whole.with_columns(
            pl.when("shown").then(pl.col(name)).alias(name)
            for name in ("value", "low", "high", "told_share")
        )
        .select("run", *CELL, "kind", "n", "clusters", "value", "low", "high", "told_share")
        .sort("run", *CELL, "kind")
    )


def _by_visit(summed: pl.DataFrame) -> pl.DataFrame:
    """The sums of trips as sums of clusters, where each trip counts once however often it paid."""
    once = summed.with_columns((pl.col("x") / pl.col("n")).alias("x"), pl.lit(1).alias("n"))
    return (
        once.sort("run", *CELL, "cluster", "trip")
        .group_by("run", *CELL, "cluster")
        .agg(pl.col("n", "y", "x").sum())
    )


def _costs(
    events: Events, visits: object, *, in_usd: pl.DataFrame, floor: int, corridor: Corridor
) -> pl.DataFrame:
    """Dollars over 500 km and 20 t, of trips with a distance, a cargo and a payment."""
    onward = spent(visits, events.steps, trips=events.trips, corridor=corridor)
    km = added(onward, (*TRIP, "cluster", "weight"), ("km",))
    told = in_usd.sort(*TRIP, "step", "kind").group_by(*TRIP).agg(pl.col("usd").sum())
    loads = events.trips.filter(pl.col("tonnes") >= LEAST_T).select(*TRIP, "tonnes", "unit")
    per = loads.join(told, on=list(TRIP), how="inner").with_columns(
        (pl.col("usd") * 20 / pl.col("tonnes")).alias("y"), pl.col("unit").fill_null("")
    )
    rows = km.filter(nw.col("km") > 0).join(
        beside(per.select(*TRIP, "unit", "y"), km), on=list(TRIP), how="inner"
    )
    table = ratios(
        sums(rows.with_columns((nw.col("km") / 500).alias("x")), by=("unit",)),
        by=("unit",),
        level=LEVEL,
    )
    return table.with_columns(
        pl.when(pl.col("clusters") >= floor).then(pl.col(name)).alias(name)
        for name in ("value", "low", "high")
    )


SIZES = {
    "n": pl.Int64,
    "clusters": pl.Int64,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
}


def _no_payments() -> pl.DataFrame:
    words = dict.fromkeys(("run", *CELL, "kind"), pl.String)
    return pl.DataFrame(schema={**words, **SIZES, "told_share": pl.Float64})


def _no_costs() -> pl.DataFrame:
    return pl.DataFrame(schema={"run": pl.String, "unit": pl.String, **SIZES})
