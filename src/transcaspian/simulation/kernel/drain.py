"""Where records go: running statistics, or the steps of each trip for the log."""

from __future__ import annotations

import math

from numba import njit

from transcaspian.simulation.arrays import (
    ARRIVAL,
    DEPARTURE,
    EVENTS,
    FILLED,
    FORKED,
    FROM,
    FULL,
    HOUR,
    JOINED,
    LOSS,
    ON_LINK,
    UNTIL,
    WRITTEN,
    Array,
    State,
    Sums,
    Tables,
)
from transcaspian.simulation.kernel.lent import lent
from transcaspian.simulation.kernel.loop import advance

BORN, LAST, STARTED, VISIT, ENTERED, COUNTS, BEFORE, OVER = range(8)
FIRST_BIN_H = 0.01
PER_OCTAVE = 16
BINS = 400
LOW = 0xFFFFFFFF


@njit(cache=True, error_model="numpy")
def bin_of(hours: float) -> int:
    """The histogram bin of a duration; as `events.tally.bin_of`."""
    at = math.log(max(hours, FIRST_BIN_H) / FIRST_BIN_H) / math.log(2.0) * PER_OCTAVE
    return min(max(math.floor(at), 0), BINS - 1)


@njit(cache=True, error_model="numpy")
def leave(sums: Array, state: Array, time: int) -> None:
    """Nothing; the visit that a trip ends is counted."""
    kind = sums.classes[state[VISIT]]
    dwell = time - state[ENTERED]
    hours = dwell / HOUR
    sums.visits[kind, 0] += 1
    sums.visits[kind, 1] += dwell
    sums.visit_squares[kind] += hours * hours
    sums.visit_bins[kind, bin_of(hours)] += 1


@njit(cache=True, error_model="numpy")
def finish(sums: Array, state: Array, flow: int, time: int) -> None:
    """Nothing; a trip that is out is counted."""
    total = time - state[BORN]
    hours = total / HOUR
    sums.flows[flow, 1] += 1
    sums.flows[flow, 2] += total
    sums.flow_squares[flow] += hours * hours
    sums.flow_bins[flow, bin_of(hours)] += 1


@njit(cache=True, error_model="numpy")
def beside(trips: Array, state: Array, arrived: int) -> int:
    """From when on the time of a track counts: once every track before it is over; else -1.

    Hours that several tracks spend side by side count for the first of them.
    """
    since = arrived
    other = state[BEFORE]
    while other >= 0:
        if trips[other, OVER] == 0:
            return -1
        since = max(since, trips[other, LAST])
        other = trips[other, BEFORE]
    return since


@njit(cache=True, error_model="numpy")
def family_record(trips: Array, state: Array, visit: int, time: int, starts: int) -> None:
    """Nothing; a track begins, a track is over, or the trip goes on."""
    if visit == FORKED:
        if starts:
            state[:] = trips[time]
            state[BEFORE], state[STARTED], state[OVER] = time, -1, 0
        else:
            state[LAST] = time
    elif starts:
        state[LAST], state[OVER] = time, 0
    else:
        state[OVER] = 1


@njit(cache=True, error_model="numpy")
def drain(sums: Sums, records: Array, count: int, begin: int, end: int) -> None:
    """Nothing; records are added to the statistics of the trips that arrived in [begin, end)."""
    marks, trips, steps = lent(sums.marks), lent(sums.trips), lent(sums.steps)
    records = lent(records)
    for at in range(count):
        time, word = records[at, 0], records[at, 1]
        row = (word & LOW) >> 1
        state = trips[word >> 32]
        visit = marks[row, 0]
        if visit == ARRIVAL:
            counted = begin <= time < end
            state[BORN], state[LAST], state[STARTED], state[VISIT] = time, time, -1, -1
            state[COUNTS], state[BEFORE], state[OVER] = counted, -1, 0
            if counted:
                sums.flows[marks[row, 1], 0] += 1
        elif visit <= FORKED:
            family_record(trips, state, visit, time, word & 1)
        elif state[COUNTS] == 0:
            continue
        elif word & 1:
            state[STARTED] = time
        elif visit == LOSS:
            sums.flows[marks[row, 1], 3] += 1
        else:
            arrived = state[LAST]
            if state[BEFORE] >= 0:
                since = beside(trips, state, arrived)
                since = time if since < 0 else min(since, time)
                started = max(state[STARTED] if state[STARTED] >= 0 else arrived, since)
                arrived = since
            else:
                if visit != state[VISIT]:
                    if state[VISIT] >= 0:
                        leave(sums, state, arrived)
                    state[VISIT], state[ENTERED] = visit, arrived
                if visit == DEPARTURE:
                    finish(sums, state, marks[row, 1], time)
                    continue
                started = state[STARTED] if state[STARTED] >= 0 else arrived
            steps[row, 0] += 1
            steps[row, 1] += started - arrived
            steps[row, 2] += time - started
            state[LAST], state[STARTED] = time, -1


