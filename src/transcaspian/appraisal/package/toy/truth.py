"""The toy's truth: every set within the budget, valued, so that what a choice lost is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transcaspian.appraisal.package.problem import Array, Package, Problem
from transcaspian.appraisal.package.toy.corridor import (
    BLOCK,
    MEASURES,
    luck_of,
    physics_of,
    worth,
    worth_of_nothing,
)

Progress = Callable[[int, int], None]
TRUTH_SEED = 10**6
TIERS = ((10**9, 12), (4000, 64), (100, 2000), (12, 8000))
"""How many of the best sets are valued, and with how many paths in all."""


@dataclass(frozen=True, slots=True)
class Truth:
    """Every allowed set and what it is worth.

    Shape: one a set, best first.
    """

    packages: tuple[Package, ...]
    values: Array

    @property
    def best(self) -> float:
        """The value of the best set."""
        return float(self.values[0])


def toy_sets(problem: Problem) -> list[int]:
    """Every allowed set as a mask, by growing sets option by option."""
    bits = problem.bits
    found = [(0, 0.0)]
    for at, cost in enumerate(bits.costs):
        found += [
            (mask | 1 << at, spent + cost)
            for mask, spent in found
            if spent + cost <= problem.budget and not bits.bars[at] & mask
        ]
    return [
        mask
        for mask, _ in found
        if all(not need & ~mask for at, need in enumerate(bits.needs) if mask >> at & 1)
    ]


def toy_truth(
    problem: Problem,
    *,
    seed: int = TRUTH_SEED,
    tiers: Sequence[tuple[int, int]] = TIERS,
    progress: Progress | None = None,
) -> Truth:
    """The value of every allowed set, the best of them measured again with more paths.

    Shape: `tiers` are how many of the best are taken, and with how many paths in all.
    """
    masks = np.array(toy_sets(problem), dtype=np.int64)
    values = np.zeros(len(masks))
    order = np.arange(len(masks))
    before = 0
    for count, paths in tiers:
        top = order[:count]
        more = _mean(problem, masks[top], luck=(seed, range(before, paths)), progress=progress)
        values[top] = (values[top] * before + more * (paths - before)) / paths
        order[:count] = top[np.argsort(-values[top], kind="stable")]
        before = paths
    names = problem.names
    packages = tuple(
        frozenset(name for at, name in enumerate(names) if int(masks[row]) >> at & 1)
        for row in order
    )
    return Truth(packages, values[order])


def _mean(
    problem: Problem,
    masks: NDArray[np.int64],
    *,
    luck: tuple[int, range],
    progress: Progress | None,
) -> Array:
    """The mean value of sets over paths, against nothing done.

    Shape: one a set.
    """
    seed, paths = luck
    names = [each.name for each in MEASURES]
    place = [names.index(name) for name in problem.names]
    means = np.zeros(len(masks))
    base = np.mean([worth_of_nothing(seed, path) for path in paths])
    for start in range(0, len(masks), BLOCK):
        part = masks[start : start + BLOCK]
        chosen = np.zeros((len(names), len(part)))
        chosen[place] = (part[None, :] >> np.arange(len(place))[:, None]) & 1
        means[start : start + BLOCK] = _over(chosen, seed, paths=paths) - base
        if progress is not None:
            progress(min(start + BLOCK, len(masks)), len(masks))
    return means


def _over(chosen: Array, seed: int, *, paths: range) -> Array:
    """The mean worth of sets given as columns over paths, some paths at a time.

    Shape: one a set.
    """
    count = chosen.shape[1]
    total = np.zeros(count)
    some = max(1, BLOCK // (2 * count))
    for start in range(paths.start, paths.stop, some):
        numbers = range(start, min(start + some, paths.stop))
        luck = np.stack([luck_of(seed, number) for number in numbers], axis=2)
        state = physics_of(np.tile(chosen, len(numbers)))
        found = worth(state, luck, at=np.repeat(np.arange(len(numbers)), count))
        total += found.reshape(len(numbers), count).sum(axis=0)
    return np.asarray(total / len(paths))
