"""Families of lengths: their density, distribution, quantiles and moments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from transcaspian.survey.fits.mixtures import apart
from transcaspian.survey.fits.tails import bent, log_gammainc, log_gammaincc

Array = NDArray[np.float64]
ERLANG_MOST = 12
NEAR_LOGNORMAL = 1e-5
"""Nearer to the lognormal than this the generalised gamma cannot be told from it."""
MOST = 600.0
"""The greatest logarithm of a moment."""
SHORT_H = 0.05
"""Zero inflation: what is shorter than this counts as no stay at all."""
BRIDGE = 0.05
"""Nearer than this its moments lie between those beside it and the lognormal's."""
STIRLING = 0.2
"""Nearer than this its density is told by a series."""
MIDDLE = 0.5


@dataclass(frozen=True, slots=True)
class Family:
    """A family with parameters on the whole line.

    `names`: of the parameters in their own scale, which `natural` gives; `start`: from the mean and
    deviation of the logarithms; the rest take lengths and the parameters on the line. `sf` and
    `below` are each told from their own tail, so that neither loses what is small.
    """

    name: str
    names: tuple[str, ...]
    natural: Callable[[Array], Array]
    start: Callable[[Array, Array], Array]
    logpdf: Callable[[Array, Array], Array]
    sf: Callable[[Array, Array], Array]
    logsf: Callable[[Array, Array], Array]
    moments: Callable[[Array], tuple[float, float]]
    ppf: Callable[[Array, Array], Array]
    below: Callable[[Array, Array], Array]

    def cdf(self, x: Array, theta: Array) -> Array:
        """The share that has ended by each time."""
        return self.below(x, theta)

    def log_between(self, low: Array, high: Array, *, theta: Array) -> Array:
        """The logarithm of the share that ends within bounds, from the nearer tail."""
        left = self.sf(low, theta)
        share = left - self.sf(high, theta)
        early = left >= MIDDLE
        if early.any():
            share[early] = self.below(high[early], theta) - self.below(low[early], theta)
        return np.log(np.maximum(share, 1e-300))

    def sample(self, theta: Array, *, count: int, rng: np.random.Generator) -> Array:
        """Lengths drawn from the family."""
        return self.ppf(rng.random(count), theta)


def _spread(logs: Array, weight: Array) -> tuple[float, float]:
    mean = float(np.average(logs, weights=weight))
    return mean, max(float(np.sqrt(np.average((logs - mean) ** 2, weights=weight))), 0.05)


def _moments(log_mean: float, log_second: float) -> tuple[float, float]:
    """The mean and the coefficient of variation, out of the logarithms of the mean and of the
    second moment over its square; what no machine can hold is cut to what it can.
    """
    mean, second = (float(min(value, MOST)) for value in (log_mean, log_second))
    return float(np.exp(mean)), float(np.sqrt(max(np.expm1(second), 0)))


def _lognormal() -> Family:
    def z(x: Array, theta: Array) -> Array:
        return (np.log(np.maximum(x, 1e-300)) - theta[0]) / np.exp(theta[1])

    def moments(theta: Array) -> tuple[float, float]:
        variance = float(np.exp(min(2 * theta[1], MOST)))
        return _moments(theta[0] + variance / 2, variance)

    return Family(
        "lognormal",
        ("mu", "sigma"),
        lambda theta: np.array([theta[0], np.exp(theta[1])]),
        lambda logs, weight: np.array(_line(*_spread(logs, weight))),
        lambda x, theta: -np.log(x) - theta[1] - 0.9189385332046727 - z(x, theta) ** 2 / 2,
        lambda x, theta: special.ndtr(-z(x, theta)),
        lambda x, theta: special.log_ndtr(-z(x, theta)),
        moments,
        lambda q, theta: np.exp(theta[0] + np.exp(theta[1]) * special.ndtri(q)),
        lambda x, theta: special.ndtr(z(x, theta)),
    )


def _line(mean: float, deviation: float) -> tuple[float, float]:
    return mean, float(np.log(deviation))


