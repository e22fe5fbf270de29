"""Lengths known exactly, within bounds, or only to be longer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

LEAST_H = 1 / 60
"""Shorter lengths count as a minute: families on the positive line have no place for nothing."""


class CannotFit(ValueError):  # noqa: N818  # the house word for it
    """A sample that no family can be fitted to, with the reason."""


@dataclass(frozen=True, slots=True)
class Spells:
    """Lengths in hours: exact where low is high, open where high is infinite, else within bounds.

    `least`: what a length must exceed to be told at all; 0 where every length is told.

    Shape: low, high, weight, least of one length each.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    weight: NDArray[np.float64]
    least: NDArray[np.float64]

    @property
    def exact(self) -> NDArray[np.bool_]:
        """Which are known exactly."""
        return self.low == self.high

    @property
    def size(self) -> float:
        """The sum of the weights."""
        return float(self.weight.sum())

    def middle(self) -> NDArray[np.float64]:
        """The middle of the bounds; of open lengths, what was seen."""
        return np.where(np.isinf(self.high), self.low, (self.low + self.high) / 2)

    def part(self, chosen: NDArray[np.bool_]) -> Spells:
        """Some of the lengths."""
        return Spells(self.low[chosen], self.high[chosen], self.weight[chosen], self.least[chosen])


def spells(
    hours: ArrayLike,
    *,
    half: ArrayLike = 0.0,
    open_: ArrayLike = False,  # an array of flags, or one for all
    weight: ArrayLike = 1.0,
    least: ArrayLike = 0.0,
) -> Spells:
    """The lengths told as `hours` that may be `half` more or less; open ones are at least as long.
    Those shorter than `least` would not have been told.

    Errors: CannotFit when there is none, when all are open, or when all are alike.
    """
    told = np.maximum(np.asarray(hours, dtype=np.float64), LEAST_H)
    shape = told.shape
    reach = np.broadcast_to(np.asarray(half, dtype=np.float64), shape)
    longer = np.broadcast_to(np.asarray(open_, dtype=np.bool_), shape)
    low = np.where(longer, told, np.maximum(told - reach, 0.0))
    high = np.where(longer, np.inf, told + reach)
    each, told_from = (
        np.broadcast_to(np.asarray(values, dtype=np.float64), shape).copy()
        for values in (weight, least)
    )
    found = Spells(np.maximum(low, told_from), high, each, told_from)
    return checked(found)


def heaped(hours: ArrayLike, unit: ArrayLike = 1.0) -> Spells:
    """The lengths told in whole units, each half a unit more or less.

    Errors: CannotFit.
    """
    return spells(hours, half=np.asarray(unit, dtype=np.float64) / 2)


def checked(found: Spells) -> Spells:
    """The lengths, if a family can be fitted to them.

    Errors: CannotFit.
    """
    ended = np.isfinite(found.high)
    if found.low.size < 2:  # noqa: PLR2004  # a spread needs two
        message = f"{found.low.size} length; a spread needs two"
        raise CannotFit(message)
    if not ended.any():
        message = f"all {found.low.size} lengths are open; nothing is known of how they end"
        raise CannotFit(message)
    middle = found.middle()[ended]
    if found.exact[ended].all() and np.ptp(middle) < 1e-9 * max(float(middle.max()), 1.0):
        message = f"all {int(ended.sum())} lengths are {middle[0]:g} h; they have no spread"
        raise CannotFit(message)
    if float(found.low.max()) <= float(found.high.min()):
        message = f"all {found.low.size} lengths may be {found.low.max():g} h; they have no spread"
        raise CannotFit(message)
    return found


def heaping(hours: ArrayLike, *, unit: float = 1.0) -> float:
    """How many times more lengths fall on whole units than if they were told to the minute."""
    told = np.asarray(hours, dtype=np.float64)
    minutes = np.round(told * 60)
    step = max(round(unit * 60), 1)
    share = float((np.abs(minutes % step) < 0.5).mean()) if told.size else 0.0  # noqa: PLR2004  # half a minute
    return share * step
