"""Whole-number programmes: the rules of a problem as rows, and their solution by HiGHS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import optimize
from scipy.sparse import csr_array

from transcaspian.appraisal.package.moves import mask_of
from transcaspian.appraisal.package.problem import Array, Package, Problem, numbers
from transcaspian.errors import Fault

SECONDS = 60.0
GAP = 1e-6
_HIGHS: Any = optimize  # its stubs know of no bounds that are arrays
NEGLIGIBLE = 1e-9
FREE = float("inf")


@dataclass(frozen=True, slots=True)
class Programme:
    """A sum to be made as large as rows of bounds allow.

    Shape: `gains`, `uppers` and `whole` one a variable; `rows` the terms, the least and the most.
    """

    gains: list[float] = field(default_factory=list)
    uppers: list[float] = field(default_factory=list)
    whole: list[int] = field(default_factory=list)
    rows: list[tuple[dict[int, float], float, float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Solution:
    """What a programme comes to.

    Unit: `gap` is how much better the best could be at most, as a share of `value`; `proven` says
    that it was closed within the time.
    """

    values: Array
    value: float
    bound: float
    gap: float
    proven: bool


def variable(
    programme: Programme, gain: float = 0.0, *, upper: float = 1.0, whole: bool = True
) -> int:
    """The number of a new variable from 0 to `upper`."""
    programme.gains.append(gain)
    programme.uppers.append(upper)
    programme.whole.append(int(whole))
    return len(programme.gains) - 1


def row(
    programme: Programme, terms: Mapping[int, float], *, low: float = -FREE, high: float = FREE
) -> None:
    """Nothing; a row of bounds on a sum of terms is added."""
    programme.rows.append((dict(terms), low, high))


def chosen(programme: Programme, problem: Problem, *, gains: Sequence[float]) -> list[int]:
    """One variable an option, held to the rules and the money.

    Shape: one an option, in the order of the problem.
    """
    at = [variable(programme, gain) for gain in gains]
    bits = problem.bits
    for one in range(len(at)):
        for other in numbers(bits.needs[one]):
            row(programme, {at[one]: 1.0, at[other]: -1.0}, high=0.0)
        for other in numbers(bits.bars[one]):
            if other > one:
                row(programme, {at[one]: 1.0, at[other]: 1.0}, high=1.0)
    row(programme, dict(zip(at, bits.costs, strict=True)), high=problem.budget)
    for _, most, drawn in bits.purses:
        row(programme, dict(zip(at, drawn, strict=True)), high=most)
    return at


def product(programme: Programme, one: int, other: int, *, gain: float) -> int:
    """The number of a variable that is 1 when both of two are, and counts `gain` then.

    Source: linearisation of a product, Glover and Woolsey 1974; one side suffices for each sign.
    """
    both = variable(programme, gain, whole=False)
    if gain > 0:
        row(programme, {both: 1.0, one: -1.0}, high=0.0)
        row(programme, {both: 1.0, other: -1.0}, high=0.0)
    else:
        row(programme, {both: -1.0, one: 1.0, other: 1.0}, high=1.0)
    return both


def paired(programme: Programme, at: Sequence[int], *, pairs: Array) -> None:
    """Nothing; the terms of pairs above the diagonal are added as products."""
    least = NEGLIGIBLE * float(np.abs(pairs).max(initial=0.0))
    for one, other in zip(*np.triu_indices(len(at), 1), strict=True):
        gain = float(pairs[one, other])
        if abs(gain) > least:
            product(programme, at[int(one)], at[int(other)], gain=gain)


def barred(programme: Programme, at: Sequence[int], *, problem: Problem, package: Package) -> None:
    """Nothing; a set is cut off, and no other."""
    mask = mask_of(problem, package)
    signs = {place: 1.0 if mask >> number & 1 else -1.0 for number, place in enumerate(at)}
    row(programme, signs, high=mask.bit_count() - 1.0)


def solved(programme: Programme, *, seconds: float = SECONDS, gap: float = GAP) -> Solution | None:
    """The best values found within the time; nothing when no values keep the rows.

    Errors: A105 when time ran out before anything was found.
    """
    matrix, lows, highs = _matrix(programme)
    uppers = np.array(programme.uppers)
    found: Any = _HIGHS.milp(
        -np.array(programme.gains),
        integrality=np.array(programme.whole),
        bounds=_HIGHS.Bounds(np.zeros(len(uppers)), uppers),
        constraints=_HIGHS.LinearConstraint(matrix, lows, highs),
        options={"time_limit": seconds, "mip_rel_gap": gap},
    )
    if found.x is None:
        if found.status == 1:
            raise Fault(
                "A105",
                f"nothing was found in {seconds:g} s",
                expected="more time, or fewer measures, years or scenarios",
            )
        return None
    value = -float(found.fun)
    bound = value if found.mip_dual_bound is None else -float(found.mip_dual_bound)
    left = abs(bound - value) / max(abs(value), 1e-12)
    return Solution(np.asarray(found.x), value, bound, gap=left, proven=found.status == 0)


def _matrix(programme: Programme) -> tuple[csr_array, Array, Array]:
    lines = [number for number, (terms, _, _) in enumerate(programme.rows) for _ in terms]
    places = [place for terms, _, _ in programme.rows for place in terms]
    weights = [weight for terms, _, _ in programme.rows for weight in terms.values()]
    shape = (len(programme.rows), len(programme.gains))
    matrix = csr_array((weights, (lines, places)), shape=shape)
    lows = np.array([low for _, low, _ in programme.rows])
    highs = np.array([high for _, _, high in programme.rows])
    return matrix, lows, highs
