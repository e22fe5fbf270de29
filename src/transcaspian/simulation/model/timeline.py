"""Absolute timelines: what holds from which instant on, by local hours, zone and weather.

All instants are microseconds since 1970-01-01 UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from transcaspian.simulation.arrays import DAY, HOUR
from transcaspian.simulation.luck import curves, key, parameters

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICRO = timedelta(microseconds=1)
SECOND = 1_000_000
Row = Mapping[str, Any]
Parts = Callable[[Row, np.ndarray], np.ndarray]


@dataclass(frozen=True, slots=True)
class Horizon:
    """The instants of a run: its start, the counted year, the last arrival and the stop."""

    start: int
    year: int
    begin: int
    end: int
    closed: int
    stop: int

    @property
    def months(self) -> list[tuple[int, int, int]]:
        """Month number, begin and end of every calendar month that a run touches."""
        first = (EPOCH + self.start * MICRO).date().replace(day=1)
        found: list[tuple[int, int, int]] = []
        while instant(first) < self.stop:
            after = (first + timedelta(days=32)).replace(day=1)
            found.append((first.month, instant(first), instant(after)))
            first = after
        return found


def instant(day: date) -> int:
    """The beginning of a day, UTC."""
    return (datetime(day.year, day.month, day.day, tzinfo=UTC) - EPOCH) // MICRO


def horizon_of(
    year: int, *, warmup_days: float, cooldown_days: float, patience_days: float
) -> Horizon:
    """The horizon around a calendar year."""
    begin, end = instant(date(year, 1, 1)), instant(date(year + 1, 1, 1))
    return Horizon(
        begin - int(warmup_days * DAY),
        year,
        begin,
        end,
        end + int(cooldown_days * DAY),
        end + int(patience_days * DAY),
    )


@lru_cache(maxsize=512)
def offsets(zone: str, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
    """The local instants from which an offset of a zone holds, and the offsets.

    A local hour that a change of clocks skips or repeats counts by the offset before it.
    """
    info = ZoneInfo(zone)

    def offset(at: int) -> int:
        return (EPOCH + at * MICRO).astimezone(info).utcoffset() // MICRO  # type: ignore[operator]

    times, values = [start - 2 * DAY], [offset(start - 2 * DAY)]
    for at in range(start - 2 * DAY, stop + 2 * DAY, DAY):
        low, high = at, at + DAY
        if offset(high) == values[-1]:
            continue
        while high - low > SECOND:
            middle = (low + high) // 2
            low, high = (middle, high) if offset(middle) == values[-1] else (low, middle)
        times.append(high)
        values.append(offset(high))
    local = np.array(times, dtype=np.int64) + np.array([values[0], *values[:-1]])
    return local, np.array(values, dtype=np.int64)


def _weekdays(days: str) -> set[int]:
    first, _, last = days.strip().partition("-")
    low = DAYS.index(first)
    high = DAYS.index(last or first)
    return set(range(low, high + 1)) if low <= high else set(range(low, 7)) | set(range(high + 1))


def midnights_of(horizon: Horizon) -> np.ndarray:
    """The midnights of every local day that a run touches, as local time."""
    return np.arange(horizon.start // DAY - 2, horizon.stop // DAY + 3, dtype=np.int64) * DAY


def on_days(midnights: np.ndarray, days: str) -> np.ndarray:
    """Those of some local midnights that fall on a day or a span of days of the week."""
    return midnights[np.isin((midnights // DAY + 3) % 7, list(_weekdays(days)))]


def as_utc(local: np.ndarray, zone: str, horizon: Horizon) -> np.ndarray:
    """The instants of some local times."""
    since, offset = offsets(zone, horizon.start, horizon.stop)
    return local - offset[np.clip(np.searchsorted(since, local, side="right") - 1, 0, None)]


def levels(
    rows: Sequence[Row], zone: str, horizon: Horizon, *, weight: str, parts: Parts | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The sum of the weights of the rows whose local hours hold: instants, and the sum from each.

    Rows have days, opens_h and closes_h; `parts` gives the part of its weight that a row has on
    each day. The first instant is the horizon's start.
    """
    midnights = midnights_of(horizon)
    times: list[np.ndarray] = []
    steps: list[np.ndarray] = []
    for row in rows:
        days = on_days(midnights, row["days"])
        part = np.ones(len(days)) if parts is None else parts(row, days)
        for hours, sign in ((row["opens_h"], 1.0), (row["closes_h"], -1.0)):
            times.append(as_utc(days + round(hours * HOUR), zone, horizon))
            steps.append(sign * row[weight] * part)
    instants, where = np.unique(np.concatenate(times), return_inverse=True)
    change = np.bincount(where, weights=np.concatenate(steps), minlength=len(instants))
    sums = np.maximum(np.round(np.cumsum(change), 9), 0.0)
    first = max(int(np.searchsorted(instants, horizon.start, side="right")) - 1, 0)
    inside = slice(first, int(np.searchsorted(instants, horizon.stop)))
    instants, sums = instants[inside].copy(), sums[inside]
    instants[0] = horizon.start
    return instants, sums


