"""The fit: the parameters given the figures, about their likeliest setting, and draws of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.special import log_ndtr

from transcaspian.calibration.cells import PACE
from transcaspian.calibration.fitting.kin import LEVELS, Levels, levels, parts
from transcaspian.calibration.fitting.law import (
    Evidence,
    Law,
    fitted_law,
    grouped,
    usual,
    with_levels,
)
from transcaspian.calibration.fitting.rows import Emulator, Rows
from transcaspian.calibration.parameters import Parameters

Array = NDArray[np.float64]
FITTED = ("fitted", "bound", "range", "input")
MODEL = 0.12
"""Deviation of a figure's logarithm that is not of one post, beside what is said of it."""
ROUNDS = 10
LAWS = (0, 2, 4)
"""The rounds in which the law is set anew."""
STRIDE = 1.0
NEAR = 0.02
FAR = 3.5
FLAT = 0.3
NUDGE = 1e-4


@dataclass(frozen=True, slots=True)
class Fit:
    """A fit to some rows.

    Shape: `scores` the likeliest setting; `slope` how each row changes with each score there;
    `pull` what each row pulls with; `factor` of the covariance of the rows.
    """

    emulator: Emulator
    rows: Rows
    levels: Levels
    law: Law
    scores: Array
    slope: Array
    rest: Array
    pull: Array
    factor: tuple[Array, bool]
    regions: Mapping[str, int]
    base_year: int

    @property
    def parameters(self) -> Parameters:
        """The parameters that were fitted."""
        return self.emulator.sides.parameters


@dataclass(frozen=True, slots=True)
class Foretold:
    """What a fit foretells of the logarithm of some figures.

    Shape: one a figure: the middle and the deviation of a figure published anew, and of what is
    simulated.
    """

    middle: Array
    spread: Array


def fit(
    emulator: Emulator,
    rows: Rows,
    *,
    base_year: int,
    regions: Mapping[str, int],
    start: Fit | None = None,
) -> Fit:
    """The parameters and the law given some figures.

    `start` is a fit to much the same figures, from which this one sets out.

    Source: Gauss-Newton in the space of the data, and Laplace about where it ends: Tarantola 2005,
    3.4; the law by the likelihood of the figures: Kennedy and O'Hagan 2001, 4.5.
    """
    used = rows.of(rows.frame["use"].is_in(FITTED).to_numpy())
    blank = np.zeros(emulator.sides.parameters.count)
    scores = _steep(emulator) if start is None else start.scores
    groups = levels(
        emulator.sides.parameters, emulator.slope(blank, used)[1], _bend(emulator, blank)
    )
    law = usual(groups.tilt.shape[1], len(regions)) if start is None else start.law
    alike = parts(used, used, base_year)
    found: Fit | None = None
    for number in range(ROUNDS):
        value, slope = emulator.slope(scores, used)
        wanted, error = wanted_of(used, value)
        rest = wanted - value + slope @ (scores - groups.centre)
        fixed = _fixed(emulator, used, scores, slope=slope, error=error)
        region = np.array([regions[name] for name in used.frame["restless"]])
        evidence = Evidence(rest, *_paced(groups, slope), alike, region, fixed)
        if number in LAWS:
            law = fitted_law(evidence, law, steps=60 if start is None else 15)
        factor = cho_factor(evidence.covariance(law), lower=True)
        pull = cho_solve(factor, rest)
        goal = groups.centre + with_levels(groups, law, slope, free=False) @ pull
        goal = np.clip(goal, -FAR, FAR)
        found = Fit(
            emulator, used, groups, law, scores, slope, rest, pull, factor, regions, base_year
        )
        step = goal - scores
        if np.abs(step).max() < NEAR and number > LAWS[-1]:
            break
        scores = scores + step * min(1.0, STRIDE / max(float(np.abs(step).max()), 1e-9))
    if found is None:
        message = "a fit has at least one round"
        raise RuntimeError(message)
    return found


def _steep(emulator: Emulator) -> Array:
    """Where a fit sets out from: the middle of the priors, but with few places inside posts, since
    where there is room for all a few places more or less change nothing.
    """
    scores = np.zeros(emulator.sides.parameters.count)
    rooms = emulator.sides.web.room
    scores[rooms[rooms >= 0]] = CRAMPED
    return scores


CRAMPED = -1.2


def _bend(emulator: Emulator, scores: Array) -> Array:
    """The score that would take the side of each pace to the mean hours of its surface."""
    sides = emulator.sides
    hours, steep = sides.at(scores[None, :])[0], sides.slope(scores)
    frame = sides.parameters.frame
    networks = frame["network"].to_numpy()
    bend = np.full(sides.parameters.count, np.nan)
    known = sides.web.own >= 0
    own = sides.web.own[known]
    at = np.flatnonzero(known)
    for network in np.unique(networks[own]):
        mine = networks[own] == network
        off = hours[at[mine]] - np.average(hours[at[mine]])
        bend[own[mine]] = -off / np.maximum(steep[at[mine], own[mine]], FLAT)
    return bend


