"""Figures that are not of one post, learned from a design of runs: times from door to door."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from transcaspian.calibration.cells import PACE
from transcaspian.calibration.learning.design import Runs
from transcaspian.calibration.learning.emulate import FOLDS, Sides, ridge
from transcaspian.calibration.parameters import Parameters

Array = NDArray[np.float64]
MOST_SIDES = 10
LEAST_CORRELATION = 0.15


@dataclass(frozen=True, slots=True)
class Answer:
    """The logarithm of one figure: a polynomial of the hours at some sides and of some scores.

    Shape: `sides` and `scores` are numbers of sides and parameters; `weights` one a term.
    """

    figure: str
    sides: NDArray[np.int64]
    scores: NDArray[np.int64]
    weights: Array
    error: float
    explained: float

    def at(self, scores: Array, hours: Array) -> Array:
        """The logarithm of the figure.

        Shape: one a row of scores; `hours` are the logarithmic hours of all sides there.
        """
        return _terms(hours[:, self.sides], scores[:, self.scores]) @ self.weights

    def slope(self, scores: Array, hours: Array, steep: Array) -> Array:
        """How the logarithm changes with each score, at one setting.

        Shape: one a parameter; `steep` is how the hours of all sides change, as Sides.slope.
        """
        h, z = hours[self.sides], scores[self.scores]
        a, b = len(h), len(z)
        w = self.weights[1:]
        by_hours = w[:a] + 2 * w[a : 2 * a] * h
        by_score = w[2 * a : 2 * a + b] + 2 * w[2 * a + b :] * z
        found = by_hours @ steep[self.sides]
        found[self.scores] += by_score
        return np.asarray(found, dtype=np.float64)


def answers(
    runs: Runs, sides: Sides, parameters: Parameters, *, figures: Collection[str]
) -> tuple[Answer, ...]:
    """The figures learned from the runs.

    Each hangs on the sides and the common parameters that it goes along with over the runs.
    """
    hours = sides.at(runs.scores)
    shared = np.flatnonzero(~parameters.frame["prior"].str.ends_with(PACE).to_numpy())
    found: list[Answer] = []
    for figure in sorted(figures):
        rows = runs.figures.filter((pl.col("figure") == figure) & (pl.col("value") > 0))
        at, y = rows["run"].to_numpy(), np.log(rows["value"].to_numpy())
        found.append(_learned(figure, y, hours[at], runs.scores[at], shared))
    return tuple(found)


def _learned(
    figure: str, y: Array, hours: Array, scores: Array, shared: NDArray[np.int64]
) -> Answer:
    along = np.abs(_correlation(hours, y))
    order = np.argsort(-along, kind="stable")[:MOST_SIDES]
    near = np.sort(order[along[order] > LEAST_CORRELATION])
    with_ = np.abs(_correlation(scores[:, shared], y))
    common = shared[with_ > LEAST_CORRELATION]
    space = _terms(hours[:, near], scores[:, common])
    fold = np.arange(len(y)) % FOLDS
    apart = np.zeros(len(y))
    for one in range(FOLDS):
        apart[fold == one] = space[fold == one] @ ridge(space[fold != one], y[fold != one])
    error = float(np.sqrt(np.mean((y - apart) ** 2)))
    explained = 1 - error**2 / float(np.var(y)) if np.var(y) > 0 else 0.0
    return Answer(figure, near, common, ridge(space, y), error, explained)


def _terms(hours: Array, scores: Array) -> Array:
    one = np.ones((len(hours), 1))
    return np.column_stack([one, hours, hours * hours, scores, scores * scores])


def _correlation(columns: Array, y: Array) -> Array:
    """The correlation of each column with a value."""
    x = columns - columns.mean(axis=0)
    z = y - y.mean()
    size = np.sqrt((x * x).sum(axis=0) * (z @ z))
    return np.asarray(np.divide(z @ x, size, out=np.zeros(x.shape[1]), where=size > 0))
