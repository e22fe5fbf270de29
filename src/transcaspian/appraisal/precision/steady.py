"""Steady states: where a series has forgotten its start, and how sure its mean is then."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from transcaspian.indicators.runs import student

BATCH = 5
BATCHES = 20


@dataclass(frozen=True, slots=True)
class Steady:
    """The mean of a series once its start is cut, with its 90 % interval.

    `settled` is false when half of the series would have to be cut: it is too short, or there is no
    steady state.
    """

    mean: float
    half: float
    cut: int
    length: int
    settled: bool


def mser5(series: np.ndarray) -> int:
    """How many values to cut from the start of a series: those that make its mean least sure.

    Source: White, Cobb and Spratt 2000: means of five, and the cut d, in the first half, that makes
    the sum of squares of the rest over (n - d)^2 least.
    """
    count = len(series) // BATCH
    if count < 2:  # noqa: PLR2004  # nothing to choose from
        return 0
    means = series[: count * BATCH].reshape(count, BATCH).mean(axis=1)
    back = means[::-1]
    number = np.arange(1, count + 1)
    sums, squares = np.cumsum(back), np.cumsum(back * back)
    error = (squares - sums * sums / number) / number**2
    by_cut = error[::-1]  # cut d leaves count - d means
    return int(np.argmin(by_cut[: count // 2 + 1])) * BATCH


def steady_state(series: np.ndarray) -> Steady:
    """The steady state of a series: its start cut by MSER-5, its interval by batch means.

    Source: Law, Simulation Modeling, section 9.5.3.
    """
    cut = mser5(series)
    rest = series[cut:]
    size = len(rest) // BATCHES
    settled = cut + BATCH < len(series) // BATCH // 2 * BATCH and size > 0
    if size == 0:
        return Steady(float(np.mean(rest)), float("nan"), cut, len(series), settled=False)
    means = rest[len(rest) - size * BATCHES :].reshape(BATCHES, size).mean(axis=1)
    half = student(BATCHES) * float(np.std(means, ddof=1)) / BATCHES**0.5
    return Steady(float(means.mean()), half, cut, len(series), settled)
