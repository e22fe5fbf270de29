"""Payments: at crossings, official, unofficial and both, and over distance and cargo."""

from __future__ import annotations

import narwhals as nw
import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.events.engine import Frame, added, beside, counted, micros, on_engine
from transcaspian.events.log import Events
from transcaspian.readers.wave import Wave
from transcaspian.survey.estimates.cells import LEVEL
from transcaspian.survey.estimates.inference.ratios import above, ratios, sums
from transcaspian.survey.estimates.journeys import TRIP, across, measured, people, spent
from transcaspian.survey.estimates.stays import CELL

ALL = "all"
VISIT = (*TRIP, "place", "ordinal")
LEAST_T = 2.0
"""A tonnage of none or one is a blank filled in: such trips are in no cost a tonne."""


def rated(rates: pl.DataFrame) -> pl.DataFrame:
    """The dollars for one unit of each currency of which that is known, the dollar's own with them.

    Shape: currency, usd.
    """
    dollar = pl.DataFrame({"currency": ["USD"], "usd": [1.0]})
    return pl.concat([rates.select("currency", "usd"), dollar]).unique(
        "currency", keep="first", maintain_order=True
    )


def payments_in_usd(events: Events, rates: pl.DataFrame) -> pl.DataFrame:
    """The payments in dollars; those in a currency without a rate are left out.

    Shape: run, trip, step, kind, usd.
    """
    known = rated(rates).rename({"usd": "rate"})
    joined = events.payments.join(known, on="currency", how="inner", maintain_order="left")
    return joined.select(*TRIP, "step", "kind", (pl.col("amount") * pl.col("rate")).alias("usd"))


def costs(
    events: Events, visits: object, *, in_usd: pl.DataFrame, wave: Wave, corridor: Corridor
) -> dict[str, pl.DataFrame]:
    """The tables of payments: `payments` by crossing and kind, and `costs` over 500 km and 20 t.

    Blank is unknown, not free: a value is the mean of the visits of which a payment of its kind is
    told, and told_share says how many they are of those of which any is. The kind `all` is official
    and unofficial payments together. What unofficial payments are in has a floor of its own, and
    `all` is told only where they are, or where there are none: they could be worked out of it.

    Shape: payments: run, place, country, network, direction, kind (official, unofficial, all), n,
    clusters, value, low, high (USD), told_share; costs: run, unit, n, clusters, value, low, high
    (USD).
    Source: CPMM, indicators 2 and 3.
    """
    if in_usd.is_empty():
        return {"payments": _no_payments(), "costs": _no_costs()}
    return {
        "payments": _payments(events, visits, in_usd=in_usd, wave=wave),
        "costs": _costs(events, visits, in_usd=in_usd, floor=_secret(wave), corridor=corridor),
    }


def _secret(wave: Wave) -> int:
    """The fewest clusters behind a published sum that unofficial payments are in."""
    return max(wave.publish_from, wave.payments_from)


def _payments(events: Events, visits: object, *, in_usd: pl.DataFrame, wave: Wave) -> pl.DataFrame:
    by = (*CELL, "kind")
    summed = sums(_paid(events, visits, in_usd=in_usd), by=by)
    found = ratios(summed, by=by, level=LEVEL).with_columns(
        (pl.col("clusters") >= _floor(wave)).alias("shown")
    )
    cell = ["run", *CELL]
    every = found.filter(kind=ALL).select(*cell, pl.col("n").alias("visits"))
    secret = found.filter(kind="unofficial").select(*cell, pl.col("shown").alias("open"))
    told = found.join(every, on=cell, how="left").join(secret, on=cell, how="left")
    safe = pl.col("shown") & ((pl.col("kind") != ALL) | pl.col("open").fill_null(value=True))
    shares = told.with_columns((pl.col("n") / pl.col("visits")).alias("told_share"))
    return (
        shares.with_columns(
            pl.when(safe).then(pl.col(name)).alias(name)
            for name in ("value", "low", "high", "told_share")
        )
        .select("run", *by, "n", "clusters", "value", "low", "high", "told_share")
        .sort("run", *by)
    )


