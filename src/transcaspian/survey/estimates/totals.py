"""Totals over strata: by official traffic, and by the sample as it fell out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from scipy.special import ndtri

GROUPS = (
    ("network",),
    ("network", "direction"),
    ("country", "network"),
    ("country", "network", "direction"),
)
"""What totals are over."""
WAYS = ("outbound", "inbound")


def strata(cells: pl.DataFrame, counts: pl.DataFrame) -> pl.DataFrame:
    """What each published cell weighs in each total that it is in, with what it says.

    Shape: run, place, country, network, direction, traffic, n, n_eff, deff, mean_h, mean_low,
    mean_high, and a share of the traffic for each of GROUPS, as of_country_network.
    Source: the survey's reference, section 7.3 (W, n and the effective size are printed).
    """
    known = _counted(_strata_of(cells, counts))
    shares = [
        (pl.col("traffic") / pl.col("traffic").sum().over("run", *by)).alias("_".join(("of", *by)))
        for by in GROUPS
    ]
    return known.select(
        *("run", "place", "country", "network", "direction", "traffic", "n", "n_eff"),
        (pl.col("n") / pl.col("n_eff")).alias("deff"),
        *("mean_h", "mean_low", "mean_high"),
        *shares,
    ).sort("run", "place", "network", "direction")


def _strata_of(cells: pl.DataFrame, counts: pl.DataFrame) -> pl.DataFrame:
    """The cells of those who cross, with the official traffic through each."""
    return cells.join(
        counts.select("place", "network", "direction", pl.col("trips").alias("traffic")),
        on=["place", "network", "direction"],
        how="left",
        maintain_order="left",
    ).filter((pl.col("n") > 0) & pl.col("direction").is_in(WAYS))


def _shown(strata: pl.DataFrame) -> pl.DataFrame:
    """Those that are published with a mean."""
    return strata.filter(~pl.col("withheld") & pl.col("mean_h").is_not_null())


def _counted(strata: pl.DataFrame) -> pl.DataFrame:
    """Those of them whose traffic is known."""
    return _shown(strata).filter(pl.col("traffic").is_not_null())


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
    joined = _strata_of(cells, counts)
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
    known, counted = _shown(group), _counted(group)
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
