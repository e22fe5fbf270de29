"""Families fitted to lengths by the greatest likelihood, with the covariance of what was fitted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from transcaspian.survey.fits.families import ERLANGS, FAMILIES, SHORT_H, Array, Family
from transcaspian.survey.fits.mixtures import (
    Shape,
    apart,
    astride,
    ordered,
    sample_of,
    shape_of,
)
from transcaspian.survey.fits.spells import LEAST_H, CannotFit, Spells, checked

STEP = 1e-4
MOST_ROUNDS = 80
FEW_ROUNDS = 5
"""How far each start of a mixture is followed before the better is."""
CLOSE = 1e-9
FARTHEST = 50.0
"""No interval of a mean is told to be wider on the logarithm."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted family.

    `theta`: the parameters on the whole line, `covariance` theirs; `parameters`: by their names in
    their own scale; `loglik`, `size` (sum of the weights).
    """

    family: Family
    theta: Array
    covariance: NDArray[np.float64]
    loglik: float
    size: float

    @property
    def parameters(self) -> dict[str, float]:
        """The parameters by their names, in their own scale."""
        return dict(
            zip(self.family.names, map(float, self.family.natural(self.theta)), strict=True)
        )

    @property
    def free(self) -> int:
        """How many parameters were fitted; the whole number of phases of an Erlang is one."""
        return len(self.theta) + self.family.name.startswith("erlang")

    @property
    def aic(self) -> float:
        """Akaike's criterion."""
        return 2 * self.free - 2 * self.loglik

    @property
    def bic(self) -> float:
        """Schwarz's criterion."""
        return float(self.free * np.log(self.size)) - 2 * self.loglik

    @property
    def natural_covariance(self) -> NDArray[np.float64]:
        """The covariance of the parameters in their own scale, by the delta method."""
        natural = self.family.natural
        steps = STEP * np.eye(len(self.theta))
        rise = [natural(self.theta + step) - natural(self.theta - step) for step in steps]
        slope = np.array(rise).T / (2 * STEP)
        return np.asarray(slope @ self.covariance @ slope.T, dtype=np.float64)

    @property
    def mean_h(self) -> float:
        """The mean of the family."""
        return self.family.moments(self.theta)[0]

    @property
    def cv(self) -> float:
        """Its coefficient of variation."""
        return self.family.moments(self.theta)[1]

    @property
    def sd_h(self) -> float:
        """Its standard deviation."""
        return self.mean_h * self.cv

    def quantile(self, share: float) -> float:
        """The length that a share is shorter than."""
        return float(self.family.ppf(np.array([share]), self.theta)[0])

    def mean_interval(self, *, z: float = 1.96) -> tuple[float, float]:
        """The mean's interval, by the delta method on the logarithm."""
        slope = np.array(
            [
                (
                    np.log(self.family.moments(self.theta + step)[0])
                    - np.log(self.family.moments(self.theta - step)[0])
                )
                / (2 * STEP)
                for step in STEP * np.eye(len(self.theta))
            ]
        )
        reach = min(z * float(np.sqrt(max(slope @ self.covariance @ slope, 0))), FARTHEST)
        return self.mean_h * float(np.exp(-reach)), self.mean_h * float(np.exp(reach))


def fit(found: Spells, *, family: str) -> Fit:
    """The family fitted to the lengths; `erlang` tries each whole number of phases up to twelve,
    `erlang_2` is that of two.

    Errors: CannotFit.
    """
    known = checked(found)
    if family == "erlang":
        return max((_fitted(known, one) for one in _near(known)), key=lambda each: each.loglik)
    if family == "zero_inflated":
        return _inflated(known)
    if family.startswith("erlang_"):
        return _fitted(known, ERLANGS[int(family.removeprefix("erlang_")) - 1])
    if family == "lognormal_mixture":
        return _mixed(known)
    return _fitted(known, FAMILIES[family])


def _mixed(found: Spells) -> Fit:
    """Two lognormals, from two starts: groups apart, and groups about one middle."""
    known, family = sample_of(found), FAMILIES["lognormal_mixture"]
    logs = np.log(np.maximum(found.middle(), LEAST_H))
    last: dict[bytes, Shape] = {}

    def shape(theta: Array) -> Shape:
        key = theta.tobytes()
        if key not in last:
            last.clear()
            last[key] = shape_of(known, theta)
        return last[key]

    def risen(start: Array, rounds: int) -> tuple[Array, float, NDArray[np.float64]]:
        return climb(
            lambda theta: shape(theta).value,
            start,
            shape=lambda theta: (shape(theta).slope, shape(theta).curvature),
            rounds=rounds,
        )

    tried = [risen(start(logs, found.weight), FEW_ROUNDS) for start in (apart, astride)]
    best = risen(max(tried, key=lambda each: each[1])[0], MOST_ROUNDS)
    theta, curvature = ordered(best[0], best[2])
    return Fit(family, theta, _inverse(curvature), loglik_of(found, family)(theta), found.size)


