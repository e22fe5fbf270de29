"""What may be chosen: named options with costs, rules between them, and the sets they allow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from transcaspian.errors import Fault, Faults, Where, nearest

Array = NDArray[np.float64]
Package = frozenset[str]
Evaluate = Callable[[Sequence[Package], range], Array]
"""The value of each set in each replication: a row a set, a column a replication.

Column k of every set has the same luck. The empty set is asked for too.
"""

NOTHING: Package = frozenset()
FILE = "package"
SHARES_OFF = 1e-6


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that money can buy.

    `payers` are the shares of donors (empty: the common purse pays), `needs` what must be chosen
    with it, `excludes` what cannot be, `earliest` the first year it may start in, from 0.

    Unit: `cost` in the unit of the budget.
    """

    name: str
    cost: float
    payers: Mapping[str, float] = field(default_factory=dict)
    needs: Package = NOTHING
    excludes: Package = NOTHING
    earliest: int = 0


@dataclass(frozen=True, slots=True)
class Bits:
    """The rules of a problem in whole numbers: option i is bit i.

    Shape: a row an option: what it needs near and far, what it bars, what stands on it; a row a
    purse: its limit and what each option takes of it.
    """

    of: Mapping[str, int]
    costs: tuple[float, ...]
    needs: tuple[int, ...]
    bars: tuple[int, ...]
    upon: tuple[int, ...]
    purses: tuple[tuple[str, float, tuple[float, ...]], ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """Options under a budget.

    `purses` are the limits of single donors; `yearly` the budget of each year, or empty.
    """

    options: tuple[Option, ...]
    budget: float
    purses: Mapping[str, float] = field(default_factory=dict)
    yearly: tuple[float, ...] = ()
    bits: Bits = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Nothing; the rules are put into bits."""
        object.__setattr__(self, "bits", _bits(self.options, self.purses))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the options, in their order."""
        return tuple(option.name for option in self.options)

    def cost(self, package: Package) -> float:
        """What a set costs."""
        return sum(option.cost for option in self.options if option.name in package)


def checked(problem: Problem) -> Problem:
    """The problem itself, when nothing is wrong with it.

    Errors: A101 to A105, all of them at once.
    """
    found = [
        *_told_twice(problem),
        *_unpaid(problem),
        *_unknown(problem),
        *_out_of_range(problem),
        *_circles(problem),
        *_against_itself(problem),
    ]
    found += _too_dear(problem)
    if found:
        raise Faults(found)
    return problem


def _at(row: int, column: str) -> Where:
    return Where(FILE, row=row, column=column)


def _told_twice(problem: Problem) -> Iterator[Fault]:
    first: dict[str, Option] = {}
    for row, option in enumerate(problem.options, 1):
        before = first.setdefault(option.name, option)
        if before is not option or problem.options.index(option) != row - 1:
            donors = " and ".join(
                ", ".join(sorted(each.payers)) or "the common purse" for each in (before, option)
            )
            yield Fault(
                "A104",
                f"{option.name!r} stands twice, paid by {donors}",
                where=_at(row, "name"),
                expected="one row a measure, with a share for each donor",
                hint="join the two rows; the shares then sum to 1",
            )


def _unpaid(problem: Problem) -> Iterator[Fault]:
    for row, option in enumerate(problem.options, 1):
        total = sum(option.payers.values())
        low = min(option.payers.values(), default=0.0)
        if option.payers and (abs(total - 1.0) > SHARES_OFF or low < 0):
            shares = ", ".join(f"{donor} {share:g}" for donor, share in option.payers.items())
            yield Fault(
                "A104",
                f"the shares of {option.name!r} are {shares}: {total:g} in all",
                where=_at(row, "payers"),
                expected="shares from 0 to 1 that sum to 1",
            )


def _unknown(problem: Problem) -> Iterator[Fault]:
    known = problem.names
    for row, option in enumerate(problem.options, 1):
        for column, others in (("needs", option.needs), ("excludes", option.excludes)):
            for other in sorted(others - set(known)):
                yield Fault(
                    "A105",
                    f"{option.name!r} {column} {other!r}, which is no measure of the package",
                    where=_at(row, column),
                    expected="the name of a measure",
                    nearest=nearest(other, known),
                )


def _out_of_range(problem: Problem) -> Iterator[Fault]:
    for row, option in enumerate(problem.options, 1):
        if not 0 <= option.cost < float("inf"):
            yield Fault(
                "A105",
                f"{option.name!r} costs {option.cost:g}",
                where=_at(row, "cost"),
                expected="a cost of 0 or more",
            )
        late = bool(problem.yearly) and option.earliest >= len(problem.yearly)
        if option.earliest < 0 or late:
            yield Fault(
                "A105",
                f"{option.name!r} may start in year {option.earliest} at the earliest",
                where=_at(row, "earliest"),
                expected=f"a year from 0 to {max(len(problem.yearly) - 1, 0)}",
            )


def _needed(options: Sequence[Option]) -> dict[str, Package]:
    """What each option needs, near and far."""
    near = {option.name: option.needs for option in options}
    far: dict[str, Package] = {}
    for name, first in near.items():
        seen: set[str] = set()
        todo = list(first)
        while todo:
            other = todo.pop()
            if other not in seen:
                seen.add(other)
                todo += near.get(other, NOTHING)
        far[name] = frozenset(seen)
    return far


def _circles(problem: Problem) -> Iterator[Fault]:
    far = _needed(problem.options)
    told: set[str] = set()
    for row, option in enumerate(problem.options, 1):
        if option.name in far[option.name] and option.name not in told:
            circle = _circle(problem, option.name)
            told |= set(circle)
            yield Fault(
                "A102",
                " needs ".join(repr(name) for name in [*circle, circle[0]]),
                where=_at(row, "needs"),
                expected="an order in which they can be built",
                hint="take one of these needs away, or make them one measure",
            )


def _circle(problem: Problem, start: str) -> list[str]:
    """The shortest way from an option back to itself."""
    near = {option.name: option.needs for option in problem.options}
    paths = [[start]]
    seen: set[str] = set()
    for path in paths:
        for other in sorted(near.get(path[-1], NOTHING)):
            if other == start:
                return path
            if other not in seen:
                seen.add(other)
                paths.append([*path, other])
    return [start]


def _against_itself(problem: Problem) -> Iterator[Fault]:
    far = _needed(problem.options)
    barred = {
        frozenset((option.name, other)) for option in problem.options for other in option.excludes
    }
    for row, option in enumerate(problem.options, 1):
        whole = far[option.name] | {option.name}
        for pair in sorted(sorted(each) for each in barred if each <= whole):
            others = [other for other in pair if other != option.name]
            said = " and ".join(repr(other) for other in others)
            if len(others) > 1:
                what = f"{option.name!r} needs {said}, which exclude each other"
            elif others:
                what = f"{option.name!r} needs {said}, and one of them excludes the other"
            else:
                what = f"{option.name!r} excludes itself"
            yield Fault(
                "A103",
                what,
                where=_at(row, "needs"),
                expected="needs that can be chosen together",
            )


def _too_dear(problem: Problem) -> Iterator[Fault]:
    """A budget or a purse that cannot pay for the cheapest it is for."""
    cheapest = min(problem.options, key=lambda option: option.cost, default=None)
    if cheapest is None:
        yield Fault("A101", "there is no measure to choose", where=Where(FILE))
    elif problem.budget < cheapest.cost:
        yield Fault(
            "A101",
            f"the budget is {problem.budget:g}, and the cheapest measure, {cheapest.name!r}, "
            f"costs {cheapest.cost:g}",
            where=Where(FILE, column="budget"),
            expected=f"{cheapest.cost:g} or more",
        )
    for donor, limit in problem.purses.items():
        parts = [
            (option.payers[donor] * option.cost, option.name)
            for option in problem.options
            if option.payers.get(donor, 0) > 0
        ]
        if not parts or limit < min(parts)[0]:
            least, name = min(parts, default=(0.0, ""))
            said = f"its least share, in {name!r}, is {least:g}" if name else "it pays for nothing"
            yield Fault(
                "A101",
                f"the purse of {donor!r} holds {limit:g}, and {said}",
                where=Where(FILE, column="purses"),
                nearest=() if name else nearest(donor, _donors(problem)),
            )


def _donors(problem: Problem) -> list[str]:
    return sorted({donor for option in problem.options for donor in option.payers})


def _bits(options: Sequence[Option], purses: Mapping[str, float]) -> Bits:
    of = {option.name: 1 << at for at, option in enumerate(options)}
    far = _needed(options)
    needs = tuple(joined(of, far[option.name]) for option in options)
    bars = [joined(of, option.excludes) for option in options]
    for at, row in enumerate(tuple(bars)):
        for other in numbers(row):
            bars[other] |= 1 << at
    upon = tuple(
        sum(1 << other for other, need in enumerate(needs) if need >> at & 1)
        for at in range(len(options))
    )
    drawn = tuple(
        (donor, limit, tuple(option.payers.get(donor, 0.0) * option.cost for option in options))
        for donor, limit in purses.items()
    )
    return Bits(of, tuple(option.cost for option in options), needs, tuple(bars), upon, drawn)


def joined(of: Mapping[str, int], names: Iterable[str]) -> int:
    """The mask of some names; those that are not known are passed over."""
    return sum(of.get(name, 0) for name in set(names))


def numbers(mask: int) -> Iterator[int]:
    """The numbers of the options in a mask, ascending."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