def _weibull() -> Family:
    def hazard(x: Array, theta: Array) -> Array:
        exponent = np.exp(theta[0]) * (np.log(np.maximum(x, 1e-300)) - theta[1])
        return np.exp(np.minimum(exponent, 500))

    def logpdf(x: Array, theta: Array) -> Array:
        shape = np.exp(theta[0])
        return theta[0] - np.log(x) + shape * (np.log(x) - theta[1]) - hazard(x, theta)

    def moments(theta: Array) -> tuple[float, float]:
        per = np.exp(-theta[0])
        first, second = special.gammaln(1 + per), special.gammaln(1 + 2 * per)
        return _moments(theta[1] + first, second - 2 * first)

    def start(logs: Array, weight: Array) -> Array:
        mean, deviation = _spread(logs, weight)
        return np.array([np.log(1.28 / deviation), mean + 0.5772 * deviation / 1.28])

    return Family(
        "weibull",
        ("shape", "scale"),
        np.exp,
        start,
        logpdf,
        lambda x, theta: np.exp(-hazard(x, theta)),
        lambda x, theta: -hazard(x, theta),
        moments,
        lambda q, theta: np.exp(theta[1] + np.log(-np.log1p(-q)) / np.exp(theta[0])),
        lambda x, theta: -np.expm1(-hazard(x, theta)),
    )


def _gamma(shape: int | None = None) -> Family:
    """The gamma family; with a whole shape the Erlang of that many phases."""

    def both(theta: Array) -> tuple[float, float]:
        return (np.exp(theta[0]), np.exp(theta[1])) if shape is None else (shape, np.exp(theta[0]))

    def start(logs: Array, weight: Array) -> Array:
        mean, deviation = _spread(logs, weight)
        first = 1 / deviation**2 + 0.5 if shape is None else float(shape)
        scale = mean - np.log(first)
        return np.array([np.log(first), scale]) if shape is None else np.array([scale])

    def logpdf(x: Array, theta: Array) -> Array:
        a, scale = both(theta)
        return (a - 1) * np.log(x) - x / scale - a * np.log(scale) - special.gammaln(a)

    def moments(theta: Array) -> tuple[float, float]:
        a, scale = both(theta)
        return float(a * scale), float(1 / np.sqrt(a))

    return Family(
        "gamma" if shape is None else f"erlang_{shape}",
        ("shape", "scale") if shape is None else ("scale",),
        np.exp,
        start,
        logpdf,
        lambda x, theta: special.gammaincc(both(theta)[0], x / both(theta)[1]),
        lambda x, theta: log_gammaincc(both(theta)[0], x / both(theta)[1]),
        moments,
        lambda q, theta: special.gammaincinv(both(theta)[0], q) * both(theta)[1],
        lambda x, theta: special.gammainc(both(theta)[0], x / both(theta)[1]),
    )