def _inflated(found: Spells) -> Fit:
    """The share that are no stay, and the lognormal of the rest: their likelihoods part, unless
    bounds reach from none to some.

    Where none is short, half a stay more is taken to be.
    """
    short = found.exact & (found.low < SHORT_H)
    rest = _fitted(checked(found.part(~short)), FAMILIES["lognormal"])
    none = float(found.weight[short].sum())
    share = none / found.size if none > 0 else 0.5 / (found.size + 0.5)
    theta = np.array([np.log(share / (1 - share)), *rest.theta])
    covariance = np.zeros((3, 3))
    covariance[0, 0] = 1 / (found.size * share * (1 - share))
    covariance[1:, 1:] = rest.covariance
    family = FAMILIES["zero_inflated"]
    loglik = loglik_of(found, family)
    if (~found.exact & np.isfinite(found.high) & (found.low < SHORT_H)).any():
        theta, value, curvature = climb(loglik, theta)
        return Fit(family, theta, _inverse(curvature), value, found.size)
    return Fit(family, theta, covariance, loglik(theta), found.size)


def _near(found: Spells) -> Sequence[Family]:
    """The Erlang families with about as many phases as a gamma would have."""
    phases = _fitted(found, FAMILIES["gamma"]).parameters["shape"]
    first = int(np.clip(np.floor(phases), 1, len(ERLANGS)))
    return ERLANGS[first - 1 : first + 1]


def fit_all(
    cells: Sequence[Spells], *, families: Sequence[str]
) -> list[dict[str, Fit | CannotFit]]:
    """Each family fitted to each sample, or why it cannot be."""
    return [{family: _tried(cell, family) for family in families} for cell in cells]


def _tried(cell: Spells, family: str) -> Fit | CannotFit:
    try:
        return fit(cell, family=family)
    except CannotFit as why:
        return why


def loglik_of(found: Spells, family: Family) -> Callable[[Array], float]:
    """The log-likelihood as a function of the parameters on the line.

    A length that would not have been told had it been shorter counts given that it is not.
    """
    exact = found.exact
    open_ = np.isinf(found.high)
    between = ~exact & ~open_
    x, wx = np.maximum(found.low[exact], LEAST_H), found.weight[exact]
    seen, ws = found.low[open_], found.weight[open_]
    low, high, wb = _alike(found.part(between))
    sums = _sums(x, wx, family)
    cut = found.least > 0
    from_, wc = np.unique(found.least[cut], return_inverse=True)
    weights = np.bincount(wc, weights=found.weight[cut]) if from_.size else np.empty(0)

    def loglik(theta: Array) -> float:
        total = sums(theta) if sums is not None else float(wx @ family.logpdf(x, theta))
        if seen.size:
            total += float(ws @ family.logsf(seen, theta))
        if low.size:
            total += float(wb @ family.log_between(low, high, theta=theta))
        if from_.size:
            total -= float(weights @ family.logsf(from_, theta))
        return total

    return loglik


def _alike(found: Spells) -> tuple[Array, Array, Array]:
    """The bounds of lengths, those alike taken together: people tell few different ones."""
    bounds, place = np.unique(np.stack([found.low, found.high]), axis=1, return_inverse=True)
    weight = np.bincount(place.ravel(), weights=found.weight, minlength=bounds.shape[1])
    return bounds[0], bounds[1], weight.astype(np.float64)


def _sums(x: Array, weight: Array, family: Family) -> Callable[[Array], float] | None:
    """The likelihood of exact lengths from their sums, for families that need no more of them."""
    from scipy.special import gammaln  # noqa: PLC0415  # used where sums suffice

    logs = np.log(x)
    n, first, second, plain = (
        float(weight.sum()),
        float(weight @ logs),
        float(weight @ logs**2),
        float(weight @ x),
    )
    if family.name == "lognormal":

        def lognormal(theta: Array) -> float:
            variance = np.exp(2 * theta[1])
            square = second - 2 * theta[0] * first + n * theta[0] ** 2
            return float(-first - n * (theta[1] + 0.9189385332046727) - square / (2 * variance))

        return lognormal
    if family.name == "gamma":

        def gamma(theta: Array) -> float:
            shape = np.exp(theta[0])
            return float(
                (shape - 1) * first
                - plain / np.exp(theta[1])
                - n * (shape * theta[1] + gammaln(shape))
            )

        return gamma
    return None


