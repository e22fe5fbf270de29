"""The figures of an appraisal: what changes in a year, and what that is worth over the years."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from transcaspian.appraisal.appraise.plan import MILLION, Plan, annuity, yearly_benefits
from transcaspian.appraisal.evaluate.outcome import Outcome
from transcaspian.appraisal.worth.cashflow import (
    Return,
    internal_return,
    modified_return,
    npv,
    payback,
    ratio,
)
from transcaspian.appraisal.worth.factors import Rates
from transcaspian.appraisal.worth.gains import Gains
from transcaspian.appraisal.worth.results import BASES, FIGURES
from transcaspian.appraisal.worth.spread import Band, band
from transcaspian.corridor.corridor import Corridor
from transcaspian.events.tally import quantile_from_bins

Array = NDArray[np.float64]
Row = dict[str, object]
CARGO = "corridor"
FEW = 0.05
"""A rate of return is told with a band where at least all but this share of the draws have one."""


def cargo_of(corridor: Corridor) -> list[str]:
    """The flows of the corridor's own cargo."""
    return corridor.table("flows").filter(pl.col("scope") == CARGO)["flow"].to_list()


def yearly(corridor: Corridor, whole: tuple[Outcome, Outcome], *, draws: int) -> list[Row]:
    """What changes in a year: time and how sure it is, waiting, tonnes, what is paid.

    Shape: rows of FIGURES, with minus without.
    """
    cargo = cargo_of(corridor)
    told = [_physical(outcome, cargo) for outcome in whole]
    return [
        _row(
            name,
            band(told[1][name] - told[0][name], draws),
            unit=unit,
            without=float(told[0][name].mean()),
        )
        for name, unit in PHYSICAL.items()
    ]


PHYSICAL = {
    "time_mean": "h",
    "time_sd": "h",
    "time_p95": "h",
    "waiting": "h/y",
    "tonnes": "t/y",
    "left_over": "trips/y",
}


def _physical(outcome: Outcome, cargo: Sequence[str]) -> dict[str, Array]:
    inside = pl.col("flow").is_in(list(cargo))
    trips = outcome.trips.filter(inside).group_by("run").agg(pl.exclude("flow").sum()).sort("run")
    n, hours, square = (trips[name].to_numpy() for name in ("n", "total_h", "total_h2"))
    mean = hours / n
    tail = quantile_from_bins(outcome.bins.filter(inside), 0.95, by=["run"]).sort("run")
    waits = outcome.waits.group_by("run").agg(pl.col("hours").sum()).sort("run")
    every = outcome.trips.group_by("run").agg(pl.col("tonnes", "left_over").sum()).sort("run")
    return {
        "time_mean": mean,
        "time_sd": np.sqrt(np.maximum(square / n - mean**2, 0.0)),
        "time_p95": tail["value"].to_numpy(),
        "waiting": waits["hours"].to_numpy(),
        "tonnes": every["tonnes"].to_numpy(),
        "left_over": every["left_over"].to_numpy(),
    }


def beside(found: Gains, price: tuple[Array, Array], *, draws: int) -> list[Row]:
    """What changes beside time: what a tonne pays, carbon, cases.

    Shape: rows of FIGURES; `price` the mean price of a tonne without and with (R).
    """
    return [
        _row(
            "price",
            band(price[1] - price[0], draws),
            unit="USD/t",
            without=float(price[0].mean()),
        ),
        _row("co2", band(found.co2_t.sum(-1), draws), unit="t/y"),
        _row("cases", band(found.cases.sum(-1), draws), unit="1/y"),
    ]


