"""Border time and border cost, the first two indicators of CPMM."""

from __future__ import annotations

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.events.tally import Tally, quantile_from_bins, summed
from transcaspian.indicators.registry import indicator
from transcaspian.indicators.runs import ratio

CROSSING = ["place", "country", "network", "direction"]
BORDER_KINDS = ("border_post", "port", "gauge_break")


def _posts(corridor: Corridor) -> pl.DataFrame:
    places = corridor.table("places").filter(pl.col("kind").is_in(list(BORDER_KINDS)))
    return places.select("place", "country", "kind")


def crossings(corridor: Corridor, tally: Tally) -> pl.DataFrame:
    """The visits of border posts and ports that leave or enter a country.

    Shape: the columns of a tally's visits with country and kind.
    """
    return tally.visits.filter(pl.col("direction") != "domestic").join(
        _posts(corridor), on="place", how="inner", maintain_order="left"
    )


@indicator(unit="h", axis="crossing, network and direction")
def border_hours(corridor: Corridor, tally: Tally) -> pl.DataFrame:
    """Mean hours from reaching a border post or port to leaving it, by side and direction.

    Shape: place, country, network, direction, trips (a year), p50, p90, p95, value, low, high,
    runs.
    Source: CPMM, indicator 1 (time to cross a border, waiting included).
    """
    visits = crossings(corridor, tally)
    runs = max(tally.visits["run"].n_unique(), 1)
    trips = visits.group_by(CROSSING, maintain_order=True).agg(
        (pl.col("n").sum() / runs).alias("trips")
    )
    table = ratio(visits, "dwell_h", "n", by=CROSSING, drawn=tally.drawn).join(
        trips, on=CROSSING, how="left", maintain_order="left"
    )
    keys = ["place", "network", "direction"]
    for name, q in (("p50", 0.5), ("p90", 0.9), ("p95", 0.95)):
        found = quantile_from_bins(tally.visit_bins, q, by=keys).rename({"value": name})
        table = table.join(found, on=keys, how="left", maintain_order="left")
    return table.select(
        *CROSSING, "trips", "p50", "p90", "p95", "value", "low", "high", "runs"
    ).sort("value", "place", descending=[True, False])


@indicator(unit="h", axis="country, network and direction")
def country_border_hours(corridor: Corridor, tally: Tally) -> pl.DataFrame:
    """Mean hours at the border posts of a country, every simulated crossing counted alike.

    Ports are left out, as in CPMM's country tables. Direction is blank for both together.

    Shape: country, network, direction, trips (a year), value, low, high, runs.
    Source: CPMM, country tables of indicator 1; its weighting of samples is not published.
    """
    visits = crossings(corridor, tally).filter(pl.col("kind") == "border_post")
    both = visits.with_columns(pl.lit("").alias("direction"))
    rows = pl.concat([visits, both])
    keys = ["country", "network", "direction"]
    runs = max(tally.visits["run"].n_unique(), 1)
    trips = rows.group_by(keys, maintain_order=True).agg((pl.col("n").sum() / runs).alias("trips"))
    return (
        ratio(rows, "dwell_h", "n", by=keys, drawn=tally.drawn)
        .join(trips, on=keys, how="left", maintain_order="left")
        .select(*keys, "trips", "value", "low", "high", "runs")
        .sort(keys)
    )


@indicator(unit="USD", axis="crossing and network")
def border_cost(corridor: Corridor, tally: Tally) -> pl.DataFrame:
    """Mean payments of a crossing at a border post or port, both directions together.

    Shape: place, country, network (blank: all), value, low, high, runs.
    Source: CPMM, indicator 2 (cost to cross a border).
    """
    posts = _posts(corridor)
    paid = tally.payments.group_by("run", "place", maintain_order=True).agg(summed("usd"))
    visits = (
        tally.visits.filter(pl.col("direction") != "domestic")
        .group_by("run", "place", maintain_order=True)
        .agg(pl.col("n").sum())
    )
    both = (
        visits.join(paid, on=["run", "place"], how="left", maintain_order="left")
        .with_columns(pl.col("usd").fill_null(0.0))
        .join(posts, on="place", how="inner", maintain_order="left")
    )
    return ratio(both, "usd", "n", by=["place", "country"], drawn=tally.drawn).sort(
        "value", "place", descending=[True, False]
    )
