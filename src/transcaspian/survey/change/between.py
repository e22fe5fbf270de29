"""Change between two waves: ratios with intervals, many of them at once, and what could be seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
LEAST_CLUSTERS = 5
"""A stratum of fewer, in either wave, says nothing of its own spread."""


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
    (Hodges and Lehmann); the chance is that of a permutation of clusters between the waves, among
    those that carried the same goods, and `ratio_alike` the ratio at the same goods. Where some are
    open (`open` says how many), both waves are fitted by lognormals that count them as
    longer, the ratio is that of their medians, and the chance is Student's: `basis` says which. `q`
    is the chance adjusted for all cells tested (Benjamini and Hochberg). `detectable` is the least
    fall, as a share, that these sizes show in four of five cases. Cells that cannot be compared so,
    as those with no spread, are left out.

    Shape: both frames as `spells` gathers them, of one run each; `by`, n_before, n_after, open,
    basis (sample or lognormal), ratio, low, high, ratio_alike, shift_h, p, q, changed, detectable.
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
        **dict.fromkeys(
            ("ratio", "low", "high", "ratio_alike", "shift_h", "p", "detectable"), pl.Float64
        ),
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
    deck = None if waiting else _deck(old, new)
    return {
        "open": waiting,
        "basis": "lognormal" if waiting else "sample",
        "ratio": float(np.exp(change)),
        "low": float(np.exp(change - reach)),
        "high": float(np.exp(change + reach)),
        "ratio_alike": deck and alike(deck),
        "shift_h": None if waiting else hodges_lehmann(old, new),
        "p": permutation(deck, rng=rng) if deck else 2 * float(student.sf(away, freedom)),
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


@dataclass(frozen=True, slots=True)
class Deck:
    """The clusters of two waves: the weighted sums of their logarithms, their weights, which are of
    the old wave, and the stratum of each.

    Shape: one entry a cluster.
    """

    sums: NDArray[np.float64]
    weights: NDArray[np.float64]
    old: NDArray[np.bool_]
    stratum: NDArray[np.int64]


def permutation(deck: Deck, *, rng: np.random.Generator) -> float:
    """The chance that clusters dealt at random between the waves differ as much on the logarithm.

    Clusters stay whole, since their stays share their fate, and are dealt among those that carried
    the same goods: that a wave met other goods is no change. The difference is over its own error,
    without which waves of other sizes and spreads would differ by the dealing alone.

    Source: Janssen 1997, Studentized permutation tests; Good 2005, section 3.7, for strata.
    """
    dealt = np.zeros((SHUFFLES + 1, len(deck.old)), dtype=np.bool_)
    dealt[0] = deck.old
    for stratum in np.unique(deck.stratum):
        place = np.flatnonzero(deck.stratum == stratum)
        order = np.argsort(rng.random((SHUFFLES, len(place))), axis=1)
        dealt[1:, place] = order < int(deck.old[place].sum())
    change, error = _apart(deck, dealt)
    away = np.abs(change) / np.sqrt(np.maximum(error, 1e-18))
    return float((1 + (away[1:] >= away[0] - 1e-12).sum()) / (SHUFFLES + 1))


def alike(deck: Deck) -> float:
    """The ratio of geometric means at the same goods: that of each, weighted by what both waves
    stand for.
    """
    return float(np.exp(-_apart(deck, deck.old[None, :])[0][0]))


def _deck(old: Sample, new: Sample) -> Deck:
    """The clusters of two waves.

    The stratum of a cluster is the goods most of it carried; goods of which either wave has fewer
    than LEAST_CLUSTERS are one stratum together, and join the largest where they are still few.
    """
    sums, weights, first, goods = [], [], [], list[str]()
    for sample, is_old in ((old, True), (new, False)):
        number = np.unique(sample.cluster, return_inverse=True)[1]
        logs = np.log(np.maximum(sample.hours, LEAST_H))
        scaled = sample.weight / sample.weight.sum() * sample.count
        sums.append(np.bincount(number, weights=scaled * logs))
        weights.append(np.bincount(number, weights=scaled))
        first.append(np.full(len(sums[-1]), is_old))
        goods += _carried(sample, number)
    is_of = np.concatenate(first)
    return Deck(np.concatenate(sums), np.concatenate(weights), is_of, _strata(goods, is_of))


def _carried(sample: Sample, number: NDArray[np.int64]) -> list[str]:
    """The goods of each cluster of which it carried most."""
    if sample.goods is None:
        return [""] * (int(number.max()) + 1)
    rows = pl.DataFrame({"number": number, "goods": sample.goods, "weight": sample.weight})
    most = rows.group_by("number", "goods").agg(pl.col("weight").sum())
    ordered = most.sort("number", "weight", "goods", descending=[False, True, False])
    return ordered.unique("number", keep="first", maintain_order=True)["goods"].to_list()


def _strata(goods: Sequence[str], old: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The number of the stratum of each cluster."""
    names, number = np.unique(np.asarray(goods), return_inverse=True)
    size = np.minimum(*(np.bincount(number[side], minlength=len(names)) for side in (old, ~old)))
    few = size < LEAST_CLUSTERS
    merged = np.where(few[number], len(names), number)
    rest = merged == len(names)
    if min((rest & old).sum(), (rest & ~old).sum()) < LEAST_CLUSTERS and not few.all():
        merged[rest] = int(np.argmax(np.where(few, -1, size)))
    return merged


def _apart(deck: Deck, dealt: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far the means of two groups of clusters are apart at the same goods, and the variance of
    that.

    Shape: `dealt` a row a dealing, a column a cluster; one entry a row.
    """
    change, error = np.zeros(len(dealt)), np.zeros(len(dealt))
    for stratum in np.unique(deck.stratum):
        place = np.flatnonzero(deck.stratum == stratum)
        share = float(deck.weights[place].sum() / deck.weights.sum())
        for sign, group in ((1.0, dealt[:, place]), (-1.0, ~dealt[:, place])):
            mean, variance = _mean_of(deck.sums[place], deck.weights[place], group)
            change += sign * share * mean
            error += share**2 * variance
    return change, error


def _mean_of(
    sums: NDArray[np.float64], weights: NDArray[np.float64], group: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The mean of the chosen clusters and its variance, linearised over them."""
    mass, size = np.maximum(group @ weights, 1e-12), group.sum(axis=1)
    mean = group @ sums / mass
    squares = (
        group @ sums**2 - 2 * mean * (group @ (sums * weights)) + mean**2 * (group @ weights**2)
    )
    return mean, np.maximum(squares, 0.0) / mass**2 * (size / np.maximum(size - 1, 1))
