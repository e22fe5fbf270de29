"""How hard resources and carriers work, and how much they move."""

from __future__ import annotations

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.events.tally import Tally, summed
from transcaspian.indicators.cost import moved
from transcaspian.indicators.registry import indicator
from transcaspian.indicators.runs import over_runs, ratio


@indicator(unit="1", axis="resource")
def utilisation(corridor: Corridor, tally: Tally) -> pl.DataFrame:
    """Share of the server hours on duty that are busy, with throughput and waits.

    Shape: resource, place, stage, servers, served (a year), wait_h (mean), longest_h, value, low,
    high, runs.
    """
    known = corridor.table("resources").select("resource", "place", "stage", "servers")
    runs = max(tally.resources["run"].n_unique(), 1)
    sums = tally.resources.group_by("resource", maintain_order=True).agg(
        (pl.col("served").sum() / runs).alias("served"),
        (pl.col("wait_h").sum() / pl.col("served").sum()).fill_nan(None).alias("wait_h"),
        pl.col("longest_h").max(),
    )
    return (
        ratio(tally.resources, "busy_h", "capacity_h", by=["resource"], drawn=tally.drawn)
        .join(known, on="resource", how="left", maintain_order="left")
        .join(sums, on="resource", how="left", maintain_order="left")
        .select(
            "resource",
            "place",
            "stage",
            "servers",
            "served",
            "wait_h",
            "longest_h",
            "value",
            "low",
            "high",
            "runs",
        )
        .sort("value", "resource", descending=[True, False])
    )


@indicator(unit="1", axis="service and call")
def deck_use(corridor: Corridor, tally: Tally) -> pl.DataFrame:
    """Mean share of the deck taken when a carrier leaves a call, with sailings and cargo's waits.

    Shape: service, order, place, sailings (a year), waiting_h (a year), value, low, high, runs.
    """
    calls = corridor.table("calls").select("service", "order", "place")
    runs = max(tally.carriers["run"].n_unique(), 1)
    keys = ["service", "order"]
    sums = tally.carriers.group_by(keys, maintain_order=True).agg(
        (pl.col("sailings").sum() / runs).alias("sailings"),
        (pl.col("waiting_h").sum() / runs).alias("waiting_h"),
    )
    return (
        ratio(tally.carriers, "load", "sailings", by=keys, drawn=tally.drawn)
        .join(sums, on=keys, how="left", maintain_order="left")
        .join(calls, on=keys, how="left", maintain_order="left")
        .select(*keys, "place", "sailings", "waiting_h", "value", "low", "high", "runs")
        .sort(keys)
    )


@indicator(unit="kt/y", axis="link and scope")
def link_flows(corridor: Corridor, tally: Tally) -> pl.DataFrame:
    """Tonnes a year over each link, both ways together.

    Shape: link, scope, trips (a year), value, low, high, runs. Unit: thousand tonnes a year.
    """
    rows = moved(corridor, tally).with_columns((pl.col("n") * pl.col("tonnes") / 1000).alias("kt"))
    runs = max(tally.steps["run"].n_unique(), 1)
    keys = ["place", "scope"]
    trips = rows.group_by(keys, maintain_order=True).agg((pl.col("n").sum() / runs).alias("trips"))
    each = rows.group_by(["run", *keys], maintain_order=True).agg(summed("kt"))
    return (
        over_runs(each, "kt", by=keys, drawn=tally.drawn)
        .join(trips, on=keys, how="left", maintain_order="left")
        .select(pl.col("place").alias("link"), "scope", "trips", "value", "low", "high", "runs")
        .sort("link", "scope")
    )


@indicator(unit="kt/y", axis="published total")
def volumes(corridor: Corridor, tally: Tally) -> pl.DataFrame:
    """Tonnes and TEU that arrived in the year, by the published total the flows belong to.

    Shape: total, quantity (tonnes_kt, teu), value, low, high, runs.
    """
    units = corridor.table("units").select("unit", "teu")
    flows = (
        corridor.table("flows")
        .filter(pl.col("total").is_not_null())
        .join(units, on="unit", how="left", maintain_order="left")
    )
    rows = tally.trips.join(
        flows.select("flow", "total", "tonnes_per_trip", pl.col("teu") * pl.col("lot")),
        on="flow",
        how="inner",
        maintain_order="left",
    )
    born = pl.col("n") + pl.col("unfinished")
    parts = [
        rows.group_by("run", "total", maintain_order=True)
        .agg((born * per).sum().alias("amount"))
        .with_columns(pl.lit(name).alias("quantity"))
        for name, per in (("tonnes_kt", pl.col("tonnes_per_trip") / 1000), ("teu", pl.col("teu")))
    ]
    return over_runs(pl.concat(parts), "amount", by=["total", "quantity"], drawn=tally.drawn).sort(
        "total", "quantity"
    )
