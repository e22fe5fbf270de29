"""The sets that were tried, what they were worth, and what a regression learns from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from transcaspian.appraisal.package.moves import matrix
from transcaspian.appraisal.package.problem import Array, Evaluate, Package, Problem

Progress = Callable[[int, int], None]
GOOD = 0.75
SWEEPS = 12
PAIRED = (0.1, 0.3, 1.0)
MISFIT = (0.008, 0.02, 0.05)
WIDENING = 8.0
CONSTANT = 4.0
HOPEFUL = (4.0,)
REFIT = 1.25


@dataclass(frozen=True, slots=True)
class Trials:
    """Sets that were tried within a number of cells (one set in one replication).

    Shape: `values` holds for each set its value in replications 0, 1, 2 and so on. `whole` is what
    progress is told of when these are a part of it.
    """

    problem: Problem
    evaluate: Evaluate
    most: int
    progress: Progress | None = None
    values: dict[Package, Array] = field(default_factory=dict)
    whole: int = 0

    @property
    def used(self) -> int:
        """The cells that were used."""
        return sum(len(row) for row in self.values.values())

    def count(self, package: Package) -> int:
        """In how many replications a set was tried."""
        return len(self.values.get(package, ()))

    def mean(self, package: Package) -> float:
        """The mean value of a set over its replications."""
        return float(self.values[package].mean())

    def within(self, cells: int) -> Trials:
        """The same trials with another limit: at most so many cells in all."""
        whole = self.whole or self.most
        most = min(cells, self.most)
        return Trials(self.problem, self.evaluate, most, self.progress, self.values, whole)


def tried(trials: Trials, packages: Sequence[Package], *, replications: int) -> bool:
    """Whether all of the sets now have so many replications; those the cells reach are tried."""
    short: dict[tuple[int, int], list[Package]] = {}
    left = trials.most - trials.used
    whole = True
    for package in dict.fromkeys(packages):
        have = trials.count(package)
        upto = min(replications, have + max(left, 0))
        whole &= upto >= replications or have >= replications
        if upto > have:
            short.setdefault((have, upto), []).append(package)
            left -= upto - have
    for (have, upto), group in short.items():
        found = trials.evaluate(group, range(have, upto))
        for package, row in zip(group, found, strict=True):
            before = trials.values.get(package, np.empty(0))
            trials.values[package] = np.concatenate([before, row])
    if trials.progress is not None and short:
        trials.progress(trials.used, trials.whole or trials.most)
    return whole


def difference(trials: Trials, package: Package, *, against: Package) -> tuple[float, float]:
    """The mean paired difference of two sets over the luck they share, and its standard error."""
    one, two = trials.values[package], trials.values[against]
    shared = min(len(one), len(two))
    gaps = one[:shared] - two[:shared]
    error = float(gaps.std(ddof=1) / np.sqrt(shared)) if shared > 1 else float("inf")
    return float(gaps.mean()), error


@dataclass(frozen=True, slots=True)
class Levels:
    """What sets are worth when the luck that all share is taken out.

    Shape: a row a set. Unit: `noise` is the variance of one replication of one set, without the
    luck that all share.
    """

    packages: tuple[Package, ...]
    values: Array
    counts: NDArray[np.int64]
    noise: float


def levels(trials: Trials) -> Levels:
    """The value of each tried set beside the others: set plus luck of the replication plus rest.

    The luck of a replication is read off the good sets only: those far below move less with it.

    Shape: as Levels. Source: two-way layout with unequal numbers, fitted by turns.
    """
    packages = tuple(trials.values)
    counts = np.array([len(trials.values[each]) for each in packages])
    table = np.full((len(packages), int(counts.max())), np.nan)
    for row, each in enumerate(packages):
        table[row, : counts[row]] = trials.values[each]
    seen = ~np.isnan(table)
    filled = np.where(seen, table, 0.0)
    means = filled.sum(axis=1) / counts
    good = (means >= GOOD * means.max())[:, None] & seen
    luck = np.zeros(table.shape[1])
    for _ in range(SWEEPS):
        rows = np.where(seen, table - luck, 0.0).sum(axis=1) / counts
        rest = np.where(good, table - rows[:, None], 0.0).sum(axis=0)
        luck = rest / np.maximum(good.sum(axis=0), 1)
        luck -= luck.mean()
    rows = np.where(seen, table - luck, 0.0).sum(axis=1) / counts
    left = np.where(good, table - rows[:, None] - luck, 0.0)
    freedom = good.sum() - good.any(axis=1).sum() - good.any(axis=0).sum() + 1
    noise = float((left**2).sum() / freedom) if freedom > 0 else float(np.nanvar(table))
    return Levels(packages, rows, counts, max(noise, 1e-12 * float(means.max()) ** 2, 1e-300))


@dataclass(frozen=True, slots=True)
class Guess:
    """A value for every set: a constant, a term an option, and a term a pair of options.

    Shape: `main` one an option, `pairs` square, above the diagonal; both for options coded -1/2
    and 1/2.
    """

    problem: Problem
    constant: float
    main: Array
    pairs: Array

    def at(self, packages: Sequence[Package]) -> Array:
        """The values of sets.

        Shape: one a set.
        """
        return self.near(matrix(self.problem, packages) - 0.5)

    def near(self, places: Array) -> Array:
        """The values of coded sets.

        Shape: one a row.
        """
        twos = ((places @ self.pairs) * places).sum(axis=1)
        return np.asarray(self.constant + places @ self.main + twos)

    def counted(self) -> tuple[float, Array, Array]:
        """The same as a constant, a term an option, and a term a pair for options coded 0 and 1.

        Shape: a number, one an option, square.
        """
        ends = self.pairs.sum(axis=0) + self.pairs.sum(axis=1)
        constant = self.constant - 0.5 * self.main.sum() + 0.25 * self.pairs.sum()
        return float(constant), np.asarray(self.main - 0.5 * ends), self.pairs


@dataclass(frozen=True, slots=True)
class Fit:
    """A ridge regression on options and pairs of options, read as a posterior.

    Shape: `places` a row a tried set, coded -1/2 and 1/2; `weights` one a tried set; `factor` the
    Cholesky factor of their covariance. Unit: `misfit` is what main and pairwise terms leave
    unexplained of a good set, as a standard deviation.
    """

    problem: Problem
    levels: Levels
    places: Array
    scale: float
    paired: float
    strengths: tuple[float, float, float]
    misfit: float
    centre: float
    doubt: Array
    weights: Array
    factor: tuple[Array, bool]
    fitted_at: int

    def at(self, packages: Sequence[Package]) -> Array:
        """The expected values of sets, whether tried or not.

        Shape: one a set.
        """
        return self.near(matrix(self.problem, packages) - 0.5)

    def near(self, places: Array) -> Array:
        """The expected values at coded sets.

        Shape: one a row.
        """
        return self.centre + self.cover(places) @ self.weights

    def cover(self, places: Array) -> Array:
        """The prior covariance of coded sets with those tried.

        Shape: a row a coded set, a column a tried one.
        """
        return _kernel(places, self.places, paired=self.paired) * self.scale

    def between(self, places: Array) -> Array:
        """The prior covariance of coded sets with each other.

        Shape: square.
        """
        return _kernel(places, places, paired=self.paired) * self.scale

    def shrunk(self) -> Array:
        """The values of the tried sets, each drawn towards what is expected, as its noise asks.

        Shape: one a tried set.
        """
        known = self.levels
        own = known.noise / known.counts
        return np.asarray(
            (self.misfit**2 * known.values + own * self.near(self.places)) / (self.misfit**2 + own)
        )

    def spread(self, packages: Sequence[Package]) -> Array:
        """The covariance of what is expected of sets, the misfit of each beside.

        Shape: square, one a set.
        """
        places = matrix(self.problem, packages) - 0.5
        cross = self.cover(places)
        return np.asarray(self.between(places) - cross @ cho_solve(self.factor, cross.T))

    def drawn(self, rng: np.random.Generator) -> Guess:
        """One function out of those that the trials leave possible.

        Source: Matheron's rule; Wilson et al. 2020, Efficiently sampling functions.
        """
        count = self.places.shape[1]
        root = np.sqrt(self.scale)
        constant = float(rng.standard_normal() * root * np.sqrt(CONSTANT))
        main = rng.standard_normal(count) * root
        pairs = np.triu(rng.standard_normal((count, count)), 1) * root * np.sqrt(self.paired)
        guess = Guess(self.problem, self.centre + constant, main, pairs)
        noise = rng.standard_normal(len(self.places)) * np.sqrt(self.doubt)
        rest = self.levels.values - guess.near(self.places) - noise
        pulled = self.scale * np.asarray(cho_solve(self.factor, rest))
        return self._joined(guess, pulled)

    def expected(self) -> Guess:
        """The function that is expected: a constant, a term an option, a term a pair."""
        none = np.zeros(self.places.shape[1])
        return self._joined(
            Guess(self.problem, self.centre, none, np.zeros((len(none), len(none)))),
            self.scale * self.weights,
        )

    def _joined(self, guess: Guess, pulled: Array) -> Guess:
        single = guess.main + pulled @ self.places
        more = np.triu((self.places * pulled[:, None]).T @ self.places, 1)
        constant = guess.constant + CONSTANT * float(pulled.sum())
        return Guess(self.problem, constant, single, guess.pairs + self.paired * more)


def _kernel(one: Array, two: Array, *, paired: float) -> Array:
    """The prior covariance of two sets: a constant, the options they share, the pairs they share.

    Shape: a row a set of the first, a column a set of the second.
    """
    shared = one @ two.T
    squares = (one**2) @ (two**2).T
    return np.asarray(CONSTANT + shared + paired * (shared**2 - squares) / 2)


def fit(trials: Trials, *, like: Fit | None = None, spreads: Sequence[float] = HOPEFUL) -> Fit:
    """A regression on main and pairwise terms, its strengths those that make the trials likeliest.

    Sets far below the best count for less, since what is asked is which of the good is best.
    `like` is an earlier fit whose strengths are kept until there are a quarter more sets.

    Source: ridge regression as a Gaussian process; Rasmussen and Williams 2006, section 2.1.
    """
    known = levels(trials)
    if like is not None and len(known.packages) < REFIT * like.fitted_at:
        made, _ = _fitted(trials.problem, known, strengths=like.strengths)
        return replace(made, fitted_at=like.fitted_at)
    grid = product(PAIRED, MISFIT, spreads)
    found = [_fitted(trials.problem, known, strengths=strengths) for strengths in grid]
    return min(found, key=lambda each: each[1])[0]


def _fitted(
    problem: Problem, known: Levels, *, strengths: tuple[float, float, float]
) -> tuple[Fit, float]:
    """A fit of given strengths, and how unlikely it makes the trials."""
    paired, share, wide = strengths
    places = matrix(problem, known.packages) - 0.5
    top = float(known.values.max())
    size = max(abs(top), float(np.ptp(known.values)), 1e-12)
    cover = _kernel(places, places, paired=paired)
    scale = wide * (float(known.values.var()) + known.noise) / float(np.mean(np.diag(cover)))
    widened = 1 + WIDENING * (top - known.values) / size
    doubt = known.noise / known.counts + (share * size * widened) ** 2
    factor = cho_factor(cover * scale + np.diag(doubt), lower=True)
    centre = float(known.values.mean())
    rest = known.values - centre
    weights = np.asarray(cho_solve(factor, rest))
    fault = float(rest @ weights + 2 * np.log(np.diag(factor[0])).sum())
    made = Fit(
        problem,
        known,
        places=places,
        scale=scale,
        paired=paired,
        strengths=strengths,
        misfit=share * size,
        centre=centre,
        doubt=doubt,
        weights=weights,
        factor=(np.asarray(factor[0]), bool(factor[1])),
        fitted_at=len(known.packages),
    )
    return made, fault