def _gengamma() -> Family:
    """The generalised gamma of Stacy as Prentice wrote it, which passes through the lognormal.

    Source: Prentice 1974; the shape of Stacy is q to the power of minus two.
    """

    def turned(theta: Array) -> tuple[float, float, float, float]:
        q = float(theta[2])
        q = np.copysign(max(abs(q), NEAR_LOGNORMAL), q or 1.0)
        return float(theta[0]), float(np.exp(theta[1])), q, 1 / q**2

    def logpdf(x: Array, theta: Array) -> Array:
        logs, q = np.log(x), float(theta[2])
        z = (logs - theta[0]) / np.exp(theta[1])
        return -_height_lost(q) - theta[1] - logs - z * z * bent(np.minimum(q * z, 300))

    def scaled(x: Array, theta: Array) -> tuple[float, Array, bool]:
        mu, sigma, q, shape = turned(theta)
        w = q * (np.log(np.maximum(x, 1e-300)) - mu) / sigma
        return shape, shape * np.exp(np.clip(w, -600, 300)), q > 0

    def sf(x: Array, theta: Array) -> Array:
        shape, at, upward = scaled(x, theta)
        return special.gammaincc(shape, at) if upward else special.gammainc(shape, at)

    def below(x: Array, theta: Array) -> Array:
        shape, at, upward = scaled(x, theta)
        return special.gammainc(shape, at) if upward else special.gammaincc(shape, at)

    def logsf(x: Array, theta: Array) -> Array:
        shape, at, upward = scaled(x, theta)
        return log_gammaincc(shape, at) if upward else log_gammainc(shape, at)

    def moments(theta: Array) -> tuple[float, float]:
        mu, sigma, q, shape = turned(theta)
        logs = [_raw(r, mu=mu, sigma=sigma, q=q, shape=shape) for r in (1, 2)]
        return _moments(logs[0], logs[1] - 2 * logs[0])

    def ppf(share: Array, theta: Array) -> Array:
        mu, sigma, q, shape = turned(theta)
        at = special.gammaincinv(shape, share) if q > 0 else special.gammainccinv(shape, share)
        return np.exp(mu + sigma / q * np.log(np.maximum(at, 1e-300) / shape))

    def start(logs: Array, weight: Array) -> Array:
        mean, deviation = _spread(logs, weight)
        return np.array([mean, np.log(deviation), 0.1])

    return Family(
        "gengamma",
        ("mu", "sigma", "q"),
        lambda theta: np.array([theta[0], np.exp(theta[1]), theta[2]]),
        start,
        logpdf,
        sf,
        logsf,
        moments,
        ppf,
        below,
    )


def _height_lost(q: float) -> float:
    """The logarithm of what the generalised gamma's density is divided by.

    Source: DLMF 5.11.1, Stirling's series, near the lognormal, where its terms would cancel.
    """
    if abs(q) < STIRLING:
        return 0.9189385332046727 + q**2 / 12 - q**6 / 360 + q**10 / 1260
    shape = 1 / q**2
    return float(special.gammaln(shape) - shape * np.log(shape) + shape - np.log(abs(q)))


def _raw(r: int, *, mu: float, sigma: float, q: float, shape: float) -> float:
    """The logarithm of the raw moment; infinite where there is none."""
    if abs(q) < BRIDGE:
        whole = r * mu + r**2 * sigma**2 / 2
        given = {"mu": mu, "sigma": sigma, "shape": 1 / BRIDGE**2}
        under, over = _raw(r, q=-BRIDGE, **given), _raw(r, q=BRIDGE, **given)
        t = q / BRIDGE
        bridged = whole + t * (over - under) / 2 + t**2 * (over + under - 2 * whole) / 2
        return bridged if np.isfinite(under) else whole
    at = shape + r * sigma / q
    if at <= 0:
        return float("inf")
    return float(
        r * mu - r * sigma / q * np.log(shape) + special.gammaln(at) - special.gammaln(shape)
    )


LOGNORMAL = _lognormal()


def _mixture() -> Family:
    """Two lognormals: those who pass and those who are held."""

    def parts(theta: Array) -> tuple[float, Array, Array]:
        return (
            float(special.expit(theta[0])),
            theta[1:3],
            theta[3:5],
        )

    def logpdf(x: Array, theta: Array) -> Array:
        share, one, other = parts(theta)
        return np.logaddexp(
            np.log1p(-share) + LOGNORMAL.logpdf(x, one), np.log(share) + LOGNORMAL.logpdf(x, other)
        )

    def sf(x: Array, theta: Array) -> Array:
        share, one, other = parts(theta)
        return (1 - share) * LOGNORMAL.sf(x, one) + share * LOGNORMAL.sf(x, other)

    def below(x: Array, theta: Array) -> Array:
        share, one, other = parts(theta)
        return (1 - share) * LOGNORMAL.below(x, one) + share * LOGNORMAL.below(x, other)

    def logsf(x: Array, theta: Array) -> Array:
        share, one, other = parts(theta)
        return np.logaddexp(
            np.log1p(-share) + LOGNORMAL.logsf(x, one), np.log(share) + LOGNORMAL.logsf(x, other)
        )

    def moments(theta: Array) -> tuple[float, float]:
        share, one, other = parts(theta)
        means, seconds = [], []
        for part in (one, other):
            mean, cv = LOGNORMAL.moments(part)
            means.append(mean)
            seconds.append(mean**2 * (1 + cv**2))
        mean = (1 - share) * means[0] + share * means[1]
        second = (1 - share) * seconds[0] + share * seconds[1]
        return float(mean), float(np.sqrt(max(second / mean**2 - 1, 0)))

    def natural(theta: Array) -> Array:
        share, one, other = parts(theta)
        return np.array([share, one[0], np.exp(one[1]), other[0], np.exp(other[1])])

    names = ("share", "mu", "sigma", "mu_held", "sigma_held")
    return Family(
        "lognormal_mixture",
        names,
        natural,
        apart,
        logpdf,
        sf,
        logsf,
        moments,
        _inverted(below),
        below,
    )


