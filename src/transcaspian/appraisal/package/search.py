"""The choice of a set: greedy on common luck, then swaps accepted on the paired difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from transcaspian.appraisal.package.moves import additions, filled, neighbours
from transcaspian.appraisal.package.problem import Array, Evaluate, Package, Problem, checked
from transcaspian.appraisal.package.trials import (
    Fit,
    Guess,
    Progress,
    Trials,
    difference,
    fit,
    tried,
)
from transcaspian.errors import Fault

NOTHING: Package = frozenset()
FIRST = 2
"""Replications of a set that is tried for the first time."""
SPREAD = 10
"""Sets at the budget line that are tried before anything is chosen."""
GREEDY_SHARE = 0.2
TOP_SHARE = 0.25
"""The part of the cells that is kept for replications of the best."""
BATCH = 6
AHEAD = 4
LONGEST_RACE = 32
SURE = 1.0
"""Standard errors by which a set must lead to be accepted before the race is at its longest."""
QUIET = 150
"""Rounds without a better set after which the search stops."""
TOP = 10
MOST_TOP = 400


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a search: what was done, the set that stood then, its mean and the cells used."""

    what: str
    package: Package
    value: float
    cells: int


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: the best set, what it is worth, and by how much the second is behind.

    Shape: `values` holds for every set tried its value in replications 0, 1, 2 and so on.
    Unit: `error` and `lead_error` are standard errors, the lead's over the luck both share.
    """

    problem: Problem
    best: Package
    mean: float
    error: float
    second: Package
    lead: float
    lead_error: float
    cells: int
    values: dict[Package, Array]
    history: tuple[Step, ...]


def search(
    problem: Problem,
    evaluate: Evaluate,
    *,
    cells: int,
    seed: int = 0,
    progress: Progress | None = None,
) -> Found:
    """The best set that greedy choice and swaps find within a number of cells.

    The order in which swaps are tried comes from a regression on all that was tried so far;
    whether one is accepted, from its paired difference. It stops by itself when nothing better
    has turned up for long.

    Errors: those of `checked`; A206 without cells.
    """
    trials = begun(problem, evaluate, cells=cells, progress=progress)
    rng = np.random.default_rng(seed)
    history: list[Step] = []
    spread(trials, SPREAD, rng=rng)
    part = trials.within(trials.used + int(GREEDY_SHARE * cells))
    start = greedy(part, history=history)
    swapped(trials.within(int((1 - TOP_SHARE) * cells)), start, rng=rng, history=history)
    return settled(trials, history=history)


def begun(problem: Problem, evaluate: Evaluate, *, cells: int, progress: Progress | None) -> Trials:
    """Trials in which nothing has been tried yet but doing nothing.

    Errors: those of `checked`; A206 without cells.
    """
    if cells < 1:
        raise Fault("A206", f"{cells} replications to choose by", expected="1 or more")
    trials = Trials(checked(problem), evaluate, cells, progress)
    tried(trials, [NOTHING], replications=FIRST)
    return trials


def spread(trials: Trials, count: int, *, rng: np.random.Generator) -> None:
    """Nothing; sets drawn at the budget line are tried."""
    names = trials.problem.names
    for _ in range(count):
        order = [names[at] for at in rng.permutation(len(names))]
        tried(trials, [filled(trials.problem, NOTHING, order=order)], replications=FIRST)


def greedy(
    trials: Trials, *, history: list[Step], by_cost: bool = True, replications: int = FIRST
) -> Package:
    """A set that grows by what gives the most for its cost, or the most, until the money is out.

    Options come with what they need. It goes on where no single option gives anything: bottlenecks
    in series give only together, and what is of no use is dropped by the swaps.
    """
    problem = trials.problem
    now = NOTHING
    tried(trials, [now], replications=replications)
    while steps := additions(problem, now):
        if not tried(trials, steps, replications=replications):
            break
        cost = problem.cost(now)
        rises = np.array([difference(trials, each, against=now)[0] for each in steps])
        costs = np.array([problem.cost(each) - cost for each in steps])
        if by_cost:
            rises = np.where(rises > 0, rises / np.maximum(costs, 1e-9), rises)
        now = steps[int(np.argmax(rises))]
        history.append(Step("added", now, trials.mean(now), trials.used))
    return now


def swapped(
    trials: Trials, start: Package, *, rng: np.random.Generator, history: list[Step]
) -> Package:
    """The set that swaps lead to from a start, or from a better one met on the way."""
    now = start
    quiet = 0
    model: Fit | None = None
    while trials.used < trials.most and quiet < QUIET:
        model = fit(trials, like=model)
        order = np.argsort(-model.shrunk(), kind="stable")[:AHEAD]
        leaders = [model.levels.packages[int(at)] for at in order]
        better = accepted(trials, now, challengers=leaders, noise=model.levels.noise)
        quiet = quiet + 1 if better == now else 0
        if better != now:
            history.append(Step("swapped", better, trials.mean(better), trials.used))
        now = better
        tried(trials, proposals(model, now, rng=rng), replications=FIRST)
    return now


def accepted(
    trials: Trials, now: Package, *, challengers: Sequence[Package], noise: float
) -> Package:
    """The set that stands after its challengers had more replications, as far as is unclear.

    A challenger takes its place when it leads by more than the error of the paired difference, or
    leads at all after the longest race.
    """
    for each in (now, *challengers):
        have = trials.count(each)
        if have < LONGEST_RACE:
            tried(trials, [each], replications=min(LONGEST_RACE, max(FIRST, 2 * have)))
    for each in challengers:
        if each == now or not trials.count(now):
            continue
        lead, _ = difference(trials, each, against=now)
        shared = min(trials.count(each), trials.count(now))
        bar = 0.0 if shared >= LONGEST_RACE else SURE * float(np.sqrt(2 * noise / shared))
        if lead > bar:
            now = each
    return now


def proposals(model: Fit, now: Package, *, rng: np.random.Generator) -> list[Package]:
    """The sets to try next: the swaps that promise the most, and peaks of what is possible."""
    seen = set(model.levels.packages)
    near = [each for each in neighbours(model.problem, now) if each not in seen]
    best: list[Package] = []
    if near:
        doubt = np.sqrt(np.maximum(np.diag(model.spread(near)), 0.0) + model.misfit**2)
        order = np.argsort(-(model.at(near) + doubt), kind="stable")[: BATCH // 2]
        best = [near[int(at)] for at in order]
    for number in range(BATCH - len(best)):
        best.append(peak(model.drawn(rng), now if number else None, rng=rng))
    return best


def peak(guess: Guess, start: Package | None, *, rng: np.random.Generator) -> Package:
    """The set from which no move leads up, by a guess, from a start or from a set drawn."""
    problem = guess.problem
    names = problem.names
    drawn = [names[at] for at in rng.permutation(len(names))]
    now = filled(problem, NOTHING, order=drawn) if start is None else start
    value = float(guess.at([now])[0])
    while steps := neighbours(problem, now):
        values = guess.at(steps)
        best = int(np.argmax(values))
        if values[best] <= value:
            break
        now, value = steps[best], float(values[best])
    return now


def settled(trials: Trials, *, history: list[Step], top: int = TOP) -> Found:
    """What is found when the cells that are left go to the best sets in equal numbers."""
    model = fit(trials)
    while trials.used < trials.most:
        best = leading(model, top)
        least = min(trials.count(each) for each in best)
        if least >= MOST_TOP:
            break
        tried(trials, best, replications=min(MOST_TOP, least + max(1, least // 4)))
        model = fit(trials, like=model)
    order = leading(model, 2)
    best, second = order[0], order[-1]
    history.append(Step("chosen", best, trials.mean(best), trials.used))
    row = trials.values[best]
    lead, lead_error = difference(trials, best, against=second)
    error = float(row.std(ddof=1) / np.sqrt(len(row))) if len(row) > 1 else float("inf")
    return Found(
        trials.problem,
        best,
        trials.mean(best),
        error,
        second=second,
        lead=lead,
        lead_error=lead_error,
        cells=trials.used,
        values=trials.values,
        history=tuple(history),
    )


def leading(model: Fit, count: int) -> list[Package]:
    """The best sets tried, by their values drawn towards what the regression expects."""
    order = np.argsort(-model.shrunk(), kind="stable")[:count]
    return [model.levels.packages[int(at)] for at in order]
