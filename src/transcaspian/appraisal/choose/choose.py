"""The best package under a budget on a real corridor: chosen, doubted, shared out, held against
other futures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from transcaspian.appraisal.appraise.appraise import priced
from transcaspian.appraisal.appraise.plan import MILLION, Plan, evaluate, prices_change
from transcaspian.appraisal.choose.futures import Future
from transcaspian.appraisal.choose.sharing import shared_out
from transcaspian.appraisal.evaluate.ground import Names, touched_by
from transcaspian.appraisal.package import (
    Found,
    Option,
    Package,
    Problem,
    Standing,
    checked,
    robust,
    search,
    standing,
    surrogate,
)
from transcaspian.appraisal.worth.money import check_costs, real_cost
from transcaspian.appraisal.worth.results import BASES, NEAR, REGRETS, Chosen, Remark
from transcaspian.appraisal.worth.spread import band

Array = NDArray[np.float64]
Progress = Callable[[str, int, int], None]
CELLS = 400
SECOND_SHARE = 0.5
MOST_NEAR = 5
WITHIN = 0.1
FUTURE_RUNS = range(2)


@dataclass(frozen=True, slots=True)
class Purse:
    """What there is to spend, in millions of dollars: in all, by donor, by year.

    `yearly` is of the years from the first one on; empty where the whole may be spent at once.
    """

    budget: float
    donors: Mapping[str, float] = field(default_factory=dict)
    yearly: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard is looked: cells (one set in one run), runs for the worth of what is chosen."""

    cells: int = CELLS
    runs: int = 8
    seed: int = 1
    basis: str = BASES[0]


def problem_of(plan: Plan, purse: Purse, *, names: Sequence[str] = ()) -> Problem:
    """The measures with a cost that a run feels, as options under a budget.

    Errors: A101 to A105; A201 and A202 of their costs.
    """
    measures = plan.ground.measures
    listed = [name for name in (names or measures) if priced(measures[name])]
    check_costs(
        {name: cost for name in listed if (cost := measures[name].cost) is not None}, plan.prices
    )
    felt = _with_needs(plan, [name for name in listed if _felt(plan, name)])
    options = tuple(_option(plan, name, felt) for name in felt)
    return checked(Problem(options, purse.budget, dict(purse.donors), purse.yearly))


def _felt(plan: Plan, name: str) -> bool:
    """Whether a run or a price differs by a measure."""
    touched = touched_by(plan.ground, name)
    return bool(touched) or prices_change(plan.ground, frozenset({name}))


def _with_needs(plan: Plan, names: Sequence[str]) -> list[str]:
    """Some measures with all that they need, in the order in which measures are listed."""
    measures = plan.ground.measures
    found = set(names)
    while (
        more := {need for name in found for need in measures[name].needs if need in measures}
        - found
    ):
        found |= more
    return [name for name in measures if name in found]


def _option(plan: Plan, name: str, felt: Sequence[str]) -> Option:
    patch = plan.ground.measures[name]
    cost = patch.cost
    if cost is None:
        raise KeyError(name)
    spent = real_cost(cost, plan.prices, name=name)
    years = (cost.start_year or plan.first_year) - plan.first_year
    return Option(
        name,
        (spent.capex_usd or 0.0) / MILLION,
        payers=dict(cost.payers),
        needs=frozenset(patch.needs),
        excludes=frozenset(patch.excludes) & frozenset(felt),
        earliest=max(years, 0),
    )


def choose(
    plan: Plan,
    purse: Purse,
    *,
    effort: Effort | None = None,
    names: Sequence[str] = (),
    futures: Sequence[Future] = (),
    progress: Progress | None = None,
) -> Chosen:
    """The best package under a budget, with the doubt about it and what else is as good.

    The default is greedy choice and swaps on common luck; a regression with a whole-number
    programme is asked for a second opinion, and the better of the two on the same runs is taken.

    Errors: A101 to A105 of the problem; those of simulating.
    """
    how = effort or Effort()
    problem = problem_of(plan, purse, names=names)

    def valued(sets: Sequence[Package], runs: range) -> Array:
        """The value of sets on common luck."""
        return evaluate(plan, sets, runs, basis=how.basis)

    first = search(
        problem,
        valued,
        cells=how.cells,
        seed=how.seed,
        progress=_step(progress, "choosing"),
    )
    second = surrogate(
        problem,
        valued,
        cells=max(int(how.cells * SECOND_SHARE), 1),
        seed=how.seed,
        progress=_step(progress, "a second opinion"),
    ).found
    runs = range(how.runs)
    found, remarks = _better(first, second, valued, runs=runs)
    state = standing(found, seed=how.seed)
    shares, said = shared_out(plan, problem, found.best, runs=runs, basis=how.basis)
    near = _near(problem, state, valued, runs=runs, draws=plan.ground.draws)
    held = _held(near, futures, basis=how.basis, progress=_step(progress, "other futures"))
    worth = [
        band(evaluate(plan, [found.best], runs, basis=basis)[0], plan.ground.draws)
        for basis in (how.basis, *(other for other in BASES if other != how.basis))
    ]
    return Chosen(
        budget_musd=purse.budget,
        measures=tuple(name for name in problem.names if name in found.best),
        cost_musd=problem.cost(found.best),
        value=worth[0].value,
        low=worth[0].low,
        high=worth[0].high,
        probability=state.probability,
        evaluations=first.cells + second.cells,
        sets=len(set(first.values) | set(second.values)),
        near=_told(near, held),
        shares=shares,
        regrets=held,
        remarks=(*remarks, *said, *_doubt(state), *_left_out(plan, problem, names)),
        basis=how.basis,
        other=(worth[1].value, worth[1].low, worth[1].high),
    )


