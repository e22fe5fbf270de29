"""Stays of which only the number of pings inside is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from scipy import special

from transcaspian.survey.fits.families import FAMILIES, Array
from transcaspian.survey.fits.likelihood import Fit, climb
from transcaspian.survey.fits.spells import CannotFit

StopLoss = Callable[[Array, Array], Array]


def _lognormal(a: Array, theta: Array) -> Array:
    sigma = np.exp(theta[1])
    with np.errstate(divide="ignore"):
        z = (theta[0] - np.log(a)) / sigma
    mean = np.exp(theta[0] + sigma**2 / 2)
    return np.where(a > 0, mean * special.ndtr(z + sigma) - a * special.ndtr(z), mean)


def _weibull(a: Array, theta: Array) -> Array:
    shape, scale = np.exp(theta[0]), np.exp(theta[1])
    power = (a / scale) ** shape
    whole = scale * special.gamma(1 + 1 / shape)
    return whole * special.gammaincc(1 + 1 / shape, power) - a * np.exp(-power)


def _gamma(a: Array, theta: Array) -> Array:
    shape, scale = np.exp(theta[0]), np.exp(theta[1])
    return shape * scale * special.gammaincc(shape + 1, a / scale) - a * special.gammaincc(
        shape, a / scale
    )


STOP_LOSS: dict[str, StopLoss] = {"lognormal": _lognormal, "weibull": _weibull, "gamma": _gamma}
"""g(a) = E[(X - a)+], in hours."""


def chances(
    counts: NDArray[np.int64], theta: Array, *, interval_h: ArrayLike, family: str
) -> Array:
    """The chance of each number of pings inside a stay that holds at least one.

    `interval_h`: one for all, or one for each number.

    Source: with regular pings and a random phase, P(N = k) = g(k - 1) - 2 g(k) + g(k + 1), g the
    stop-loss transform of the stay in units of the interval.
    """
    g = STOP_LOSS[family]
    interval = np.broadcast_to(np.asarray(interval_h, dtype=np.float64), counts.shape)

    def at(k: NDArray[np.int64]) -> Array:
        return g(np.maximum(k, 0) * interval, theta) / interval

    each = at(counts - 1) - 2 * at(counts) + at(counts + 1)
    seen = at(np.zeros_like(counts)) - at(np.ones_like(counts))
    return np.maximum(each, 1e-300) / np.maximum(seen, 1e-300)


def fit_pings(counts: ArrayLike, *, interval_h: ArrayLike, family: str = "lognormal") -> Fit:
    """The family of the stays behind some numbers of pings; stays without a ping are not seen.

    `interval_h`: one for all trackers, or that of each stay's.

    Errors: CannotFit when fewer than two stays, or none with more than one ping.
    """
    pings = np.asarray(counts, dtype=np.int64)
    if pings.size < 2 or (pings < 1).any() or int(pings.max()) < 2:  # noqa: PLR2004  # a spread needs two
        message = "numbers of pings from which no length can be told"
        raise CannotFit(message)
    apart = np.broadcast_to(np.asarray(interval_h, dtype=np.float64), pings.shape)
    pairs, each = np.unique(np.stack([pings, apart]), axis=1, return_counts=True)
    values, intervals = pairs[0].astype(np.int64), pairs[1]

    def loglik(theta: Array) -> float:
        found = chances(values, theta, interval_h=intervals, family=family)
        return float(each @ np.log(found))

    logs = np.log((values - 0.5) * intervals)
    start = FAMILIES[family].start(logs, each.astype(np.float64))
    theta, value, curvature = climb(loglik, start)
    covariance = np.asarray(np.linalg.pinv(-curvature), dtype=np.float64)
    return Fit(FAMILIES[family], theta, covariance, value, float(pings.size))


def naive_dwell(counts: ArrayLike, *, interval_h: ArrayLike) -> Array:
    """The time from the first to the last ping of each stay."""
    return (np.asarray(counts, dtype=np.float64) - 1) * np.asarray(interval_h, dtype=np.float64)


CELL = ("run", "place", "country", "network", "direction")
PINGED = {
    **dict.fromkeys(CELL, pl.String),
    "n": pl.Int64,
    **dict.fromkeys(("interval_p50_h", "once_share", "naive_mean_h"), pl.Float64),
    "mean_family": pl.String,
    **dict.fromkeys(("mean_h", "mean_low", "mean_high", "p50_h"), pl.Float64),
}
TRIED = ("lognormal", "gamma")
WIDEST = 20.0
"""A mean whose limits are further apart is not told."""
TWICE_LEAST = 0.25
GRAIN_H = 0.05
"""Intervals between pings are told to three minutes: there are fewer of them to work out."""


def pinged(seen: pl.DataFrame, *, publish_from: int) -> pl.DataFrame:
    """The stays that trackers saw whole, by the numbers of their pings, at each crossing.

    The naive mean is that from the first to the last ping of stays with two at least. Stays are not
    weighted; one between two pings is not seen, and the mean allows for it. Where more than
    three in four were seen by one ping no length is told.

    Shape: `seen` has CELL, pings, gap, whole, interval_h; CELL, n, interval_p50_h,
    once_share (seen by one ping), naive_mean_h, mean_family, mean_h with 95 % limits, p50_h.
    """
    steady = pl.col("interval_h").is_finite() & (pl.col("interval_h") > GRAIN_H)
    across = pl.col("direction").is_in(["outbound", "inbound"])
    known = seen.filter(pl.col("whole") & ~pl.col("gap") & steady & across).with_columns(
        (pl.col("interval_h") / GRAIN_H).round() * GRAIN_H
    )
    rows: list[dict[str, object]] = []
    for key, group in known.sort(*CELL).group_by(CELL, maintain_order=True):
        if group.height >= publish_from:
            head = dict(zip(CELL, key, strict=True))
            rows.append({**head, "n": group.height, **_aware(group)})
    return pl.DataFrame(rows, schema=PINGED, orient="row")


def _aware(group: pl.DataFrame) -> dict[str, object]:
    """The naive mean and ours, of the stays at one place."""
    counts, interval = group["pings"].to_numpy(), group["interval_h"].to_numpy()
    twice = counts > 1
    row: dict[str, object] = {
        "interval_p50_h": float(np.median(interval)),
        "once_share": float((~twice).mean()),
    }
    if float(twice.mean()) < TWICE_LEAST:
        return row
    naive = naive_dwell(counts[twice], interval_h=interval[twice])
    row["naive_mean_h"] = float(naive.mean())
    fits: list[Fit] = []
    for family in TRIED:
        try:
            fits.append(fit_pings(counts, interval_h=interval, family=family))
        except (CannotFit, np.linalg.LinAlgError):
            continue
    if not fits:
        return row
    best = max(fits, key=lambda each: each.loglik)
    low, high = best.mean_interval()
    if not high <= WIDEST * low:
        return row
    return {
        **row,
        "mean_family": best.family.name,
        "mean_h": best.mean_h,
        "mean_low": low,
        "mean_high": high,
        "p50_h": best.quantile(0.5),
    }
