"""When to do what of a chosen set: an order over years by a whole-number programme."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from transcaspian.appraisal.package.moves import required
from transcaspian.appraisal.package.problem import Option, Package, Problem, numbers
from transcaspian.appraisal.package.programme import (
    SECONDS,
    Programme,
    Solution,
    product,
    row,
    solved,
    variable,
)
from transcaspian.errors import Fault

RATE = 0.06


@dataclass(frozen=True, slots=True)
class Worth:
    """What the measures of a set give in each year in which they are there.

    Shape: `yearly` one a measure; `pairs` what two give beyond the sum in a year in which both are
    there, keyed by both names.
    """

    yearly: Mapping[str, float]
    pairs: Mapping[tuple[str, str], float] = field(default_factory=dict)
    rate: float = RATE


@dataclass(frozen=True, slots=True)
class Timing:
    """The years in which the measures of a set start, and what that is worth today.

    Unit: `starts` are years from 0; a measure gives from the year it starts. `spent` is the money
    of each year. `gap` is how much better the best could be at most, as a share.
    """

    starts: dict[str, int]
    value: float
    spent: tuple[float, ...]
    gap: float
    proven: bool


def timing(problem: Problem, worth: Worth, *, package: Package, seconds: float = SECONDS) -> Timing:
    """The years in which to start the measures of a set, all of them within the years there are.

    A measure is paid for in the year it starts, and not before what it needs has started; nothing
    is carried over from one year to the next.

    Errors: A105 when the set breaks a rule or the years' budgets cannot pay for it.
    """
    required(problem, package)
    if not problem.yearly:
        raise Fault("A105", "there is no yearly budget", expected="the budget of each year")
    options = [option for option in problem.options if option.name in package]
    programme = Programme()
    starts = {
        option.name: _started(programme, option, problem=problem, worth=worth) for option in options
    }
    _in_order(programme, problem, starts=starts)
    _paid(programme, problem, starts=starts)
    _together(programme, worth, starts=starts, years=len(problem.yearly))
    solution = solved(programme, seconds=seconds)
    if solution is None:
        raise Fault(
            "A105",
            f"the set costs {problem.cost(package):g} and does not fit into the budgets of "
            f"{len(problem.yearly)} years",
            expected="larger yearly budgets, or fewer measures",
        )
    return _read(problem, starts, solution=solution)


def _discounts(years: int, rate: float) -> list[float]:
    return [(1 + rate) ** -year for year in range(years)]


def _started(programme: Programme, option: Option, *, problem: Problem, worth: Worth) -> list[int]:
    """One variable a year: 1 from the year on in which a measure has started.

    Shape: one a year.
    """
    years = len(problem.yearly)
    gives = worth.yearly.get(option.name, 0.0)
    found: list[int] = []
    for year, factor in enumerate(_discounts(years, worth.rate)):
        upper = 0.0 if year < option.earliest else 1.0
        found.append(variable(programme, gives * factor, upper=upper))
        if year:
            row(programme, {found[year]: 1.0, found[year - 1]: -1.0}, low=0.0)
    row(programme, {found[-1]: 1.0}, low=1.0)
    return found


def _in_order(programme: Programme, problem: Problem, *, starts: Mapping[str, list[int]]) -> None:
    """Nothing; a measure starts no earlier than what it needs."""
    names = problem.names
    for at, name in enumerate(names):
        for need in numbers(problem.bits.needs[at]) if name in starts else ():
            for mine, other in zip(starts[name], starts[names[need]], strict=True):
                row(programme, {mine: 1.0, other: -1.0}, high=0.0)


def _paid(programme: Programme, problem: Problem, *, starts: Mapping[str, list[int]]) -> None:
    """Nothing; what starts in a year is paid for by the budget of that year."""
    costs = {option.name: option.cost for option in problem.options}
    for year, budget in enumerate(problem.yearly):
        terms: dict[int, float] = {}
        for name, at in starts.items():
            terms[at[year]] = costs[name]
            if year:
                terms[at[year - 1]] = -costs[name]
        row(programme, terms, high=budget)


def _together(
    programme: Programme, worth: Worth, *, starts: Mapping[str, list[int]], years: int
) -> None:
    """Nothing; what pairs give counts in the years in which both are there."""
    for (one, other), gain in worth.pairs.items():
        if one in starts and other in starts and gain:
            for year, factor in enumerate(_discounts(years, worth.rate)):
                product(programme, starts[one][year], starts[other][year], gain=gain * factor)


def _read(problem: Problem, starts: Mapping[str, list[int]], *, solution: Solution) -> Timing:
    first = {name: int(np.argmax(solution.values[at] > 1 / 2)) for name, at in starts.items()}
    ordered = dict(sorted(first.items(), key=lambda each: each[1]))
    return Timing(
        ordered,
        solution.value,
        spent=tuple(_spent(problem, ordered)),
        gap=solution.gap,
        proven=solution.proven,
    )


def _spent(problem: Problem, starts: Mapping[str, int]) -> Iterator[float]:
    costs = {option.name: option.cost for option in problem.options}
    for year in range(len(problem.yearly)):
        yield sum(costs[name] for name, start in starts.items() if start == year)


def present_value(worth: Worth, starts: Mapping[str, int], *, years: int) -> float:
    """What an order is worth today: the measures and the pairs in the years they are there."""
    factors = _discounts(years, worth.rate)
    total = sum(
        worth.yearly.get(name, 0.0) * factor
        for name, start in starts.items()
        for factor in factors[start:]
    )
    for (one, other), gain in worth.pairs.items():
        if one in starts and other in starts:
            total += gain * sum(factors[max(starts[one], starts[other]) :])
    return total


def yearly_worth(
    package: Sequence[str], shares: Mapping[str, float], *, rate: float = RATE
) -> Worth:
    """The worth of measures by their shares of a package's value in a year."""
    return Worth({name: shares.get(name, 0.0) for name in package}, rate=rate)
