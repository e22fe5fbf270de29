"""Luck by words: the keys of draws, and the parameters of the families of times.

A key is 64 bits of the words that name a thing, so nothing added elsewhere moves it.
"""

from __future__ import annotations

import hashlib
import math
from functools import lru_cache

import numpy as np

CONSTANT, UNIFORM, TRIANGULAR, EXPONENTIAL, ERLANG2, ERLANG4, LOGNORMAL, WEIBULL = range(8)
SHAPES = {
    "constant": CONSTANT,
    "uniform": UNIFORM,
    "triangular": TRIANGULAR,
    "exponential": EXPONENTIAL,
    "erlang2": ERLANG2,
    "erlang4": ERLANG4,
    "lognormal": LOGNORMAL,
    "weibull": WEIBULL,
}
POINTS = 4096
ERLANG_MOST = 38.0
NORMAL_CURVE = 2
EDGE = 1.0 / 64.0


def key(*words: object) -> int:
    """The 64-bit key of some words."""
    text = "\x1f".join(str(word) for word in words)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def parameters(shape: str, mean: float, cv: float) -> tuple[int, float, float]:
    """The number of a family and the two parameters that give it a mean and a cv.

    A uniform or triangular time is never below zero: its half-width is at most its mean.
    """
    number = SHAPES[shape]
    if number in (ERLANG2, ERLANG4):
        stages = 2 if number == ERLANG2 else 4
        return number, mean / stages, POINTS / ERLANG_MOST ** (1.0 / stages)
    if number == EXPONENTIAL:
        return number, mean, 0.0
    if cv <= 0.0 or mean <= 0.0 or number == CONSTANT:
        return CONSTANT, mean, 0.0
    if number == LOGNORMAL:
        spread = math.log1p(cv * cv)
        return number, math.log(mean) - spread / 2.0, math.sqrt(spread)
    if number == WEIBULL:
        exponent = weibull_exponent(cv)
        return number, mean / math.gamma(1.0 + exponent), exponent
    half = min(mean * cv * math.sqrt(3.0 if number == UNIFORM else 6.0), mean)
    return number, mean - half, 2.0 * half


def weibull_exponent(cv: float) -> float:
    """One over the shape of the Weibull distribution with a cv, by bisection."""
    low, high = 1e-3, 20.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        ratio = math.exp(math.lgamma(1.0 + 2.0 * middle) - 2.0 * math.lgamma(1.0 + middle))
        low, high = (low, middle) if ratio - 1.0 > cv * cv else (middle, high)
    return 0.5 * (low + high)


@lru_cache(maxsize=1)
def curves() -> np.ndarray:
    """The quantiles that are read from tables: Erlang-2 and Erlang-4 with unit rate, normal.

    The first two at equal steps of (-ln(1-u))^(1/k), the last at equal steps of u.
    """
    from scipy.special import gammainccinv, gammaincinv, ndtri  # noqa: PLC0415  # heavy

    rows: list[np.ndarray] = []
    for stages in (2, 4):
        w = np.linspace(0.0, ERLANG_MOST ** (1.0 / stages), POINTS + 1) ** stages
        rows.append(
            np.where(w > 1.0, gammainccinv(stages, np.exp(-w)), gammaincinv(stages, -np.expm1(-w)))
        )
    inside = np.clip(np.linspace(0.0, 1.0, POINTS + 1), EDGE / 2, 1.0 - EDGE / 2)
    return np.ascontiguousarray(np.array([*rows, ndtri(inside)]))
