"""How the value of a package is shared out among its measures, and when each of them starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from transcaspian.appraisal.appraise.plan import (
    MILLION,
    Plan,
    costs_of,
    draws_of,
    gained,
    prices_change,
)
from transcaspian.appraisal.evaluate.apart import pieces
from transcaspian.appraisal.evaluate.ground import NOTHING, Names
from transcaspian.appraisal.package import Package, Problem, Worth, shares, submodular, timing
from transcaspian.appraisal.package.shares import Share
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
    Where measures meet they are shared out on a few of the runs, and brought to what they give
    together on all of them.

    Shape: as SHARES, largest share first. Errors: A105 when yearly budgets cannot pay for it.
    """
    told = {name: _Told(-_cost(plan, name, runs)) for name in problem.names if name in package}
    broken, compared, singles = 0, 0, sum(each.share for each in told.values())
    for piece, flows in _pieces(plan, problem, package):
        whole = gained(plan, package, runs, basis=basis, flows=flows)
        if len(piece) == 1:
            (name,) = piece
            told[name].add(float(whole.mean()), error=_error(whole))
            singles += float(whole.mean())
            continue
        found = _within(plan, problem, piece, flows=flows, basis=basis, runs=runs)
        earned = [share.value for share in found.shares]
        for share, value in zip(found.shares, brought_to(earned, float(whole.mean())), strict=True):
            alone = gained(plan, frozenset({share.name}), runs, basis=basis, flows=flows)
            told[share.name].add(value, alone=float(alone.mean()), error=share.error)
            singles += value + share.alone - share.value
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
        table, singles=singles, broken=broken, compared=compared
    )


@dataclass(frozen=True, slots=True)
class _Piece:
    """The shares in one piece, and in how many comparisons a gain grew with what was there."""

    shares: tuple[Share, ...]
    broken: int
    compared: int


def _within(
    plan: Plan,
    problem: Problem,
    piece: Package,
    *,
    flows: Names | None,
    basis: str,
    runs: range,
) -> _Piece:
    """The shares of measures in what they give in one piece, on the first few runs."""
    few = range(min(len(runs), MOST_RUNS))

    def valued(sets: Sequence[Package], some: range) -> Array:
        """What sets give in the piece."""
        return np.array([gained(plan, each, some, basis=basis, flows=flows) for each in sets])

    found = shares(
        problem, valued, package=piece, replications=len(few), permutations=ORDERS
    ).shares
    grown = submodular(problem, valued, package=piece, replications=len(few), orders=1)
    return _Piece(found, grown.broken, grown.compared)


def brought_to(earned: Sequence[float], whole: float) -> list[float]:
    """Shares brought to what the piece gives on all runs: what is missing is borne by each as far
    as it weighs.
    """
    weights = np.abs(earned)
    missing = whole - float(np.sum(earned))
    parts = weights / weights.sum() if weights.sum() else np.full(len(earned), 1 / len(earned))
    return [float(value + missing * part) for value, part in zip(earned, parts, strict=True)]


class _Told:
    """What one measure earns, added up over the pieces of the corridor."""

    def __init__(self, cost: Array) -> None:
        self.share = self.alone = float(cost.mean())
        self.error = 0.0

    def add(self, value: float, *, error: float, alone: float | None = None) -> None:
        """Nothing; what it earns in one more piece is added."""
        self.share += value
        self.alone += value if alone is None else alone
        self.error = float(np.hypot(self.error, error))


def _error(values: Array) -> float:
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0


def _cost(plan: Plan, name: str, runs: range) -> Array:
    """The present value of what a measure costs at the draws of some runs (million USD)."""
    spent = costs_of(plan, frozenset({name}), draws=draws_of(plan, runs))
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


def _remarks(table: pl.DataFrame, *, singles: float, broken: int, compared: int) -> list[Remark]:
    """What is to be said of how the measures of a package act together; `singles` is what they are
    worth one by one, on the runs on which they were shared out.
    """
    remarks: list[Remark] = []
    whole = float(table["share"].sum())
    if whole and abs(whole - singles) > TOO_MUCH * abs(whole):
        remarks.append(Remark("interaction", {"share": abs(whole - singles) / abs(whole)}))
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
