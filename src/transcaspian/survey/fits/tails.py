"""Logarithms of tails that no machine number is small enough to hold."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Array = NDArray[np.float64]
HELD = 1e-280
"""Tails above this are told by scipy's own."""
LEVELS = 200
NEAR = 1e-2


def bent(w: Array) -> Array:
    """How far the exponential is above its tangent at nothing, over the square: half, near it."""
    near = np.abs(w) < NEAR
    far = np.where(near, 1.0, w)
    series = 1 / 2 + w / 6 * (1 + w / 4 * (1 + w / 5 * (1 + w / 6)))
    return np.where(near, series, (np.expm1(far) - far) / far**2)


def log_gammaincc(shape: float, x: ArrayLike) -> Array:
    """The logarithm of the upper regularised incomplete gamma function, however small.

    Source: DLMF 8.9.2, the continued fraction, from its far end.
    """
    at = np.atleast_1d(np.asarray(x, dtype=np.float64))
    upper = special.gammaincc(shape, at)
    found = np.log(np.maximum(upper, HELD))
    far = (upper < HELD) & (at > shape)
    if far.any():
        z = at[far]
        below = z + 2 * LEVELS + 1 - shape
        for level in range(LEVELS, 0, -1):
            below = z + 2 * level - 1 - shape - level * (level - shape) / below
        found[far] = shape * np.log(z) - z - special.gammaln(shape) - np.log(below)
    return found


def log_gammainc(shape: float, x: ArrayLike) -> Array:
    """The logarithm of the lower regularised incomplete gamma function, however small.

    Source: DLMF 8.7.1, the series.
    """
    at = np.atleast_1d(np.asarray(x, dtype=np.float64))
    lower = special.gammainc(shape, at)
    found = np.log(np.maximum(lower, HELD))
    far = (lower < HELD) & (at < shape + 1)
    if far.any():
        z = np.maximum(at[far], 1e-300)
        term, total = np.ones_like(z), np.ones_like(z)
        for level in range(1, LEVELS):
            term = term * z / (shape + level)
            total = total + term
        found[far] = shape * np.log(z) - z - special.gammaln(shape + 1) + np.log(total)
    return found
