"""Means over replications with their 90 % interval, as the page shows them."""

from __future__ import annotations

import polars as pl

from transcaspian.events.tally import Tally
from transcaspian.indicators.runs import over_runs
from transcaspian.report.words import Quantity


def spread(frame: pl.DataFrame, key: str, tally: Tally, *, unit: str = "h") -> dict[str, Quantity]:
    """The mean of `hours` over the runs of a tally for each key; a run without a row has none.

    Shape: the frame has run, the key and hours, one row a run and key.
    """
    runs = tally.trips.select("run").unique(maintain_order=True)
    every = frame.select(key).unique(maintain_order=True).join(runs, how="cross")
    whole = every.join(
        frame.select("run", key, "hours"), on=["run", key], how="left", maintain_order="left"
    ).with_columns(pl.col("hours").fill_null(0.0))
    found = over_runs(whole, "hours", by=[key], drawn=tally.drawn).sort(key)
    return {
        str(row[key]): Quantity(row["value"], row["low"], row["high"], unit)
        for row in found.iter_rows(named=True)
    }