def _fitted(found: Spells, family: Family) -> Fit:
    logs = np.log(np.maximum(found.middle(), LEAST_H))
    loglik = loglik_of(found, family)
    theta, value, curvature = climb(loglik, family.start(logs, found.weight))
    return Fit(family, theta, _inverse(curvature), value, found.size)


def _inverse(curvature: NDArray[np.float64]) -> NDArray[np.float64]:
    """The covariance at the top of a likelihood; where it is flat, the least there is."""
    try:
        covariance = np.linalg.inv(-curvature)
    except np.linalg.LinAlgError:
        covariance = np.full(curvature.shape, np.nan)
    if not (np.diag(covariance) > 0).all():
        covariance = np.linalg.pinv(-curvature)
    return np.asarray(covariance, dtype=np.float64)


Near = Callable[[Array], tuple[Array, NDArray[np.float64]]]


def climb(
    height: Callable[[Array], float],
    start: Array,
    *,
    shape: Near | None = None,
    rounds: int = MOST_ROUNDS,
) -> tuple[Array, float, NDArray[np.float64]]:
    """Where a function is highest near the start, how high, and its curvature there.

    Newton's steps, damped until they go up; `shape` gives the slope and the curvature, else
    differences do.
    """
    theta = start.astype(np.float64)
    value = height(theta)
    near = (lambda at, _: shape(at)) if shape else partial(_shape, height)
    damp = 1e-3
    slope, curvature = near(theta, value)
    for _ in range(rounds):
        scale = np.maximum(np.abs(np.diag(curvature)), 1e-6)
        step = _step(slope, curvature, damp * scale)
        step *= min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        risen = height(theta + step)
        if not np.isfinite(risen) or risen < value - CLOSE * abs(value):
            damp = min(damp * 10, 1e8)
            if damp >= 1e8:  # noqa: PLR2004  # no way up
                break
            continue
        done = abs(risen - value) < CLOSE * (1 + abs(value)) and (
            float(np.abs(step).max()) < 1e-5  # noqa: PLR2004  # stands still
            or (shape is not None and float(slope @ step) < CLOSE)
        )
        theta, value, damp = theta + step, risen, max(damp / 10, 1e-12)
        slope, curvature = near(theta, value)
        if done:
            break
    return theta, value, curvature


def _step(slope: Array, curvature: NDArray[np.float64], damp: Array) -> Array:
    """Newton's step on a curvature made to bend down."""
    values, vectors = np.linalg.eigh(-curvature)
    bent = vectors @ np.diag(np.maximum(np.abs(values), 1e-8)) @ vectors.T + np.diag(damp)
    return np.asarray(np.linalg.solve(bent, slope), dtype=np.float64)


def _shape(
    height: Callable[[Array], float], theta: Array, value: float
) -> tuple[Array, NDArray[np.float64]]:
    """The slope and the curvature by central differences; two heights more for each pair."""
    count = len(theta)
    steps = STEP * np.maximum(1.0, np.abs(theta)) * np.eye(count)
    up = np.array([height(theta + step) for step in steps])
    down = np.array([height(theta - step) for step in steps])
    width = np.diag(steps)
    slope = (up - down) / (2 * width)
    curvature = np.diag((up - 2 * value + down) / width**2)
    for one in range(count):
        for other in range(one):
            both = steps[one] + steps[other]
            across = height(theta + both) + height(theta - both) + 2 * value
            beside = up[one] + down[one] + up[other] + down[other]
            curvature[one, other] = curvature[other, one] = (across - beside) / (
                2 * width[one] * width[other]
            )
    return slope, curvature


def draws(found: Fit, *, count: int, seed: int) -> NDArray[np.float64]:
    """Parameters drawn from the normal law about the fit, on the line.

    Shape: count rows, a column a parameter.
    """
    rng = np.random.default_rng(seed)
    values, vectors = np.linalg.eigh((found.covariance + found.covariance.T) / 2)
    root = vectors * np.sqrt(np.maximum(values, 0))
    return found.theta + rng.standard_normal((count, len(found.theta))) @ root.T
