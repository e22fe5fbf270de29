"""What sets of measures are worth in each run: the outcomes priced over the years."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from transcaspian.appraisal.evaluate.ground import (
    NOTHING,
    Ground,
    Keyed,
    Names,
    differing,
    parts_with,
    simulated,
)
from transcaspian.appraisal.evaluate.outcome import Outcome, joined
from transcaspian.appraisal.worth.cashflow import npv
from transcaspian.appraisal.worth.factors import Rates, discount_rates, rates_of
from transcaspian.appraisal.worth.gains import gains
from transcaspian.appraisal.worth.money import Prices, prices_of, real_cost, streams
from transcaspian.appraisal.worth.physical import Frame, Physical, physical
from transcaspian.appraisal.worth.results import BASES
from transcaspian.corridor.apply import drawn
from transcaspian.corridor.corridor import Corridor
from transcaspian.corridor.kinds import changes
from transcaspian.simulation import Cluster

Array = NDArray[np.float64]
HORIZON = 30
FACTOR_DRAWS = 64
MILLION = 1e6


@dataclass(frozen=True)
class Plan:
    """How worth is counted on a ground: from which year, over how many, at which rates.

    Year 0 is the one before `first_year`: what is built then works from `first_year` on. Benefits
    grow with traffic and are counted over `horizon` years. In the `middle`, factors and costs stand
    at the middle of their ranges in every run.
    """

    ground: Ground
    first_year: int
    horizon: int = HORIZON
    factor_draws: int = FACTOR_DRAWS
    middle: bool = False
    worth: dict[tuple[str, int], tuple[float, float]] = field(
        default_factory=dict, repr=False, compare=False
    )
    prices: Prices = field(init=False)
    rates: tuple[float, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Nothing; the tables are read.

        Errors: A203 when there is no rate to discount with.
        """
        object.__setattr__(self, "prices", prices_of(self.ground.corridor))
        object.__setattr__(self, "rates", discount_rates(self.ground.corridor))

    @property
    def rate(self) -> float:
        """The rate that ranks."""
        return self.rates[0]


@dataclass(frozen=True, slots=True)
class Sides:
    """The flows that some measures touch, with and without them, as arrays."""

    frame: Frame
    before: Physical
    after: Physical
    outcomes: tuple[Outcome, Outcome]
    tariffs: dict[str, Corridor]


def sides(plan: Plan, names: Names, runs: range) -> Sides:
    """The flows that some measures touch, with and without.

    Errors: those of simulating.
    """
    parts = differing(plan.ground, names)
    if prices_change(plan.ground, names):
        parts = parts_with(plan.ground, names)
    return _sides(plan, names, parts, runs)


def _sides(plan: Plan, names: Names, parts: Sequence[Keyed], runs: range) -> Sides:
    ground = plan.ground
    touched = {flow for part in parts for flow in part.flows}
    base = [part for part in parts_with(ground, NOTHING) if touched & set(part.flows)]
    simulated(ground, names, parts, runs)
    simulated(ground, NOTHING, base, runs)
    flows = sorted({flow for part in (*parts, *base) for flow in part.flows})
    frame = Frame(
        tuple(f"r{run + 1:04d}" for run in runs),
        tuple(flows),
        tuple(ground.corridor.table("modes")["mode"].to_list()),
    )
    before, after = _of(ground, base, runs), _of(ground, parts, runs)
    tariffs = tariffs_of(ground, names, runs)
    bare = ground.corridor
    return Sides(
        frame,
        physical(before, frame, corridor=bare, tariffs={}),
        physical(after, frame, corridor=bare, tariffs=tariffs),
        (before, after),
        tariffs,
    )


def _of(ground: Ground, parts: Sequence[Keyed], runs: range) -> Outcome:
    return joined([ground.seen[part.key, run] for run in runs for part in parts])


def prices_change(ground: Ground, names: Names) -> bool:
    """Whether one of the measures changes what moving costs."""
    return any(
        change.table == "tariffs" for name in names for change in changes(ground.measures[name])
    )


def tariffs_of(ground: Ground, names: Names, runs: range) -> dict[str, Corridor]:
    """The corridor whose tariffs hold in each run, where measures change them."""
    priced = frozenset(name for name in names if prices_change(ground, frozenset({name})))
    if not priced:
        return {}
    corridor = ground.with_(priced)
    open_ = any(ground.measures[name].evidence for name in priced)
    return {f"r{run + 1:04d}": drawn(corridor, run) if open_ else corridor for run in runs}


