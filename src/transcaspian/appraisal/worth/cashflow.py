"""Arithmetic of money over years: present values, rates of return, ratios, payback, switching.

A flow is one value a year, year 0 first; of several flows, a row each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

Array = NDArray[np.float64]
Reason = Literal["", "sign_changes", "never_positive", "never_negative", "nothing"]
LEAST, MOST = np.log(1e-12), np.log(1e12)
"""Ends of what a rate of return is looked for between, as logarithms of what a year makes of 1."""
EXPANSIONS = 8
MATCH = 1e-12


@dataclass(frozen=True, slots=True)
class Return:
    """An internal rate of return, or why there is none; `changes` of sign in the flow."""

    value: float | None
    changes: int
    reason: Reason = ""


@dataclass(frozen=True, slots=True)
class Stream:
    """What something costs year by year, and what is left of it at the end.

    Shape: `flow` has horizon + 1 years, costs positive; `left_years` how long it lasts beyond.
    Unit: that of what it was made from.
    """

    flow: Array
    residual: float
    left_years: float


def npv(flows: Array, *, rate: float) -> Array:
    """The present value of each flow in year 0.

    Shape: years -> a number; n x years -> n.
    """
    years = np.arange(flows.shape[-1])
    return np.asarray((flows / (1 + rate) ** years).sum(axis=-1))


def sign_changes(flow: Array) -> int:
    """How often a flow changes its sign, years of nothing left out."""
    signs = np.sign(flow[np.abs(flow) > 0])
    return int((signs[1:] != signs[:-1]).sum())


def internal_return(flow: Array) -> Return:
    """The rate at which a flow is worth nothing, if it changes its sign exactly once.

    With several changes there may be several such rates, or none: no one of them is the return.
    With one there is one above -1, by Descartes' rule of signs; one that nobody could tell from -1,
    or beyond a million millionfold a year, is not given.
    """
    changes = sign_changes(flow)
    if changes > 1:
        return Return(None, changes, "sign_changes")
    if changes == 0:
        reason: Reason = "nothing" if not flow.any() else "never_positive"
        if (flow > 0).any():
            reason = "never_negative"
        return Return(None, changes, reason)

    years = np.flatnonzero(flow)

    def worth(growth: float) -> float:
        """The present value as a multiple of the largest discount factor: nothing overflows."""
        powers = -growth * years
        return float((flow[years] * np.exp(powers - powers.max())).sum())

    if (worth(LEAST) > 0) == (worth(MOST) > 0):
        return Return(None, changes, "never_negative" if worth(0.0) > 0 else "never_positive")
    return Return(float(np.expm1(_root(worth, LEAST, MOST))), changes)


def modified_return(flows: Array, *, finance: float, reinvest: float) -> Array:
    """The rate that turns what is paid, discounted at `finance`, into what is earned, put by at
    `reinvest` until the last year; NaN where nothing is paid or nothing is earned.

    Shape: as `npv`. Source: MIRR as in spreadsheets.
    """
    last = flows.shape[-1] - 1
    earned = np.where(flows > 0, flows, 0.0)
    paid = -npv(np.where(flows < 0, flows, 0.0), rate=finance)
    final = npv(earned, rate=reinvest) * (1 + reinvest) ** last
    known = (paid > 0) & (final > 0)
    share = np.divide(final, paid, out=np.full_like(paid, np.nan), where=known)
    return np.asarray(share ** (1 / max(last, 1)) - 1)


def ratio(benefits: Array, costs: Array, *, rate: float) -> Array:
    """The present value of benefits over that of costs; NaN where the costs are not positive.

    What is saved elsewhere counts as a benefit and not as less cost. Shape: as `npv`.
    """
    top, bottom = npv(benefits, rate=rate), npv(costs, rate=rate)
    out = np.full(np.broadcast(top, bottom).shape, np.nan)
    return np.asarray(np.divide(top, bottom, out=out, where=bottom > 0))


def payback(flow: Array, *, rate: float = 0.0) -> float | None:
    """The years until what was paid has come back and stays so, within a year evenly; none when it
    never does.
    """
    years = np.arange(len(flow))
    sums = np.cumsum(flow / (1 + rate) ** years)
    below = np.flatnonzero(sums < 0)
    if not len(below):
        return 0.0
    last = int(below[-1])
    if last == len(flow) - 1:
        return None
    return float(last + -sums[last] / (sums[last + 1] - sums[last]))


def switching(
    worth: Callable[[float], float], *, at: float, low: float, high: float
) -> float | None:
    """The value of an input at which a worth is nothing, searched in its range and outwards from it
    on both sides, not beyond 0; none when it is nowhere near.
    """
    here = worth(at)
    if here == 0:
        return at
    for end in (low, high):
        if end != at and here * worth(end) <= 0:
            return _root(worth, at, end)
    reach = max(high - at, at - low, abs(at))
    last = {-1: at, 1: at}
    for step in range(EXPANSIONS):
        for way, near in last.items():
            far = at + way * reach * 2.0 ** (step - 2)
            if at * far < 0:
                far = 0.0
            if near != far and here * worth(far) <= 0:
                return _root(worth, near, far)
            last[way] = far
    return None


def _root(worth: Callable[[float], float], one: float, other: float) -> float:
    """Where a worth is nothing between two values at which it has other signs."""
    found: Any = brentq(worth, min(one, other), max(one, other), xtol=MATCH)
    return float(found)


def over_horizon(capital: float, upkeep: float, *, life: float | None, horizon: int) -> Stream:
    """What something costs that is built in year 0, works from year 1 and is renewed when it is
    worn out; what is left of the last one at the horizon is taken off in the last year, evenly by
    age. Without a life it lasts as long as the horizon.
    """
    flow = np.zeros(horizon + 1)
    flow[1:] += upkeep
    lasts = float(horizon) if life is None else life
    built = 0.0
    while round(built) < horizon:
        flow[round(built)] += capital
        built += lasts
    left = max(built - horizon, 0.0)
    residual = capital * min(left / lasts, 1.0)
    flow[-1] -= residual
    return Stream(flow, residual, left)
