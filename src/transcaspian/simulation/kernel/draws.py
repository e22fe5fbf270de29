"""Keyed luck: a draw is a pure function of seed, stage, trip and visit, by inverse transform.

A counter-based generator: two rounds of the finaliser of SplitMix64 over the keys of stage and trip.
"""

from __future__ import annotations

import hashlib
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
from numba import config, njit

from transcaspian.simulation.luck import (
    CONSTANT,
    ERLANG2,
    ERLANG_POINTS,
    EXPONENTIAL,
    LOGNORMAL,
    TRIANGULAR,
    UNIFORM,
    WEIBULL,
)

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_A, _B, _C, _D = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_UNIT = 1.0 / 9007199254740992.0


def _choose_cache() -> None:
    """Nothing; compiled code is kept in the user's cache, in a folder of this version of the kernel."""
    if "NUMBA_CACHE_DIR" in os.environ:
        return
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    digest = hashlib.sha256()
    here = Path(__file__).parent
    for path in (here.parent / "arrays.py", here.parent / "luck.py", *sorted(here.glob("*.py"))):
        digest.update(path.read_bytes())
    config.CACHE_DIR = str(home / "transcaspian" / f"kernel-{digest.hexdigest()[:12]}")


_choose_cache()


@njit(cache=True)
def mix(x: np.uint64) -> np.uint64:
    """A bijection of 64 bits in which every bit of the input moves half of the output."""
    x = (x ^ (x >> _A)) * _FIRST
    x = (x ^ (x >> _B)) * _SECOND
    return x ^ (x >> _C)


@njit(cache=True)
def nth(base: np.uint64, n: int) -> np.uint64:
    """The key of the n-th of a series: of a flow's trips, of a carrier's rounds."""
    return mix(base + np.uint64(n) * _GOLDEN)


@njit(cache=True)
def draw(stage: np.uint64, trip: np.uint64) -> float:
    """A uniform draw inside (0, 1)."""
    x = mix(mix(stage ^ trip) + stage)
    return (np.float64(x >> _D) + 0.5) * _UNIT


@njit(cache=True)
def draws(stage: np.uint64, base: np.uint64, count: int) -> Any:  # noqa: ANN401  # an array
    """The draws of one stage for the first members of a series."""
    found = np.empty(count)
    for n in range(count):
        found[n] = draw(stage, nth(base, n))
    return found


@njit(cache=True)
def normal(u: float) -> float:
    """The standard normal quantile.

    Source: Wichura, Algorithm AS 241, Applied Statistics 37 (1988), PPND16.
    """
    q = u - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        top = (
            (
                (
                    (
                        (
                            (2.5090809287301226727e3 * r + 3.3430575583588128105e4) * r
                            + 6.7265770927008700853e4
                        )
                        * r
                        + 4.5921953931549871457e4
                    )
                    * r
                    + 1.3731693765509461125e4
                )
                * r
                + 1.9715909503065514427e3
            )
            * r
            + 1.3314166789178437745e2
        ) * r + 3.3871328727963666080
        low = (
            (
                (
                    (
                        (
                            (5.2264952788528545610e3 * r + 2.8729085735721942674e4) * r
                            + 3.9307895800092710610e4
                        )
                        * r
                        + 2.1213794301586595867e4
                    )
                    * r
                    + 5.3941960214247511077e3
                )
                * r
                + 6.8718700749205790830e2
            )
            * r
            + 4.2313330701600911252e1
        ) * r + 1.0
        return q * top / low
    r = math.sqrt(-math.log(u if q < 0.0 else 1.0 - u))
    if r <= 5.0:
        r -= 1.6
        top = (
            (
                (
                    (
                        (
                            (7.74545014278341407640e-4 * r + 2.27238449892691845833e-2) * r
                            + 2.41780725177450611770e-1
                        )
                        * r
                        + 1.27045825245236838258
                    )
                    * r
                    + 3.64784832476320460504
                )
                * r
                + 5.76949722146069140550
            )
            * r
            + 4.63033784615654529590
        ) * r + 1.42343711074968357734
        low = (
            (
                (
                    (
                        (
                            (1.05075007164441684324e-9 * r + 5.47593808499534494600e-4) * r
                            + 1.51986665636164571966e-2
                        )
                        * r
                        + 1.48103976427480074590e-1
                    )
                    * r
                    + 6.89767334985100004550e-1
                )
                * r
                + 1.67638483018380384940
            )
            * r
            + 2.05319162663775882187
        ) * r + 1.0
    else:
        r -= 5.0
        top = (
            (
                (
                    (
                        (
                            (2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r
                            + 1.24266094738807843860e-3
                        )
                        * r
                        + 2.65321895265761230930e-2
                    )
                    * r
                    + 2.96560571828504891230e-1
                )
                * r
                + 1.78482653991729133580
            )
            * r
            + 5.46378491116411436990
        ) * r + 6.65790464350110377720
        low = (
            (
                (
                    (
                        (
                            (2.04426310338993978564e-15 * r + 1.42151175831644588870e-7) * r
                            + 1.84631831751005468180e-5
                        )
                        * r
                        + 7.86869131145613259100e-4
                    )
                    * r
                    + 1.48753612908506148525e-2
                )
                * r
                + 1.36929880922735805310e-1
            )
            * r
            + 5.99832206555887937690e-1
        ) * r + 1.0
    return -top / low if q < 0.0 else top / low


@njit(cache=True)
def quantile(shape: int, u: float, first: float, second: float, erlang: Any) -> float:  # noqa: ANN401, PLR0911
    """The quantile of a distribution with the parameters that `parameters` makes."""
    if shape == LOGNORMAL:
        return math.exp(first + second * normal(u))
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
    low = min(int(at), ERLANG_POINTS - 2)
    table = erlang[shape - ERLANG2]
    return first * (table[low] + (at - low) * (table[low + 1] - table[low]))
