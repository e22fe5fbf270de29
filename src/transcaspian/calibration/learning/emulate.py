"""What a run would give at any setting of the parameters, learned from a design of runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from transcaspian.calibration.cells import PACE, SIDE
from transcaspian.calibration.learning.design import Runs
from transcaspian.calibration.parameters import Parameters
from transcaspian.corridor.corridor import Corridor

FOLDS = 8
RIDGE = 0.3
LEAST_RUNS = 40
CLOSE = 1e-3
EDGE = 0.97
HALF = 0.5
"""What a number of places gains on average by being made whole."""
MOST_H = 1000.0
"""Beyond this a side has broken down, and how much longer the year made it says nothing."""
HOURS_A_YEAR = 8760.0
ROLES: tuple[str, ...] = ("own", "facing")
Array = NDArray[np.float64]
Terms = tuple[Array, Array]


@dataclass(frozen=True, slots=True)
class Web:
    """Which parameters the hours on each side hang on.

    Shape: one entry a side, the number of a parameter or -1: `own` its pace, `facing` the pace of
    the side it faces, `room` the places inside there; `faced` the number of that side among the
    sides, or -1; `shared` the numbers of the parameters common to all.
    """

    own: NDArray[np.int64]
    facing: NDArray[np.int64]
    room: NDArray[np.int64]
    faced: NDArray[np.int64]
    shared: NDArray[np.int64]

    @property
    def roomed(self) -> NDArray[np.bool_]:
        """Which sides face one with limited places."""
        return (self.room >= 0) & (self.faced >= 0)


@dataclass(frozen=True, slots=True)
class Sides:
    """The logarithmic hours on each side of each post, as a function of the scores.

    A side's hours hang on its own pace, on how full that makes it, on the same of the side that it
    faces, on how many of the places there are taken, and on what is common to all: traffic, ports.
    Its law is a polynomial of these of the second order, fitted with a little ridge.

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
        terms = _terms(self.parameters, scores)
        parts = dict.fromkeys(ROLES, terms)
        hours = _summed(polynomial(parts, scores, self.web), self.weights)
        mine = self.web.roomed
        if not mine.any():
            return hours
        taken = _taken(self.parameters, self.web, self.trips, hours=hours, scores=scores)
        hours[:, mine] = _summed(
            polynomial(parts, scores, self.web, taken=taken)[:, mine], self.weights[mine]
        )
        return hours

    def slope(self, scores: Array) -> Array:
        """How the logarithmic hours of each side change with each score, at one setting.

        Shape: a row a side, a column a parameter.
        """
        found = self._near(scores)
        each = self._far()
        rows = np.repeat(scores[None, :], len(each) + 1, axis=0)
        rows[np.arange(1, len(each) + 1), each] += CLOSE
        hours = self.at(rows)
        change = ((hours[1:] - hours[0]) / CLOSE).T
        shared = np.isin(each, self.web.shared)
        found[:, each[shared]] = change[:, shared]
        roomed = np.flatnonzero(self.web.roomed)
        found[np.ix_(roomed, each[~shared])] = change[roomed][:, ~shared]
        return found

    def _near(self, scores: Array) -> Array:
        """The slope of sides that face one with room for all, with the paces of the two: no two
        sides have a pace in the same role, so that all can be moved at once.
        """
        web, rows = self.web, scores[None, :]
        local = np.ones(self.parameters.count, dtype=np.bool_)
        local[web.shared] = False
        here = dict.fromkeys(ROLES, _terms(self.parameters, rows))
        beside = _terms(self.parameters, rows + CLOSE * local)
        base = _summed(polynomial(here, rows, web), self.weights)[0]
        found = np.zeros((len(self.names), self.parameters.count))
        for name, at in (("own", web.own), ("facing", web.facing)):
            moved = _summed(polynomial(here | {name: beside}, rows, web), self.weights)[0]
            known = ~web.roomed & (at >= 0)
            found[known, at[known]] += (moved - base)[known] / CLOSE
        return found

    def _far(self) -> NDArray[np.int64]:
        """The parameters that are moved one by one: those of sides with places, and common ones."""
        web = self.web
        mine = [at[web.roomed] for at in (web.own, web.facing, web.room)]
        each = np.unique(np.concatenate([web.shared, *mine]))
        return each[each >= 0]


