"""How sure the choice is: the chance that the best is best, what is near it, and more trials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from transcaspian.appraisal.package.moves import matrix, neighbours
from transcaspian.appraisal.package.problem import Array, Evaluate, Package
from transcaspian.appraisal.package.search import Found, leading, peak, settled
from transcaspian.appraisal.package.trials import Fit, Progress, Trials, fit, tried

SEEN = 80
UNSEEN = 100
PEAKS = 60
DRAWS = 4000
NEAR_SHARE = 0.02
TRUST = 10.0
"""Replications at which the sample covariance counts as much as the pooled variance."""
TOP = 10
SURE = 0.9
GROWTH = 0.25
FEWEST = 3
LOWEST = 0.5
FEW = 2.0
SOBER = (1.0,)
"""How wide values are believed to vary: less than a search that is to explore takes them to."""


@dataclass(frozen=True, slots=True)
class Near:
    """A set that may be the best: what is believed of it and the chance that it is the best.

    Unit: `behind` is the share of the best's value by which it is expected to be behind; `error`
    a standard deviation.
    """

    package: Package
    value: float
    error: float
    behind: float
    probability: float
    replications: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How the sets stand: the chance that the chosen one is the best of all, and those near it.

    Unit: `unseen` is the chance that a set that was never tried is better than all that were.
    """

    best: Package
    probability: float
    unseen: float
    near: tuple[Near, ...]


def standing(found: Found, *, seed: int = 0, within: float = NEAR_SHARE) -> Standing:
    """The chance that the chosen set is the best, and the sets within a share of its value.

    Beliefs come from the regression with a misfit of its own for each set, and from the paired
    values of what was tried. Sets that were never tried take part: those one move from the
    leaders, and the peaks of functions that the trials leave possible.
    """
    trials = _trials(found)
    rng = np.random.default_rng([seed, 2])
    model = fit(trials, spreads=SOBER)
    seen = leading(model, SEEN)
    if found.best not in seen:
        seen.append(found.best)
    unseen = _unseen(model, seen, rng=rng)
    means, spread = beliefs(model, [*seen, *unseen], trials=trials)
    means, spread = _humbled(model, means, spread=spread, seen=len(seen))
    draws = _draws(means, spread, rng=rng)
    first = np.bincount(np.argmax(draws, axis=1), minlength=len(means)) / len(draws)
    at = seen.index(found.best)
    size = max(abs(float(means[at])), 1e-12)
    near = [
        Near(
            package,
            value=float(means[number]),
            error=float(np.sqrt(spread[number, number])),
            behind=float(means[at] - means[number]) / size,
            probability=float(first[number]),
            replications=trials.count(package),
        )
        for number, package in enumerate([*seen, *unseen])
        if means[number] >= means[at] - within * size
    ]
    near.sort(key=lambda each: (each.package != found.best, -each.probability, -each.value))
    return Standing(found.best, float(first[at]), float(first[len(seen) :].sum()), tuple(near))


def _trials(found: Found) -> Trials:
    """The trials of a search, to which nothing is added."""
    return Trials(found.problem, _never, 0, values=dict(found.values))


def _never(packages: Sequence[Package], replications: range) -> Array:
    """Nothing is tried when only what is known is asked for."""
    return np.empty((len(packages), len(replications)))


def _unseen(model: Fit, seen: Sequence[Package], *, rng: np.random.Generator) -> list[Package]:
    """The sets never tried that may be good, the most promising first."""
    known = set(model.levels.packages)
    pool = [each for top in seen[:TOP] for each in neighbours(model.problem, top)]
    pool += [peak(model.drawn(rng), None, rng=rng) for _ in range(PEAKS)]
    fresh = [each for each in dict.fromkeys(pool) if each not in known]
    if not fresh:
        return []
    doubt = np.sqrt(np.maximum(np.diag(model.spread(fresh)), 0.0) + model.misfit**2)
    order = np.argsort(-(model.at(fresh) + 2 * doubt), kind="stable")[:UNSEEN]
    return [fresh[int(number)] for number in order]


def beliefs(model: Fit, packages: Sequence[Package], *, trials: Trials) -> tuple[Array, Array]:
    """What is believed of sets: means and their covariance, the misfit of each counted in.

    Shape: one a set; square. Source: Gaussian process with an own term for each set.
    """
    known = model.levels
    places = {package: at for at, package in enumerate(known.packages)}
    coded = matrix(model.problem, packages) - 0.5
    own = _own(model)
    noise = np.diag(known.noise / known.counts)
    group = [places[each] for each in leading(model, TOP)]
    noise[np.ix_(group, group)] = _noise(
        trials, [known.packages[at] for at in group], pooled=known.noise
    )
    cover = model.cover(model.places) + np.diag(own) + noise
    cross = model.cover(coded)
    spread = model.between(coded)
    least = model.misfit**2
    for row, package in enumerate(packages):
        at = places.get(package)
        spread[row, row] += least if at is None else own[at]
        if at is not None:
            cross[row, at] += own[at]
    factor = cho_factor(cover, lower=True)
    means = model.centre + cross @ cho_solve(factor, known.values - model.centre)
    return np.asarray(means), np.asarray(spread - cross @ cho_solve(factor, cross.T))


