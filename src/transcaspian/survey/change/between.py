"""Change between two waves: ratios with intervals, many of them at once, and what could be seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import false_discovery_control
from scipy.stats import t as student

from transcaspian.survey.estimates.cells import LEVEL, Sample, design, samples
from transcaspian.survey.estimates.stays import CELL
from transcaspian.survey.fits.spells import LEAST_H

POWER = 0.8
SHUFFLES = 2000
PAIRS_MOST = 4_000_000


def since(
    before: Mapping[str, pl.DataFrame], after: Mapping[str, pl.DataFrame], *, seed: int
) -> pl.DataFrame:
    """What changed from one release to another, in the cells that neither withholds.

    Shape: the tables of two releases, crossings and spells among them; as `between`.
    """
    shown = [
        tables["crossings"].filter(~pl.col("withheld")).select(CELL) for tables in (before, after)
    ]
    both = shown[0].join(shown[1], on=list(CELL), how="semi")
    old, new = (
        tables["spells"].join(both, on=list(CELL), how="semi") for tables in (before, after)
    )
    return between(old, new, by=CELL, level=LEVEL, seed=seed)


def between(
    before: pl.DataFrame, after: pl.DataFrame, *, by: Sequence[str], level: float, seed: int
) -> pl.DataFrame:
    """The change of each cell that both waves saw, slowest first by how sure it is.

    The ratio of geometric means has Welch's interval on the logarithm, with effective sizes in
    place of sizes; open stays count at what was seen of them, and `open` says how many they are.
    `shift_h` is the median of all differences (Hodges and Lehmann). The chance is that of a
    permutation of clusters between the waves; `q` is it adjusted for all cells tested (Benjamini
    and Hochberg). `detectable` is the least fall, as a share, that these sizes show in four of five
    cases.

    Shape: both frames as `spells` gathers them, of one run each; `by`, n_before, n_after, open,
    ratio, low, high, shift_h, p, q, changed, detectable.
    """
    keys = ["run", *by]
    known = {tuple(key[1:]): sample for key, sample in samples(before, keys)}
    rows: list[dict[str, object]] = []
    for number, (key, sample) in enumerate(samples(after, keys)):
        old = known.get(tuple(key[1:]))
        if old is not None and min(old.count, sample.count) > 1:
            luck = np.random.default_rng([seed, number])
            found = compared(old, sample, level=level, rng=luck)
            rows.append({**dict(zip(by, key[1:], strict=True)), **found})
    schema = {
        **dict.fromkeys(by, pl.String),
        **dict.fromkeys(("n_before", "n_after", "open"), pl.Int64),
        **dict.fromkeys(("ratio", "low", "high", "shift_h", "p", "detectable"), pl.Float64),
    }
    table = pl.DataFrame(rows, schema=schema, orient="row")
    q = false_discovery_control(table["p"].to_numpy()) if table.height else np.empty(0)
    adjusted = table.with_columns(pl.Series("q", q, dtype=pl.Float64))
    return adjusted.with_columns((pl.col("q") <= 1 - level).alias("changed")).sort("p", *by)


def compared(
    old: Sample, new: Sample, *, level: float, rng: np.random.Generator
) -> dict[str, object]:
    """The change from one sample to another."""
    logs, sizes, spreads = [], [], []
    for sample in (old, new):
        values, share = (
            np.log(np.maximum(sample.hours, LEAST_H)),
            sample.weight / sample.weight.sum(),
        )
        middle = float(share @ values)
        size = design(sample)["n_eff"]
        logs.append(middle)
        sizes.append(size)
        spreads.append(float(share @ (values - middle) ** 2) * size / max(size - 1, 1))
    parts = np.array([spread / size for spread, size in zip(spreads, sizes, strict=True)])
    se = float(np.sqrt(parts.sum()))
    free = parts.sum() ** 2 / max((parts**2 / np.maximum(np.array(sizes) - 1, 1)).sum(), 1e-300)
    reach = float(student.ppf((1 + level) / 2, max(free, 1.0))) * se
    change = logs[1] - logs[0]
    return {
        "n_before": old.count,
        "n_after": new.count,
        "open": int(old.n[old.open].sum() + new.n[new.open].sum()),
        "ratio": float(np.exp(change)),
        "low": float(np.exp(change - reach)),
        "high": float(np.exp(change + reach)),
        "shift_h": hodges_lehmann(old, new),
        "p": permutation(old, new, rng=rng),
        "detectable": detectable(se, level=level),
    }


def detectable(se: float, *, level: float) -> float:
    """The least fall, as a share, that shows in four of five cases with such an error."""
    return float(1 - np.exp(-(ndtri((1 + level) / 2) + ndtri(POWER)) * se))


def hodges_lehmann(old: Sample, new: Sample) -> float:
    """The weighted median of all differences between a new and an old stay, in hours."""
    apart = (new.hours[:, None] - old.hours[None, :]).ravel()
    weight = (new.weight[:, None] * old.weight[None, :]).ravel()
    if apart.size > PAIRS_MOST:
        keep = np.linspace(0, apart.size - 1, PAIRS_MOST).astype(np.int64)
        apart, weight = apart[keep], weight[keep]
    order = np.argsort(apart, kind="stable")
    upto = np.cumsum(weight[order])
    return float(apart[order][np.searchsorted(upto, upto[-1] / 2)])


def permutation(old: Sample, new: Sample, *, rng: np.random.Generator) -> float:
    """The chance that clusters dealt at random between the waves differ as much on the logarithm.

    Clusters stay whole, since their stays share their fate.
    """
    sums, weights, first = _clusters(old, new)
    real = _apart(sums, weights, first)
    count = int(first.sum())
    order = np.argsort(rng.random((SHUFFLES, len(first))), axis=1)
    dealt = order < count
    w = dealt @ weights
    total, mass = sums.sum(), weights.sum()
    one = dealt @ sums
    apart = np.abs(one / np.maximum(w, 1e-12) - (total - one) / np.maximum(mass - w, 1e-12))
    return float((1 + (apart >= real - 1e-12).sum()) / (SHUFFLES + 1))


def _clusters(
    old: Sample, new: Sample
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """The weighted sums of logarithms and the weights by cluster, and which are of the old wave."""
    sums, weights, first = [], [], []
    for sample, is_old in ((old, True), (new, False)):
        number = np.unique(sample.cluster, return_inverse=True)[1]
        logs = np.log(np.maximum(sample.hours, LEAST_H))
        scaled = sample.weight / sample.weight.sum() * sample.count
        sums.append(np.bincount(number, weights=scaled * logs))
        weights.append(np.bincount(number, weights=scaled))
        first.append(np.full(len(sums[-1]), is_old))
    return np.concatenate(sums), np.concatenate(weights), np.concatenate(first)


def _apart(
    sums: NDArray[np.float64], weights: NDArray[np.float64], first: NDArray[np.bool_]
) -> float:
    means = [sums[part].sum() / weights[part].sum() for part in (first, ~first)]
    return float(abs(means[0] - means[1]))
