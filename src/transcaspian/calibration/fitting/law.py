"""The law of the figures around what the model gives, and how likely figures make it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize

from transcaspian.calibration.fitting.kin import LEVELS, PARTS, Levels

Array = NDArray[np.float64]
USUAL_PART = 0.2
ALWAYS = 0.05
"""What is always so in a cell is sought in its parameters first."""
USUAL_TILT = 0.7
SPREAD = {"tilt": 0.7, "level": 1.5, "part": 0.8, "region": 0.7}
"""Deviation of what is set at random in a law, before any figure is heard."""
STEPS = 60
FARTHEST = 4.0
"""How many deviations from what is thought first a law is sought."""


@dataclass(frozen=True, slots=True)
class Law:
    """How wide each part is.

    Shape: `tilt` the logarithmic deviation of each surface's bend; `level` one number a level of
    LEVELS, whose exponentials are in proportion to its share of the variance; `part` the
    logarithmic deviation of each of PARTS; `region` the logarithm of how restless
    each region is, single posts and the means of countries apart.
    """

    tilt: Array
    level: Array
    part: Array
    region: Array

    def packed(self) -> Array:
        """All numbers in a row."""
        return np.concatenate([self.tilt, self.level, self.part, self.region])

    def unpacked(self, numbers: Array) -> Law:
        """A law of the same shape with other numbers."""
        ends = np.cumsum([len(self.tilt), len(self.level), len(self.part)])
        return Law(*np.split(numbers, ends))


def usual(tilts: int, regions: int) -> Law:
    """The law before any figure is heard."""
    return Law(
        np.full(tilts, np.log(USUAL_TILT)),
        np.zeros(len(LEVELS)),
        np.log([ALWAYS if part == "cell" else USUAL_PART for part in PARTS]),
        np.zeros(regions),
    )


def shares(law: Law) -> Array:
    """Each level's share of the variance of a pace.

    Shape: one a level.
    """
    size = np.exp(law.level - law.level.max())
    return np.asarray(size / size.sum())


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a law is judged by, at one setting of the parameters.

    Shape: `rest` each figure's distance from the model at the middle of the priors, by the slope;
    `paces` a slab a level, the covariance at a share of 1; `tilts` one a surface; `parts` a slab a
    part; `region` the number of each figure's region; `fixed` the covariance that no law changes.
    """

    rest: Array
    paces: Array
    tilts: Array
    parts: Array
    region: NDArray[np.int64]
    fixed: Array

    def covariance(self, law: Law) -> Array:
        """The covariance of the figures under a law."""
        return self.fixed + self.of_paces(law) + self.of_parts(law)

    def of_paces(self, law: Law) -> Array:
        """The part of it that the paces hold."""
        found = np.tensordot(shares(law), self.paces, axes=1)
        return np.asarray(found + np.tensordot(np.exp(2 * law.tilt), self.tilts, axes=1))

    def of_parts(self, law: Law) -> Array:
        """The part of it that is beside the model."""
        restless = np.exp(law.region)[self.region]
        found = np.tensordot(np.exp(2 * law.part), self.parts, axes=1)
        return np.asarray(found * restless[:, None] * restless[None, :])


def fitted_law(evidence: Evidence, start: Law, *, steps: int = STEPS) -> Law:
    """The likeliest law, with what was thought of it before any figure was heard."""
    middle = usual(len(start.tilt), len(start.region)).packed()
    width = np.concatenate(
        [np.full(len(getattr(start, name)), size) for name, size in SPREAD.items()]
    )

    def cost(numbers: Array) -> tuple[float, Array]:
        value, slope = _unlikely(evidence, start.unpacked(numbers))
        off = (numbers - middle) / width
        return value + 0.5 * float(off @ off), slope + off / width

    found = minimize(
        cost,
        start.packed(),
        jac=True,
        method="L-BFGS-B",
        bounds=list(zip(middle - FARTHEST * width, middle + FARTHEST * width, strict=True)),
        options={"maxiter": steps},
    )
    return start.unpacked(np.asarray(found.x))


def _unlikely(evidence: Evidence, law: Law) -> tuple[float, Array]:
    """The negative logarithm of the likelihood of the figures, and its slope."""
    whole = evidence.covariance(law)
    factor = cho_factor(whole, lower=True)
    pull = cho_solve(factor, evidence.rest)
    value = 0.5 * float(evidence.rest @ pull) + float(np.log(np.diag(factor[0])).sum())
    inverse = cho_solve(factor, np.eye(len(whole)))
    steer = 0.5 * (inverse - np.outer(pull, pull))
    share = shares(law)
    by_level = np.tensordot(evidence.paces, steer, axes=([1, 2], [0, 1]))
    by_tilt = np.tensordot(evidence.tilts, steer, axes=([1, 2], [0, 1])) * 2 * np.exp(2 * law.tilt)
    restless = np.exp(law.region)[evidence.region]
    scaled = steer * restless[:, None] * restless[None, :]
    wide = np.exp(2 * law.part)
    by_part = np.tensordot(evidence.parts, scaled, axes=([1, 2], [0, 1])) * 2 * wide
    each = (scaled * np.tensordot(wide, evidence.parts, axes=1)).sum(axis=1) * 2
    by_region = np.bincount(evidence.region, weights=each, minlength=len(law.region))
    slope = np.concatenate([by_tilt, share * (by_level - share @ by_level), by_part, by_region])
    return value, np.asarray(slope, dtype=np.float64)


def with_levels(levels: Levels, law: Law, slope: Array, *, free: bool) -> Array:
    """The covariance of the scores with the figures.

    With `free`, only through what more than one figure tells.

    Shape: a row a parameter, a column a figure.
    """
    share = shares(law)
    found = np.zeros((slope.shape[1], slope.shape[0]))
    for level, part in enumerate(share):
        groups = levels.groups[level]
        mine = (groups >= 0) & (levels.free[level] if free else True)
        found[mine] += part * grouped(groups, slope, mine)[groups[mine]]
    other = levels.groups[0] < 0
    found[other] = slope.T[other]
    bent = levels.tilt * np.exp(2 * law.tilt)
    return np.asarray(found + bent @ (slope @ levels.tilt).T)


def grouped(groups: NDArray[np.int64], slope: Array, mine: NDArray[np.bool_]) -> Array:
    """How each figure changes when all the paces of a group do.

    Shape: a row a group, a column a figure.
    """
    found = np.zeros((int(groups.max()) + 1 if len(groups) else 0, slope.shape[0]))
    np.add.at(found, groups[mine], slope.T[mine])
    return found
