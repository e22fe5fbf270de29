"""What a year with measures is worth beside one without: users, payees, climate, safety."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transcaspian.appraisal.worth.factors import Rates
from transcaspian.appraisal.worth.physical import Physical
from transcaspian.appraisal.worth.results import BASES

Array = NDArray[np.float64]
GRAMS = 1e6
LEAST_SHARE = 0.05
"""A generalised cost never falls below this share of itself in the demand that follows it."""


@dataclass(frozen=True, slots=True)
class Gains:
    """Dollars of the first year, by run, draw of the factors and flow (R x J x F).

    `users` by each basis of the value of time, by the rule of a half; `fees` and `tariffs` what
    those who are paid gain, with the traffic that each basis draws, which takes out of the users'
    gain what is a mere transfer: a fee costs nobody anything to take, a tariff stands for what
    carrying costs; `carbon`
    and `safety` what less carbon and fewer cases are worth; `co2_t` and `cases` the changes, in
    tonnes and in number.
    """

    users: dict[str, Array]
    fees: dict[str, Array]
    tariffs: dict[str, Array]
    carbon: Array
    safety: Array
    co2_t: Array
    cases: Array

    def of(self, basis: str) -> Array:
        """What all of them gain in the year by each flow, by one basis (R x J x F)."""
        paid = self.fees[basis] + self.tariffs[basis]
        return self.users[basis] + paid + self.carbon + self.safety

    def total(self, basis: str) -> Array:
        """What all of them gain in the year, by one basis (R x J)."""
        return self.of(basis).sum(-1)


def gains(before: Physical, after: Physical, rates: Rates, *, paired: bool = False) -> Gains:
    """The gains of a year; `paired`, run k takes draw k of the factors alone (J is 1).

    A flow that has no trips on one side is left out: there is nothing to compare.

    Source: rule of a half, UK TAG unit A1.3; g = c + v m + v rho s, appraisal reference.
    """
    both = (before.trips > 0) & (after.trips > 0)
    kept = both[:, None, :]

    def laid(array: Array) -> Array:
        """A factor laid beside runs and flows."""
        return array[:, None, :] if paired else array[None, :, :]

    q0 = before.tonnes[:, None, :]
    users: dict[str, Array] = {}
    fees: dict[str, Array] = {}
    tariffs: dict[str, Array] = {}
    for basis, hour in zip(BASES, (rates.market, rates.carrying), strict=True):
        v, rho = laid(hour), laid(rates.reliability)
        g0, g1 = (
            side.price[:, None, :] + v * (side.mean_h[:, None, :] + rho * side.sd_h[:, None, :])
            for side in (before, after)
        )
        q1 = drawn_traffic(q0, g0, g1, elasticity=laid(rates.elasticity))
        users[basis] = np.where(kept, (q0 + q1) / 2 * (g0 - g1), 0.0)
        more = np.divide(q1, q0, out=np.ones_like(q1), where=q0 > 0)
        taken = after.fees_usd[:, None, :] * more - before.fees_usd[:, None, :]
        cut = (after.tariff_usd - after.base_tariff_usd)[:, None, :] * more
        fees[basis], tariffs[basis] = (np.where(kept, each, 0.0) for each in (taken, cut))
    more_tkm, more_vkm = (
        np.where(both[:, :, None], new - old, 0.0)
        for new, old in ((after.tkm, before.tkm), (after.vkm, before.vkm))
    )
    co2 = _by_mode(more_tkm, rates.emission, paired=paired) / GRAMS
    cases = _by_mode(more_vkm, rates.per_vkm, paired=paired) + _by_mode(
        more_tkm, rates.per_tkm, paired=paired
    )
    carbon, case = (
        each[:, None, None] if paired else each[None, :, None]
        for each in (rates.carbon, rates.case)
    )
    return Gains(users, fees, tariffs, -co2 * carbon, -cases * case, co2, cases)


def drawn_traffic(q0: Array, g0: Array, g1: Array, *, elasticity: Array) -> Array:
    """The tonnes that go at another generalised cost, at one elasticity all along.

    Where nothing is paid or waited for, as many as before.
    """
    ratio = np.divide(g1, g0, out=np.ones(np.broadcast(g0, g1).shape), where=g0 > 0)
    return q0 * np.maximum(ratio, LEAST_SHARE) ** elasticity


def _by_mode(change: Array, rate: Array, *, paired: bool) -> Array:
    """A change by flow and mode times a rate by draw and mode (R x J x F)."""
    if paired:
        return np.einsum("rfm,rm->rf", change, rate)[:, None, :]
    return np.einsum("rfm,jm->rjf", change, rate)
