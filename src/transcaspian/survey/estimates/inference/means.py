"""Means of skewed stays by a model, open stays counted as longer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from transcaspian.survey.fits.likelihood import Fit, fit
from transcaspian.survey.fits.spells import CannotFit, spells

FAMILIES = ("lognormal", "weibull", "gamma")
WIDEST = 20.0
"""A mean whose limits are further apart is not told."""
CV_MOST = 20.0
"""A family that must vary more than this to hold the stays is none of them."""
APART = 6.0
"""Families whose criterion is within this of the least cannot be told from the likeliest."""


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean with its interval, the family it is of, and the logarithmic mean and deviation."""

    value: float
    low: float
    high: float
    family: str
    mu: float
    sigma: float


def modelled(
    hours: NDArray[np.float64],
    open_: NDArray[np.bool_],
    *,
    half: NDArray[np.float64],
    weight: NDArray[np.float64],
    effective: float,
    level: float,
) -> Mean | None:
    """The mean of the stays by the likeliest of three families; none where they cannot carry it.

    The interval of a family is that of the delta method on the logarithm, with Student's t and the
    effective size in place of the size; for exact stays of a lognormal it is Cox's. The interval
    told holds those of all families that the stays cannot tell from the likeliest, and reaches up
    to where the mean of the sample as it is would have its limit, on the logarithm: a few stays
    much longer than the rest are of no family.

    Source: Zhou and Gao 1997, Olsson 2005; Burnham and Anderson 2002 for what cannot be told apart.
    """
    scaled = weight * (effective / weight.sum())
    try:
        known = spells(hours, half=half, open_=open_, weight=scaled)
        fits = [fit(known, family=family) for family in FAMILIES]
        mu, sigma = (float(fits[0].parameters[name]) for name in ("mu", "sigma"))
    except (CannotFit, np.linalg.LinAlgError):
        return None
    fits = [each for each in fits if each.cv <= CV_MOST]
    if not fits:
        return None
    best: Fit = min(fits, key=lambda each: each.aic)
    z = float(student.ppf((1 + level) / 2, max(effective - 1, 1)))
    near = [each.mean_interval(z=z) for each in fits if each.aic <= best.aic + APART]
    known_near = [pair for pair in near if pair[1] <= WIDEST * pair[0]]
    if not known_near:
        return None
    low = min(pair[0] for pair in known_near)
    high = max(*(pair[1] for pair in known_near), plain_limit(hours, weight, reach=z, n=effective))
    return Mean(best.mean_h, low, high, best.family.name, mu, sigma)


def plain_limit(
    hours: NDArray[np.float64], weight: NDArray[np.float64], *, reach: float, n: float
) -> float:
    """The upper limit of the mean of a sample as it is, its error taken on the logarithm."""
    share = weight / weight.sum()
    mean = float(share @ hours)
    if mean <= 0 or n <= 1:
        return 0.0
    error = float(np.sqrt(share @ (hours - mean) ** 2 / (n - 1)))
    return mean * float(np.exp(min(reach * error / mean, np.log(WIDEST))))
