"""Stays that begin with a wait: for the opening, or for the next sailing with room."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from transcaspian.survey.fits.families import Array
from transcaspian.survey.fits.likelihood import Fit, fit
from transcaspian.survey.fits.spells import LEAST_H, CannotFit, Spells, checked

WEEK_H = 168.0
STRAY = 1e-3
"""The share of stays that the calendar, or the sailings, are allowed not to explain."""


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
    logarithm, and finer about the best.

    Errors: CannotFit.
    """
    known = checked(found)
    ended = np.isfinite(known.high)
    middle = known.middle()
    least = float(np.quantile(middle[ended], 0.01))
    reach = float(middle.max()) - least
    if reach <= 0:
        message = "stays without spread"
        raise CannotFit(message)
    coarse = [float(each) for each in np.geomspace(reach / 40, reach * 1.5, 120)]
    best = max((_ferry(known, headway, least) for headway in coarse), key=lambda each: each.loglik)
    fine = [best.headway_h * float(each) for each in np.linspace(0.94, 1.06, 61)]
    return max((_ferry(known, headway, least) for headway in fine), key=lambda each: each.loglik)


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
