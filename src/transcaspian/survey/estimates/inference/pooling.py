"""Small cells beside their kind: partial pooling of medians, and ranks with their intervals."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtri

MEDIAN_TAX = 1.2533141373155003
"""How much wider a median is than a mean under a normal law: the root of half of pi."""
KINDS = ("network", "direction")
DRAWS = 4000
POOLED = ("se", "shrink", "pooled_h", "pooled_low", "pooled_high", "kind_h")
ENOUGH = 5.0
FALLBACK_SIGMA = 1.0
"""The deviation on the logarithm where no cell of a kind has enough stays to tell."""


def pooled(cells: pl.DataFrame, *, kinds: tuple[str, ...] = KINDS, level: float) -> pl.DataFrame:
    """The cells with their median drawn towards that of the other cells of their kind.

    Each logarithmic median is believed by as much as the spread between the cells exceeds what
    chance alone would give; the weight is printed. Kinds of fewer than four cells are left as they
    are.

    Shape: the columns of `cells`, se (of the logarithmic median), shrink (the weight of the cell's
    own median), pooled_h, pooled_low, pooled_high, kind_h (the median of the kind).
    Source: Morris 1983; the spread between cells by Paule and Mandel 1982.
    """
    keys = ["run", *kinds]
    parts = [
        _group(rows, level=level)
        for _, rows in cells.sort(*keys, "place").group_by(keys, maintain_order=True)
    ]
    return pl.concat(parts) if parts else _group(cells, level=level)


def _group(rows: pl.DataFrame, *, level: float) -> pl.DataFrame:
    median = rows["p50_h"].to_numpy().astype(np.float64)
    effective = rows["n_eff"].to_numpy().astype(np.float64)
    sigma = rows["sigma"].to_numpy().astype(np.float64)
    known = np.isfinite(median) & (median > 0)
    se = _errors(sigma, effective)
    value, weight, kind = (np.full(len(median), np.nan) for _ in range(3))
    reach = np.full(len(median), np.nan)
    if known.any():
        logs = np.log(median[known])
        own, middle, spread = shrunk(logs, se[known])
        value[known], weight[known], kind[known] = own * logs + (1 - own) * middle, own, middle
        reach[known] = float(ndtri((1 + level) / 2)) * spread
    ends = (np.exp(end) for end in (value, value - reach, value + reach, kind))
    return rows.with_columns(
        pl.Series(name, values, nan_to_null=True)
        for name, values in zip(POOLED, (se, weight, *ends), strict=True)
    )


def shrunk(
    logs: NDArray[np.float64], se: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float, NDArray[np.float64]]:
    """The weight of each value against the middle of all, that middle, and the error of what comes.

    The spread between values is itself an estimate: they are drawn to the middle by a little less,
    (k - 3) / (k - 1) of it, and the error grows by what that estimate is unsure of. Fewer than four
    values are not drawn at all.

    Source: Morris 1983, formulas 1.16 to 1.19 and 4.1.
    """
    count = len(logs)
    between = paule_mandel(logs, se)
    each = 1 / (se**2 + between)
    middle = float((each * logs).sum() / each.sum())
    if count < 4:  # noqa: PLR2004  # Morris's least
        return np.ones(count), middle, se
    drawn = (count - 3) / (count - 1) * se**2 * each
    usual = float((each * se**2).sum() / each.sum())
    share = each / each.sum()
    unsure = 2 / (count - 3) * drawn**2 * (usual + between) * each * (logs - middle) ** 2
    return 1 - drawn, middle, np.sqrt(se**2 * (1 - (1 - share) * drawn) + unsure)


def _errors(sigma: NDArray[np.float64], effective: NDArray[np.float64]) -> NDArray[np.float64]:
    """The errors of the logarithmic medians; small cells take the deviation of their kind."""
    sure = np.isfinite(sigma) & (sigma > 0) & (effective >= ENOUGH)
    usual = (
        float(np.sqrt(np.average(sigma[sure] ** 2, weights=effective[sure])))
        if sure.any()
        else FALLBACK_SIGMA
    )
    own = np.where(sure, sigma, usual)
    return MEDIAN_TAX * own / np.sqrt(np.maximum(effective, 1.0))


def paule_mandel(values: NDArray[np.float64], se: NDArray[np.float64]) -> float:
    """The variance between cells at which their weighted spread is what is to be expected."""
    free = len(values) - 1
    if free < 1:
        return 0.0

    def excess(between: float) -> float:
        weight = 1 / (se**2 + between)
        middle = (weight * values).sum() / weight.sum()
        return float((weight * (values - middle) ** 2).sum()) - free

    if excess(0.0) <= 0:
        return 0.0
    low, high = 0.0, max(float(values.var()) * 4, 1e-6)
    while excess(high) > 0:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return (low + high) / 2


def ranked(cells: pl.DataFrame, *, level: float, seed: int) -> pl.DataFrame:
    """The published cells by their pooled median, slowest first, with the interval of each rank.

    Ranks are those of draws from the law of each cell's pooled median.

    Shape: the columns of `cells`, rank, rank_low, rank_high.
    """
    known = cells.filter(~pl.col("withheld") & pl.col("pooled_h").is_not_null())
    parts = [
        _ranks(rows, level=level, rng=np.random.default_rng([seed, number]))
        for number, (_, rows) in enumerate(
            known.sort("run", "network", "place", "direction").group_by(
                "run", "network", maintain_order=True
            )
        )
    ]
    blank = [pl.lit(None, pl.Int64).alias(name) for name in ("rank", "rank_low", "rank_high")]
    return pl.concat(parts) if parts else known.with_columns(blank)


def _ranks(rows: pl.DataFrame, *, level: float, rng: np.random.Generator) -> pl.DataFrame:
    logs = np.log(rows["pooled_h"].to_numpy())
    spread = (np.log(rows["pooled_high"].to_numpy()) - logs) / float(ndtri((1 + level) / 2))
    drawn = logs + spread * rng.standard_normal((DRAWS, len(logs)))
    places = (-drawn).argsort(axis=1).argsort(axis=1) + 1
    tails = np.quantile(places, [(1 - level) / 2, (1 + level) / 2], axis=0, method="nearest")
    return rows.with_columns(
        pl.Series("rank", (-logs).argsort().argsort() + 1),
        pl.Series("rank_low", tails[0].astype(np.int64)),
        pl.Series("rank_high", tails[1].astype(np.int64)),
    ).sort("rank")