def _humbled(model: Fit, means: Array, *, spread: Array, seen: int) -> tuple[Array, Array]:
    """The beliefs with those of sets never tried set right by the regression's own record.

    Each tried set as promising as those is foretold from the others: by how much they came out
    lower, and how widely, is taken to hold for the sets never tried.

    Shape: as given. Source: leave-one-out, Rasmussen and Williams 2006, section 5.4.2.
    """
    unseen = np.arange(len(means)) >= seen
    if not unseen.any():
        return means, spread
    known = model.levels
    inverse = cho_solve(model.factor, np.eye(len(model.weights)))
    variance = 1 / np.diag(inverse)
    miss = model.weights * variance
    error = np.sqrt(variance)
    promise = known.values - miss + 2 * error
    sd = np.sqrt(np.diag(spread))
    bar = np.quantile((means + 2 * sd)[unseen], LOWEST)
    alike = promise >= bar
    count = int(alike.sum())
    record = (miss / error)[alike]
    shift = float(record.sum()) / (count + FEW)
    width = float(np.sqrt((((record - shift) ** 2).sum() + FEW) / (count + FEW)))
    factors = np.where(unseen, width, 1.0)
    return means + np.where(unseen, shift * sd, 0.0), spread * np.outer(factors, factors)


def _own(model: Fit) -> Array:
    """The variance of what the terms leave unexplained of each tried set."""
    return np.maximum(model.doubt - model.levels.noise / model.levels.counts, 1e-300)


def _noise(trials: Trials, packages: Sequence[Package], *, pooled: float) -> Array:
    """The covariance of the means of sets on common luck, what all share taken out.

    Shape: square, one a set.
    """
    counts = np.array([trials.count(each) for each in packages])
    shared = int(counts.min())
    plain = np.eye(len(packages)) * pooled
    if min(shared, len(packages)) >= FEWEST:
        table = np.array([trials.values[each][:shared] for each in packages])
        table = table - table.mean(axis=0)
        trust = shared / (shared + TRUST)
        spread = np.cov(table) * len(packages) / (len(packages) - 1)
        plain = trust * spread + (1 - trust) * plain
    return np.asarray(plain / np.maximum.outer(counts, counts))


def _draws(means: Array, spread: Array, *, rng: np.random.Generator) -> Array:
    values, vectors = np.linalg.eigh((spread + spread.T) / 2)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return np.asarray(means + rng.standard_normal((DRAWS, len(means))) @ root.T)


def assured(
    found: Found,
    evaluate: Evaluate,
    *,
    cells: int,
    sure: float = SURE,
    seed: int = 0,
    progress: Progress | None = None,
) -> tuple[Found, Standing]:
    """The choice after more replications of the best, until it is sure enough or cells run out.

    Equal replications on the ten best: on the toy nothing was gained by dealing them out unequally.
    """
    now = found
    trials = Trials(found.problem, evaluate, found.cells + cells, progress, dict(found.values))
    state = standing(now, seed=seed)
    while state.probability < sure and trials.used < trials.most:
        best = leading(fit(trials), TOP)
        least = min(trials.count(each) for each in best)
        tried(trials, best, replications=least + max(1, int(GROWTH * least)))
        part = trials.within(trials.used)
        now = settled(part, history=list(found.history))
        state = standing(now, seed=seed)
    return now, state


def allocate(
    means: Array, variances: Array, *, so_far: NDArray[np.int64], more: int, smallest: bool = False
) -> NDArray[np.int64]:
    """How many of some more replications each candidate gets, so that the best is told soonest.

    Candidates that already have more than their due get none, and the others share what is left.

    Shape: one a candidate, all of them summing to `more`.
    Source: OCBA, Chen and Lee 2011, Stochastic Simulation Optimization.
    """
    values = means if smallest else -means
    best = int(np.argmin(values))
    gaps = values - values[best]
    others = np.arange(len(values)) != best
    ratios = np.zeros(len(values))
    ratios[others] = variances[others] / np.maximum(gaps[others], 1e-12) ** 2
    ratios[best] = np.sqrt(variances[best] * (ratios[others] ** 2 / variances[others]).sum())
    active = np.ones(len(values), dtype=np.bool_)
    whole = int(so_far.sum()) + more
    while True:
        left = whole - int(so_far[~active].sum())
        due = np.where(active, ratios / ratios[active].sum() * left, so_far)
        over = active & (due < so_far)
        if not over.any():
            break
        active &= ~over
    extra = np.where(active, np.floor(due), so_far).astype(np.int64) - so_far
    extra[best] += more - int(extra.sum())
    return np.asarray(extra)
