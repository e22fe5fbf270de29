"""Which family: by likelihood, by what it foretells of stays it has not seen, and by its PIT."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kstwobign

from transcaspian.survey.fits.families import SHORT_H
from transcaspian.survey.fits.likelihood import Fit, fit
from transcaspian.survey.fits.spells import CannotFit, Spells

FOLDS = 5
POINTS = 400
SIMPLE = (
    "lognormal",
    "weibull",
    "gamma",
    "erlang",
    "gengamma",
    "lognormal_mixture",
    "zero_inflated",
)


@dataclass(frozen=True, slots=True)
class Choice:
    """One family tried on a sample.

    `crps_h`: its mean score on stays left out of its fit, in hours, lower is better; `pit`: the
    Kolmogorov-Smirnov distance of its PIT from the uniform, and `pit_p` the chance of a greater.
    """

    family: str
    fit: Fit
    aic: float
    crps_h: float
    pit: float
    pit_p: float

    @property
    def bic(self) -> float:
        """Schwarz's criterion of the fit to all stays."""
        return self.fit.bic


def choose(found: Spells, *, families: Sequence[str] = SIMPLE, seed: int = 0) -> list[Choice]:
    """The families, best first: by the score on stays left out; ties within a hundredth go to the
    one with the lesser Akaike's criterion.

    Errors: CannotFit when none can be fitted.
    """
    rng = np.random.default_rng(seed)
    fold = rng.permutation(len(found.low)) % FOLDS
    tried: list[Choice] = []
    for family in families:
        try:
            known = fit(found, family=family)
            left = _left_out(found, family, fold)
        except (CannotFit, np.linalg.LinAlgError):
            continue
        far, chance = uniform(pits(known, found, seed=seed), found.weight)
        tried.append(Choice(family, known, known.aic, left, far, chance))
    if not tried:
        message = "no family can be fitted"
        raise CannotFit(message)
    least = min(choice.crps_h for choice in tried)
    return sorted(
        tried,
        key=lambda c: (c.crps_h > least * 1.01, c.aic if c.crps_h <= least * 1.01 else c.crps_h),
    )


def uniform(pit: NDArray[np.float64], weight: NDArray[np.float64]) -> tuple[float, float]:
    """How far weighted transforms are from uniform, and the chance of a greater distance.

    The size is that of a sample of equal weights as good (Kish), and the chance that of many.
    """
    order = np.argsort(pit, kind="stable")
    upto = np.cumsum(weight[order]) / weight.sum()
    below = np.concatenate([[0.0], upto[:-1]])
    far = float(np.maximum(upto - pit[order], pit[order] - below).max())
    size = float(weight.sum() ** 2 / (weight**2).sum())
    return far, float(kstwobign.sf(far * (np.sqrt(size) + 0.12 + 0.11 / np.sqrt(size))))


def _left_out(found: Spells, family: str, fold: NDArray[np.int64]) -> float:
    """The mean score of a family on the stays of each fold, fitted to the others."""
    total = 0.0
    for number in range(FOLDS):
        known = fit(found.part(fold != number), family=family)
        left = found.part(fold == number)
        total += float(left.weight @ crps(known, left))
    return total / found.size


def crps(known: Fit, found: Spells) -> NDArray[np.float64]:
    """The score of a fit on each stay, in hours."""
    return score(lambda x: known.family.cdf(x, known.theta), found, top=known.quantile(0.999))


def score(
    cdf: Callable[[NDArray[np.float64]], NDArray[np.float64]], found: Spells, *, top: float
) -> NDArray[np.float64]:
    """The score of a distribution on each stay, in hours; beyond `top` nothing is left of it.

    A stay within bounds is scored at their middle; of an open one only what was seen is scored:
    the integral stops where the stay was last seen.

    Source: Gneiting and Raftery 2007; threshold-weighted for open stays.
    """
    middle = found.middle()
    grid = np.linspace(0, np.sqrt(max(float(middle.max()), top)), POINTS) ** 2
    grid[0] = 1e-6
    ended = cdf(grid)
    low = _integral(grid, ended**2)
    high = _integral(grid, (1 - ended) ** 2)
    below = np.interp(middle, grid, low)
    above = high[-1] - np.interp(middle, grid, high)
    return np.where(np.isinf(found.high), below, below + above)


def _integral(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """The integral up to each point, by trapezia."""
    return np.concatenate([[0.0], np.cumsum(np.diff(x) * (y[1:] + y[:-1]) / 2)])


def pits(known: Fit, found: Spells, *, seed: int) -> NDArray[np.float64]:
    """The probability integral transform of each stay, drawn within its bounds if it has such.

    An open stay is drawn from what it was last seen on. Stays too short to be any are drawn among
    these, where the family has a share of them.
    """
    none = (known.family.name == "zero_inflated") & (found.high < SHORT_H)
    finite = np.where(np.isinf(found.high), 1e12, np.where(none, SHORT_H, found.high))
    at = np.where(none, 0.0, np.maximum(found.low, 1e-9))
    low = known.family.cdf(at, known.theta)
    high = np.where(np.isinf(found.high), 1.0, known.family.cdf(finite, known.theta))
    return low + np.random.default_rng(seed).random(len(low)) * (high - low)
