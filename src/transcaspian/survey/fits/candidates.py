"""The candidates for the stays at one crossing: plain families, opening hours, sailings."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transcaspian.survey.fits.calendars import (
    Ferry,
    Headways,
    Shifted,
    ferry_left,
    fit_ferry,
    fit_headways,
    fit_shifted,
    fit_timetable,
    headway_left,
    wait_to_open,
    wait_to_sail,
)
from transcaspian.survey.fits.choose import FOLDS, SIMPLE, choose, crps, score
from transcaspian.survey.fits.families import Array
from transcaspian.survey.fits.spells import CannotFit, Spells

SERVICE = "lognormal"
"""The family of the service behind opening hours, or after a sailing of a timetable."""
MOST_SAILINGS = 40
Hours = tuple[tuple[float, float], ...]
Sails = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Stays:
    """The stays of one crossing: their lengths, and the local hour of the week of each arrival."""

    lengths: Spells
    arrived: Array
    open: int


@dataclass(frozen=True, slots=True)
class Waits:
    """What may be waited for at a crossing: openings, timetables, any sailing."""

    calendars: Mapping[str, Hours]
    timetables: Mapping[str, Sails]
    by_sea: bool


def candidates(known: Stays, waits: Waits, *, seed: int) -> list[dict[str, object]]:
    """Each family with its figures.

    Shape: family, calendar, loglik, aic, crps_h (on stays left out), pit_p, mean_h, cv, parameters.
    """
    rows: list[dict[str, object]] = []
    try:
        plain = choose(known.lengths, families=SIMPLE, seed=seed)
    except CannotFit:
        plain = []
    rows.extend(
        {
            "family": one.family,
            "loglik": one.fit.loglik,
            "aic": one.aic,
            "crps_h": one.crps_h,
            "pit_p": one.pit_p,
            "mean_h": one.fit.mean_h,
            "cv": one.fit.cv,
            "parameters": _json(one.fit.parameters),
        }
        for one in plain
    )
    fold = np.random.default_rng(seed).permutation(len(known.arrived)) % FOLDS
    for name, opens in waits.calendars.items():
        rows += _shifted_row(known, name, opens=opens, fold=fold)
    for name, sails in waits.timetables.items():
        rows += _timetable_row(known, name, sails=sails)
    if waits.by_sea:
        rows += [*_ferry_row(known, fold), *_headways_row(known, fold)]
    return rows


def _json(parameters: Mapping[str, float]) -> str:
    return json.dumps({name: round(value, 6) for name, value in parameters.items()})


def _left_out(
    known: Stays, fold: NDArray[np.int64], scored: Callable[[Stays, Stays], float]
) -> float:
    """The mean score on the stays of each fold, of what is fitted to the others."""
    total = 0.0
    for number in range(FOLDS):
        parts = [
            Stays(known.lengths.part(chosen), known.arrived[chosen], 0)
            for chosen in (fold != number, fold == number)
        ]
        total += scored(parts[0], parts[1])
    return total / known.lengths.size


def _shifted_row(
    known: Stays, name: str, *, opens: Hours, fold: NDArray[np.int64]
) -> list[dict[str, object]]:
    """The stays as the wait for the opening and a service after it."""

    def fitted(of: Stays) -> Shifted:
        return fit_shifted(of.lengths, of.arrived, opens=opens, family=SERVICE)

    def scored(others: Stays, left: Stays) -> float:
        service = fitted(others).service
        wait = wait_to_open(left.arrived, opens)
        middle = left.lengths.middle() - wait
        rest = Spells(
            np.maximum(left.lengths.low - wait, 1e-3),
            np.maximum(left.lengths.high - wait, 1e-3),
            left.lengths.weight,
            np.zeros(len(wait)),
        )
        return float(left.lengths.weight @ (crps(service, rest) + np.maximum(-middle, 0)))

    try:
        whole = fitted(known)
        apart = _left_out(known, fold, scored)
    except (CannotFit, np.linalg.LinAlgError):
        return []
    wait = wait_to_open(known.arrived, opens)
    weight = known.lengths.weight
    mean = float(weight @ wait / weight.sum()) + whole.service.mean_h
    return [
        {
            "family": f"opening hours, then {SERVICE}",
            "calendar": name,
            "loglik": whole.loglik,
            "aic": 2 * (whole.service.free + 1) - 2 * whole.loglik,
            "crps_h": apart,
            "mean_h": mean,
            "parameters": _json({**whole.service.parameters, "strays": float(whole.strays)}),
        }
    ]


def _ferry_row(known: Stays, fold: NDArray[np.int64]) -> list[dict[str, object]]:
    """The stays as handling and the wait for the next sailing with room."""

    def cdf(ferry: Ferry) -> Callable[[Array], Array]:
        given = {"headway_h": ferry.headway_h, "room": ferry.room, "least_h": ferry.least_h}
        return lambda x: np.where(x < ferry.least_h, 0.0, 1 - ferry_left(x, **given))

    def scored(others: Stays, left: Stays) -> float:
        ferry = fit_ferry(others.lengths)
        top = ferry.mean_h + 12 * ferry.headway_h / ferry.room
        return float(left.lengths.weight @ score(cdf(ferry), left.lengths, top=top))

    try:
        whole = fit_ferry(known.lengths)
        apart = _left_out(known, fold, scored)
    except CannotFit:
        return []
    given = {"headway_h": whole.headway_h, "room": whole.room, "least_h": whole.least_h}
    return [
        {
            "family": "next sailing with room",
            "loglik": whole.loglik,
            "aic": 2 * len(given) - 2 * whole.loglik,
            "crps_h": apart,
            "mean_h": whole.mean_h,
            "parameters": _json(given),
        }
    ]


def _headways_row(known: Stays, fold: NDArray[np.int64]) -> list[dict[str, object]]:
    """The stays as handling and the wait for the next sailing with room, headways uneven."""

    def cdf(found: Headways) -> Callable[[Array], Array]:
        return lambda x: (
            1 - headway_left(x, headway_h=found.headway_h, phases=found.phases, room=found.room)
        )

    def scored(others: Stays, left: Stays) -> float:
        found = fit_headways(others.lengths, least_h=0.0, phases=(whole.phases,))
        top = found.mean_h + 12 * found.headway_h / found.room
        return float(left.lengths.weight @ score(cdf(found), left.lengths, top=top))

    try:
        whole = fit_headways(known.lengths, least_h=0.0)
        apart = _left_out(known, fold, scored)
    except CannotFit:
        return []
    given = {"headway_h": whole.headway_h, "phases": float(whole.phases), "room": whole.room}
    return [
        {
            "family": "next uneven sailing with room",
            "loglik": whole.loglik,
            "aic": 2 * len(given) - 2 * whole.loglik,
            "crps_h": apart,
            "mean_h": whole.mean_h,
            "parameters": _json(given),
        }
    ]


def _timetable_row(known: Stays, name: str, *, sails: Sails) -> list[dict[str, object]]:
    """The stays as the wait for a sailing of a timetable with room, and a service after it.

    It has no score on stays left out, so that it stands by Akaike's criterion alone.
    """
    try:
        found = fit_timetable(known.lengths, known.arrived, sails=sails, family=SERVICE)
    except CannotFit:
        return []
    wait = wait_to_sail(known.arrived, sails=sails, count=MOST_SAILINGS)
    taken = found.room * (1 - found.room) ** np.arange(MOST_SAILINGS)
    weight = known.lengths.weight
    mean = float(weight @ (wait @ (taken / taken.sum())) / weight.sum()) + found.service.mean_h
    return [
        {
            "family": f"sailing of a timetable, then {SERVICE}",
            "calendar": name,
            "loglik": found.loglik,
            "aic": 2 * (found.service.free + 1) - 2 * found.loglik,
            "mean_h": mean,
            "parameters": _json({"room": found.room, **found.service.parameters}),
        }
    ]
