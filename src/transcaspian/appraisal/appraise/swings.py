"""How far a worth swings over the range of each input, and where it would be nothing."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from transcaspian.appraisal.appraise.plan import MILLION, Plan, Sides, annuity
from transcaspian.appraisal.worth.cashflow import npv, switching
from transcaspian.appraisal.worth.factors import rates_of
from transcaspian.appraisal.worth.gains import gains
from transcaspian.appraisal.worth.results import BASES, INPUTS

Array = NDArray[np.float64]
Row = dict[str, object]
MOST = 10
LEAST_MUSD = 1e-6


def swings(
    plan: Plan, found: Sides, *, costs: Array, benefits: Mapping[str, Array]
) -> pl.DataFrame:
    """The inputs by which the net present value swings most, by each basis.

    Shape: as INPUTS, at most ten a basis, widest first; `costs` J x years at their draws, the
    `benefits` of a year by draw (D). Inputs: each factor, the cost, the size of the effect.
    """
    rows = [row for basis in BASES for row in _of_basis(plan, found, basis, costs, benefits[basis])]
    return pl.DataFrame(rows, schema=INPUTS)


def _of_basis(plan: Plan, found: Sides, basis: str, costs: Array, benefits: Array) -> list[Row]:
    spent = npv(costs, rate=plan.rate) / MILLION
    cost = float(spent.mean())

    def gained(instead: Mapping[str, float]) -> float:
        """The present value of the benefits, with some factors at other values."""
        rates = rates_of(plan.ground.corridor, found.frame.flows, draws=[None], instead=instead)
        yearly = gains(found.before, found.after, rates).total(basis)
        return float((yearly * annuity(plan, rates, rate=plan.rate)).mean()) / MILLION

    middle = gained({})
    rows = [
        _row("cost", "MUSD", cost, _range(spent), swing=np.ptp(_range(spent))),
        _row("effect", "1", 1.0, (share := _shares(benefits)), swing=np.ptp(share) * abs(middle)),
    ]
    rows[0]["switching"] = middle if middle > 0 else None
    rows[1]["switching"] = cost / middle if middle > 0 and cost > 0 else None
    for factor in plan.ground.corridor.table("factors").iter_rows(named=True):
        name, low, high = factor["factor"], factor["low"], factor["high"]
        swing = abs(gained({name: high}) - gained({name: low})) if low < high else 0.0
        rows.append(_row(name, factor["unit"], factor["value"], (low, high), swing=swing))
    kept = sorted(
        (row for row in rows if float(str(row["swing"])) > LEAST_MUSD),
        key=lambda row: (-float(str(row["swing"])), str(row["input"])),
    )[:MOST]
    for row in kept:
        name = str(row["input"])
        if name not in {"cost", "effect"}:
            row["switching"] = switching(
                lambda value, name=name: gained({name: value}) - cost,
                at=float(str(row["value"])),
                low=float(str(row["low"])),
                high=float(str(row["high"])),
            )
        row["basis"] = basis
    return kept


def _range(values: Array) -> tuple[float, float]:
    low, high = np.quantile(values, [0.05, 0.95])
    return float(low), float(high)


def _shares(benefits: Array) -> tuple[float, float]:
    """How far the size of the effect may be from its mean, as shares of that."""
    mean = float(benefits.mean())
    if abs(mean) < LEAST_MUSD:
        return 1.0, 1.0
    low, high = sorted((float(benefits.min()) / mean, float(benefits.max()) / mean))
    return low, high


def _row(name: str, unit: str, value: float, ends: tuple[float, float], *, swing: float) -> Row:
    return {
        "input": name,
        "unit": unit,
        "value": float(value),
        "low": float(ends[0]),
        "high": float(ends[1]),
        "swing": float(swing),
        "switching": None,
    }
