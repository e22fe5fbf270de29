"""Totals over strata: by official traffic, and by the sample as it fell out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from scipy.special import ndtri


def totals(
    cells: pl.DataFrame, counts: pl.DataFrame, *, by: Sequence[str], level: float
) -> pl.DataFrame:
    """The mean over the published cells of a group, each weighing what official traffic says.

    Withheld cells are in no total, so that none can be found by subtraction; `covered` says how
    much of the traffic the total speaks for. Where traffic is not known for any cell of a group,
    the total by traffic is blank. The mean by the sample's own shares stands beside it.

    Shape: run, `by`, cells, n, n_eff, covered, traffic, deff, value, low, high, by_sample_h.
    Source: Cochran, section 5.3; Kish for the effective size.
    """
    joined = cells.join(
        counts.select("place", "network", "direction", pl.col("trips").alias("traffic")),
        on=["place", "network", "direction"],
        how="left",
        maintain_order="left",
    ).filter((pl.col("n") > 0) & pl.col("direction").is_in(["outbound", "inbound"]))
    keys = ["run", *by]
    rows = [
        {**dict(zip(keys, key, strict=True)), **_total(group, level)}
        for key, group in joined.sort(*keys, "place").group_by(keys, maintain_order=True)
    ]
    floats = ("n_eff", "covered", "traffic", "deff", "value", "low", "high", "by_sample_h")
    schema = {
        **{key: joined.schema[key] for key in keys},
        "cells": pl.Int64,
        "n": pl.Int64,
        **dict.fromkeys(floats, pl.Float64),
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _total(group: pl.DataFrame, level: float) -> dict[str, object]:
    known = group.filter(~pl.col("withheld") & pl.col("mean_h").is_not_null())
    counted = known.filter(pl.col("traffic").is_not_null())
    everybody = float(group["traffic"].sum())
    row: dict[str, object] = {
        "cells": counted.height,
        "n": int(known["n"].sum()),
        "n_eff": None,
        "covered": float(counted["traffic"].sum()) / everybody if everybody > 0 else None,
        "traffic": everybody if everybody > 0 else None,
        "deff": None,
        "value": None,
        "low": None,
        "high": None,
        "by_sample_h": _mean(known, "n"),
    }
    if counted.is_empty():
        return row
    share = counted["traffic"].to_numpy() / float(counted["traffic"].sum())
    mean = counted["mean_h"].to_numpy()
    z = float(ndtri((1 + level) / 2))
    se = mean * np.log(counted["mean_high"].to_numpy() / counted["mean_low"].to_numpy()) / (2 * z)
    value = float(share @ mean)
    spread = float(np.sqrt((share**2 * se**2).sum()))
    effective = counted["n_eff"].to_numpy()
    n_eff = 1 / float((share**2 / effective).sum())
    factor = float(np.exp(z * spread / value)) if value > 0 else 1.0
    return {
        **row,
        "n_eff": n_eff,
        "deff": float(counted["n"].sum()) / n_eff,
        "value": value,
        "low": value / factor,
        "high": value * factor,
    }


def _mean(group: pl.DataFrame, weight: str) -> float | None:
    """The mean of the cells by a weight; none of nothing."""
    if group.is_empty():
        return None
    weights = group[weight].to_numpy().astype(np.float64)
    return float(weights @ group["mean_h"].to_numpy() / weights.sum())
