"""How the traffic of a year falls on its months, days and hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.simulation.model.timeline import Horizon, Row, levels


@dataclass(frozen=True, slots=True)
class Waves:
    """The years' worth of traffic since the start of a run, piecewise linear.

    Shape: wave `k` has the boundaries first[k] to first[k + 1] of times and worth; of_flow is the
    wave of each flow.
    """

    first: np.ndarray
    times: np.ndarray
    worth: np.ndarray
    of_flow: pl.Series


def waves(corridor: Corridor, flows: pl.DataFrame, horizon: Horizon) -> Waves:
    """The waves of all flows: one for each season, rhythm and time zone that differ."""
    zones = corridor.table("places").select(
        pl.col("place").alias("origin"), pl.col("zone").alias("beats")
    )
    words = flows.join(zones, on="origin", how="left", maintain_order="left").select(
        "season",
        "rhythm",
        pl.when(pl.col("rhythm").is_null()).then(None).otherwise(pl.col("beats")).alias("zone"),
    )
    different = words.unique(maintain_order=True).with_row_index("wave")
    shares = _shares(corridor)
    rhythms = {
        str(name): part.to_dicts()
        for (name,), part in corridor.table("rhythms").group_by("rhythm", maintain_order=True)
    }
    lines = [
        wave(shares.get(season, {}), rhythms.get(rhythm, []), horizon, zone=zone or "UTC")
        for season, rhythm, zone in different.select("season", "rhythm", "zone").iter_rows()
    ]
    of_flow = words.join(
        different, on=["season", "rhythm", "zone"], nulls_equal=True, maintain_order="left"
    )["wave"]
    sizes = [len(times) for times, _ in lines]
    return Waves(
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        np.concatenate([times for times, _ in lines]),
        np.concatenate([worth for _, worth in lines]),
        of_flow.cast(pl.Int64),
    )


def _shares(corridor: Corridor) -> dict[str, dict[int, float]]:
    shares: dict[str, dict[int, float]] = {}
    rows = corridor.table("seasons").select("season", "month", "share").iter_rows()
    for season, month, share in rows:
        shares.setdefault(season, {})[month] = share
    return shares


def wave(
    shares: Mapping[int, float], rhythm: Sequence[Row], horizon: Horizon, *, zone: str
) -> tuple[np.ndarray, np.ndarray]:
    """The boundaries of one wave, and the years' worth of traffic up to each.

    A month has its share of the year, spread over its time as the weights of the rhythm are.
    """
    months = boundaries(horizon)
    if rhythm:
        since, weights = levels(rhythm, zone, horizon, weight="weight")
        times = np.unique(np.concatenate([months, since[since < horizon.closed]]))
        weight = weights[np.searchsorted(since, times[:-1], side="right") - 1]
    else:
        times, weight = months, np.ones(len(months) - 1)
    spans = np.diff(times) * weight
    begins = np.array([begin for _, begin, _ in horizon.months], dtype=np.int64)
    month = np.searchsorted(begins, times[:-1], side="right") - 1
    whole = np.bincount(month, weights=spans, minlength=len(begins))
    worth = np.zeros(len(times))
    for number, (name, begin, after) in enumerate(horizon.months):
        inside = month == number
        if not inside.any():
            continue
        seen = (min(after, horizon.closed) - max(begin, horizon.start)) / (after - begin)
        part = spans[inside] / whole[number] if whole[number] > 0.0 else 0.0
        worth[1:][inside] = shares.get(name, 0.0) * seen * part
    return times, np.cumsum(worth)


def boundaries(horizon: Horizon) -> np.ndarray:
    """The start of the run, the beginnings of months in it, and the last arrival."""
    inner = [begin for _, begin, _ in horizon.months if horizon.start < begin < horizon.closed]
    return np.array([horizon.start, *inner, horizon.closed], dtype=np.int64)
