"""Keyed luck: a draw is a pure function of seed, stage, trip and visit, by inverse transform.

A counter-based generator: two rounds of the finaliser of SplitMix64 over the keys of stage and
trip.
"""

from __future__ import annotations

import hashlib
import math
import os
from pathlib import Path

import numpy as np
from numba import config, njit

from transcaspian.simulation.arrays import Array
from transcaspian.simulation.luck import (
    CONSTANT,
    EDGE,
    ERLANG2,
    EXPONENTIAL,
    LOGNORMAL,
    NORMAL_CURVE,
    POINTS,
    TRIANGULAR,
    UNIFORM,
    WEIBULL,
)

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_A, _B, _C, _D = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
MIRRORED = (1 << 53) - 1
_UNIT = 1.0 / 9007199254740992.0
_NEAR_TOP = (
    7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
    1.27045825245236838258, 3.64784832476320460504, 5.76949722146069140550,
    4.63033784615654529590, 1.42343711074968357734,
)  # fmt: skip
_NEAR_LOW = (
    1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
    1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940,
    2.05319162663775882187, 1.0,
)  # fmt: skip
_FAR_TOP = (
    2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
    2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580,
    5.46378491116411436990, 6.65790464350110377720,
)  # fmt: skip
_FAR_LOW = (
    2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
    7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
    5.99832206555887937690e-1, 1.0,
)  # fmt: skip


def _choose_cache() -> None:
    """Nothing; compiled code is kept in the user's cache, in a folder of this version of it."""
    if "NUMBA_CACHE_DIR" in os.environ:
        return
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    digest = hashlib.sha256()
    here = Path(__file__).parent
    for path in (here.parent / "arrays.py", here.parent / "luck.py", *sorted(here.glob("*.py"))):
        digest.update(path.read_bytes())
    name = "CACHE_DIR"  # declared at run time only
    setattr(config, name, str(home / "transcaspian" / f"kernel-{digest.hexdigest()[:12]}"))


_choose_cache()


@njit(cache=True, forceinline=True, error_model="numpy")
def mix(x: np.uint64) -> np.uint64:
    """A bijection of 64 bits in which every bit of the input moves half of the output."""
    x = (x ^ (x >> _A)) * _FIRST
    x = (x ^ (x >> _B)) * _SECOND
    return x ^ (x >> _C)


@njit(cache=True, forceinline=True, error_model="numpy")
def nth(base: np.uint64, n: int) -> np.uint64:
    """The key of the n-th of a series: of a flow's trips, of a carrier's rounds."""
    return mix(base + np.uint64(n) * _GOLDEN)


@njit(cache=True, forceinline=True, error_model="numpy")
def draw(stage: np.uint64, trip: np.uint64, mirror: int) -> float:
    """A uniform draw inside (0, 1); one less it where the mirror is MIRRORED instead of 0."""
    x = (mix(mix(stage ^ trip) + stage) >> _D) ^ np.uint64(mirror)
    return (np.float64(x) + 0.5) * _UNIT


@njit(cache=True, forceinline=True, error_model="numpy")
def draws(stage: np.uint64, base: np.uint64, count: int, mirror: int) -> Array:
    """The draws of one stage for the first members of a series."""
    found = np.empty(count)
    for n in range(count):
        found[n] = draw(stage, nth(base, n), mirror)
    return found


@njit(cache=True, forceinline=True, error_model="numpy")
def polynomial(coefficients: Array, x: float) -> float:
    """The value of a polynomial, its highest coefficient given first."""
    value = 0.0
    for coefficient in coefficients:
        value = value * x + coefficient
    return value


@njit(cache=True, error_model="numpy")
def normal_tail(u: float) -> float:
    """The standard normal quantile where u is below 0.075 or above 0.925.

    Source: Wichura, Algorithm AS 241, Applied Statistics 37 (1988), PPND16.
    """
    r = math.sqrt(-math.log(min(u, 1.0 - u)))
    if r <= 5.0:
        z = polynomial(_NEAR_TOP, r - 1.6) / polynomial(_NEAR_LOW, r - 1.6)
    else:
        z = polynomial(_FAR_TOP, r - 5.0) / polynomial(_FAR_LOW, r - 5.0)
    return -z if u < 0.5 else z


@njit(cache=True, forceinline=True, error_model="numpy")
def normal(u: float, curve: Array) -> float:
    """The standard normal quantile, to 1e-5: from a table between 1/64 and 63/64, else exactly."""
    if u < EDGE or u > 1.0 - EDGE:
        return normal_tail(u)
    at = u * POINTS
    low = int(at)
    return curve[NORMAL_CURVE, low] + (at - low) * (
        curve[NORMAL_CURVE, low + 1] - curve[NORMAL_CURVE, low]
    )


@njit(cache=True, forceinline=True, error_model="numpy")
def quantile(shape: int, u: float, first: float, second: float, curves: Array) -> float:
    """The quantile of a distribution with the parameters that `parameters` makes."""
    if shape == LOGNORMAL:
        return math.exp(first + second * normal(u, curves))
    if shape == EXPONENTIAL:
        return -first * math.log(1.0 - u)
    if shape == CONSTANT:
        return first
    if shape == UNIFORM:
        return first + second * u
    if shape == TRIANGULAR:
        if u < 0.5:
            return first + second * math.sqrt(0.5 * u)
        return first + second * (1.0 - math.sqrt(0.5 * (1.0 - u)))
    w = -math.log(1.0 - u)
    if shape == WEIBULL:
        return first * w**second
    y = math.sqrt(w) if shape == ERLANG2 else math.sqrt(math.sqrt(w))
    at = y * second
    low = min(int(at), POINTS - 1)
    curve = shape - ERLANG2
    return first * (curves[curve, low] + (at - low) * (curves[curve, low + 1] - curves[curve, low]))
