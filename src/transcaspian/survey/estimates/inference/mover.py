"""The ratio of two estimates of one sample, its limits recovered from theirs."""

from __future__ import annotations

from math import exp, log, sqrt

import numpy as np

from transcaspian.survey.estimates.inference.order import Curve

Estimate = tuple[float, float | None, float | None]


def ratio(
    above: Estimate, below: Estimate, *, together: float
) -> tuple[float, float | None, float | None]:
    """The ratio with the limits that those of both leave it, on the logarithm.

    Each limit of the ratio comes from one limit of each estimate; a limit that needs one that is
    not there is none.

    Shape: each estimate its value, low and high; `together` the correlation of the two.
    Source: Zou and Donner 2008, Donner and Zou 2012 (variance estimates recovered).
    """
    (one, one_low, one_high), (other, other_low, other_high) = above, below
    low = _reach(one, one_low, other, other_high, together)
    high = _reach(one, one_high, other, other_low, together)
    value = one / other
    return (
        value,
        None if low is None else value * exp(-low),
        None if high is None else value * exp(high),
    )


def _reach(
    one: float, end: float | None, other: float, other_end: float | None, together: float
) -> float | None:
    """How far a limit lies from the ratio, on the logarithm."""
    if end is None or other_end is None or min(end, other_end) <= 0:
        return None
    a, b = abs(log(one / end)), abs(log(other / other_end))
    return sqrt(max(a * a - 2 * together * a * b + b * b, 0.0))


def of_quantiles(lower: float, upper: float) -> float:
    """The correlation of two sample quantiles, of any law.

    Source: David and Nagaraja, Order Statistics, section 10.3.
    """
    return sqrt(lower * (1 - upper) / (upper * (1 - lower)))


def of_mean(line: Curve, share: float) -> float:
    """The correlation of the mean of stays and one of their quantiles, by the curve they make.

    What a stay adds to each is the stay itself, and whether it is beyond the quantile: no density
    is needed.

    Source: Ferguson 1998, Asymptotic joint distribution of sample mean and a sample quantile.
    """
    mass = np.diff(np.concatenate([[0.0], line.ended]))
    mass = mass / mass.sum()
    mean = float(mass @ line.times)
    spread = float(mass @ (line.times - mean) ** 2)
    far = line.ended > share
    beyond = float(mass[far].sum())
    if spread <= 0 or not 0 < beyond < 1:
        return 0.0
    joint = float(mass[far] @ (line.times[far] - mean))
    return min(joint / sqrt(spread * beyond * (1 - beyond)), 1.0)
