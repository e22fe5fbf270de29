"""Measures ranked by what they are worth, with as many runs as the order needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from transcaspian.appraisal.appraise.plan import Plan, evaluate
from transcaspian.appraisal.worth.results import BASES
from transcaspian.indicators.runs import student

Array = NDArray[np.float64]
Progress = Callable[[int, int], None]
MOST_RUNS = 32
AT_ONCE = 6


@dataclass(frozen=True, slots=True)
class Ranked:
    """A measure in its place: its mean worth, runs behind it, and whether the next one is surely
    worth less on the runs that both share.

    Unit: million USD.
    """

    name: str
    value: float
    runs: int
    sure: bool


def ranked(
    plan: Plan,
    names: Sequence[str],
    *,
    runs: int,
    most: int = MOST_RUNS,
    basis: str = BASES[0],
    progress: Progress | None = None,
) -> tuple[Ranked, ...]:
    """The measures by what each is worth alone, most first.

    Neighbours that cannot be told apart get more runs, on common luck, until they can be or have
    `most`: as many again as there are draws, each time.

    Errors: those of simulating and of costs.
    """
    values: dict[str, Array] = {}
    _valued(plan, values, dict.fromkeys(names, runs), basis=basis, progress=progress)
    while True:
        order = sorted(names, key=lambda name: (-float(values[name].mean()), name))
        unclear = _unclear(values, order, most=most)
        if not unclear:
            return tuple(_placed(values, order))
        more = {name: min(len(values[name]) + plan.ground.draws, most) for name in unclear}
        _valued(plan, values, more, basis=basis, progress=progress)


def _valued(
    plan: Plan,
    values: dict[str, Array],
    asked: Mapping[str, int],
    *,
    basis: str,
    progress: Progress | None,
) -> None:
    """Nothing; what some measures are worth in so many runs is among the values."""
    names = list(asked)
    for first in range(0, len(names), AT_ONCE):
        some = names[first : first + AT_ONCE]
        for runs in sorted({asked[name] for name in some}):
            mine = [name for name in some if asked[name] == runs]
            sets = [frozenset({name}) for name in mine]
            found = evaluate(plan, sets, range(runs), basis=basis)
            values |= dict(zip(mine, found, strict=True))
        if progress is not None:
            progress(first + len(some), len(names))


def _apart(one: Array, other: Array) -> bool:
    """Whether one is surely worth more, by a 90 % interval of the paired difference."""
    shared = min(len(one), len(other))
    gap = one[:shared] - other[:shared]
    if shared < 2:  # noqa: PLR2004  # a spread needs two
        return False
    half = student(shared) * float(gap.std(ddof=1)) / shared**0.5
    return float(gap.mean()) - half > 0


def _unclear(values: dict[str, Array], order: Sequence[str], *, most: int) -> list[str]:
    """The measures that may get more runs and cannot be told from a neighbour."""
    found: dict[str, None] = {}
    for one, other in pairwise(order):
        if not _apart(values[one], values[other]):
            found |= {name: None for name in (one, other) if len(values[name]) < most}
    return list(found)


def _placed(values: dict[str, Array], order: Sequence[str]) -> list[Ranked]:
    nexts = [*order[1:], None][: len(order)]
    return [
        Ranked(
            name,
            float(values[name].mean()),
            len(values[name]),
            other is None or _apart(values[name], values[other]),
        )
        for name, other in zip(order, nexts, strict=True)
    ]