def evaluate(plan: Plan, sets: Sequence[Names], runs: range, *, basis: str = BASES[0]) -> Array:
    """The net present value of each set in each run, by one basis; run k takes draw k of the
    factors and of the costs. The empty set is worth nothing.

    Shape: a row a set, a column a run. Unit: million USD.
    Errors: those of simulating and of costs.
    """
    _ahead(plan, sets, runs)
    found = np.zeros((len(sets), len(runs)))
    for at, names in enumerate(sets):
        spent = npv(costs_of(plan, names, draws=draws_of(plan, runs)), rate=plan.rate) / MILLION
        found[at] = gained(plan, names, runs, basis=basis) - spent
    return found


def draws_of(plan: Plan, runs: range) -> list[int | None]:
    """The draw of factors and costs in each run: that of the corridor."""
    return [None if plan.middle else run % plan.ground.draws for run in runs]


def _ahead(plan: Plan, sets: Sequence[Names], runs: range) -> None:
    """Nothing; what some sets give is counted, several of them at once, a thread each."""
    threads = plan.ground.threads or os.cpu_count() or 1
    if isinstance(threads, Cluster) or threads == 1 or len(sets) == 1:
        return
    alone = replace(plan, ground=replace(plan.ground, threads=1))
    gained(alone, NOTHING, runs)
    with ThreadPoolExecutor(min(threads, len(sets))) as pool:
        for done in [pool.submit(gained, alone, names, runs) for names in sets]:
            done.result()


def gained(
    plan: Plan, names: Names, runs: range, *, basis: str = BASES[0], flows: Names | None = None
) -> Array:
    """The present value of what some measures give in each run, costs left out; of some flows, if
    not of all.

    What a part of the corridor gives is counted once: another set that leaves it the same has it.

    Shape: a run. Unit: million USD.
    """
    at = BASES.index(basis)
    if prices_change(plan.ground, names):
        found = sides(plan, names, runs)
        inside = [flows is None or flow in flows for flow in found.frame.flows]
        return _present(plan, found, runs)[at][:, inside].sum(axis=1)
    parts = [
        part
        for part in differing(plan.ground, names)
        if flows is None or flows.issuperset(part.flows)
    ]
    _count(plan, names, parts, runs)
    total = np.zeros(len(runs))
    for part in parts:
        total += [plan.worth[part.key, run][at] for run in runs]
    return total


def _count(plan: Plan, names: Names, parts: Sequence[Keyed], runs: range) -> None:
    """Nothing; what some parts give in each of some runs is counted."""
    missing = [part for part in parts if any((part.key, run) not in plan.worth for run in runs)]
    if not missing:
        return
    found = _sides(plan, names, missing, runs)
    values = _present(plan, found, runs)
    place = {flow: number for number, flow in enumerate(found.frame.flows)}
    for part in missing:
        mine = [place[flow] for flow in part.flows]
        sums = values[:, :, mine].sum(axis=2)
        for number, run in enumerate(runs):
            plan.worth[part.key, run] = (float(sums[0, number]), float(sums[1, number]))


def _present(plan: Plan, found: Sides, runs: range) -> Array:
    """The present value of what each flow gives in each run.

    Shape: basis x run x flow. Unit: million USD.
    """
    rates = rates_of(plan.ground.corridor, found.frame.flows, draws=draws_of(plan, runs))
    yearly = gains(found.before, found.after, rates, paired=True)
    years = annuity(plan, rates, rate=plan.rate)[:, None] / MILLION
    return np.array([yearly.of(basis)[:, 0, :] * years for basis in BASES])


def annuity(plan: Plan, rates: Rates, *, rate: float) -> Array:
    """What a dollar of the first year is worth over all years, growing with traffic (J)."""
    years = np.arange(plan.horizon)
    path = (1 + rates.growth[:, None]) ** years / (1 + rate) ** (years + 1)
    return path.sum(axis=1)


def yearly_benefits(plan: Plan, first: Array, *, growth: Array) -> Array:
    """Benefits from year 0 to the end of the horizon, that of the first year given.

    Shape: n -> n x (horizon + 1); nothing in year 0.
    """
    years = np.arange(plan.horizon)
    path = first[:, None] * (1 + growth[:, None]) ** years
    return np.concatenate([np.zeros((len(first), 1)), path], axis=1)


def costs_of(plan: Plan, names: Names, *, draws: Sequence[int | None]) -> Array:
    """What some measures cost, from year 0 to the end of the horizon, at some draws.

    All are built in year 0. Shape: draws x (horizon + 1). Unit: USD of the price year.

    Errors: A201 and A202 of their costs.
    """
    total = np.zeros((len(draws), plan.horizon + 1))
    for name, patch in plan.ground.measures.items():
        if name not in names or patch.cost is None:
            continue
        for number, draw in enumerate(draws):
            spent = real_cost(patch.cost, plan.prices, name=name, draw=draw)
            total[number] += streams(spent, horizon=plan.horizon)
    return total
