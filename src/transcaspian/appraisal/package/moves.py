"""Which sets can be, in words and fast, and the sets one move away from a set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from transcaspian.appraisal.package.problem import Array, Package, Problem, joined, numbers
from transcaspian.errors import Fault, Faults, nearest

SLACK = 1e-9


def named(problem: Problem, mask: int) -> Package:
    """The set that a mask stands for."""
    return frozenset(problem.options[at].name for at in numbers(mask))


def mask_of(problem: Problem, package: Package) -> int:
    """The mask of a set.

    Errors: A105 for a name that is no option.
    """
    of = problem.bits.of
    strange = sorted(package - of.keys())
    if strange:
        raise Faults(
            Fault("A105", f"{name!r} is no measure of the package", nearest=nearest(name, of))
            for name in strange
        )
    return joined(of, package)


def keeps_rules(problem: Problem, mask: int) -> bool:
    """Whether a set has what it needs and nothing that excludes another, money aside."""
    bits = problem.bits
    return all(not (bits.bars[at] & mask or bits.needs[at] & ~mask) for at in numbers(mask))


def affords(problem: Problem, mask: int) -> bool:
    """Whether the budget and each purse pay for a set."""
    bits = problem.bits
    chosen = tuple(numbers(mask))
    if sum(bits.costs[at] for at in chosen) > problem.budget + SLACK:
        return False
    return all(sum(row[at] for at in chosen) <= most + SLACK for _, most, row in bits.purses)


def allows(problem: Problem, package: Package) -> str | None:
    """Why a set cannot be, in words; nothing when it can.

    Errors: A105 for a name that is no option.
    """
    mask = mask_of(problem, package)
    if keeps_rules(problem, mask) and affords(problem, mask):
        return None
    return next(_reasons(problem, mask))


def _reasons(problem: Problem, mask: int) -> Iterator[str]:
    bits, names = problem.bits, problem.names
    for at in numbers(mask):
        for other in numbers(bits.needs[at] & ~mask):
            yield f"{names[at]} needs {names[other]}, which is not in the set"
        for other in numbers(bits.bars[at] & mask):
            yield f"{names[at]} and {names[other]} exclude each other"
    cost = sum(bits.costs[at] for at in numbers(mask))
    if cost > problem.budget + SLACK:
        yield f"it costs {cost:g}, and the budget is {problem.budget:g}"
    for donor, most, row in bits.purses:
        drawn = sum(row[at] for at in numbers(mask))
        if drawn > most + SLACK:
            yield f"it takes {drawn:g} from {donor}, whose purse holds {most:g}"


def required(problem: Problem, package: Package) -> Package:
    """The set itself when it can be.

    Errors: A105 with the reason when it cannot.
    """
    reason = allows(problem, package)
    if reason is not None:
        raise Fault("A105", reason, expected="a set that keeps the rules and the budget")
    return package


def closure(problem: Problem, package: Package) -> Package:
    """A set with all that it needs, near and far."""
    bits = problem.bits
    mask = mask_of(problem, package)
    for at in numbers(mask):
        mask |= bits.needs[at]
    return named(problem, mask)


def kernel(problem: Problem, package: Package) -> Package:
    """The part of a set that has what it needs within the set."""
    bits = problem.bits
    mask = mask_of(problem, package)
    return named(problem, sum(1 << at for at in numbers(mask) if not bits.needs[at] & ~mask))


def additions(problem: Problem, package: Package) -> tuple[Package, ...]:
    """The sets with one more option and what it needs, within rules and budget."""
    mask = mask_of(problem, package)
    return tuple(named(problem, each) for each in _checked_only(problem, _grown(problem, mask)))


def neighbours(problem: Problem, package: Package) -> tuple[Package, ...]:
    """The sets one move away: an option added, dropped, or exchanged for another.

    What is added brings what it needs; what is dropped takes along what stands on it.
    """
    mask = mask_of(problem, package)
    smaller = list(_shrunk(problem, mask))
    exchanged = [each for less in smaller for each in _grown(problem, less)]
    moves = [*_grown(problem, mask), *smaller, *exchanged]
    return tuple(named(problem, each) for each in _checked_only(problem, moves) if each != mask)


def _grown(problem: Problem, mask: int) -> Iterator[int]:
    for at, need in enumerate(problem.bits.needs):
        if not mask >> at & 1:
            yield mask | need | 1 << at


def _shrunk(problem: Problem, mask: int) -> Iterator[int]:
    for at in numbers(mask):
        yield mask & ~(problem.bits.upon[at] | 1 << at)


def _checked_only(problem: Problem, moves: Iterable[int]) -> Iterator[int]:
    for mask in dict.fromkeys(moves):
        if affords(problem, mask) and keeps_rules(problem, mask):
            yield mask


def filled(problem: Problem, package: Package, *, order: Sequence[str]) -> Package:
    """A set to which options are added in an order for as long as the money lasts."""
    mask = mask_of(problem, package)
    bits = problem.bits
    for name in order:
        more = mask | bits.of[name] | bits.needs[bits.of[name].bit_length() - 1]
        if affords(problem, more) and keeps_rules(problem, more):
            mask = more
    return named(problem, mask)


def matrix(problem: Problem, packages: Sequence[Package]) -> Array:
    """Which options are in which set: 1 or 0.

    Shape: a row a set, a column an option.
    """
    table = np.zeros((len(packages), len(problem.options)))
    place = {name: at for at, name in enumerate(problem.names)}
    for row, package in enumerate(packages):
        table[row, [place[name] for name in package]] = 1.0
    return table
