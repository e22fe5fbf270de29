"""Who is on duty when: calendars, holidays and maintenance of every resource."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

import numpy as np

from transcaspian.corridor.corridor import Corridor
from transcaspian.simulation.arrays import DAY
from transcaspian.simulation.model.timeline import (
    EPOCH,
    MICRO,
    Horizon,
    Row,
    as_utc,
    capacities,
    levels,
    midnights_of,
    on_days,
    thinned,
)

WEEK = 7
DUTIES = 256
Cells = tuple[tuple[str, object], ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The capacity of one resource before weather and failures."""

    times: np.ndarray
    servers: np.ndarray


def rosters(corridor: Corridor, resources: Sequence[Row], horizon: Horizon) -> list[Timeline]:
    """The timeline of each resource, in the order of the rows.

    A quota keeps the instants at which its calendar opens anew, since it is whole again then; so
    does a resource that hands over by overlap.
    """
    calendars = {
        str(name): tuple(tuple(row.items()) for row in part.to_dicts())
        for (name,), part in corridor.table("calendars").group_by("calendar", maintain_order=True)
    }
    places = corridor.table("places").select("place", "zone", "country")
    homes = {place: (zone, country) for place, zone, country in places.iter_rows()}
    holidays = _holidays(corridor, horizon)
    known: dict[tuple[str, str, str, int, bool], Timeline] = {}
    found: list[Timeline] = []
    for row in resources:
        zone, country = homes[row["place"]]
        kept = row["handover"] == "overlap" or row["kind"] == "quota"
        away = country if country in holidays else ""
        which = (row["calendar"], zone, away, row["servers"], kept)
        if which not in known:
            days = tuple(holidays.get(away, {}).items())
            times, shares = _duty(calendars[row["calendar"]], zone, horizon, days)
            line = times, capacities(shares, row["servers"])
            known[which] = Timeline(*(line if kept else thinned(*line)))
        found.append(known[which])
    return _maintained(corridor, resources, horizon, found)


@lru_cache(maxsize=DUTIES)
def _duty(
    rows: tuple[Cells, ...], zone: str, horizon: Horizon, holidays: tuple[tuple[int, float], ...]
) -> tuple[np.ndarray, np.ndarray]:
    """The share of servers on duty, kept: few calendars serve many resources in many models."""
    found = duty([dict(row) for row in rows], zone, horizon, dict(holidays))
    for each in found:
        each.flags.writeable = False
    return found


def duty(
    rows: Sequence[Row], zone: str, horizon: Horizon, holidays: dict[int, float]
) -> tuple[np.ndarray, np.ndarray]:
    """The share of servers on duty: the instants from which it holds, and the shares.

    Rows that overlap add up, to 1 at most. `holidays` is the part of them that works, by local
    day; it holds for rows that keep holidays. The first instant is the horizon's start.
    """

    def parts(row: Row, days: np.ndarray) -> np.ndarray:
        if not row["holidays"] or not holidays:
            return np.ones(len(days))
        return np.array([holidays.get(day, 1.0) for day in (days // DAY).tolist()])

    instants, shares = levels(rows, zone, horizon, weight="share", parts=parts)
    return instants, np.minimum(shares, 1.0)


def _holidays(corridor: Corridor, horizon: Horizon) -> dict[str, dict[int, float]]:
    """The part of the servers that works, by country and day since 1970."""
    first = (EPOCH + horizon.start * MICRO).date()
    days = range(horizon.start // DAY - 2, horizon.stop // DAY + 3)
    dates = [(day, first + timedelta(days=day - horizon.start // DAY)) for day in days]
    found: dict[str, dict[int, float]] = {}
    for row in corridor.table("holidays").iter_rows(named=True):
        for day, date in dates:
            if row["date"] in {date.isoformat(), f"{date:%m-%d}"}:
                found.setdefault(row["country"], {})[day] = row["share"]
    return found


def _maintained(
    corridor: Corridor, resources: Sequence[Row], horizon: Horizon, lines: list[Timeline]
) -> list[Timeline]:
    """The timelines less the servers that are being maintained."""
    zones = dict(corridor.table("places").select("place", "zone").iter_rows())
    numbers = {row["resource"]: at for at, row in enumerate(resources)}
    for row in corridor.table("maintenance").iter_rows(named=True):
        at = numbers[row["resource"]]
        zone = zones[resources[at]["place"]]
        days = on_days(midnights_of(horizon), row["days"])
        days = days[(days // DAY // WEEK) % row["every_weeks"] == 0]
        begins = as_utc(days + round(row["opens_h"] * DAY / 24), zone, horizon)
        ends = as_utc(days + round(row["closes_h"] * DAY / 24), zone, horizon)
        lines[at] = _less(lines[at], begins, ends, row["servers"])
    return lines


def _less(line: Timeline, begins: np.ndarray, ends: np.ndarray, servers: int) -> Timeline:
    """A timeline with some servers fewer in some windows, and none below zero."""
    start = line.times[0]
    every = np.unique(np.concatenate([line.times, begins, ends]))
    every = every[every >= start]
    base = line.servers[np.searchsorted(line.times, every, side="right") - 1]
    window = np.searchsorted(begins, every, side="right") - 1
    inside = (window >= 0) & (every < ends[np.maximum(window, 0)])
    return Timeline(*thinned(every, np.maximum(base - np.where(inside, servers, 0), 0)))