def _floor(wave: Wave) -> pl.Expr:
    """The fewest clusters behind a published sum, by its kind."""
    official = pl.col("kind") == "official"
    return pl.when(official).then(pl.lit(wave.publish_from)).otherwise(pl.lit(_secret(wave)))


def _paid(events: Events, visits: object, *, in_usd: pl.DataFrame) -> Frame:
    """What was paid at each visit: of each kind, and in all.

    Shape: run, place, country, network, direction, kind, y (USD), x (1), weight, cluster.
    """
    known = on_engine(visits)
    spans = known.select(*VISIT, *CELL[1:])
    at = _visits_paid(events, known, in_usd=in_usd)
    placed = (
        beside(in_usd, known)
        .join(at, on=[*TRIP, "step"], how="inner")
        .join(spans, on=list(VISIT), how="inner")
        .join(beside(people(events.trips), known), on=list(TRIP), how="inner")
    )
    keys = (*VISIT, *CELL[1:], "weight", "cluster")
    whole = placed.with_columns(nw.lit(ALL).alias("kind"))
    rows = [added(each, (*keys, "kind"), ("usd",)) for each in (placed, whole)]
    names = ("run", *CELL, "kind", nw.col("usd").alias("y"), nw.lit(1.0).alias("x"))
    return nw.concat([each.select(*names, "weight", "cluster") for each in rows])


def _visits_paid(events: Events, visits: Frame, *, in_usd: pl.DataFrame) -> Frame:
    """The visit that each step with a payment is of: of those of its trip to its place, the nearest
    in time. A visit of which neither end is known has no step.

    Shape: run, trip, step, place, ordinal.
    """
    paid = in_usd.select(*TRIP, "step").unique(maintain_order=True)
    steps = micros(
        on_engine(events.steps).select(*TRIP, "step", "place", "arrived", "started", "ended"),
        ["arrived", "started", "ended"],
    )
    timed = steps.select(
        *TRIP, "step", "place", nw.coalesce("arrived", "started", "ended").alias("paid")
    ).join(beside(paid, steps), on=[*TRIP, "step"], how="inner")
    since = nw.coalesce("arrived", "in_hi", "left", "out_lo")
    until = nw.coalesce("left", "out_lo", "arrived", "in_hi")
    seen = visits.filter(~nw.col("arrived").is_null() | ~nw.col("left").is_null())
    spans = seen.select(*VISIT, since.alias("since"), until.alias("until"))
    both = timed.join(spans, on=[*TRIP, "place"], how="inner")
    early, late = nw.col("since") - nw.col("paid"), nw.col("paid") - nw.col("until")
    apart = nw.max_horizontal(early, late, nw.lit(0)).alias("apart")
    order = counted((*TRIP, "step"), order=["apart", "ordinal"]).alias("nearness")
    found = both.with_columns(apart).with_columns(order)
    return found.filter(nw.col("nearness") == 1).select(*VISIT, "step")


def _costs(
    events: Events, visits: object, *, in_usd: pl.DataFrame, floor: int, corridor: Corridor
) -> pl.DataFrame:
    """Dollars over 500 km and 20 t, of trips with a cargo and a payment whose way is known from the
    first visit to the last; the kilometres between two countries are of it.
    """
    onward = spent(visits, events.steps, trips=events.trips, corridor=corridor)
    km = measured(across(onward)).select(*TRIP, "cluster", "weight", "km")
    told = in_usd.sort(*TRIP, "step", "kind").group_by(*TRIP).agg(pl.col("usd").sum())
    loads = events.trips.filter(pl.col("tonnes") >= LEAST_T).select(*TRIP, "tonnes", "unit")
    per = loads.join(told, on=list(TRIP), how="inner").with_columns(
        (pl.col("usd") * 20 / pl.col("tonnes")).alias("y"), pl.col("unit").fill_null("")
    )
    rows = km.join(beside(per.select(*TRIP, "unit", "y"), km), on=list(TRIP), how="inner")
    table = ratios(
        sums(rows.with_columns((nw.col("km") / 500).alias("x")), by=("unit",)),
        by=("unit",),
        level=LEVEL,
    )
    return above(table, floor)


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
