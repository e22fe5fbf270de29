"""Corridor cost and speed, the third and fourth indicators of CPMM."""

from __future__ import annotations

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.events.tally import Tally, summed
from transcaspian.indicators.ledger import classed, step_countries
from transcaspian.indicators.registry import indicator
from transcaspian.indicators.runs import ratio

SECTION_KM = 500.0
SECTION_T = 20.0


def link_networks(corridor: Corridor) -> pl.DataFrame:
    """The mode, network and length of every link, under the name `place` that steps use."""
    modes = corridor.table("modes").select("mode", "network")
    return (
        corridor.table("links")
        .join(modes, on="mode", how="left", maintain_order="left")
        .select(pl.col("link").alias("place"), "mode", "network", "length_km")
    )


def moved(corridor: Corridor, tally: Tally) -> pl.DataFrame:
    """The steps along links, with mode, network, country and what flow they carry.

    Shape: run, flow, place, mode, network, country, unit, scope, n, km, tonnes (of one trip).
    """
    flows = corridor.table("flows").select(
        "flow", "unit", "scope", pl.col("tonnes_per_trip").alias("tonnes")
    )
    return (
        tally.steps.filter(pl.col("km") > 0)
        .join(
            link_networks(corridor).drop("length_km"),
            on="place",
            how="inner",
            maintain_order="left",
        )
        .join(step_countries(corridor), on="place", how="left", maintain_order="left")
        .join(flows, on="flow", how="left", maintain_order="left")
    )


def tariff_rows(corridor: Corridor, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of `moved` with the tariff that applies, the most specific of those that fit.

    Shape: as given, with usd_per_t_km and usd_per_trip, 0 where none applies.
    """
    cases = rows.select("place", "mode", "country", "unit").unique(maintain_order=True)
    tariffs = corridor.table("tariffs").select(
        "mode",
        pl.col("country").alias("for_country"),
        pl.col("link").alias("for_link"),
        pl.col("unit").alias("for_unit"),
        "usd_per_t_km",
        "usd_per_trip",
    )
    fit = cases.join(tariffs, on="mode", how="inner", maintain_order="left_right").filter(
        (pl.col("for_country").is_null() | (pl.col("for_country") == pl.col("country")))
        & (pl.col("for_link").is_null() | (pl.col("for_link") == pl.col("place")))
        & (pl.col("for_unit").is_null() | (pl.col("for_unit") == pl.col("unit")))
    )
    specific = pl.sum_horizontal(
        pl.col("for_link").is_not_null().cast(pl.Int64) * 4,
        pl.col("for_country").is_not_null().cast(pl.Int64) * 2,
        pl.col("for_unit").is_not_null().cast(pl.Int64),
    )
    keys = ["place", "mode", "country", "unit"]
    best = (
        fit.with_columns(specific.alias("specific"))
        .sort("specific", descending=True)
        .group_by(keys, maintain_order=True)
        .agg(pl.col("usd_per_t_km", "usd_per_trip").first())
    )
    return rows.join(best, on=keys, how="left", maintain_order="left").with_columns(
        pl.col("usd_per_t_km", "usd_per_trip").fill_null(0.0)
    )


@indicator(unit="USD per 500 km and 20 t", axis="country and network")
def corridor_cost(corridor: Corridor, tally: Tally) -> pl.DataFrame:
    """What it costs to move 20 t over 500 km, tariffs and payments at stages together.

    Shape: country, network, value, low, high, runs.
    Source: CPMM, indicator 3.
    """
    rows = tariff_rows(corridor, moved(corridor, tally)).with_columns(
        (pl.col("km") * pl.col("tonnes")).alias("t_km"),
        (
            pl.col("km") * pl.col("tonnes") * pl.col("usd_per_t_km")
            + pl.col("n") * pl.col("usd_per_trip")
        ).alias("usd"),
    )
    keys = ["run", "country", "network"]
    along = rows.group_by(keys, maintain_order=True).agg(summed("t_km"), summed("usd"))
    paid = _payments(corridor, tally, rows)
    both = along.join(paid, on=keys, how="left", maintain_order="left").with_columns(
        ((pl.col("usd") + pl.col("fees").fill_null(0.0)) * SECTION_KM * SECTION_T).alias("usd")
    )
    return ratio(
        both.filter(pl.col("country") != ""),
        "usd",
        "t_km",
        by=["country", "network"],
        drawn=tally.drawn,
    ).sort("country", "network")


def _payments(corridor: Corridor, tally: Tally, rows: pl.DataFrame) -> pl.DataFrame:
    """Fees by country, put to the network on which most of the flow's way in it lies."""
    share = rows.group_by("run", "flow", "country", "network", maintain_order=True).agg(
        summed("km")
    )
    main = (
        share.sort("km", "network", descending=[True, False])
        .group_by("run", "flow", "country", maintain_order=True)
        .agg(pl.col("network").first())
    )
    home = step_countries(corridor)
    paid = (
        tally.payments.join(home, on="place", how="left", maintain_order="left")
        .group_by("run", "flow", "country", maintain_order=True)
        .agg(summed("usd").alias("fees"))
    )
    return (
        paid.join(main, on=["run", "flow", "country"], how="inner", maintain_order="left")
        .group_by("run", "country", "network", maintain_order=True)
        .agg(summed("fees"))
    )


@indicator(unit="km/h", axis="country and network")
def speed(corridor: Corridor, tally: Tally) -> pl.DataFrame:
    """Speed without delay (kilometres over hours in motion) and with delay (over all hours).

    Hours at a place count to the network by which the trip came there; the two rows of a country
    and network share their kilometres.

    Shape: country, network, measure (with_delay, without_delay), value, low, high, runs.
    Source: CPMM, indicator 4.
    """
    keys = ["run", "country", "network"]
    along = moved(corridor, tally).group_by(keys, maintain_order=True).agg(summed("km"))
    hours = _hours(corridor, tally)
    both = along.join(hours, on=keys, how="inner", maintain_order="left").filter(
        pl.col("country") != ""
    )
    parts = [
        ratio(both, "km", column, by=["country", "network"], drawn=tally.drawn).with_columns(
            pl.lit(name).alias("measure")
        )
        for name, column in (("with_delay", "all_h"), ("without_delay", "moving_h"))
    ]
    return (
        pl.concat(parts)
        .select("country", "network", "measure", "value", "low", "high", "runs")
        .sort("country", "network", "measure")
    )


def _hours(corridor: Corridor, tally: Tally) -> pl.DataFrame:
    """Hours in motion and all hours, by country and by the network a flow was last moving on."""
    networks = link_networks(corridor).select("place", "network")
    home = step_countries(corridor)
    rows = (
        classed(tally)
        .join(networks, on="place", how="left", maintain_order="left")
        .sort("run", "flow", "order")
        .with_columns(
            pl.coalesce(
                pl.col("network").forward_fill().over("run", "flow"),
                pl.col("network").backward_fill().over("run", "flow"),
            )
        )
    )
    moving = pl.when(pl.col("class") == "moving").then(pl.col("hours")).otherwise(0.0)
    return (
        rows.join(home, on="place", how="left", maintain_order="left")
        .group_by("run", "country", "network", maintain_order=True)
        .agg(summed("hours").alias("all_h"), moving.sum().alias("moving_h"))
    )
