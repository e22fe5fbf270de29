"""Means with open stays counted as longer, their intervals by resampling clusters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

DRAWS = 400
Array = NDArray[np.float64]


def longer_mean(
    hours: Array,
    open_: NDArray[np.bool_],
    *,
    weight: Array,
    cluster: NDArray[np.int64],
    level: float,
    seed: int,
) -> tuple[float, float | None, float | None]:
    """The area under the curve of Kaplan and Meier, with the interval of samples of clusters.

    It is cut where the last stay ended. The interval is that of Student's t on the logarithm, with
    the deviation of samples drawn anew and a degree of freedom less than there are clusters; it
    reaches at least as far as the quantiles of those samples. With one cluster there is none.

    Source: Efron 1981, Censored data and the bootstrap.
    """
    order = np.lexsort((open_, hours))
    times, ends = hours[order], ~open_[order]
    number = np.unique(cluster[order], return_inverse=True)[1]
    count = int(number.max()) + 1
    value = float(_areas(times, ends, weight[order][None, :])[0])
    if count < 2:  # noqa: PLR2004  # a spread needs two
        return value, None, None
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=DRAWS)
    found = _areas(times, ends, weight[order] * drawn[:, number])
    tails = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    reach = student.ppf((1 + level) / 2, count - 1) * np.log(np.maximum(found, 1e-9)).std()
    low, high = value * np.exp(-reach), value * np.exp(reach)
    return value, float(min(low, tails[0])), float(max(high, tails[1]))


def _areas(times: Array, ends: NDArray[np.bool_], weight: Array) -> Array:
    """The area under each curve up to its last end.

    Shape: `weight` a row a sample, a column a stay, in order of time.
    """
    risk = np.cumsum(weight[:, ::-1], axis=1)[:, ::-1]
    died = np.where(ends, weight, 0.0)
    left = np.cumprod(1 - died / np.maximum(risk, 1e-300), axis=1)
    before = np.concatenate([np.ones((len(weight), 1)), left[:, :-1]], axis=1)
    later = np.cumsum(died[:, ::-1], axis=1)[:, ::-1] > 0
    widths = np.diff(times, prepend=0.0)
    return np.where(later, before * widths, 0.0).sum(axis=1)