@njit(cache=True, nogil=True, error_model="numpy")
def run_drained(m: Tables, s: State, sums: Sums, budget: int) -> int:
    """Why the kernel stopped, its records drained into statistics; at most one budget of events."""
    last = s.register[EVENTS] + budget
    why = FULL
    while why == FULL:
        why = advance(m, s, last - s.register[EVENTS])
        drain(sums, s.records, s.register[FILLED], s.register[FROM], s.register[UNTIL])
        s.register[WRITTEN] += s.register[FILLED]
        s.register[FILLED] = 0
    return why


@njit(cache=True, nogil=True, error_model="numpy")
def run_kept(m: Tables, s: State, sums: Sums, budget: int) -> int:
    """Why the kernel stopped; its records are drained into statistics and left to be kept."""
    why = advance(m, s, budget)
    drain(sums, s.records, s.register[FILLED], s.register[FROM], s.register[UNTIL])
    s.register[WRITTEN] += s.register[FILLED]
    return why


@njit(cache=True, nogil=True, error_model="numpy")
def count_steps(records: Array, marks: Array, current: Array, window: Array, sizes: Array) -> int:
    """The trips counted so far; `current` holds the trip in each entity, `sizes` its steps so far.

    `window` is begin, end and the trips counted before.
    """
    begin, end, trips = window[0], window[1], window[2]
    for at in range(records.shape[0]):
        word = records[at, 1]
        row = (word & LOW) >> 1
        entity = word >> 32
        if marks[row, 0] == ARRIVAL:
            current[entity] = -1
            if begin <= records[at, 0] < end:
                current[entity] = trips
                trips += 1
        elif marks[row, 0] == FORKED and word & 1:
            current[entity] = current[records[at, 0]]
        elif current[entity] >= 0 and not word & 1 and marks[row, 0] >= ON_LINK:
            sizes[current[entity]] += 1
    return trips


@njit(cache=True, nogil=True, error_model="numpy")
def place_steps(records: Array, marks: Array, current: Array, window: Array, out: Array) -> int:
    """The trips placed so far; each step is written where its trip's steps are.

    `current` is trip, last end and start for each entity; `out` is the next position of each trip,
    flow and loss by trip, trip, row, arrived, started and ended by step.
    """
    follow, flow, lost, trip_of, row_of, arrived, started, ended = out
    begin, end, trips = window[0], window[1], window[2]
    for at in range(records.shape[0]):
        time, word = records[at, 0], records[at, 1]
        row = (word & LOW) >> 1
        state = current[word >> 32]
        if marks[row, 0] == ARRIVAL:
            state[0] = -1
            if begin <= time < end:
                state[0], state[1], state[2] = trips, time, -1
                flow[trips] = marks[row, 1]
                trips += 1
        elif marks[row, 0] == FORKED and word & 1:
            state[0], state[1], state[2] = current[time, 0], current[time, 1], -1
        elif state[0] < 0 or marks[row, 0] < ON_LINK:
            if marks[row, 0] == JOINED and word & 1:
                state[1] = time
            elif marks[row, 0] == LOSS and state[0] >= 0:
                lost[state[0]] = True
        elif word & 1:
            state[2] = time
        else:
            to = follow[state[0]]
            trip_of[to] = state[0]
            row_of[to] = row
            arrived[to] = state[1]
            started[to] = state[2] if state[2] >= 0 else state[1]
            ended[to] = time
            follow[state[0]] = to + 1
            state[1], state[2] = time, -1
    return trips
