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
from transcaspian.survey.fits.likelihood import fit
from transcaspian.survey.fits.spells import LEAST_H, CannotFit, spells

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

    Where no stay is open, the ratio is that of geometric means, with Welch's interval on the
    logarithm and effective sizes in place of sizes; `shift_h` is the median of all differences
    (Hodges and Lehmann); the chance is that of a permutation of clusters between the waves. Where
    some are open (`open` says how many), both waves are fitted by lognormals that count them as
    longer, the ratio is that of their medians, and the chance is Student's: `basis` says which. `q`
    is the chance adjusted for all cells tested (Benjamini and Hochberg). `detectable` is the least
    fall, as a share, that these sizes show in four of five cases. Cells that cannot be compared so,
    as those with no spread, are left out.

    Shape: both frames as `spells` gathers them, of one run each; `by`, n_before, n_after, open,
    basis (sample or lognormal), ratio, low, high, shift_h, p, q, changed, detectable.
    """
    keys = ["run", *by]
    known = {tuple(key[1:]): sample for key, sample in samples(before, keys)}
    rows: list[dict[str, object]] = []
    for number, (key, sample) in enumerate(samples(after, keys)):
        old = known.get(tuple(key[1:]))
        if old is None or min(old.count, sample.count) < 2:  # noqa: PLR2004  # a spread needs two
            continue
        luck = np.random.default_rng([seed, number])
        found = compared(old.telling(), sample.telling(), level=level, rng=luck)
        if found is not None:
            sizes = {"n_before": old.count, "n_after": sample.count}
            rows.append({**dict(zip(by, key[1:], strict=True)), **sizes, **found})
    schema = {
        **dict.fromkeys(by, pl.String),
        **dict.fromkeys(("n_before", "n_after", "open"), pl.Int64),
        "basis": pl.String,
        **dict.fromkeys(("ratio", "low", "high", "shift_h", "p", "detectable"), pl.Float64),
    }
    table = pl.DataFrame(rows, schema=schema, orient="row")
    q = false_discovery_control(table["p"].to_numpy()) if table.height else np.empty(0)
    adjusted = table.with_columns(pl.Series("q", q, dtype=pl.Float64))
    return adjusted.with_columns((pl.col("q") <= 1 - level).alias("changed")).sort("p", *by)


def compared(
    old: Sample, new: Sample, *, level: float, rng: np.random.Generator
) -> dict[str, object] | None:
    """The change from one sample to another; none where it cannot be told."""
    waiting = int(old.n[old.open].sum() + new.n[new.open].sum())
    middle = _fitted_middle if waiting else _middle
    try:
        parts = [middle(sample) for sample in (old, new)]
    except (CannotFit, np.linalg.LinAlgError):
        return None
    change = parts[1][0] - parts[0][0]
    errors = np.array([variance for _, variance, _ in parts])
    free = np.maximum(np.array([size for _, _, size in parts]) - 1, 1)
    se = float(np.sqrt(errors.sum()))
    freedom = max(float(errors.sum() ** 2 / max((errors**2 / free).sum(), 1e-300)), 1.0)
    reach = float(student.ppf((1 + level) / 2, freedom)) * se
    away = abs(change) / max(se, 1e-12)
    return {
        "open": waiting,
        "basis": "lognormal" if waiting else "sample",
        "ratio": float(np.exp(change)),
        "low": float(np.exp(change - reach)),
        "high": float(np.exp(change + reach)),
        "shift_h": None if waiting else hodges_lehmann(old, new),
        "p": 2 * float(student.sf(away, freedom)) if waiting else permutation(old, new, rng=rng),
        "detectable": detectable(se, level=level),
    }


def _middle(sample: Sample) -> tuple[float, float, float]:
    """The mean logarithm, the variance of that mean, and the effective size."""
    logs = np.log(np.maximum(sample.hours, LEAST_H))
    share = sample.weight / sample.weight.sum()
    mean = float(share @ logs)
    size = design(sample)["n_eff"]
    return mean, float(share @ (logs - mean) ** 2) / max(size - 1, 1), size


def _fitted_middle(sample: Sample) -> tuple[float, float, float]:
    """The same of a lognormal fitted to stays of which some are open.

    Errors: CannotFit.
    """
    size = design(sample)["n_eff"]
    weight = sample.weight * (size / sample.weight.sum())
    found = fit(
        spells(sample.hours, half=sample.half, open_=sample.open, weight=weight), family="lognormal"
    )
    return float(found.theta[0]), float(found.covariance[0, 0]), size


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

    Clusters stay whole, since their stays share their fate; the difference is over its own error,
    without which waves of other sizes and spreads would differ by the dealing alone.

    Source: Janssen 1997, Studentized permutation tests.
    """
    sums, weights, first = _clusters(old, new)
    real = _apart(sums, weights, first[None, :])
    count = int(first.sum())
    order = np.argsort(rng.random((SHUFFLES, len(first))), axis=1)
    apart = _apart(sums, weights, order < count)
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
    sums: NDArray[np.float64], weights: NDArray[np.float64], dealt: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """How far the means of two groups of clusters are apart, over the error of that.

    Shape: `dealt` a row a dealing, a column a cluster; one entry a row.
    """
    means, errors = [], []
    for group in (dealt, ~dealt):
        mass, size = group @ weights, group.sum(axis=1)
        mean = group @ sums / np.maximum(mass, 1e-12)
        squares = (
            group @ sums**2 - 2 * mean * (group @ (sums * weights)) + mean**2 * (group @ weights**2)
        )
        means.append(mean)
        errors.append(
            np.maximum(squares, 0.0)
            / np.maximum(mass, 1e-12) ** 2
            * (size / np.maximum(size - 1, 1))
        )
    return np.abs(means[0] - means[1]) / np.sqrt(np.maximum(errors[0] + errors[1], 1e-18))
