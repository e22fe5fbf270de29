"""Intervals of a mean over replications: plain, of antithetic pairs, and with controls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from transcaspian.indicators.runs import student

LEAST_SPARE = 10  # replications beyond the controls before a regression is believed
HELPS = 0.2  # the share of variance that controls must explain


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean, the half-width of its 90 % interval, and the variance left after controls."""

    mean: float
    half: float
    left: float = 1.0


def plain(values: np.ndarray) -> Interval:
    """The Student interval of independent values."""
    n = len(values)
    spread = float(np.std(values, ddof=1)) if n > 1 else float("nan")
    return Interval(float(np.mean(values)), student(n) * spread / n**0.5)


def of_pairs(values: np.ndarray) -> Interval:
    """The interval of antithetic replications: the means of the pairs are what is independent.

    An odd one out at the end is left aside. Source: Law, Simulation Modeling, section 11.3.
    """
    paired = values[: len(values) // 2 * 2].reshape(-1, 2)
    return plain(paired.mean(axis=1))


def controlled(values: np.ndarray, controls: np.ndarray, expected: np.ndarray) -> Interval:
    """The interval of a mean adjusted for controls whose expectations are known.

    What luck did to the controls is taken out by regression. Where they explain less than a fifth
    of the variance, or the replications are few, it is the plain interval.

    Shape: controls is replication by control. Source: Lavenberg and Welch 1981.
    """
    n = len(values)
    moved = controls[:, np.std(controls, axis=0) > 0.0]
    known = expected[np.std(controls, axis=0) > 0.0]
    count = moved.shape[1]
    if count == 0 or n < count + LEAST_SPARE:
        return plain(values)
    design = np.column_stack([np.ones(n), moved - known])
    factors, *_ = np.linalg.lstsq(design, values, rcond=None)
    rest = values - design @ factors
    freedom = n - count - 1
    variance = float(rest @ rest) / freedom
    left = variance / float(np.var(values, ddof=1)) if np.var(values) > 0.0 else 1.0
    if left > 1.0 - HELPS:
        return plain(values)
    inverse = np.linalg.pinv(design.T @ design)
    half = student(freedom + 1) * (variance * float(inverse[0, 0])) ** 0.5
    return Interval(float(factors[0]), half, left)
