"""The curve of stays that were told coarsely: rounded hours, and ends between two pings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from transcaspian.survey.estimates.inference.order import Curve, curve

FLOOR_H = 1 / 30
POINTS_PER_DOUBLING = 12
ROUNDS = 60
"""Rounds of expectation and maximisation: enough for the curve, too few for its noise to grow."""


def sharpened(
    hours: NDArray[np.float64],
    open_: NDArray[np.bool_],
    *,
    half: NDArray[np.float64],
    weight: NDArray[np.float64],
) -> Curve:
    """The curve of stays of which each end is known within bounds.

    A stay told as `hours` between two ends that may each lie anywhere within bounds may truly have
    lasted up to `half` more or less, the middle the likeliest: the likelihood of what was told is a
    triangle about it. Open stays are longer than they were seen: those that outlast all others
    lasted nobody knows how long. The distribution with no form of its own that makes all this
    likeliest is found on a grid of times that grow by a twelfth of a doubling.

    Source: Turnbull 1976, with triangles for intervals.
    """
    told = curve(hours, open_, weight=weight)
    if open_.all():
        return told
    top = max(float((hours + half)[~open_].max()), FLOOR_H)
    count = int(np.ceil(np.log2(top / FLOOR_H) * POINTS_PER_DOUBLING)) + 2
    grid = FLOOR_H * 2 ** (np.arange(count) / POINTS_PER_DOUBLING)
    chances = _likelihood(grid, hours, open_, half)
    share = weight / weight.sum()
    mass = np.full(count + 1, 1 / (count + 1))
    for _ in range(ROUNDS):
        mixed = chances * mass
        mass = share @ (mixed / np.maximum(mixed.sum(axis=1, keepdims=True), 1e-300))
    times, ended = _smooth(grid, mass[:-1] if open_.any() else mass[:-1] / mass[:-1].sum())
    place = np.clip(np.searchsorted(told.times, times), 0, len(told.known) - 1)
    return Curve(times, ended, told.known[place], told.until)


def _likelihood(
    grid: NDArray[np.float64],
    hours: NDArray[np.float64],
    open_: NDArray[np.bool_],
    half: NDArray[np.float64],
) -> NDArray[np.float64]:
    """How likely what was told of each stay is, for each time it may have lasted and, last, for
    longer than the grid.
    """
    least = np.maximum(hours, FLOOR_H)[:, None]
    reach = np.maximum(half[:, None], least * (2 ** (1 / POINTS_PER_DOUBLING) - 1))
    triangle = np.maximum(1 - np.abs(grid - least) / reach, 0)
    longer = (grid >= least).astype(np.float64)
    known = np.where(open_[:, None], longer, triangle / reach)
    return np.column_stack([known, open_.astype(np.float64)]) + 1e-12


def _smooth(
    grid: NDArray[np.float64], mass: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The curve through the masses, which lie evenly about their points of the grid."""
    fine = 8
    times = FLOOR_H * 2 ** ((np.arange(len(grid) * fine) / fine - 0.5) / POINTS_PER_DOUBLING)
    ended = np.interp(
        np.arange(len(grid) * fine) / fine,
        np.arange(len(grid) + 1),
        np.concatenate([[0], np.cumsum(mass)]),
    )
    return times, ended
