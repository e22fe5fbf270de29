"""The band of a figure, and how much of it is not known and how much is the luck of the runs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transcaspian.indicators.runs import student

Array = NDArray[np.float64]
BAND = (0.05, 0.95)
ENOUGH = 40


@dataclass(frozen=True, slots=True)
class Band:
    """A figure with its 90 % band; `parameter_share` of the variance behind the band is of what is
    not known, the rest of the luck of the runs; none where there is no variance, or one run a draw.
    """

    value: float
    low: float
    high: float
    parameter_share: float | None
    runs: int


def band(values: Array, draws: int) -> Band:
    """The band of a figure told run by run; run k is of draw k modulo `draws`.

    Shape: `values` R, or R x J with J draws of the factors; R is a multiple of `draws`, or below.

    The luck of the runs of one draw is averaged out as far as there are runs; the band then holds
    nine in ten of what the draws give, with what luck is left in each. It is the range of what may
    be true, not of a mean that more runs would narrow to nothing.
    """
    grid = values.reshape(len(values), -1)
    if not np.isfinite(grid).all():
        grid = grid[:, np.isfinite(grid).all(axis=0)]
    if grid.size == 0:
        return Band(float("nan"), float("nan"), float("nan"), None, len(values))
    count = min(draws, len(grid))
    lucks = len(grid) // count
    by_draw = grid[: lucks * count].reshape(lucks, count, -1)
    means = by_draw.mean(axis=0)
    low, high = _ends(means.ravel())
    return Band(float(grid.mean()), low, high, _parameter_share(by_draw, means), len(values))


def _ends(values: Array) -> tuple[float, float]:
    """The 5 and 95 % ends of one more draw: counted off where there are enough, else Student's."""
    if len(values) >= ENOUGH:
        low, high = np.quantile(values, BAND, method="weibull")
        return float(low), float(high)
    if len(values) == 1:
        return float("nan"), float("nan")
    half = student(len(values)) * float(values.std(ddof=1)) * (1 + 1 / len(values)) ** 0.5
    return float(values.mean()) - half, float(values.mean()) + half


def _parameter_share(by_draw: Array, means: Array) -> float | None:
    """The share of the variance of the draws' means that is of the draws themselves.

    Shape: luck x draw x factors. The luck of one run is the variance within a draw at the same
    factors; what is left in a mean is that over the number of lucks.
    """
    lucks = by_draw.shape[0]
    whole = float(means.var(ddof=1)) if means.size > 1 else 0.0
    if lucks < 2 or whole <= 0:  # noqa: PLR2004  # a variance needs two
        return None
    left = float(by_draw.var(axis=0, ddof=1).mean()) / lucks
    return float(np.clip(1 - left / whole, 0.0, 1.0))