def departures(rows: Sequence[Row], zone: str, horizon: Horizon) -> np.ndarray:
    """The instants of the departures of a timetable in a run, in order."""
    midnights = midnights_of(horizon)
    local = [on_days(midnights, row["days"]) + round(row["departs_h"] * HOUR) for row in rows]
    every = np.unique(as_utc(np.concatenate(local), zone, horizon))
    return every[(every >= horizon.start) & (every < horizon.stop)]


def thinned(times: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A timeline without the instants at which nothing changes."""
    keep = np.concatenate([[True], values[1:] != values[:-1]])
    return times[keep], values[keep]


def capacities(shares: np.ndarray, servers: int) -> np.ndarray:
    """The servers on duty: a share of them, rounded, at least one while any is on duty."""
    return np.where(shares > 0.0, np.maximum(np.floor(shares * servers + 0.5), 1), 0).astype(
        np.int64
    )


def spells(
    rows: Sequence[Row], seed: int, horizon: Horizon, *, mirror: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """The spells in which weather shuts one place in one run: begins and ends, apart and in order.

    They begin as a Poisson process month by month, and last a lognormal time.
    """
    begins: list[float] = []
    ends: list[float] = []
    for row in rows:
        for month, first, last in horizon.months:
            if month == row["month"] and row["spells"] > 0.0:
                found = _spells(row, seed, span=(first, last), mirror=mirror)
                begins += [begin for begin, _ in found]
                ends += [end for _, end in found]
    order = np.argsort(begins, kind="stable")
    return _merged(np.array(begins)[order].astype(np.int64), np.array(ends)[order].astype(np.int64))


def _spells(
    row: Row, seed: int, *, span: tuple[int, int], mirror: int
) -> list[tuple[float, float]]:
    from transcaspian.simulation.kernel.draws import draws, quantile  # noqa: PLC0415  # compiled

    first, last = span
    base = np.uint64(key("closure", row["place"], row["cause"], seed, first))
    most = int(row["spells"] * 3 + 12)
    gaps = -np.log1p(-draws(np.uint64(key("spell begins")), base, most, mirror))
    begins = np.cumsum(gaps) / row["spells"] * (last - first) + first
    table = curves()
    shape, one, two = parameters("lognormal", row["mean_h"] * HOUR, row["cv"])
    luck = draws(np.uint64(key("spell lasts")), base, most, mirror)
    lengths = [quantile(shape, float(u), one, two, table) for u in luck]
    return [(at, at + length) for at, length in zip(begins, lengths, strict=True) if at < last]


def _merged(begins: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if len(begins) == 0:
        return begins, ends
    reach = np.maximum.accumulate(ends)
    new = np.concatenate([[True], begins[1:] > reach[:-1]])
    last = np.concatenate([np.flatnonzero(new)[1:] - 1, [len(begins) - 1]])
    return begins[new], reach[last]


def shut(
    times: np.ndarray, values: np.ndarray, closed: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """A timeline that is zero during the spells."""
    begins, ends = closed
    start = times[0]
    inside = ends > start
    begins, ends = np.maximum(begins[inside], start), ends[inside]
    every = np.unique(np.concatenate([times, begins, ends]))
    base = values[np.searchsorted(times, every, side="right") - 1]
    spell = np.searchsorted(begins, every, side="right") - 1
    covered = (spell >= 0) & (every < ends[np.maximum(spell, 0)]) if len(begins) else spell >= 0
    return thinned(every, np.where(covered, 0, base))


def integral(times: np.ndarray, values: np.ndarray, begin: int, end: int) -> int:
    """The area under a timeline between two instants, in microseconds times its value."""
    edges = np.clip(np.append(times, end), begin, end)
    return int(np.sum(np.diff(edges) * values))
