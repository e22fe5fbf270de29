"""Who earns a package's value: shares that add up, what pairs give together, and how far sums err.

A measure whose needs are not in a part of the package is worth nothing there: a part is valued as
the measures of it that have what they need within it. A part beyond the budget is valued as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import NDArray

from transcaspian.appraisal.package.moves import kernel
from transcaspian.appraisal.package.problem import Array, Evaluate, Package, Problem

NOTHING: Package = frozenset()
REPLICATIONS = 8
PERMUTATIONS = 24
TOO_MUCH = 0.25
"""The share of a package's value beyond which adding up single measures misleads."""
SURE = 2.0
ROUNDINGS = 4


@dataclass(frozen=True, slots=True)
class Share:
    """What one measure earns of a package, what it gives alone, and what it gives last.

    Unit: `error` is a standard error, over the luck and, where sampled, over the orders.
    """

    name: str
    value: float
    error: float
    alone: float
    last: float


@dataclass(frozen=True, slots=True)
class Shares:
    """The shares of a package's value; they sum to `whole`.

    Unit: `orders` is the number of orders that were sampled, 0 when all were counted.
    """

    package: Package
    whole: float
    shares: tuple[Share, ...]
    orders: int


@dataclass(frozen=True, slots=True)
class Pair:
    """What two measures give together beyond the sum of both.

    Unit: `alone` with nothing else done, `within` with the rest of the package done; standard
    errors beside.
    """

    one: str
    other: str
    alone: float
    alone_error: float
    within: float
    within_error: float


@dataclass(frozen=True, slots=True)
class Interaction:
    """How far a package is from the sum of its measures.

    Unit: `share` is |whole less singles| over |whole|; `warning` is empty when that is small.
    """

    whole: float
    singles: float
    share: float
    warning: str


@dataclass(frozen=True, slots=True)
class Submodular:
    """Whether gains only ever shrink as more is done, in what was tried.

    Unit: `broken` counts the comparisons in which a gain surely grew, of `compared`.
    """

    holds: bool
    broken: int
    compared: int
    worst: tuple[str, Package, Package]
    words: str


@dataclass(frozen=True, slots=True)
class _Values:
    """Values of parts of a package on common luck, each asked for once."""

    problem: Problem
    evaluate: Evaluate
    luck: range
    kept: dict[Package, Array]

    def of(self, parts: Sequence[Package]) -> Array:
        """The values of parts.

        Shape: a row a part, a column a replication.
        """
        real = [kernel(self.problem, part) for part in parts]
        new = [part for part in dict.fromkeys(real) if part not in self.kept]
        if new:
            found = self.evaluate(new, self.luck)
            self.kept.update(zip(new, np.asarray(found, dtype=np.float64), strict=True))
        table = np.array([self.kept[part] for part in real])
        return table.reshape(len(real), len(self.luck))


def _values(problem: Problem, evaluate: Evaluate, *, replications: int) -> _Values:
    return _Values(problem, evaluate, range(replications), {})


