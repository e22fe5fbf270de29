"""What figures have in common besides the parameters, and parameters besides the figures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from transcaspian.calibration.cells import PACE
from transcaspian.calibration.fitting.rows import Rows, same
from transcaspian.calibration.parameters import Parameters

Array = NDArray[np.float64]
PARTS = ("region", "region_way", "cell_way", "year", "region_year", "cell_year", "cell")
"""What may set figures apart from the model: a drift since the base year of all posts of a country
on a surface, of a direction there, and of one cell; what befalls a year on a surface, in a country,
and in a cell, sampling among it; and what is always so in a cell."""
LEVELS = ("network", "way", "region", "region_way", "post", "own")
"""What paces of sides have in common: surface, direction, country, direction there, post, none."""


def parts(one: Rows, other: Rows, base_year: int) -> Array:
    """How alike two sets of border figures are in each part, at a deviation of 1.

    Shape: a slab a part, a row a figure of one, a column a figure of the other; 0 for figures that
    are not of borders.
    """
    a, b = one.frame, other.frame
    region = same(a["region"].to_list(), b["region"].to_list())
    cell = same(a["cell"].to_list(), b["cell"].to_list())
    network = same(a["network"].to_list(), b["network"].to_list())
    year = same(a["year"].to_list(), b["year"].to_list())
    way = one.ways @ other.ways.T
    drift = _drift(a["year"].to_numpy() - base_year, b["year"].to_numpy() - base_year)
    slabs = (
        region * drift,
        region * way * drift,
        cell * way * drift,
        network * year,
        region * year,
        cell * way * year,
        cell * way,
    )
    both = one.border[:, None] & other.border[None, :]
    return np.stack([slab * both for slab in slabs])


def _drift(one: NDArray[np.int64], other: NDArray[np.int64]) -> Array:
    """The covariance of a walk from the base year on, and of another back from it."""
    a, b = one[:, None], other[None, :]
    return np.where(a * b > 0, np.minimum(np.abs(a), np.abs(b)), 0).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Levels:
    """The paces of sides in groups, level by level.

    Shape: `groups` a row a level of LEVELS, a column a parameter: the number of its group, -1 for
    what is no pace; `free` whether that group may be told by figures; `tilt` a column a surface: by
    how much the rule that a post takes what its stages take is bent, as the figures bid.
    """

    groups: NDArray[np.int64]
    free: NDArray[np.bool_]
    tilt: Array

    @property
    def centre(self) -> Array:
        """The scores about which the paces are thought to lie before any figure is heard."""
        return np.asarray(BENT * self.tilt.sum(axis=1))


def levels(parameters: Parameters, slope: Array, bend: Array) -> Levels:
    """The groups of the paces.

    A group that a single figure tells would be a parameter that serves that figure alone: it stays
    as wide as before. `slope` is how each figure changes with each score; `bend` the score that
    would take each pace's side to the mean hours of its surface, not a number where there is none.
    """
    frame = parameters.frame
    paces = frame["prior"].str.ends_with(PACE).to_numpy()
    moved = np.abs(slope) > LEAST_SLOPE
    groups = np.full((len(LEVELS), parameters.count), -1, dtype=np.int64)
    free = np.zeros_like(groups, dtype=np.bool_)
    for level, keys in enumerate(KEYS):
        number = frame.select(pl.concat_str(keys, separator="/").rank("dense"))
        at = number.to_series().to_numpy().astype(np.int64)
        groups[level, paces] = at[paces]
        for group in np.unique(at[paces]):
            members = paces & (at == group)
            free[level, members] = np.count_nonzero(moved[:, members].any(axis=1)) > 1
    return Levels(groups, free, _tilt(frame, paces, bend))


KEYS = (
    ("network",),
    ("network", "direction"),
    ("network", "country"),
    ("network", "country", "direction"),
    ("network", "place"),
    ("network", "place", "direction"),
)
"""The columns that tell the groups of each of LEVELS apart."""
LEAST_SLOPE = 0.02
BENT = 0.5
"""How far the rule is taken to be bent before any figure is heard: at 1 all posts of a surface take
alike, at 0 each takes what its stages, shared by all posts, add up to."""


def _tilt(frame: pl.DataFrame, paces: NDArray[np.bool_], bend: Array) -> Array:
    """How each pace would be bent, surface by surface.

    Shape: a row a parameter, a column a surface.
    """
    networks = frame["network"].to_numpy()
    known = paces & np.isfinite(bend)
    columns = [
        np.where(known & (networks == network), bend, 0.0) for network in np.unique(networks[paces])
    ]
    return np.column_stack(columns) if columns else np.zeros((len(paces), 0))