def worth(
    plan: Plan, found: Gains, rates: Rates, *, costs: Array | None
) -> tuple[list[Row], dict[str, Return]]:
    """What the gains are worth against the costs, at each rate and by both bases; with the rate of
    return of the middle flow, or why there is none.

    Shape: rows of FIGURES; `costs` J x years, none where they are not known.
    """
    draws = plan.ground.draws
    rows: list[Row] = []
    returns: dict[str, Return] = {}
    for basis in BASES:
        gained = found.total(basis)
        rows.append(_row("benefit", band(gained / MILLION, draws), unit="MUSD/y", basis=basis))
        for rate in plan.rates:
            present = gained * annuity(plan, rates, rate=rate)
            rows.append(_row("benefits", band(present / MILLION, draws), basis=basis, rate=rate))
            if costs is not None:
                rows += _against(present, npv(costs, rate=rate), basis, rate, draws)
        if costs is not None:
            flows = _flows(plan, gained, rates, costs=costs)
            returns[basis] = internal_return(flows.mean(axis=0))
            rows += list(_returns(plan, flows, returns[basis], basis=basis))
    if costs is not None:
        spent = [(rate, npv(costs, rate=rate)[None, :] / MILLION) for rate in plan.rates]
        rows += [_row("costs", band(each, 1), rate=rate) for rate, each in spent]
    return rows, returns


def _against(present: Array, spent: Array, basis: str, rate: float, draws: int) -> list[Row]:
    value = _row("npv", band((present - spent) / MILLION, draws), basis=basis, rate=rate)
    if not (spent > 0).all() or not np.abs(present).max() > 0:
        return [value]
    middle = ratio(
        np.array([0.0, float(present.mean())]), np.array([0.0, float(spent.mean())]), rate=0.0
    )
    spread = band(present / spent, draws)
    told = Band(
        float(middle),
        spread.low,
        spread.high,
        spread.parameter_share,
        spread.runs,
    )
    return [value, _row("bcr", told, unit="1", basis=basis, rate=rate)]


def _flows(plan: Plan, gained: Array, rates: Rates, *, costs: Array) -> Array:
    """The flow of each year at each draw of the factors, the draws of the runs taken in turn.

    Shape: J x years.
    """
    count = min(plan.ground.draws, len(gained))
    lucks = len(gained) // count
    means = gained[: lucks * count].reshape(lucks, count, -1).mean(axis=0)
    number = np.arange(means.shape[1])
    return yearly_benefits(plan, means[number % count, number], growth=rates.growth) - costs


def _returns(plan: Plan, flows: Array, middle: Return, *, basis: str) -> Iterator[Row]:
    """Rates of return and the years until the money is back, of the middle flow and its band."""
    mean = flows.mean(axis=0)
    each = [internal_return(flow).value for flow in flows]
    yield _row("eirr", _band_of(middle.value, each), unit="1", basis=basis)
    modified = np.atleast_1d(modified_return(flows, finance=plan.rate, reinvest=plan.rate))
    of_mean = modified_return(mean, finance=plan.rate, reinvest=plan.rate)
    yield _row(
        "mirr",
        _band_of(_number(of_mean), [_number(value) for value in modified]),
        unit="1",
        basis=basis,
    )
    back = [payback(flow) for flow in flows]
    yield _row("payback", _band_of(payback(mean), back), unit="y", basis=basis)


def _number(value: object) -> float | None:
    number = float("nan") if value is None else float(str(np.asarray(value).item()))
    return number if np.isfinite(number) else None


def _band_of(middle: float | None, each: Sequence[float | None]) -> Band:
    """The band of a figure that some draws do not have; without ends where too many do not."""
    known = np.array([value for value in each if value is not None])
    value = float("nan") if middle is None else middle
    if len(known) < (1 - FEW) * len(each) or middle is None:
        return Band(value, float("nan"), float("nan"), None, len(each))
    low, high = np.quantile(known, [0.05, 0.95], method="weibull")
    return Band(value, float(low), float(high), None, len(each))


def _row(
    name: str,
    found: Band,
    *,
    unit: str = "MUSD",
    basis: str = "",
    rate: float | None = None,
    without: float | None = None,
) -> Row:
    return {
        "figure": name,
        "basis": basis,
        "rate": rate,
        "unit": unit,
        "value": _told(found.value),
        "low": _told(found.low),
        "high": _told(found.high),
        "parameter_share": found.parameter_share,
        "runs": found.runs,
        "without": without,
    }


def _told(value: float) -> float | None:
    return value if np.isfinite(value) else None


def table(rows: Sequence[Row]) -> pl.DataFrame:
    """The rows as a table, as FIGURES."""
    return pl.DataFrame(rows, schema=FIGURES)
