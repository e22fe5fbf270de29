"""What a run would give at any setting of the parameters, learned from a design of runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from transcaspian.calibration.design import Runs
from transcaspian.calibration.parameters import PACE, SIDE, Parameters
from transcaspian.corridor.corridor import Corridor

FOLDS = 8
RIDGE = 0.3
LEAST_RUNS = 40
CLOSE = 1e-3
EDGE = 0.97
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Web:
    """Which parameters the hours on each side hang on.

    Shape: one entry a side, the number of a parameter or -1: `own` its pace, `facing` the pace of
    the side it faces, `room` the places inside there; `shared` the numbers of those common to all.
    """

    own: NDArray[np.int64]
    facing: NDArray[np.int64]
    room: NDArray[np.int64]
    shared: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sides:
    """The logarithmic hours on each side of each post, as a function of the scores.

    A side's hours hang on its own pace, on how full that makes it, on the same of the side that it
    faces and on the places inside there, and on what is common to all: traffic, ports. Its law is a
    polynomial of these of the second order, fitted with a little ridge.

    Shape: `names` place/network/direction; `trips` a year; `weights` a row a side, a column a
    feature; `error` the deviation of what was left out of the fit.
    """

    parameters: Parameters
    names: tuple[str, ...]
    trips: Array
    web: Web
    weights: Array
    error: Array

    def at(self, scores: Array) -> Array:
        """The logarithmic hours of each side.

        Shape: a row a row of scores, a column a side.
        """
        return np.einsum("rsf,sf->rs", features(self.parameters, scores, self.web), self.weights)

    def slope(self, scores: Array) -> Array:
        """How the logarithmic hours of each side change with each score, at one setting.

        Shape: a row a side, a column a parameter.
        """
        base, web = self.at(scores[None, :])[0], self.web
        here = _terms(self.parameters, scores[None, :])
        local = np.ones(self.parameters.count, dtype=np.bool_)
        local[web.shared] = False
        beside = _terms(self.parameters, (scores + CLOSE * local)[None, :])
        found = np.zeros((len(self.names), self.parameters.count))
        rows = np.arange(len(self.names))
        for name, at in (("own", web.own), ("facing", web.facing), ("room", web.room)):
            mixed = dict.fromkeys(("own", "facing", "room"), here) | {name: beside}
            space = _polynomial(mixed, scores[None, :], web)
            change = np.einsum("rsf,sf->rs", space, self.weights)[0] - base
            known = at >= 0
            found[rows[known], at[known]] += change[known] / CLOSE
        for number in web.shared:
            moved = scores.copy()
            moved[number] += CLOSE
            found[:, number] = (self.at(moved[None, :])[0] - base) / CLOSE
        return found


def features(parameters: Parameters, scores: Array, web: Web) -> Array:
    """What the hours of sides are polynomials of.

    Shape: a row a row of scores, a column a side, then a feature.
    """
    terms = _terms(parameters, scores)
    return _polynomial(dict.fromkeys(("own", "facing", "room"), terms), scores, web)


def _terms(parameters: Parameters, scores: Array) -> tuple[Array, Array, Array]:
    """The logarithmic pace of each parameter, how full it makes its side, and how full the places
    are that it stands for; the last column is that of no parameter.
    """
    factor = parameters.factors(scores)
    blank = np.zeros(len(factor))
    return (
        np.column_stack([np.log(factor), blank]),
        np.column_stack([_crowded(parameters.filling(factor)), blank]),
        np.column_stack([_crowded(parameters.traffic(factor) / factor), blank]),
    )


def _polynomial(terms: Mapping[str, tuple[Array, Array, Array]], scores: Array, web: Web) -> Array:
    x, f = (values[:, web.own] for values in terms["own"][:2])
    y, g = (values[:, web.facing] for values in terms["facing"][:2])
    r = terms["room"][2][:, web.room]
    parts = [np.ones_like(x), x, f, x * x, f * f, x * f, f**3, y, g, g * g, f * g, x * g, y * g]
    parts += [r, r * r, r**3, r * g, r * y, r * g * g]
    for number in web.shared:
        z = np.broadcast_to(scores[:, number, None], x.shape)
        parts += [z, z * z, z * f, z * g, z * r]
    return np.stack(parts, axis=2)


def _crowded(load: Array) -> Array:
    """What waiting grows with: -log(1 - load), and from near the full load on as slowly."""
    beyond = np.maximum(load - EDGE, 0.0) / (1 - EDGE)
    return -np.log1p(-np.minimum(load, EDGE)) + np.log1p(beyond)


def sides(runs: Runs, parameters: Parameters, corridor: Corridor) -> Sides:
    """The sides learned from the runs; those that hardly any run passes are left out."""
    named = runs.sides.with_columns(pl.concat_str(*SIDE, separator="/").alias("name"))
    usual = (
        named.filter(pl.col("value") > 0)
        .group_by("name")
        .agg(pl.len().alias("n"), pl.col("trips").mean())
        .filter(pl.col("n") >= LEAST_RUNS)
        .sort("name")
    )
    names = tuple(usual["name"].to_list())
    web = _web(corridor, parameters, usual)
    hours = _hours(named, names, len(runs.scores))
    space = features(parameters, runs.scores, web)
    fitted = [_fitted(space[:, at, :], hours[:, at]) for at in range(len(names))]
    weights, error = (np.array(each) for each in zip(*fitted, strict=True))
    trips = usual["trips"].to_numpy()
    return Sides(parameters, names, trips, web, weights, error)


def _web(corridor: Corridor, parameters: Parameters, usual: pl.DataFrame) -> Web:
    """Which parameters each side hangs on."""
    paces, rooms, shared = dict[str, int](), dict[str, int](), list[int]()
    inside = set(corridor.table("priors").filter(centre="inside")["prior"])
    for at, row in enumerate(parameters.frame.iter_rows(named=True)):
        name = "/".join(str(row[part]) for part in SIDE)
        if str(row["prior"]).endswith(PACE):
            paces[name] = at
        elif row["prior"] in inside:
            rooms[name] = at
        elif not row["place"] and not row["country"]:
            shared.append(at)
    names = usual["name"].to_list()
    faces = _facing(corridor, usual)
    return Web(
        np.array([paces.get(name, -1) for name in names]),
        np.array([paces.get(faces.get(name, ""), -1) for name in names]),
        np.array([rooms.get(faces.get(name, ""), -1) for name in names]),
        np.array(shared),
    )


def _hours(named: pl.DataFrame, names: tuple[str, ...], runs: int) -> Array:
    """The logarithmic hours.

    Shape: a row a run, a column a side; blank is not a number.
    """
    found = np.full((runs, len(names)), np.nan)
    number = {name: at for at, name in enumerate(names)}
    for run, name, value in named.select("run", "name", "value").iter_rows():
        if name in number and value > 0:
            found[run, number[name]] = np.log(value)
    return found


def _facing(corridor: Corridor, usual: pl.DataFrame) -> dict[str, str]:
    """The side that each faces: of the other country, on the same surface, the other way; of
    several the one with most trips.
    """
    links = corridor.table("links").join(
        corridor.table("modes").select("mode", "network"), on="mode", how="left"
    )
    home = dict(corridor.table("places").select("place", "country").iter_rows())
    trips = dict(usual.select("name", "trips").iter_rows())
    other = {"outbound": "inbound", "inbound": "outbound"}
    found: dict[str, str] = {}
    for one, two, network in links.select("origin", "destination", "network").iter_rows():
        for a, b in ((one, two), (two, one)):
            if home[a] == home[b]:
                continue
            for direction, back in other.items():
                name, facing = f"{a}/{network}/{direction}", f"{b}/{network}/{back}"
                if trips.get(facing, 0.0) > trips.get(found.get(name, ""), 0.0):
                    found[name] = facing
    return found


def _fitted(space: Array, hours: Array) -> tuple[Array, float]:
    """The weights of the features, and the deviation of runs left out of the fit."""
    known = np.isfinite(hours)
    a, y = space[known], hours[known]
    fold = np.arange(len(y)) % FOLDS
    apart = np.zeros(len(y))
    for one in range(FOLDS):
        apart[fold == one] = a[fold == one] @ _ridge(a[fold != one], y[fold != one])
    return _ridge(a, y), float(np.sqrt(np.mean((y - apart) ** 2)))


def _ridge(a: Array, y: Array) -> Array:
    """Weights by least squares with a little ridge on all but the constant."""
    penalty = RIDGE * np.eye(a.shape[1])
    penalty[0, 0] = 1e-9
    return np.asarray(np.linalg.solve(a.T @ a + penalty, a.T @ y), dtype=np.float64)
