"""Quantiles with distribution-free intervals, open stays counted as longer than they were seen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import binom

TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Curve:
    """The Kaplan-Meier curve of some stays: the share F that had ended by each of the times.

    `known`: how many stays the share at each time is as good as, over all: 1 while none was open;
    `until`: the time after which nothing is known.
    """

    times: NDArray[np.float64]
    ended: NDArray[np.float64]
    known: NDArray[np.float64]
    until: float

    def at(self, share: float) -> float | None:
        """The time by which that share had ended; none where the curve does not reach it."""
        place = int(np.searchsorted(self.ended, share - TINY))
        return float(self.times[place]) if place < len(self.times) else None

    def by(self, time: float) -> float | None:
        """The share that had ended by a time; none where that is not known."""
        place = self.place(time)
        share = float(self.ended[place - 1]) if place else 0.0
        return share if time <= self.until or share >= 1 - TINY else None

    def place(self, time: float) -> int:
        """How many of the times are up to a time."""
        return int(np.searchsorted(self.times, time + TINY, side="right"))

    def mean(self) -> float:
        """The mean of the stays, cut at the last time at which one ended."""
        steps = np.diff(np.concatenate([[0.0], self.times]))
        left = 1 - np.concatenate([[0.0], self.ended[:-1]])
        return float((steps * left).sum())


def curve(
    hours: NDArray[np.float64], open_: NDArray[np.bool_], *, weight: NDArray[np.float64]
) -> Curve:
    """The curve of stays with weights; at one time, those that end do so before the open ones.

    Source: Kaplan and Meier 1958, Greenwood 1926; weights as in a survey.
    """
    order = np.lexsort((open_, hours))
    hours, ends, weight = hours[order], ~open_[order], weight[order] / weight.sum()
    left = 1 - np.concatenate([[0.0], np.cumsum(weight)[:-1]])
    times, first = np.unique(hours, return_index=True)
    died = np.add.reduceat(np.where(ends, weight, 0.0), first)
    risk = np.maximum(left[first], died)
    with np.errstate(divide="ignore", invalid="ignore"):
        survival = np.cumprod(np.where(risk > 0, 1 - died / risk, 1.0))
        greenwood = np.cumsum(np.where(died > 0, died / (risk * (risk - died)), 0.0))
        known = (1 - survival) / (survival * greenwood)
    kept = died > 0
    survival, known = survival[kept], known[kept]
    last = survival < TINY
    if last.any() and not last.all():
        known[last] = known[~last][-1]
    return Curve(
        times[kept],
        np.asarray(1 - survival, dtype=np.float64),
        np.clip(np.nan_to_num(known, nan=1.0, posinf=1.0), 0.0, 1.0),
        float(hours[-1]),
    )


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
    of the ranks had ended: the order statistics themselves when nothing is weighted or open. Where
    stays were open, a share rests on as many stays as would tell it as surely.

    Source: Woodruff 1952; Brookmeyer and Crowley 1982.
    """
    sizes = np.maximum((effective * line.known + TINY).astype(np.int64), 1)
    each, place = np.unique(sizes, return_inverse=True)
    bounds = np.array([_ranks_of(int(n), share, level) for n in each]).reshape(-1, 2)
    lower, upper = bounds[place].T
    ended = line.ended + TINY
    low = (lower > 0) & (ended >= lower / sizes)
    high = (upper <= sizes) & (ended >= upper / sizes)
    limits = (float(line.times[at.argmax()]) if at.any() else None for at in (low, high))
    return (line.at(share), *limits)


def within(line: Curve, time: float, *, effective: float, level: float) -> tuple[float | None, ...]:
    """The share that had ended by a time, with its limits; none where it is not known.

    Source: Wilson 1927, on the size that the share rests on.
    """
    share = line.by(time)
    if share is None:
        return None, None, None
    place = line.place(time)
    n = max(effective * (float(line.known[place - 1]) if place else 1.0), 1.0)
    z2 = float(ndtri((1 + level) / 2)) ** 2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    reach = float(np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n**2)))) / (1 + z2 / n)
    return share, max(middle - reach, 0.0), min(middle + reach, 1.0)
