"""Quantiles with distribution-free intervals, open stays counted as longer than they were seen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Curve:
    """The Kaplan-Meier curve of some stays: the share F that had ended by each of the times."""

    times: NDArray[np.float64]
    ended: NDArray[np.float64]

    def at(self, share: float) -> float | None:
        """The time by which that share had ended; none where the curve does not reach it."""
        place = int(np.searchsorted(self.ended, share - TINY))
        return float(self.times[place]) if place < len(self.times) else None

    def by(self, time: float) -> float:
        """The share that had ended by a time."""
        place = int(np.searchsorted(self.times, time + TINY, side="right"))
        return float(self.ended[place - 1]) if place else 0.0

    def mean(self) -> float:
        """The mean of the stays, cut at the last time at which one ended."""
        steps = np.diff(np.concatenate([[0.0], self.times]))
        left = 1 - np.concatenate([[0.0], self.ended[:-1]])
        return float((steps * left).sum())


def curve(
    hours: NDArray[np.float64], open_: NDArray[np.bool_], *, weight: NDArray[np.float64]
) -> Curve:
    """The curve of stays with weights; at one time, those that end do so before the open ones.

    Source: Kaplan and Meier 1958; weights as in a survey.
    """
    order = np.lexsort((open_, hours))
    hours, ends, weight = hours[order], ~open_[order], weight[order]
    left = weight.sum() - np.concatenate([[0.0], np.cumsum(weight)[:-1]])
    times, first = np.unique(hours, return_index=True)
    died = np.add.reduceat(np.where(ends, weight, 0.0), first)
    risk = left[first]
    with np.errstate(divide="ignore", invalid="ignore"):
        survival = np.cumprod(np.where(risk > 0, 1 - died / risk, 1.0))
    kept = died > 0
    return Curve(times[kept], np.asarray(1 - survival[kept], dtype=np.float64))


def ranks(n: NDArray[np.int64], share: float, *, level: float) -> NDArray[np.int64]:
    """The ranks of the order statistics that hold a quantile; 0 and n + 1 are beyond the sample.

    Shape: lower and upper, one column an n.
    Source: David and Nagaraja, Order Statistics, section 7.1.
    """
    tail = (1 - level) / 2
    upper = binom.ppf(1 - tail, n, share).astype(np.int64) + 1
    at = binom.ppf(tail, n, share).astype(np.int64)
    exact = binom.cdf(at, n, share) <= tail
    lower = np.where(exact, at + 1, at)
    return np.vstack([lower, upper])


@cache
def _ranks_of(n: int, share: float, level: float) -> tuple[int, int]:
    """The ranks for one size; cells share sizes."""
    lower, upper = ranks(np.array([n]), share, level=level)[:, 0]
    return int(lower), int(upper)


def held(line: Curve, share: float, *, effective: float, level: float) -> tuple[float | None, ...]:
    """The quantile and its limits; a limit beyond the sample is none.

    With as many independent stays as `effective` says, the limits are the times by which the shares
    of the ranks had ended: the order statistics themselves when nothing is weighted or open.

    Source: Woodruff 1952.
    """
    n = max(int(effective + TINY), 1)
    lower, upper = _ranks_of(n, share, level)
    low = line.at(lower / n) if lower > 0 else None
    high = line.at(upper / n) if upper <= n else None
    return line.at(share), low, high
