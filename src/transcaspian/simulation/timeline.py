"""Absolute timelines: servers on duty by calendar, zone and weather; the traffic of a year.

All instants are microseconds since 1970-01-01 UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def duty(rows: Sequence[Row], zone: str, horizon: Horizon) -> tuple[np.ndarray, np.ndarray]:
    """The share of servers on duty: the instants from which it holds, and the shares.

    Rows that overlap add up, to 1 at most. The first instant is the horizon's start.
    """
    local, offset = offsets(zone, horizon.start, horizon.stop)
    midnights = np.arange(horizon.start // DAY - 2, horizon.stop // DAY + 3, dtype=np.int64) * DAY
    weekday = (midnights // DAY + 3) % 7
    times: list[np.ndarray] = []
    steps: list[np.ndarray] = []
    for row in rows:
        days = midnights[np.isin(weekday, list(_weekdays(row["days"])))]
        for hours, sign in ((row["opens_h"], 1.0), (row["closes_h"], -1.0)):
            at = days + round(hours * HOUR)
            times.append(
                at - offset[np.clip(np.searchsorted(local, at, side="right") - 1, 0, None)]
            )
            steps.append(np.full(len(days), sign * row["share"]))
    instants, where = np.unique(np.concatenate(times), return_inverse=True)
    change = np.bincount(where, weights=np.concatenate(steps), minlength=len(instants))
    shares = np.clip(np.round(np.cumsum(change), 9), 0.0, 1.0)
    first = max(int(np.searchsorted(instants, horizon.start, side="right")) - 1, 0)
    inside = slice(first, int(np.searchsorted(instants, horizon.stop)))
    instants, shares = instants[inside].copy(), shares[inside]
    instants[0] = horizon.start
    return instants, shares


def thinned(times: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A timeline without the instants at which nothing changes."""
    keep = np.concatenate([[True], values[1:] != values[:-1]])
    return times[keep], values[keep]


def capacities(shares: np.ndarray, servers: int) -> np.ndarray:
    """The servers on duty: a share of them, rounded, at least one while any is on duty."""
    return np.where(shares > 0.0, np.maximum(np.floor(shares * servers + 0.5), 1), 0).astype(
        np.int64
    )


def spells(rows: Sequence[Row], seed: int, horizon: Horizon) -> tuple[np.ndarray, np.ndarray]:
    """The spells in which weather shuts one place in one run: begins and ends, apart and in order.

    They begin as a Poisson process month by month, and last a lognormal time.
    """
    begins: list[float] = []
    ends: list[float] = []
    for row in rows:
        for month, first, last in horizon.months:
            if month == row["month"] and row["spells"] > 0.0:
                found = _spells(row, seed, first=first, last=last)
                begins += [begin for begin, _ in found]
                ends += [end for _, end in found]
    order = np.argsort(begins, kind="stable")
    return _merged(np.array(begins)[order].astype(np.int64), np.array(ends)[order].astype(np.int64))


def _spells(row: Row, seed: int, *, first: int, last: int) -> list[tuple[float, float]]:
    from transcaspian.simulation.kernel.draws import draws, quantile  # noqa: PLC0415  # compiled

    base = np.uint64(key("closure", row["place"], row["cause"], seed, first))
    most = int(row["spells"] * 3 + 12)
    gaps = -np.log1p(-draws(np.uint64(key("spell begins")), base, most))
    begins = np.cumsum(gaps) / row["spells"] * (last - first) + first
    table = curves()
    shape, one, two = parameters("lognormal", row["mean_h"] * HOUR, row["cv"])
    luck = draws(np.uint64(key("spell lasts")), base, most)
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


def traffic(shares: Mapping[int, float], horizon: Horizon) -> np.ndarray:
    """The years' worth of traffic since the start of the run, at each boundary of `boundaries`."""
    times = boundaries(horizon)
    worth = np.zeros(len(times))
    by_begin = {begin: (month, after - begin) for month, begin, after in horizon.months}
    starts = np.array(sorted(by_begin), dtype=np.int64)
    for at in range(len(times) - 1):
        month, length = by_begin[int(starts[np.searchsorted(starts, times[at], side="right") - 1])]
        worth[at + 1] = worth[at] + shares.get(month, 0.0) * (times[at + 1] - times[at]) / length
    return worth


def boundaries(horizon: Horizon) -> np.ndarray:
    """The start of the run, the beginnings of months in it, and the last arrival."""
    inner = [begin for _, begin, _ in horizon.months if horizon.start < begin < horizon.closed]
    return np.array([horizon.start, *inner, horizon.closed], dtype=np.int64)
