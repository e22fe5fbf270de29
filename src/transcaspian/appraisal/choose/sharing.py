"""How the value of a package is shared out among its measures, and when each of them starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from transcaspian.appraisal.appraise.plan import (
    MILLION,
    Plan,
    costs_of,
    gained,
    prices_change,
)
from transcaspian.appraisal.evaluate.apart import pieces
from transcaspian.appraisal.evaluate.ground import NOTHING, Names
from transcaspian.appraisal.package import Package, Problem, Worth, shares, submodular, timing
from transcaspian.appraisal.worth.cashflow import npv
from transcaspian.appraisal.worth.results import SHARES, Remark

Array = NDArray[np.float64]
ORDERS = 4
MOST_RUNS = 4
TOO_MUCH = 0.25
STUDENT = 1.645


def shared_out(
    plan: Plan,
    problem: Problem,
    package: Package,
    *,
    runs: range,
    basis: str,
) -> tuple[pl.DataFrame, list[Remark]]:
    """The share of each measure of a package in its value, which they add up to, and the year in
    which it starts; with what is to be said of how they act together.

    Pieces of the corridor that do not feel each other are shared out one by one, among the measures
    that matter there; each measure bears its own cost. This is the same as sharing out the whole.

    Shape: as SHARES, largest share first. Errors: A105 when yearly budgets cannot pay for it.
    """
    few = range(min(len(runs), MOST_RUNS))
    told = {name: _Told(-_cost(plan, name, few)) for name in problem.names if name in package}
    broken, compared = 0, 0
    for piece, flows in _pieces(plan, problem, package):
        if len(piece) == 1:
            (name,) = piece
            alone = gained(plan, piece, few, basis=basis, flows=flows)
            told[name].add(alone, error=_error(alone))
            continue

        def valued(sets: Sequence[Package], some: range, flows: Names | None = flows) -> Array:
            """What sets give in the piece."""
            return np.array([gained(plan, each, some, basis=basis, flows=flows) for each in sets])

        for share in shares(
            problem, valued, package=piece, replications=len(few), permutations=ORDERS
        ).shares:
            told[share.name].add(share.value, alone=share.alone, error=share.error)
        found = submodular(problem, valued, package=piece, replications=len(few), orders=1)
        broken, compared = broken + found.broken, compared + found.compared
    years = _years(plan, problem, package, told=told)
    rows = [
        {
            "measure": name,
            "year": years[name],
            "cost_musd": problem.cost(frozenset({name})),
            "alone": each.alone,
            "share": each.share,
            "low": each.share - STUDENT * each.error,
            "high": each.share + STUDENT * each.error,
        }
        for name, each in told.items()
    ]
    table = pl.DataFrame(rows, schema=SHARES)
    return table.sort("share", "measure", descending=[True, False]), _remarks(
        table, broken=broken, compared=compared
    )


class _Told:
    """What one measure earns, added up over the pieces of the corridor."""

    def __init__(self, cost: Array) -> None:
        self.share = self.alone = float(cost.mean())
        self.error = 0.0

    def add(self, share: Array | float, *, error: float, alone: float | None = None) -> None:
        """Nothing; what it earns in one more piece is added."""
        value = float(np.mean(share))
        self.share += value
        self.alone += value if alone is None else alone
        self.error = float(np.hypot(self.error, error))


def _error(values: Array) -> float:
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0


def _cost(plan: Plan, name: str, runs: range) -> Array:
    """The present value of what a measure costs at the draws of some runs (million USD)."""
    spent = costs_of(plan, frozenset({name}), draws=list(runs))
    return npv(spent, rate=plan.rate) / MILLION


def _pieces(plan: Plan, problem: Problem, package: Package) -> list[tuple[Package, Names | None]]:
    """The measures that matter in each piece of the corridor, and its flows; where prices change,
    everything is one piece.

    A measure that needs another brings it along.
    """
    if not package:
        return []
    if prices_change(plan.ground, package):
        return [(package, None)]
    needs = {option.name: option.needs & package for option in problem.options}
    found: dict[Package, Names] = {}
    for piece in pieces(plan.ground, package):
        names = piece.measures
        while more := frozenset().union(*(needs[name] for name in names)) - names:
            names |= more
        found[names] = found.get(names, NOTHING) | piece.flows
    return list(found.items())


def _remarks(table: pl.DataFrame, *, broken: int, compared: int) -> list[Remark]:
    """What is to be said of how the measures of a package act together."""
    remarks: list[Remark] = []
    whole, alone = float(table["share"].sum()), float(table["alone"].sum())
    if whole and abs(whole - alone) > TOO_MUCH * abs(whole):
        remarks.append(Remark("interaction", {"share": abs(whole - alone) / abs(whole)}))
    if broken:
        remarks.append(Remark("super_additive", {"pairs": broken, "all": compared}))
    unshown = table.filter(pl.col("low") <= 0)["measure"].sort().to_list()
    if unshown:
        remarks.append(Remark("not_shown", {"measures": ", ".join(unshown)}))
    return remarks


def _years(
    plan: Plan, problem: Problem, package: Package, *, told: Mapping[str, _Told]
) -> dict[str, int]:
    """The year in which each measure starts: as early as it can, or as the yearly money allows."""
    earliest = {option.name: option.earliest for option in problem.options}
    if not problem.yearly or not package:
        return {name: plan.first_year + earliest[name] for name in package}
    yearly = {name: each.share * plan.rate for name, each in told.items()}
    found = timing(problem, Worth(yearly, rate=plan.rate), package=package)
    return {name: plan.first_year + year for name, year in found.starts.items()}
