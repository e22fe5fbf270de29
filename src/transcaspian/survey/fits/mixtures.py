"""Two lognormals: the height, the slope and the curvature of their likelihood, in closed form.

The parameters on the line are the logit of the share that is held, and the mean and the logarithm
of the deviation of the logarithms, of those who pass and of those who are held.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from transcaspian.survey.fits.spells import LEAST_H, Spells

Array = NDArray[np.float64]
HALF_LOG_TURN = 0.9189385332046727
SPLITS = 24
NARROWEST = 0.05


@dataclass(frozen=True, slots=True)
class Curve:
    """The logarithm of a chance or density of each length, by the mean and the log-deviation.

    Shape: value n; slope 2 by n; bend 3 by n (mean twice, both, deviation twice).
    """

    value: Array
    slope: Array
    bend: Array


@dataclass(frozen=True, slots=True)
class Shape:
    """A likelihood near some parameters: its height, its slope and its curvature."""

    value: float
    slope: Array
    curvature: Array


def at(logs: Array, mu: float, log_sigma: float) -> Curve:
    """The density of lengths known exactly, from their logarithms."""
    sigma = np.exp(log_sigma)
    z = (logs - mu) / sigma
    flat = np.full_like(z, -1 / sigma**2)
    return Curve(
        -logs - log_sigma - HALF_LOG_TURN - z * z / 2,
        np.stack([z / sigma, z * z - 1]),
        np.stack([flat, -2 * z / sigma, -2 * z * z]),
    )


def within(bounds: tuple[Array, Array], mu: float, log_sigma: float) -> Curve:
    """The chance of lengths within bounds, from the logarithms of these; either may be infinite."""
    sigma = np.exp(log_sigma)
    low, high = ((each - mu) / sigma for each in bounds)
    value = _log_between(low, high)
    a, b = (np.where(np.isfinite(each), each, 0.0) for each in (low, high))
    ra, rb = (np.exp(-each * each / 2 - HALF_LOG_TURN - value) for each in (low, high))
    slope = np.stack([(ra - rb) / sigma, a * ra - b * rb])
    bend = np.stack(
        [
            (a * ra - b * rb) / sigma**2 - slope[0] ** 2,
            ((a * a - 1) * ra - (b * b - 1) * rb) / sigma - slope[0] * slope[1],
            (a**3 - a) * ra - (b**3 - b) * rb - slope[1] ** 2,
        ]
    )
    return Curve(value, slope, bend)


def _log_between(low: Array, high: Array) -> Array:
    """The logarithm of the normal chance between two bounds, from the nearer tail."""
    over = low + np.where(np.isinf(high), 1e9, high) > 0
    near, far = np.where(over, -low, high), np.where(over, -high, low)
    top = special.log_ndtr(near)
    gone = np.minimum(special.log_ndtr(far) - top, -1e-15)
    return np.maximum(top + np.log(-np.expm1(gone)), -1e300)


def mixed(theta: Array, parts: tuple[Curve, Curve], weight: Array) -> Shape:
    """The likelihood of a share of one curve and the rest of the other."""
    share = float(special.expit(theta[0]))
    logs = (float(special.log_expit(-theta[0])), float(special.log_expit(theta[0])))
    passing, held = (log + part.value for log, part in zip(logs, parts, strict=True))
    value = np.logaddexp(passing, held)
    slope = np.zeros((5, len(weight)))
    curvature = np.zeros((5, 5))
    by_share = (-share, 1 - share)
    for number, each in enumerate((passing, held)):
        part, own = parts[number], np.exp(each - value)
        place = [0, 1 + 2 * number, 2 + 2 * number]
        both = np.vstack([np.full(len(weight), by_share[number]), part.slope])
        slope[place] += own * both
        counted = weight * own
        block = (both * counted) @ both.T
        bend = part.bend @ counted
        block[1:, 1:] += [[bend[0], bend[1]], [bend[1], bend[2]]]
        curvature[np.ix_(place, place)] += block
    curvature[0, 0] -= share * (1 - share) * float(weight.sum())
    curvature -= (slope * weight) @ slope.T
    return Shape(float(weight @ value), slope @ weight, curvature)


@dataclass(frozen=True, slots=True)
class Sample:
    """Lengths on the logarithm: known ones, bounded ones, and what those told had to exceed.

    `spread`: the variance of the logarithms; `hold`: how much a narrow part costs.
    """

    logs: Array
    weight: Array
    bounds: tuple[Array, Array]
    bounded: Array
    least: Array
    cut: Array
    spread: float
    hold: float


def sample_of(found: Spells) -> Sample:
    """The lengths on the logarithm."""
    exact, cut = found.exact, found.least > 0
    middle = np.log(np.maximum(found.middle(), LEAST_H))
    with np.errstate(divide="ignore"):
        bounds = (np.log(found.low[~exact]), np.log(found.high[~exact]))
    centre = float(np.average(middle, weights=found.weight))
    least, place = np.unique(found.least[cut], return_inverse=True)
    return Sample(
        np.log(np.maximum(found.low[exact], LEAST_H)),
        found.weight[exact],
        bounds,
        found.weight[~exact],
        np.log(least),
        np.bincount(place, weights=found.weight[cut], minlength=len(least)).astype(np.float64),
        max(float(np.average((middle - centre) ** 2, weights=found.weight)), NARROWEST**2),
        float(1 / np.sqrt(found.size)),
    )


def shape_of(known: Sample, theta: Array) -> Shape:
    """The likelihood of two lognormals, less the cost of a part that is narrow.

    Without that cost the likelihood has no bound: a part may stand on one length alone.

    Source: Chen, Tan and Zhang 2008, Statistica Sinica 18: (s/sigma)^2 + log sigma^2 for each part.
    """
    found = [(1.0, mixed(theta, _both(theta, known.logs), known.weight))]
    if known.bounded.size:
        found.append((1.0, mixed(theta, _both(theta, known.bounds), known.bounded)))
    if known.least.size:
        open_ = (known.least, np.full_like(known.least, np.inf))
        found.append((-1.0, mixed(theta, _both(theta, open_), known.cut)))
    value = sum(sign * each.value for sign, each in found)
    slope = np.sum([sign * each.slope for sign, each in found], axis=0)
    curvature = np.sum([sign * each.curvature for sign, each in found], axis=0)
    for place in (2, 4):
        narrow = known.spread * float(np.exp(-2 * theta[place]))
        value -= known.hold * (narrow + 2 * theta[place])
        slope[place] += 2 * known.hold * (narrow - 1)
        curvature[place, place] -= 4 * known.hold * narrow
    return Shape(float(value), slope, curvature)


def _both(theta: Array, told: Array | tuple[Array, Array]) -> tuple[Curve, Curve]:
    """The curves of those who pass and of those who are held."""
    first, second = theta[1:3].tolist(), theta[3:5].tolist()
    if isinstance(told, tuple):
        return within(told, *first), within(told, *second)
    return at(told, *first), at(told, *second)


def apart(logs: Array, weight: Array) -> Array:
    """The parameters of two groups: lengths cut in two where that makes each most alike."""
    order = np.argsort(logs, kind="stable")
    x, w = logs[order], weight[order]
    n, first, second = np.cumsum(w), np.cumsum(w * x), np.cumsum(w * x * x)
    cuts = np.unique(np.linspace(0.05, 0.95, SPLITS) * (len(x) - 1)).astype(np.int64)
    total = float(n[-1])

    def group(count: Array, one: Array, two: Array) -> tuple[Array, Array]:
        held = np.maximum(count, 1e-9)
        mean = one / held
        return mean, np.sqrt(np.maximum(two / held - mean**2, NARROWEST**2))

    low = group(n[cuts], first[cuts], second[cuts])
    high = group(total - n[cuts], first[-1] - first[cuts], second[-1] - second[cuts])
    share = np.clip(1 - n[cuts] / total, 1e-3, 1 - 1e-3)
    likely = (1 - share) * (np.log1p(-share) - np.log(low[1]))
    likely += share * (np.log(share) - np.log(high[1]))
    best = int(np.argmax(likely))
    each = (special.logit(share), low[0], np.log(low[1]), high[0], np.log(high[1]))
    return np.array([values[best] for values in each])


def astride(logs: Array, weight: Array) -> Array:
    """The parameters of two groups about one middle, one narrow and one wide."""
    mean = float(np.average(logs, weights=weight))
    wide = max(float(np.sqrt(np.average((logs - mean) ** 2, weights=weight))), NARROWEST)
    return np.array([-0.8, mean, np.log(wide * 0.6), mean + wide * 0.1, np.log(wide * 1.5)])


def ordered(theta: Array, curvature: Array) -> tuple[Array, Array]:
    """The parameters with those who are held the longer, and their curvature."""
    if theta[1] <= theta[3]:
        return theta, curvature
    turn = np.zeros((5, 5))
    turn[0, 0] = -1
    turn[[1, 2, 3, 4], [3, 4, 1, 2]] = 1
    return turn @ theta, turn @ curvature @ turn.T