def polynomial(
    terms: Mapping[str, Terms], scores: Array, web: Web, *, taken: Array | None = None
) -> Array:
    """What the hours of sides are polynomials of.

    Shape: a row a row of scores, a column a side, then a feature.
    """
    x, f = (values[:, web.own] for values in terms["own"])
    y, g = (values[:, web.facing] for values in terms["facing"])
    r = np.zeros_like(x) if taken is None else taken
    parts = [np.ones_like(x), x, f, x * x, f * f, x * f, f**3, y, g, g * g, f * g, x * g, y * g]
    parts += [r, r * r, r**3, r * f, r * x]
    for number in web.shared:
        z = np.broadcast_to(scores[:, number, None], x.shape)
        parts += [z, z * z, z * f, z * g, z * r]
    return np.stack(parts, axis=2)


def _terms(parameters: Parameters, scores: Array) -> Terms:
    """The logarithmic pace of each parameter, and how full it makes its side; the last column is
    that of no parameter.
    """
    factor = parameters.factors(scores)
    blank = np.zeros(len(factor))
    return (
        np.column_stack([np.log(factor), blank]),
        np.column_stack([_crowded(parameters.filling(factor)), blank]),
    )


def _summed(space: Array, weights: Array) -> Array:
    return np.asarray(np.einsum("rsf,sf->rs", space, weights))


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
    trips = usual["trips"].to_numpy()
    terms = dict.fromkeys(ROLES, _terms(parameters, runs.scores))
    taken = _taken(
        parameters, web, trips, hours=np.nan_to_num(hours), scores=runs.scores, whole=True
    )
    space = polynomial(terms, runs.scores, web, taken=taken)
    fitted = [_fitted(space[:, at, :], hours[:, at]) for at in range(len(names))]
    weights, error = (np.array(each) for each in zip(*fitted, strict=True))
    return Sides(parameters, names, trips, web, weights, error)


def _taken(
    parameters: Parameters,
    web: Web,
    trips: Array,
    *,
    hours: Array,
    scores: Array,
    whole: bool = False,
) -> Array:
    """How many of the places in front of each side are taken, as what waiting grows with.

    Shape: a row a row of scores, a column a side; 0 where there are no places.
    """
    found = np.zeros((len(scores), len(web.own)))
    mine = web.roomed
    if mine.any():
        factor = parameters.traffic(parameters.factors(scores))
        inside = trips[web.faced[mine]] * factor * np.exp(hours[:, web.faced[mine]]) / HOURS_A_YEAR
        places = parameters.places(scores)[:, web.room[mine]]
        found[:, mine] = _crowded(inside / (np.ceil(places) if whole else places + HALF))
    return found


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
    number = {name: at for at, name in enumerate(names)}
    return Web(
        np.array([paces.get(name, -1) for name in names]),
        np.array([paces.get(faces.get(name, ""), -1) for name in names]),
        np.array([rooms.get(faces.get(name, ""), -1) for name in names]),
        np.array([number.get(faces.get(name, ""), -1) for name in names]),
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
            found[run, number[name]] = np.log(min(value, MOST_H))
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
    """The weights of the features, and the deviation of runs left out of the fit; where the
    features foretell those worse than their mean does, the mean.
    """
    known = np.isfinite(hours)
    a, y = space[known], hours[known]
    fold = np.arange(len(y)) % FOLDS
    apart = np.zeros(len(y))
    for one in range(FOLDS):
        apart[fold == one] = a[fold == one] @ ridge(a[fold != one], y[fold != one])
    error, spread = float(np.sqrt(np.mean((y - apart) ** 2))), float(y.std())
    if error < spread:
        return ridge(a, y), error
    return np.eye(space.shape[1])[0] * y.mean(), spread


def ridge(a: Array, y: Array) -> Array:
    """Weights by least squares with a little ridge on all but the constant."""
    penalty = RIDGE * np.eye(a.shape[1])
    penalty[0, 0] = 1e-9
    return np.asarray(np.linalg.solve(a.T @ a + penalty, a.T @ y), dtype=np.float64)
