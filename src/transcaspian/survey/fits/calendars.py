"""Stays that begin with a wait: for the opening, or for the next sailing with room, be sailings
periodic, uneven, or of a timetable that is known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from transcaspian.survey.fits.families import FAMILIES, Array
from transcaspian.survey.fits.likelihood import Fit, climb, fit
from transcaspian.survey.fits.spells import LEAST_H, CannotFit, Spells, checked

WEEK_H = 168.0
STRAY = 1e-3
"""The share of stays that the calendar, or the sailings, are allowed not to explain."""
LEAST_SHARES = (0.0, 0.01, 0.03)
"""Which of the shortest stays may be the least handling."""
PHASES = (1, 2, 3, 4, 6, 8, 12)
REMAINS = 1e-9
"""The share of waits beyond the sailings that are counted."""
MOST_SAILINGS = 400
FLOOR = 1e-300
NO_ROOM = 0.05
"""The least chance of room that is told between sailings of uneven headways."""
FIRST_ROOM = 0.7
ROOMS = (0.4, 0.7, 0.95)
"""The chances of room from which the climb starts."""


@dataclass(frozen=True, slots=True)
class Shifted:
    """A stay that is the wait to the opening and a service after it.

    `opens`: hours of the week, local, at which it opens and closes; `loglik` includes the stays
    that the calendar does not explain.
    """

    opens: tuple[tuple[float, float], ...]
    service: Fit
    loglik: float
    strays: int


def wait_to_open(arrived: ArrayLike, opens: tuple[tuple[float, float], ...]) -> NDArray[np.float64]:
    """The hours from each arrival, an hour of the week, to the next time that it is open."""
    at = np.asarray(arrived, dtype=np.float64)[:, None] % WEEK_H
    begins = np.array([span[0] for span in opens])
    ends = np.array([span[1] for span in opens])
    inside = ((at >= begins) & (at < ends)).any(axis=1)
    return np.where(inside, 0.0, ((begins - at) % WEEK_H).min(axis=1))


def fit_shifted(
    found: Spells, arrived: ArrayLike, *, opens: tuple[tuple[float, float], ...], family: str
) -> Shifted:
    """The family of the service, once each stay's wait to the opening is taken off.

    A stay shorter than its wait was served out of hours: such strays leave the fit, and each costs
    the likelihood what the share allowed to strays costs.

    Errors: CannotFit.
    """
    wait = wait_to_open(arrived, opens)
    explained = found.high > wait
    kept = explained & (np.isfinite(found.high) | (found.low > wait))
    served = Spells(
        np.maximum(found.low - wait, 0.0)[kept],
        np.maximum(found.high - wait, LEAST_H)[kept],
        found.weight[kept],
        np.maximum(found.least - wait, 0.0)[kept],
    )
    service = fit(checked(served), family=family)
    strays = float(found.weight[~explained].sum())
    loglik = service.loglik + float(found.weight[explained].sum()) * np.log1p(-STRAY)
    return Shifted(
        opens, service, loglik + strays * np.log(STRAY / WEEK_H), int((~explained).sum())
    )


@dataclass(frozen=True, slots=True)
class Ferry:
    """A stay that is the wait for the next sailing with room, after `least_h` of handling.

    `headway_h`: between sailings; `room`: the chance that a sailing takes one along.
    """

    headway_h: float
    room: float
    least_h: float
    loglik: float

    @property
    def mean_h(self) -> float:
        """Handling, half a headway, and the sailings without room."""
        return self.least_h + self.headway_h * (0.5 + (1 - self.room) / self.room)


def ferry_density(hours: Array, *, headway_h: float, room: float, least_h: float) -> Array:
    """The density of stays that wait for a periodic sailing, arrivals at any time."""
    wait = hours - least_h
    missed = np.floor(np.maximum(wait, 0) / headway_h)
    return np.where(wait >= 0, room / headway_h * (1 - room) ** missed, 0.0)


def ferry_left(hours: Array, *, headway_h: float, room: float, least_h: float) -> Array:
    """The share of such stays that are longer."""
    wait = np.maximum(hours - least_h, 0)
    missed = np.floor(wait / headway_h)
    return (1 - room) ** missed * (1 - room * (wait / headway_h - missed))


def fit_ferry(found: Spells) -> Ferry:
    """The headway, the chance of room and the least handling that make the stays likeliest.

    The likelihood has steps in the headway, so headways are tried: a hundred, evenly on the
    logarithm, and finer about the best; and the least handling is one of the shortest stays, since
    some of those may be strays.

    Errors: CannotFit.
    """
    known = checked(found)
    middle = known.middle()[np.isfinite(known.high)]
    handling = {float(each) for each in np.quantile(middle, LEAST_SHARES)}
    return max(
        (_of_handling(known, least) for least in sorted(handling)), key=lambda each: each.loglik
    )


def _of_handling(found: Spells, least: float) -> Ferry:
    """The likeliest headway and chance of room, given the handling.

    Errors: CannotFit.
    """
    reach = float(found.middle().max()) - least
    if reach <= 0:
        message = "stays without spread"
        raise CannotFit(message)
    coarse = [float(each) for each in np.geomspace(reach / 40, reach * 1.5, 120)]
    best = max((_ferry(found, headway, least) for headway in coarse), key=lambda each: each.loglik)
    fine = [best.headway_h * float(each) for each in np.linspace(0.94, 1.06, 61)]
    return max((_ferry(found, headway, least) for headway in fine), key=lambda each: each.loglik)


def _ferry(found: Spells, headway: float, least: float) -> Ferry:
    """The best chance of room for one headway: sailings taken over sailings seen."""
    ended = np.isfinite(found.high)
    middle = np.maximum(found.middle(), least)
    missed = np.floor((middle - least) / headway)
    taken = float(found.weight[ended].sum())
    room = float(np.clip(taken / (taken + found.weight @ missed), 1e-3, 1 - 1e-6))
    given = {"headway_h": headway, "room": room, "least_h": least}
    return Ferry(headway, room, least, _ferry_loglik(found, **given))


def _ferry_loglik(found: Spells, *, headway_h: float, room: float, least_h: float) -> float:
    """The density of exact stays, the chance of the bounds of others, and of lasting as long as
    was seen.
    """
    given = {"headway_h": headway_h, "room": room, "least_h": least_h}
    longer = ferry_left(found.low, **given)
    after = np.where(np.isinf(found.high), 0.0, ferry_left(np.minimum(found.high, 1e6), **given))
    chance = np.where(found.exact, ferry_density(found.low, **given), longer - after)
    return float(found.weight @ np.log(np.maximum(chance, STRAY / WEEK_H)))


@dataclass(frozen=True, slots=True)
class Headways:
    """A wait for the next sailing with room, after `least_h` of handling.

    Headways are Erlang of so many `phases`, their mean `headway_h`; `room`: the chance that a
    sailing takes one along. With one phase only their quotient is known, and `room` is 1.
    """

    headway_h: float
    phases: int
    room: float
    least_h: float
    loglik: float

    @property
    def mean_h(self) -> float:
        """Handling, what is left of a headway on arrival, and the sailings without room."""
        left = (1 + 1 / self.phases) / 2
        return self.least_h + self.headway_h * (left + (1 - self.room) / self.room)


def _weights(phases: int, room: float) -> Array:
    """The chance that the wait takes each number of phases, from one on.

    On arrival the phases left of the headway are as likely to be one as any number up to all.
    """
    missed = int(np.ceil(np.log(REMAINS) / np.log1p(-min(room, 0.999999)))) + 1
    return np.repeat(room * (1 - room) ** np.arange(missed), phases) / phases


def _passed(wait: ArrayLike, *, rate: float, worth: Array) -> Array:
    """What so many phases past by the end of each wait are worth, on average."""
    at, back = np.unique(np.asarray(wait, dtype=np.float64), return_inverse=True)
    scaled = np.maximum(rate * at, FLOOR)[:, None]
    past = np.arange(len(worth))
    log = past * np.log(scaled) - scaled - special.gammaln(past + 1)
    return np.asarray(np.exp(log) @ worth, dtype=np.float64)[back]


def headway_density(
    wait: ArrayLike, *, headway_h: float, phases: int, room: float
) -> NDArray[np.float64]:
    """The density of the wait, arrivals at any time.

    Source: the residual life of an Erlang headway is a mixture of Erlangs of one phase to all.
    """
    rate = phases / headway_h
    return rate * _passed(wait, rate=rate, worth=_weights(phases, room))


def headway_left(
    wait: ArrayLike, *, headway_h: float, phases: int, room: float
) -> NDArray[np.float64]:
    """The share of such waits that are longer."""
    more = np.cumsum(_weights(phases, room)[::-1])[::-1]
    return _passed(wait, rate=phases / headway_h, worth=more)


def fit_headways(
    found: Spells, *, least_h: float | None = None, phases: Sequence[int] = PHASES
) -> Headways:
    """The headways and the chance of room that make the stays likeliest.

    `least_h`: the handling; when not given, the shortest stay told.

    Errors: CannotFit.
    """
    known = checked(found)
    ended = np.isfinite(known.high)
    least = float(known.middle()[ended].min()) if least_h is None else least_h
    if (known.high < least).any():
        message = f"stays shorter than the handling of {least:g} h"
        raise CannotFit(message)
    waited = Spells(
        np.maximum(known.low - least, 0.0), known.high - least, known.weight, known.least
    )
    mean = float(np.average(waited.middle(), weights=known.weight))
    start = np.array([np.log(max(mean, LEAST_H) * FIRST_ROOM), special.logit(FIRST_ROOM)])
    best: list[Headways] = []
    for each in phases:
        one, start = _headways(waited, start, phases=each)
        best.append(replace(one, least_h=least))
    return max(best, key=lambda each: each.loglik)


def _headways(found: Spells, start: Array, *, phases: int) -> tuple[Headways, Array]:
    """The headways of so many phases, and where to start for more."""

    def turned(theta: Array) -> tuple[float, float]:
        room = 1.0 if phases == 1 else NO_ROOM + (1 - NO_ROOM) * float(special.expit(theta[1]))
        return float(np.exp(theta[0])), room

    def loglik(theta: Array) -> float:
        headway, room = turned(theta)
        return _waited(found, headway_h=headway, phases=phases, room=room)

    theta, value, _ = climb(loglik, start[: 1 if phases == 1 else 2])
    headway, room = turned(theta)
    return Headways(headway, phases, room, 0.0, value), start if phases == 1 else theta


def _waited(found: Spells, *, headway_h: float, phases: int, room: float) -> float:
    """The log-likelihood of waits known exactly, within bounds, or only to be longer."""
    exact = found.exact
    density = headway_density(found.low[exact], headway_h=headway_h, phases=phases, room=room)
    total = float(found.weight[exact] @ np.log(np.maximum(density, FLOOR)))
    if exact.all():
        return total
    low, high = found.low[~exact], found.high[~exact]
    finite = np.where(np.isinf(high), 0.0, high)
    beyond = headway_left(finite, headway_h=headway_h, phases=phases, room=room)
    chance = headway_left(low, headway_h=headway_h, phases=phases, room=room)
    chance = chance - np.where(np.isinf(high), 0.0, beyond)
    return total + float(found.weight[~exact] @ np.log(np.maximum(chance, FLOOR)))


@dataclass(frozen=True, slots=True)
class Timetable:
    """A wait for a sailing of a known timetable with room, and a service after it.

    `sails`: hours of the week, local; `room`: the chance that a sailing takes one along.
    """

    sails: tuple[float, ...]
    room: float
    service: Fit
    loglik: float


def wait_to_sail(arrived: ArrayLike, *, sails: Sequence[float], count: int) -> Array:
    """The hours from each arrival, an hour of the week, to each of the next sailings.

    Shape: a row an arrival, a column a sailing.
    """
    at = np.asarray(arrived, dtype=np.float64) % WEEK_H
    week = np.sort(np.asarray(sails, dtype=np.float64) % WEEK_H)
    weeks = np.arange(count // len(week) + 2) * WEEK_H
    every = (weeks[:, None] + week).ravel()
    first = np.searchsorted(week, at)
    return every[first[:, None] + np.arange(count)] - at[:, None]


def fit_timetable(
    found: Spells, arrived: ArrayLike, *, sails: tuple[float, ...], family: str
) -> Timetable:
    """The chance of room and the family of the service after the sailing, given the arrivals.

    Errors: CannotFit, also when a stay ends before any sailing since its arrival.
    """
    known = checked(found)
    longest = float(known.middle().max())
    count = min(int(np.ceil((longest / WEEK_H + 1) * len(sails))) + 1, MOST_SAILINGS)
    wait = wait_to_sail(arrived, sails=sails, count=count)
    early = int((known.high <= wait[:, 0]).sum())
    if early:
        message = f"{early} stays end before any sailing since they began"
        raise CannotFit(message)
    loglik = _timetabled(known, wait, family=family)
    last = np.where(wait < known.middle()[:, None], wait, 0.0).max(axis=1)
    served = np.log(np.maximum(known.middle() - last, LEAST_H))
    begin = FAMILIES[family].start(served, known.weight)
    tried = [climb(loglik, np.array([special.logit(room), *begin])) for room in ROOMS]
    theta, value, curvature = max(tried, key=lambda each: each[1])
    covariance = np.asarray(np.linalg.pinv(-curvature), dtype=np.float64)[1:, 1:]
    service = Fit(FAMILIES[family], theta[1:], covariance, value, known.size)
    return Timetable(sails, float(special.expit(theta[0])), service, value)


def _timetabled(found: Spells, wait: Array, *, family: str) -> Callable[[Array], float]:
    """The log-likelihood by the logit of room and the parameters of the service on the line.

    Each stay may have taken any sailing before its end; one that is open may also wait on.
    """
    law, exact = FAMILIES[family], found.exact
    low = found.low[:, None] - wait
    high = np.where(np.isinf(found.high), 1e9, found.high)[:, None] - wait
    after = np.arange(wait.shape[1])
    known, bounded = low[exact], ~exact
    open_ = np.isinf(found.high[bounded])

    def loglik(theta: Array) -> float:
        logs = special.log_expit(theta[0]) + after * special.log_expit(-theta[0])
        density = law.logpdf(np.maximum(known, LEAST_H / 100), theta[1:])
        each = special.logsumexp(np.where(known > 0, logs + density, -np.inf), axis=1)
        total = float(found.weight[exact] @ np.maximum(each, np.log(FLOOR)))
        if bounded.any():
            ended = law.cdf(np.maximum(high[bounded], FLOOR), theta[1:]) * (high[bounded] > 0)
            begun = law.cdf(np.maximum(low[bounded], FLOOR), theta[1:]) * (low[bounded] > 0)
            chance = np.where(open_[:, None], 1 - begun, ended - begun) @ np.exp(logs)
            chance += open_ * np.exp(len(after) * special.log_expit(-theta[0]))
            total += float(found.weight[bounded] @ np.log(np.maximum(chance, FLOOR)))
        return total

    return loglik