def _step(progress: Progress | None, what: str) -> Callable[[int, int], None] | None:
    if progress is None:
        return None
    return lambda done, whole: progress(what, done, whole)


def _better(
    first: Found, second: Found, valued: Callable[[Sequence[Package], range], Array], *, runs: range
) -> tuple[Found, list[Remark]]:
    """The better of two choices on the same runs, and what is to be said where they differ."""
    if first.best == second.best:
        return _merged(first, second), []
    values = valued([first.best, second.best], runs).mean(axis=1)
    taken, other = (first, second) if values[0] >= values[1] else (second, first)
    behind = float(abs(values[0] - values[1])) / max(abs(float(values.max())), 1e-12)
    names = ", ".join(name for name in first.problem.names if name in other.best)
    return _merged(taken, other), [
        Remark("second_opinion", {"measures": names or "nothing", "behind": behind})
    ]


def _merged(taken: Found, other: Found) -> Found:
    """A choice that knows what the other search tried too."""
    values = dict(other.values)
    for package, mine in taken.values.items():
        if len(mine) >= len(values.get(package, ())):
            values[package] = mine
    return replace(taken, values=values)


@dataclass(frozen=True, slots=True)
class _Near:
    """One of the sets near the best."""

    package: Names
    measures: tuple[str, ...]
    cost: float
    value: float
    low: float
    high: float
    behind: float
    probability: float


def _near(
    problem: Problem,
    state: Standing,
    valued: Callable[[Sequence[Package], range], Array],
    *,
    runs: range,
    draws: int,
) -> list[_Near]:
    """The best set and those within 2 % of it, valued on the same runs, at most a few."""
    some = state.near[:MOST_NEAR]
    values = valued([each.package for each in some], runs)
    best = float(values[0].mean())
    found: list[_Near] = []
    for each, row in zip(some, values, strict=True):
        told = band(row, draws)
        found.append(
            _Near(
                each.package,
                tuple(name for name in problem.names if name in each.package),
                problem.cost(each.package),
                told.value,
                told.low,
                told.high,
                (best - told.value) / max(abs(best), 1e-12),
                each.probability,
            )
        )
    return found


def _held(
    near: Sequence[_Near],
    futures: Sequence[Future],
    *,
    basis: str,
    progress: Callable[[int, int], None] | None,
) -> pl.DataFrame:
    """What each near set is worth in each future, and how far behind the best of them there.

    Shape: as REGRETS.
    """
    packages = [each.package for each in near]
    columns: list[Array] = []
    for number, future in enumerate(futures):
        columns.append(evaluate(future.plan, packages, FUTURE_RUNS, basis=basis).mean(axis=1))
        if progress is not None:
            progress(number + 1, len(futures))
    rows = [
        {
            "measures": list(each.measures),
            "future": future.future,
            "name": future.name,
            "value": float(values[at]),
            "regret": float(values.max() - values[at]),
        }
        for at, each in enumerate(near)
        for future, values in zip(futures, columns, strict=True)
    ]
    return pl.DataFrame(rows, schema=REGRETS)


def _told(near: Sequence[_Near], held: pl.DataFrame) -> pl.DataFrame:
    """The near sets with how they fare over the futures.

    Shape: as NEAR.
    """
    fares = {}
    if held.height:
        values = np.array(
            [
                held.filter(pl.col("measures") == pl.lit(list(each.measures)))["value"].to_numpy()
                for each in near
            ]
        )
        found = robust([each.package for each in near], values, within=WITHIN)
        fares = {fare.package: fare for fare in found.fares}
    rows = [
        {
            "measures": list(each.measures),
            "cost_musd": each.cost,
            "value": each.value,
            "low": each.low,
            "high": each.high,
            "behind_share": each.behind,
            "probability": each.probability,
            "worst_regret": fares[each.package].most_regret if fares else None,
            "futures_share": fares[each.package].near_share if fares else None,
        }
        for each in near
    ]
    return pl.DataFrame(rows, schema=NEAR)


def _doubt(state: Standing) -> list[Remark]:
    count = len(state.near) - 1
    return [Remark("not_sure", {"count": count})] if count else []


def _left_out(plan: Plan, problem: Problem, names: Sequence[str]) -> list[Remark]:
    measures = plan.ground.measures
    asked = [name for name in (names or measures) if priced(measures[name])]
    lost = [name for name in asked if name not in problem.names]
    return [Remark("no_effect", {"measures": ", ".join(lost)})] if lost else []
