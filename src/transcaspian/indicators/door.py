"""Door to door: how long trips take and how surely."""

from __future__ import annotations

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.events.tally import Tally, quantile_from_bins
from transcaspian.indicators.registry import indicator
from transcaspian.indicators.runs import over_runs, ratio

QUANTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95}
ON_TIME = 1.25


@indicator(unit="h", axis="flow")
def door_to_door(corridor: Corridor, tally: Tally) -> pl.DataFrame:
    """Mean hours of a trip from arrival at its first place to leaving its last.

    The buffer index is (p95 - mean) / mean; on time is within 1.25 of the median. Trips that had
    not ended when the run stopped are counted beside, not in the mean.

    Shape: flow, origin, destination, direction, scope, trips (a year), p50, p90, p95, buffer_index,
    on_time_share, unfinished (a year), value, low, high, runs.
    """
    runs = max(tally.trips["run"].n_unique(), 1)
    flows = corridor.table("flows").select("flow", "origin", "destination", "direction", "scope")
    table = ratio(tally.trips, "total_h", "n", by=["flow"], drawn=tally.drawn)
    counts = tally.trips.group_by("flow", maintain_order=True).agg(
        (pl.col("n").sum() / runs).alias("trips"),
        (pl.col("unfinished").sum() / runs).alias("unfinished"),
    )
    for name, q in QUANTILES.items():
        found = quantile_from_bins(tally.trip_bins, q, by=["flow"]).rename({"value": name})
        table = table.join(found, on="flow", how="left", maintain_order="left")
    table = (
        table.join(counts, on="flow", how="left", maintain_order="left")
        .join(flows, on="flow", how="left", maintain_order="left")
        .join(_on_time(tally), on="flow", how="left", maintain_order="left")
    )
    return table.with_columns(
        ((pl.col("p95") - pl.col("value")) / pl.col("value")).alias("buffer_index")
    ).select(
        "flow",
        "origin",
        "destination",
        "direction",
        "scope",
        "trips",
        *QUANTILES,
        "buffer_index",
        "on_time_share",
        "unfinished",
        "value",
        "low",
        "high",
        "runs",
    )


def _on_time(tally: Tally) -> pl.DataFrame:
    """The share of trips whose bin ends within 1.25 of the median; good to the width of a bin."""
    median = quantile_from_bins(tally.trip_bins, 0.5, by=["flow"])
    edge = 0.01 * (pl.col("bin").cast(pl.Float64) / 16 * 0.6931471805599453).exp()
    within = tally.trip_bins.join(
        median, on="flow", how="left", maintain_order="left"
    ).with_columns(
        pl.when(edge <= pl.col("value") * ON_TIME).then(pl.col("n")).otherwise(0.0).alias("timely")
    )
    return within.group_by("flow", maintain_order=True).agg(
        (pl.col("timely").sum() / pl.col("n").sum()).alias("on_time_share")
    )


@indicator(unit="h", axis="flow")
def door_to_door_p95(_corridor: Corridor, tally: Tally) -> pl.DataFrame:
    """The 95th percentile of a trip's hours in each year, and its mean over the replications.

    Shape: flow, value, low, high, runs.
    """
    each = quantile_from_bins(tally.trip_bins, 0.95, by=["run", "flow"])
    return over_runs(each, "value", by=["flow"], drawn=tally.drawn) if each.height else _empty()


def _empty() -> pl.DataFrame:
    return pl.DataFrame(
        schema={
            "flow": pl.String,
            "value": pl.Float64,
            "low": pl.Float64,
            "high": pl.Float64,
            "runs": pl.Int64,
        }
    )
