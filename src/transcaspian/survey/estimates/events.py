"""Stages straight out of an event log: starts paired with completions, and their hours by cell."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from transcaspian.events.engine import Frame, gathered, grouped, micros
from transcaspian.survey.estimates.inference.order import curve, held

US_PER_MIN = 60_000_000
GRAIN_PER_MIN = 10
LEG = ("run", "trip", "leg")
WHAT = ("place", "activity")
LEVEL = 0.95
QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}


def paired(events: Any) -> Frame:  # noqa: ANN401  # a native frame of any engine
    """The stages of an event log: each start joined with the completion of the same leg.

    The plan matters more than the engine: a join of starts and completions needs half the time of a
    grouping with filters. A lazy frame of Polars stays lazy: a file is never whole in memory.

    Shape: `events` have run, trip, leg (the number of the stage in its trip), place, activity,
    instant (with a zone), lifecycle (start or complete); the result run, place, activity, tenths
    (of a minute).
    """
    native = nw.from_native(events)
    known = micros(native, ["instant"])
    begun = known.filter(nw.col("lifecycle") == "start").select(
        *LEG, *WHAT, nw.col("instant").alias("begun")
    )
    done = known.filter(nw.col("lifecycle") == "complete").select(
        *LEG, nw.col("instant").alias("done")
    )
    both = begun.join(done, on=list(LEG), how="inner")
    tenths = (nw.col("done") - nw.col("begun")) * GRAIN_PER_MIN // US_PER_MIN
    return both.filter(nw.col("done") >= nw.col("begun")).select(
        "run", *WHAT, tenths.cast(nw.Int32).alias("tenths")
    )


def stage_table(
    events: Any,  # noqa: ANN401  # as above
    *,
    publish_from: int = 10,
) -> pl.DataFrame:
    """The hours of each stage by place and activity, quantiles with distribution-free intervals.

    Shape: run, place, activity, n, mean_h, p10_h, p50_h, p90_h with _low and _high; below the floor
    n alone.
    """
    counted = grouped(paired(events), ("run", "place", "activity", "tenths"), nw.len().alias("n"))
    found = gathered(counted).sort("run", "place", "activity", "tenths")
    keys = ["run", "place", "activity"]
    rows = [
        {**dict(zip(keys, key, strict=True)), **_figures(group, publish_from)}
        for key, group in found.group_by(keys, maintain_order=True)
    ]
    parts = [f"{name}_{part}" for name in QUANTILES for part in ("h", "low", "high")]
    schema = {
        **dict.fromkeys(keys, pl.String),
        "n": pl.Int64,
        **dict.fromkeys(("mean_h", *parts), pl.Float64),
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _figures(group: pl.DataFrame, publish_from: int) -> dict[str, object]:
    hours = group["tenths"].to_numpy() / (60.0 * GRAIN_PER_MIN)
    weight = group["n"].to_numpy().astype(np.float64)
    count = int(weight.sum())
    if count < publish_from:
        return {"n": count}
    line = curve(hours, np.zeros(len(hours), dtype=np.bool_), weight=weight)
    row: dict[str, object] = {"n": count, "mean_h": float(weight @ hours) / count}
    for name, share in QUANTILES.items():
        value, low, high = held(line, share, effective=count, level=LEVEL)
        row |= {f"{name}_h": value, f"{name}_low": low, f"{name}_high": high}
    return row
