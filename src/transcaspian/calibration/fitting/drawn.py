"""Draws from a fit: settings of the parameters that the figures leave open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from transcaspian.calibration.fitting.fit import FAR, MODEL, NUDGE, Fit, besides, wanted_of
from transcaspian.calibration.fitting.law import shares, with_levels

Array = NDArray[np.float64]
ROUNDS = 5
STRIDE = 1.0


def draws(fitted: Fit, count: int, *, seed: int) -> Array:
    """Settings of the parameters, drawn from what the figures leave open.

    Each is what a fit would come to had the priors stood at one draw from them and the figures been
    off by one draw of their errors, so that a wait that bends upwards does so in the draws too.
    What a single figure would tell is drawn as if it had not been heard.

    Shape: a row a draw, a column a parameter.
    Source: randomised maximum likelihood, Kitanidis 1995; Oliver, He and Reynolds 1996.
    """
    start = _start(fitted, count, seed=seed)
    found = np.empty_like(start.fresh)
    for at in range(count):
        moved = _bent(fitted, start, at)
        found[at] = fitted.levels.centre + moved + start.fresh[at]
    return np.clip(found, -FAR, FAR)


def straight_draws(fitted: Fit, count: int, *, seed: int) -> Array:
    """The same, as if the model were straight about the likeliest setting.

    Source: Matheron's rule, Journel and Huijbregts 1978.
    """
    start = _start(fitted, count, seed=seed)
    found = fitted.levels.centre + start.moved + start.fresh
    return np.clip(found, -FAR, FAR)


@dataclass(frozen=True, slots=True)
class _Start:
    """What draws set out from.

    Shape: a row a draw: `free` what figures may tell, before they are heard; `wanted` the figures,
    less their errors and what is not told; `moved` what is told as if the model were straight;
    `fresh` what is not told.
    """

    free: Array
    wanted: Array
    moved: Array
    fresh: Array
    beside: Array


def _start(fitted: Fit, count: int, *, seed: int) -> _Start:
    rng = np.random.default_rng(seed)
    free, held = (_before(fitted, count, rng, free=each) for each in (True, False))
    n = len(fitted.rows.y)
    beside = noise(fitted)
    luck = rng.standard_normal((count, n)) @ np.linalg.cholesky(beside + NUDGE * np.eye(n)).T
    value, _ = fitted.emulator.slope(fitted.scores, fitted.rows)
    wanted, _ = wanted_of(fitted.rows, value)
    off = luck + held @ fitted.slope.T
    gain = with_levels(fitted.levels, fitted.law, fitted.slope, free=True)
    pulled = cho_solve(fitted.factor, (fitted.rest - off - free @ fitted.slope.T).T)
    fresh = _before(fitted, count, rng, free=False)
    return _Start(free, wanted - off, free + (gain @ pulled).T, fresh, beside)


def _bent(fitted: Fit, start: _Start, at: int) -> Array:
    """What one draw tells of the parameters, the model being as bent as it is."""
    levels, law, emulator = fitted.levels, fitted.law, fitted.emulator
    first, moved = start.free[at], start.moved[at]
    for _ in range(ROUNDS):
        scores = np.clip(levels.centre + moved, -FAR, FAR)
        value, slope = emulator.slope(scores, fitted.rows)
        whole = slope @ with_levels(levels, law, slope, free=False) + start.beside
        rest = start.wanted[at] - value + slope @ (scores - levels.centre - first)
        gain = with_levels(levels, law, slope, free=True)
        goal = first + gain @ cho_solve(cho_factor(whole, lower=True), rest)
        step = goal - moved
        size = float(np.abs(step).max())
        moved = moved + step * min(1.0, STRIDE / max(size, 1e-9))
        if size < STRIDE / 20:
            break
    return moved


def before(fitted: Fit, count: int, *, seed: int) -> Array:
    """Settings of the parameters, drawn as if no figure had been heard, by the same law.

    Shape: a row a draw, a column a parameter.
    """
    rng = np.random.default_rng(seed)
    groups = fitted.levels.centre
    return groups + _before(fitted, count, rng, free=True) + _before(fitted, count, rng, free=False)


def noise(fitted: Fit) -> Array:
    """The covariance of the rows that is not of the parameters."""
    rows = fitted.rows
    value, _ = fitted.emulator.slope(fitted.scores, rows)
    error = wanted_of(rows, value)[1]
    alone = error**2 + np.where(rows.border, NUDGE, MODEL**2)
    found = fitted.emulator.unsure(rows, fitted.scores) + np.diag(alone)
    return np.asarray(found + besides(fitted, rows, rows))


def _before(fitted: Fit, count: int, rng: np.random.Generator, *, free: bool) -> Array:
    """Draws before any figure is heard, of the groups that figures may tell, or of the others."""
    groups, law = fitted.levels, fitted.law
    found = np.zeros((count, fitted.parameters.count))
    share = shares(law)
    for level, part in enumerate(share):
        at = groups.groups[level]
        mine = (at >= 0) & (groups.free[level] == free)
        luck = rng.standard_normal((count, int(at.max()) + 1))
        found[:, mine] += np.sqrt(part) * luck[:, at[mine]]
    if free:
        other = groups.groups[0] < 0
        found[:, other] = rng.standard_normal((count, int(other.sum())))
        found += (rng.standard_normal((count, groups.tilt.shape[1])) * np.exp(law.tilt)) @ (
            groups.tilt.T
        )
    return found
