"""Means over replications with their 90 % interval."""

from __future__ import annotations

import math

import polars as pl

from transcaspian.report.words import Quantity

# Two-sided 90 % quantiles of Student's t by degrees of freedom; the normal one beyond the table.
T_90 = (
    6.314,
    2.920,
    2.353,
    2.132,
    2.015,
    1.943,
    1.895,
    1.860,
    1.833,
    1.812,
    1.796,
    1.782,
    1.771,
    1.761,
    1.753,
    1.746,
    1.740,
    1.734,
    1.729,
    1.725,
    1.721,
    1.717,
    1.714,
    1.711,
    1.708,
    1.706,
    1.703,
    1.701,
    1.699,
    1.697,
)
NORMAL_90 = 1.645


def spread(
    frame: pl.DataFrame, key: str, *, runs: pl.Series | None = None, unit: str = "h"
) -> dict[str, Quantity]:
    """The mean of `hours` over runs for each key; a run without a row counts as nothing.

    Shape: the frame has run, the key and hours, one row a run and key.
    """
    count = (frame["run"] if runs is None else runs).n_unique()
    found: dict[str, Quantity] = {}
    for name, values in (
        frame.group_by(key, maintain_order=True).agg(pl.col("hours")).sort(key).iter_rows()
    ):
        padded = sorted(values) + [0.0] * (count - len(values))
        found[str(name)] = interval(padded, unit=unit)
    return found


def interval(values: list[float], *, unit: str = "h") -> Quantity:
    """The mean of the values and the 90 % t-interval of that mean."""
    count = len(values)
    if count == 0:
        return Quantity(None, unit=unit)
    mean = math.fsum(values) / count
    if count == 1:
        return Quantity(mean, unit=unit)
    variance = math.fsum((value - mean) ** 2 for value in values) / (count - 1)
    factor = T_90[count - 2] if count - 2 < len(T_90) else NORMAL_90
    half = factor * math.sqrt(variance / count)
    return Quantity(mean, mean - half, mean + half, unit)
