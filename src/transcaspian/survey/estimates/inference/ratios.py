"""Ratios of sums with intervals that know of clusters: costs, speeds, shares, hours a trip."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw
import numpy as np
import polars as pl
from scipy.stats import t as student

from transcaspian.events.engine import Frame, added, gathered


def sums(rows: Frame, *, by: Sequence[str]) -> pl.DataFrame:
    """The sums behind ratios by group and cluster: the last aggregate.

    Shape: `rows` have run, `by`, cluster, weight, y, x; the result run, `by`, cluster, n, y, x,
    both weighted.
    """
    weighted = rows.with_columns(
        (nw.col("y") * nw.col("weight")).alias("y"), (nw.col("x") * nw.col("weight")).alias("x")
    )
    found = added(weighted, ("run", *by, "cluster"), ("y", "x"), nw.len().alias("n"))
    return gathered(found)


def ratios(summed: pl.DataFrame, *, by: Sequence[str], level: float) -> pl.DataFrame:
    """The ratio of the sums of each group, with its interval.

    The variance is that of the sums over clusters, linearised; the interval is Student's with one
    less than the clusters, on the logarithm for ratios above zero.

    Shape: run, `by`, n, clusters, value, low, high; a limit is blank with one cluster.
    Source: Cochran, Sampling Techniques, section 6.5; Sarndal et al. 1992.
    """
    keys = ["run", *by]
    rows = [
        (*key, int(group["n"].sum()), group.height, *_ratio(group, level))
        for key, group in summed.sort(*keys, "cluster").group_by(keys, maintain_order=True)
    ]
    schema = {
        **{key: summed.schema[key] for key in keys},
        "n": pl.Int64,
        "clusters": pl.Int64,
        **dict.fromkeys(("value", "low", "high"), pl.Float64),
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def above(
    found: pl.DataFrame, floor: int, *, behind: str = "clusters", also: Sequence[str] = ()
) -> pl.DataFrame:
    """The rows with as many clusters behind them as the floor asks for; of the rest, sizes alone.

    What is not told of the rest is the value, its limits, and the columns named in `also`.
    """
    return found.with_columns(
        pl.when(pl.col(behind) >= floor).then(pl.col(name)).alias(name)
        for name in ("value", "low", "high", *also)
    )


def _ratio(group: pl.DataFrame, level: float) -> tuple[float | None, float | None, float | None]:
    y, x = group["y"].to_numpy(), group["x"].to_numpy()
    whole = float(x.sum())
    if whole <= 0:
        return None, None, None
    value, count = float(y.sum()) / whole, len(y)
    if count < 2:  # noqa: PLR2004  # a spread needs two
        return value, None, None
    rest = y - value * x
    se = float(np.sqrt(count / (count - 1) * (rest**2).sum())) / whole
    reach = float(student.ppf((1 + level) / 2, count - 1)) * se
    if value > 0:
        factor = float(np.exp(min(reach / value, 50.0)))
        return value, value / factor, value * factor
    return value, value - reach, value + reach