def shares(
    problem: Problem,
    evaluate: Evaluate,
    *,
    package: Package,
    replications: int = REPLICATIONS,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
) -> Shares:
    """The share of each measure in a package's value, largest first; they add up to it.

    All parts are valued where that asks for no more sets than the orders would; else orders are
    sampled, each with its reverse.

    Source: Shapley 1953; sampling after Castro et al. 2009.
    """
    values = _values(problem, evaluate, replications=replications)
    names = [name for name in problem.names if name in package]
    pairs_of_orders = max(permutations // 2, 1)
    exact = 2 ** len(names) <= 2 * pairs_of_orders * (len(names) + 1)
    if exact:
        table, errors = _counted(values, names)
    else:
        table, errors = _sampled(values, names, orders=pairs_of_orders, seed=seed)
    ends = values.of([NOTHING, package])
    whole = float((ends[1] - ends[0]).mean())
    earned = table.mean(axis=1)
    alone = values.of([frozenset({name}) for name in names]).mean(axis=1) - ends[0].mean()
    rest = values.of([package - {name} for name in names]).mean(axis=1)
    order = np.argsort(-earned, kind="stable")
    parts = _adding_up([float(earned[at]) for at in order], whole)
    found = [
        Share(
            names[at],
            value=part,
            error=float(errors[at]),
            alone=float(alone[at]),
            last=float(ends[1].mean() - rest[at]),
        )
        for at, part in zip(order.tolist(), parts, strict=True)
    ]
    return Shares(package, whole, tuple(found), 0 if exact else 2 * pairs_of_orders)


def _adding_up(parts: list[float], whole: float) -> list[float]:
    """The same numbers, the first of them moved by the rounding that is left of their sum."""
    for _ in range(ROUNDINGS):
        if parts and sum(parts) != whole:
            parts[0] += whole - sum(parts)
    return parts


def _counted(values: _Values, names: list[str]) -> tuple[Array, Array]:
    """The shares in each replication from every part, and their errors.

    Shape: a row a measure, a column a replication; one a measure.
    """
    count = len(names)
    parts: list[Package] = [
        frozenset[str](part) for size in range(count + 1) for part in combinations(names, size)
    ]
    worth = dict(zip(parts, values.of(parts), strict=True))
    table = np.zeros((count, len(values.luck)))
    for at, name in enumerate(names):
        for part in parts:
            if name not in part:
                size = len(part)
                weight = factorial(size) * factorial(count - size - 1) / factorial(count)
                table[at] += weight * (worth[part | {name}] - worth[part])
    return table, _error(table)


def _error(table: Array) -> Array:
    """The standard error of the mean of each row."""
    columns = table.shape[1]
    if columns < 2:  # noqa: PLR2004  # one column has no spread
        return np.full(len(table), np.inf)
    return np.asarray(table.std(axis=1, ddof=1) / np.sqrt(columns))


def _sampled(
    values: _Values, names: Sequence[str], *, orders: int, seed: int
) -> tuple[Array, Array]:
    """The shares in each replication from sampled orders and their reverses, and their errors.

    Shape: a row a measure, a column a replication; one a measure.
    """
    rng = np.random.default_rng(seed)
    place = {name: at for at, name in enumerate(names)}
    drawn = [[names[int(at)] for at in rng.permutation(len(names))] for _ in range(orders)]
    found: list[Array] = []
    for order in drawn:
        both = np.zeros((len(names), len(values.luck)))
        for turn in (order, order[::-1]):
            chain = values.of([frozenset(turn[:size]) for size in range(len(turn) + 1)])
            both[[place[name] for name in turn]] += np.diff(chain, axis=0) / 2
        found.append(both)
    table = np.mean(found, axis=0)
    between = _error(np.array([each.mean(axis=1) for each in found]).T)
    return table, np.hypot(_error(table), between)


def pairs(
    problem: Problem, evaluate: Evaluate, *, package: Package, replications: int = REPLICATIONS
) -> tuple[Pair, ...]:
    """What each two measures of a package give together beyond the sum, the strongest first.

    Source: I(AB) = V(AB) - V(A) - V(B), alone and given the rest of the package.
    """
    values = _values(problem, evaluate, replications=replications)
    names = [name for name in problem.names if name in package]
    found: list[Pair] = []
    for one, other in combinations(names, 2):
        both = frozenset({one, other})
        alone = _together(values, NOTHING, one=one, other=other)
        within = _together(values, package - both, one=one, other=other)
        errors = _error(np.array([alone, within]))
        found.append(
            Pair(
                one,
                other,
                alone=float(alone.mean()),
                alone_error=float(errors[0]),
                within=float(within.mean()),
                within_error=float(errors[1]),
            )
        )
    return tuple(sorted(found, key=lambda each: -abs(each.alone)))


def _together(values: _Values, base: Package, *, one: str, other: str) -> Array:
    """What two give together beyond the sum, on a base, in each replication."""
    neither, first, second, both = values.of(
        [base, base | {one}, base | {other}, base | {one, other}]
    )
    return np.asarray(both - first - second + neither)


def interaction(
    problem: Problem, evaluate: Evaluate, *, package: Package, replications: int = REPLICATIONS
) -> Interaction:
    """How far the value of a package is from the sum of its measures, with a warning when far.

    A measure that needs others counts alone as nothing.
    """
    values = _values(problem, evaluate, replications=replications)
    nothing, whole = values.of([NOTHING, package]).mean(axis=1)
    alone = values.of([frozenset({name}) for name in sorted(package)]).mean(axis=1)
    singles = float((alone - nothing).sum())
    gain = float(whole - nothing)
    share = abs(gain - singles) / abs(gain) if gain else float(singles != 0)
    warning = ""
    if share > TOO_MUCH:
        side = "more" if gain > singles else "less"
        warning = (
            f"the measures give {share:.0%} {side} together than added up one by one: "
            "do not appraise them one at a time"
        )
    return Interaction(gain, singles, share, warning)


def submodular(
    problem: Problem,
    evaluate: Evaluate,
    *,
    package: Package,
    replications: int = REPLICATIONS,
    orders: int = 8,
    seed: int = 0,
) -> Submodular:
    """Whether gains shrink as more is done: what the bound of greedy choice, 1 - 1/e, rests on.

    One break that is beyond its error shows that the bound cannot be relied on; none found does
    not prove that it can.

    Source: Nemhauser, Wolsey and Fisher 1978.
    """
    values = _values(problem, evaluate, replications=replications)
    broken, compared = 0, 0
    worst: tuple[float, tuple[str, Package, Package]] = (0.0, ("", NOTHING, NOTHING))
    for name, less, more in _chains(problem, package, orders=orders, seed=seed):
        four = values.of([less, less | {name}, more, more | {name}])
        grown = (four[3] - four[2]) - (four[1] - four[0])
        error = float(_error(grown[None, :])[0])
        compared += 1
        by = float(grown.mean())
        if replications > 1 and by > SURE * error + 1e-9 * float(np.abs(four).max()):
            broken += 1
            if by > worst[0]:
                worst = by, (name, less, more)
    holds = broken == 0
    words = "no gain was seen to grow: the bound of greedy choice may hold, and is not proven"
    if not holds:
        words = (
            f"the gain of a measure grew as more was done in {broken} of {compared} comparisons, "
            f"most for {worst[1][0]}: the bound of greedy choice (1 - 1/e) does not hold"
        )
    return Submodular(holds, broken, compared, worst[1], words)


def _chains(
    problem: Problem, package: Package, *, orders: int, seed: int
) -> Iterator[tuple[str, Package, Package]]:
    """A measure, a part without it, and a larger part without it, drawn from a package."""
    rng = np.random.default_rng(seed)
    names: NDArray[np.str_] = np.array([name for name in problem.names if name in package])
    for _ in range(orders):
        order = [str(name) for name in rng.permutation(names)]
        for at, name in enumerate(order):
            others = order[:at] + order[at + 1 :]
            if len(others) > 0:
                cut = int(rng.integers(0, len(others)))
                yield name, frozenset(others[:cut]), frozenset(others)
