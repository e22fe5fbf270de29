"""A second opinion: a regression near the budget line, its best sets by HiGHS, and their ranks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from transcaspian.appraisal.package.moves import filled, neighbours
from transcaspian.appraisal.package.problem import Evaluate, Package, Problem
from transcaspian.appraisal.package.programme import (
    Programme,
    barred,
    chosen,
    paired,
    solved,
)
from transcaspian.appraisal.package.search import (
    FIRST,
    NOTHING,
    TOP_SHARE,
    Found,
    Step,
    begun,
    peak,
    settled,
    swapped,
)
from transcaspian.appraisal.package.trials import Fit, Guess, Progress, Trials, fit, tried

SURROGATE_SHARE = 0.5
DRAWN_SHARE = 0.4
"""The part of the surrogate's cells for sets drawn at the budget line; the rest is refitting."""
ROUNDS = 4
PEAKS = 4
SECONDS = 20.0
NEAR_ENOUGH = 1e-3
RANKED = 10


@dataclass(frozen=True, slots=True)
class Rank:
    """A set, what the fit expects of it, and its mean and replications when it was tried."""

    package: Package
    expected: float
    mean: float | None
    replications: int


@dataclass(frozen=True, slots=True)
class Opinion:
    """A second opinion: what was found, the best sets by the fit, and the measures in them.

    Unit: `membership` holds for each option the share of the ranked sets that it is in.
    """

    found: Found
    ranked: tuple[Rank, ...]
    membership: dict[str, float]


def surrogate(
    problem: Problem,
    evaluate: Evaluate,
    *,
    cells: int,
    seed: int = 0,
    ranked: int = RANKED,
    progress: Progress | None = None,
) -> Opinion:
    """The best set by a regression fitted near the budget line and fitted again, then by swaps.

    Half of the cells go to the regression, a quarter to swaps from its best set, and a quarter
    to replications of the best.

    Errors: those of `checked`; A206 without cells.
    """
    trials = begun(problem, evaluate, cells=cells, progress=progress)
    rng = np.random.default_rng([seed, 1])
    history: list[Step] = []
    part = int(SURROGATE_SHARE * cells)
    _draw(trials.within(int(DRAWN_SHARE * part)), rng=rng)
    _refit(trials.within(part), history, rng=rng)
    model = fit(trials)
    start = model.levels.packages[int(np.argmax(model.shrunk()))]
    swapped(trials.within(int((1 - TOP_SHARE) * cells)), start, rng=rng, history=history)
    found = settled(trials, history=history)
    ranks = rank(fit(trials), count=ranked)
    return Opinion(found, ranks, membership(problem, [each.package for each in ranks]))


def _draw(trials: Trials, *, rng: np.random.Generator) -> None:
    """Nothing; sets drawn at the budget line are tried until the cells are used."""
    names = trials.problem.names
    misses = 0
    while trials.used < trials.most and misses < len(names):
        order = [names[at] for at in rng.permutation(len(names))]
        package = filled(trials.problem, NOTHING, order=order)
        misses = misses + 1 if package in trials.values else 0
        tried(trials, [package], replications=FIRST)


def _refit(trials: Trials, history: list[Step], *, rng: np.random.Generator) -> None:
    """Nothing; the fit's best set and the swaps around it that promise most are tried in turns."""
    share = max(1, (trials.most - trials.used) // ROUNDS)
    model: Fit | None = None
    while trials.used < trials.most:
        model = fit(trials, like=model)
        before = trials.used
        first = next(best_sets(model.expected()), None)
        found = [] if first is None else [first[0]]
        found += [peak(model.drawn(rng), None, rng=rng) for _ in range(PEAKS)]
        near = [each for top in found for each in neighbours(trials.problem, top)]
        fresh = [each for each in dict.fromkeys(near) if each not in trials.values]
        order = np.argsort(-model.at(fresh), kind="stable") if fresh else np.empty(0, dtype=int)
        room = max(1, share // FIRST - len(found))
        batch = [*found, *(fresh[int(at)] for at in order[:room])]
        tried(trials, batch, replications=FIRST)
        if found:
            history.append(Step("fitted", found[0], trials.mean(found[0]), trials.used))
        if trials.used == before:
            break


def best_sets(guess: Guess, *, seconds: float = SECONDS) -> Iterator[tuple[Package, float]]:
    """The best sets by a guess and their values, best first, for as long as there are any.

    Source: quadratic knapsack with linearised products; a cut for each set that was given.
    """
    constant, main, pairs = guess.counted()
    programme = Programme()
    problem = guess.problem
    at = chosen(programme, problem, gains=[float(each) for each in main])
    paired(programme, at, pairs=pairs)
    while (solution := solved(programme, seconds=seconds, gap=NEAR_ENOUGH)) is not None:
        picked = solution.values[at] > 1 / 2
        package = frozenset(
            name for name, inside in zip(problem.names, picked, strict=True) if inside
        )
        yield package, solution.value + constant
        barred(programme, at, problem=problem, package=package)


def rank(model: Fit, *, count: int = RANKED) -> tuple[Rank, ...]:
    """The best sets by a fit, tried or not, best first."""
    counts = dict(zip(model.levels.packages, model.levels.counts, strict=True))
    means = dict(zip(model.levels.packages, model.levels.values, strict=True))
    found: list[Rank] = []
    if count < 1:
        return ()
    for package, expected in best_sets(model.expected()):
        mean = float(means[package]) if package in means else None
        found.append(Rank(package, expected, mean, int(counts.get(package, 0))))
        if len(found) == count:
            break
    return tuple(sorted(found, key=lambda each: -each.expected))


def membership(problem: Problem, packages: Sequence[Package]) -> dict[str, float]:
    """For each option the share of the sets that it is in, most first."""
    count = max(len(packages), 1)
    shares = {name: sum(name in package for package in packages) / count for name in problem.names}
    return dict(sorted(shares.items(), key=lambda each: -each[1]))