def _zero_inflated() -> Family:
    """A lognormal with a share of stays that are none: shorter than three minutes."""

    def logpdf(x: Array, theta: Array) -> Array:
        none = special.log_expit(theta[0]) - np.log(SHORT_H)
        stay = special.log_expit(-theta[0]) + LOGNORMAL.logpdf(x, theta[1:])
        return np.where(x < SHORT_H, none, stay)

    def sf(x: Array, theta: Array) -> Array:
        short = np.clip(x / SHORT_H, 0, 1)
        none, stay = special.expit(theta[0]), special.expit(-theta[0])
        return none * (1 - short) + stay * LOGNORMAL.sf(x, theta[1:])

    def below(x: Array, theta: Array) -> Array:
        none, stay = special.expit(theta[0]), special.expit(-theta[0])
        return none * np.clip(x / SHORT_H, 0, 1) + stay * LOGNORMAL.below(x, theta[1:])

    def logsf(x: Array, theta: Array) -> Array:
        stay = special.log_expit(-theta[0]) + LOGNORMAL.logsf(x, theta[1:])
        return np.where(x < SHORT_H, np.log(np.maximum(sf(x, theta), 1e-300)), stay)

    def start(logs: Array, weight: Array) -> Array:
        stay = logs > np.log(SHORT_H)
        if not stay.any():
            return np.array([3.0, float(logs.mean()), 0.0])
        mean, deviation = _spread(logs[stay], weight[stay])
        share = np.clip(1 - weight[stay].sum() / weight.sum(), 1e-4, 0.999)
        return np.array([special.logit(share), mean, np.log(deviation)])

    def moments(theta: Array) -> tuple[float, float]:
        stay = float(special.expit(-theta[0]))
        mean, cv = LOGNORMAL.moments(theta[1:])
        second = stay * mean**2 * (1 + cv**2)
        return stay * mean, float(np.sqrt(max(second / (stay * mean) ** 2 - 1, 0)))

    def natural(theta: Array) -> Array:
        return np.array([special.expit(theta[0]), theta[1], np.exp(theta[2])])

    names = ("none_share", "mu", "sigma")
    return Family(
        "zero_inflated",
        names,
        natural,
        start,
        logpdf,
        sf,
        logsf,
        moments,
        _inverted(below),
        below,
    )


def _inverted(below: Callable[[Array, Array], Array]) -> Callable[[Array, Array], Array]:
    """The quantiles of a family that has only its distribution, by halving on the logarithm."""

    def ppf(q: Array, theta: Array) -> Array:
        low, high = np.full(np.shape(q), -30.0), np.full(np.shape(q), 30.0)
        for _ in range(60):
            middle = (low + high) / 2
            over = below(np.exp(middle), theta) < q
            low, high = np.where(over, middle, low), np.where(over, high, middle)
        return np.exp((low + high) / 2)

    return ppf


FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (LOGNORMAL, _weibull(), _gamma(), _gengamma(), _mixture(), _zero_inflated())
}
ERLANGS: tuple[Family, ...] = tuple(_gamma(shape) for shape in range(1, ERLANG_MOST + 1))
