"""What a choice may cost if another future comes: minimax regret and a map of how sets fare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from transcaspian.appraisal.package.problem import Array, Package, Problem
from transcaspian.appraisal.package.programme import (
    FREE,
    SECONDS,
    Programme,
    chosen,
    paired,
    product,
    row,
    solved,
    variable,
)
from transcaspian.appraisal.package.trials import Guess
from transcaspian.errors import Fault

WITHIN = 0.05
LARGE = 1e12


@dataclass(frozen=True, slots=True)
class Fare:
    """How one set fares over the futures.

    Shape: `regrets` one a future, in the unit of the values. Unit: `near_share` is the share of
    futures in which it is within some share of the best; `assured` what it gives in all futures
    (the largest threshold that it satisfices everywhere); `satisfied_share` the share of futures
    in which it reaches the threshold asked for.
    """

    package: Package
    regrets: tuple[float, ...]
    most_regret: float
    mean_regret: float
    worst_future: str
    near_share: float
    assured: float
    satisfied_share: float


@dataclass(frozen=True, slots=True)
class Robust:
    """The set whose largest regret is least, and how every set fares, the most robust first."""

    best: Package
    most_regret: float
    fares: tuple[Fare, ...]


@dataclass(frozen=True, slots=True)
class Hedge:
    """The set of least largest regret by guesses of each future.

    Unit: `gap` is how much smaller that regret could be at most, as a share of it.
    """

    package: Package
    most_regret: float
    regrets: tuple[float, ...]
    gap: float
    proven: bool


def regrets(values: Array) -> Array:
    """How far each set is behind the best of each future.

    Shape: as `values`: a row a set, a column a future.
    """
    return np.asarray(values.max(axis=0) - values)


def robust(
    packages: Sequence[Package],
    values: Array,
    *,
    futures: Sequence[str] = (),
    within: float = WITHIN,
    threshold: float = 0.0,
) -> Robust:
    """The set with the least largest regret among those given, and how each of them fares.

    The best of a future is the best among the sets given.

    Shape: `values` a row a set, a column a future. Errors: A206 without sets or futures.
    Source: Savage 1951; satisficing after Herman et al. 2015.
    """
    if values.ndim != 2 or not values.size or len(values) != len(packages):  # noqa: PLR2004
        raise Fault(
            "A206",
            f"values of shape {values.shape} for {len(packages)} sets",
            expected="a row a set, a column a future",
        )
    names = tuple(futures) or tuple(str(at) for at in range(values.shape[1]))
    table = regrets(values)
    reach = values.max(axis=0) - within * np.abs(values.max(axis=0))
    fares = [
        Fare(
            package,
            regrets=tuple(float(each) for each in table[at]),
            most_regret=float(table[at].max()),
            mean_regret=float(table[at].mean()),
            worst_future=names[int(np.argmax(table[at]))],
            near_share=float((values[at] >= reach).mean()),
            assured=float(values[at].min()),
            satisfied_share=float((values[at] >= threshold).mean()),
        )
        for at, package in enumerate(packages)
    ]
    fares.sort(key=lambda each: (each.most_regret, each.mean_regret))
    return Robust(fares[0].package, fares[0].most_regret, tuple(fares))


def hedged(problem: Problem, guesses: Sequence[Guess], *, seconds: float = SECONDS) -> Hedge:
    """The allowed set whose largest regret over guesses, one a future, is least.

    First the best set of each future is found, then the set that hedges; each within the time.

    Errors: A206 without futures; A105 when nothing can be chosen.
    Source: minimax regret as a whole-number programme with linearised products.
    """
    if not guesses:
        raise Fault("A206", "there is no future to hedge against", expected="one or more")
    counted = [guess.counted() for guess in guesses]
    tops = np.array([_top(problem, terms, seconds=seconds) for terms in counted])
    programme = Programme()
    worst = variable(programme, -1.0, upper=LARGE, whole=False)
    at = chosen(programme, problem, gains=[0.0] * len(problem.options))
    both = _products(programme, at, pairs=[pairs for _, _, pairs in counted])
    for (constant, main, pairs), top in zip(counted, tops, strict=True):
        terms = {place: float(gain) for place, gain in zip(at, main, strict=True)}
        terms |= {place: float(pairs[pair]) for pair, place in both.items()}
        row(programme, {**terms, worst: 1.0}, low=float(top) - constant, high=FREE)
    solution = solved(programme, seconds=seconds)
    if solution is None:
        raise Fault("A105", "no set keeps the rules", expected="rules that allow a set")
    picked = solution.values[at] > 1 / 2
    package = frozenset(name for name, inside in zip(problem.names, picked, strict=True) if inside)
    found = [
        max(0.0, float(top - guess.at([package])[0]))
        for top, guess in zip(tops, guesses, strict=True)
    ]
    return Hedge(package, max(found), tuple(found), gap=solution.gap, proven=solution.proven)


def _top(problem: Problem, terms: tuple[float, Array, Array], *, seconds: float) -> float:
    """The most that a future can give, or its bound when time runs out."""
    constant, main, pairs = terms
    programme = Programme()
    at = chosen(programme, problem, gains=[float(each) for each in main])
    paired(programme, at, pairs=pairs)
    solution = solved(programme, seconds=seconds)
    if solution is None:
        raise Fault("A105", "no set keeps the rules", expected="rules that allow a set")
    return constant + solution.bound


def _products(
    programme: Programme, at: Sequence[int], *, pairs: Sequence[Array]
) -> dict[tuple[int, int], int]:
    """A variable for each pair that any future speaks of, held from both sides."""
    found: dict[tuple[int, int], int] = {}
    for one, other in zip(*np.triu_indices(len(at), 1), strict=True):
        pair = int(one), int(other)
        if any(table[pair] for table in pairs):
            both = product(programme, at[pair[0]], at[pair[1]], gain=0.0)
            row(programme, {both: 1.0, at[pair[0]]: -1.0}, high=0.0)
            row(programme, {both: 1.0, at[pair[1]]: -1.0}, high=0.0)
            found[pair] = both
    return found
