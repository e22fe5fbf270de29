"""Stays of which only the number of pings inside is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from transcaspian.survey.fits.families import FAMILIES, Array
from transcaspian.survey.fits.likelihood import Fit, climb
from transcaspian.survey.fits.spells import CannotFit

StopLoss = Callable[[Array, Array], Array]


def _lognormal(a: Array, theta: Array) -> Array:
    sigma = np.exp(theta[1])
    with np.errstate(divide="ignore"):
        z = (theta[0] - np.log(a)) / sigma
    mean = np.exp(theta[0] + sigma**2 / 2)
    return np.where(a > 0, mean * special.ndtr(z + sigma) - a * special.ndtr(z), mean)


def _weibull(a: Array, theta: Array) -> Array:
    shape, scale = np.exp(theta[0]), np.exp(theta[1])
    power = (a / scale) ** shape
    whole = scale * special.gamma(1 + 1 / shape)
    return whole * special.gammaincc(1 + 1 / shape, power) - a * np.exp(-power)


def _gamma(a: Array, theta: Array) -> Array:
    shape, scale = np.exp(theta[0]), np.exp(theta[1])
    return shape * scale * special.gammaincc(shape + 1, a / scale) - a * special.gammaincc(
        shape, a / scale
    )


STOP_LOSS: dict[str, StopLoss] = {"lognormal": _lognormal, "weibull": _weibull, "gamma": _gamma}
"""g(a) = E[(X - a)+], in hours."""


def chances(counts: NDArray[np.int64], theta: Array, *, interval_h: float, family: str) -> Array:
    """The chance of each number of pings inside a stay that holds at least one.

    Source: with regular pings and a random phase, P(N = k) = g(k - 1) - 2 g(k) + g(k + 1), g the
    stop-loss transform of the stay in units of the interval.
    """
    g = STOP_LOSS[family]

    def at(k: NDArray[np.int64]) -> Array:
        return g(np.maximum(k, 0) * interval_h, theta) / interval_h

    each = at(counts - 1) - 2 * at(counts) + at(counts + 1)
    seen = at(np.array([0])) - at(np.array([1]))
    return np.maximum(each, 1e-300) / np.maximum(seen, 1e-300)


def fit_pings(counts: ArrayLike, *, interval_h: float, family: str = "lognormal") -> Fit:
    """The family of the stays behind some numbers of pings; stays without a ping are not seen.

    Errors: CannotFit when fewer than two stays, or none with more than one ping.
    """
    pings = np.asarray(counts, dtype=np.int64)
    if pings.size < 2 or (pings < 1).any() or int(pings.max()) < 2:  # noqa: PLR2004  # a spread needs two
        message = "numbers of pings from which no length can be told"
        raise CannotFit(message)
    values, each = np.unique(pings, return_counts=True)

    def loglik(theta: Array) -> float:
        found = chances(values, theta, interval_h=interval_h, family=family)
        return float(each @ np.log(found))

    logs = np.log((values - 0.5) * interval_h)
    start = FAMILIES[family].start(logs, each.astype(np.float64))
    theta, value, curvature = climb(loglik, start)
    covariance = np.asarray(np.linalg.pinv(-curvature), dtype=np.float64)
    return Fit(FAMILIES[family], theta, covariance, value, float(pings.size))


def naive_dwell(counts: ArrayLike, *, interval_h: float) -> Array:
    """The time from the first to the last ping of each stay."""
    return (np.asarray(counts, dtype=np.float64) - 1) * interval_h