def wanted_of(rows: Rows, value: Array) -> tuple[Array, Array]:
    """What each row would have the model give, and the deviation of that, as it stands."""
    wanted = rows.y.copy()
    error = rows.frame["error"].fill_null(0.0).to_numpy().copy()
    low, high = (
        np.log(rows.frame[end].fill_null(rows.frame["published"]).to_numpy())
        for end in ("low", "high")
    )
    for at, use in enumerate(rows.frame["use"]):
        if use == "bound":
            wanted[at], error[at] = _site(value[at], low[at], np.inf, error[at])
        elif use == "range":
            wanted[at], error[at] = _site(value[at], low[at], high[at], error[at])
    return wanted, error


def _site(value: float, low: float, high: float, error: float) -> tuple[float, float]:
    """The figure and its deviation that pull as a range with soft ends does, about a value."""

    def log_inside(x: float) -> float:
        above = float(log_ndtr((x - low) / error))
        below = float(log_ndtr((high - x) / error)) if np.isfinite(high) else 0.0
        return above + below

    h = 0.05 * error
    here, up, down = log_inside(value), log_inside(value + h), log_inside(value - h)
    slope, bend = (up - down) / (2 * h), (2 * here - up - down) / (h * h)
    bend = max(bend, NUDGE)
    return value + slope / bend, bend**-0.5


def _fixed(emulator: Emulator, rows: Rows, scores: Array, *, slope: Array, error: Array) -> Array:
    """The covariance that no law changes: errors as said, of the emulator, and what is no pace."""
    other = ~emulator.sides.parameters.frame["prior"].str.ends_with(PACE).to_numpy()
    found = emulator.unsure(rows, scores) + slope[:, other] @ slope[:, other].T
    alone = error**2 + np.where(rows.border, NUDGE, MODEL**2)
    return np.asarray(found + np.diag(alone))


def _paced(groups: Levels, slope: Array) -> tuple[Array, Array]:
    """The covariance of the rows at each level of the paces, and at each surface's bend."""
    slabs = []
    for level in range(len(LEVELS)):
        mine = groups.groups[level] >= 0
        each = grouped(groups.groups[level], slope, mine)
        slabs.append(each.T @ each)
    bent = (slope @ groups.tilt).T
    tilts = bent[:, :, None] * bent[:, None, :]
    return np.stack(slabs), tilts


def foretell(fitted: Fit, rows: Rows) -> Foretold:
    """What a fit foretells of some rows, whether it saw them or not."""
    emulator, known = fitted.emulator, fitted.rows
    value, slope = emulator.slope(fitted.scores, rows)
    both = joined(rows, known)
    unsure = emulator.unsure(both, fitted.scores)
    n = len(rows.y)
    law, groups = fitted.law, fitted.levels
    gain = with_levels(groups, law, fitted.slope, free=False)
    cross = slope @ gain + unsure[:n, n:] + besides(fitted, rows, known)
    error = rows.frame["error"].fill_null(0.0).to_numpy()
    own = slope @ with_levels(groups, law, slope, free=False) + unsure[:n, :n]
    own += besides(fitted, rows, rows)
    alone = error**2 + np.where(rows.border, NUDGE, MODEL**2)
    middle = value - slope @ (fitted.scores - groups.centre) + cross @ fitted.pull
    gained = np.einsum("ij,ji->i", cross, cho_solve(fitted.factor, cross.T))
    spread = np.sqrt(np.maximum(np.diag(own) + alone - gained, NUDGE))
    return Foretold(middle, spread)


def beside(fitted: Fit, rows: Rows) -> Array:
    """The deviation of figures from the model by the law, whatever the parameters are."""
    error = rows.frame["error"].fill_null(0.0).to_numpy()
    alone = error**2 + np.where(rows.border, NUDGE, MODEL**2)
    return np.sqrt(np.diag(besides(fitted, rows, rows)) + alone)


def besides(fitted: Fit, one: Rows, other: Rows) -> Array:
    """The covariance of two sets of rows beside the model."""
    slabs = parts(one, other, fitted.base_year)
    wide = np.exp(2 * fitted.law.part)
    region = fitted.law.region
    a, b = (
        np.exp([region[fitted.regions[name]] if name in fitted.regions else 0.0 for name in names])
        for names in (one.frame["restless"], other.frame["restless"])
    )
    return np.asarray(np.tensordot(wide, slabs, axes=1) * a[:, None] * b[None, :])


def joined(one: Rows, other: Rows) -> Rows:
    """Two sets of rows, one after the other."""
    return Rows(
        pl.concat([one.frame, other.frame]),
        *(
            np.concatenate([getattr(one, name), getattr(other, name)])
            for name in ("y", "offset", "ways", "shares", "answer")
        ),
    )
