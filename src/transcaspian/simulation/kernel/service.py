"""Servers: who is served, who waits, and what happens when a shift ends."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from transcaspian.simulation.arrays import (
    AT,
    BUSY,
    BUSY_TIME,
    CAPACITY,
    CARRIERS,
    CURSOR,
    EPOCH,
    FILLED,
    FLOWS,
    FROM,
    HANDOVER,
    HEAD,
    KEY,
    KIND,
    KIND_BITS,
    LINK,
    LONGEST,
    LUCK,
    LUCK_FIRST,
    LUCK_KEY,
    LUCK_SECOND,
    LUCK_SHAPE,
    NOW,
    OVERLAP,
    SEIZED,
    SERVED,
    START,
    STEP,
    TAIL,
    UNTIL,
    WAITED,
)
from transcaspian.simulation.kernel.agenda import push
from transcaspian.simulation.kernel.draws import draw, quantile

KIND_MASK = (1 << KIND_BITS) - 1
START_RECORD = 1


@njit(cache=True)
def emit(records: Any, register: Any, time: int, entity: int, code: int) -> None:
    """Nothing; a record is written."""
    at = register[FILLED]
    register[FILLED] = at + 1
    records[at, 0] = time
    records[at, 1] = (entity << 32) | code


@njit(cache=True)
def duration(m: Any, luck: int, trip: Any) -> int:
    """The microseconds that one stage takes one trip."""
    u = draw(m.luck_keys[luck, LUCK_KEY], trip)
    drawn = quantile(
        m.luck[luck, LUCK_SHAPE],
        u,
        m.luck_parameters[luck, LUCK_FIRST],
        m.luck_parameters[luck, LUCK_SECOND],
        m.erlang,
    )
    return np.int64(drawn + 0.5)


@njit(cache=True)
def overlap(register: Any, begin: int, end: int) -> int:
    """The part of an interval that lies in the counted year."""
    return max(min(end, register[UNTIL]) - max(begin, register[FROM]), 0)


@njit(cache=True)
def note_wait(served: Any, register: Any, r: int, wait: int) -> None:
    """Nothing; a service that begins in the counted year is counted with the wait before it."""
    if register[FROM] <= register[NOW] < register[UNTIL]:
        served[r, SERVED] += 1
        served[r, WAITED] += wait
        served[r, LONGEST] = max(served[r, LONGEST], wait)


@njit(cache=True)
def begin(m: Any, s: Any, entity: int, r: int) -> None:
    """Nothing; the resource takes an entity into service now: a trip for a time, a carrier for good."""
    now = s.register[NOW]
    s.resources[r, BUSY] += 1
    wait = now - s.entities[entity, AT]
    note_wait(s.served, s.register, r, wait)
    kind = s.entities[entity, KIND] & KIND_MASK
    s.entities[entity, KIND] = kind | (s.resources[r, EPOCH] << KIND_BITS)
    if entity < s.register[CARRIERS]:
        s.carriers[entity, SEIZED] = now
        push(s.entities, s.wheel, s.heap, s.register, entity, now)
        return
    row = s.entities[entity, STEP]
    if wait > 0:
        emit(s.records, s.register, now, entity, (row << 1) | START_RECORD)
    end = now + duration(m, m.steps[row, LUCK], s.entity_keys[entity, KEY])
    s.entities[entity, START] = now
    s.served[r, BUSY_TIME] += overlap(s.register, now, end)
    push(s.entities, s.wheel, s.heap, s.register, entity, end)


@njit(cache=True)
def grant(m: Any, s: Any, r: int) -> None:
    """Nothing; free servers take whoever waits, first come first served."""
    while s.resources[r, HEAD] >= 0 and s.resources[r, BUSY] < s.resources[r, CAPACITY]:
        entity = s.resources[r, HEAD]
        s.resources[r, HEAD] = s.entities[entity, LINK]
        begin(m, s, entity, r)


@njit(cache=True)
def ask(m: Any, s: Any, entity: int, r: int) -> None:
    """Nothing; an entity that comes to a resource is served at once or waits."""
    s.entities[entity, AT] = s.register[NOW]
    if s.resources[r, HEAD] < 0 and s.resources[r, BUSY] < s.resources[r, CAPACITY]:
        begin(m, s, entity, r)
        return
    s.entities[entity, LINK] = -1
    if s.resources[r, HEAD] < 0:
        s.resources[r, HEAD] = entity
    else:
        s.entities[s.resources[r, TAIL], LINK] = entity
    s.resources[r, TAIL] = entity


@njit(cache=True)
def give_back(m: Any, s: Any, entity: int, r: int) -> None:
    """Nothing; a server is free again, unless its shift is over, and takes the next."""
    if s.entities[entity, KIND] >> KIND_BITS == s.resources[r, EPOCH]:
        s.resources[r, BUSY] -= 1
        if s.resources[r, HEAD] >= 0:
            grant(m, s, r)


@njit(cache=True)
def change_shift(m: Any, s: Any, r: int) -> None:
    """Nothing; a resource takes its next capacity.

    Finish: whoever works finishes, and counts until then. Overlap: the old shift finishes beside a
    full new one.
    """
    at = s.resources[r, CURSOR] + 1
    s.resources[r, CURSOR] = at
    s.resources[r, CAPACITY] = m.shift_capacities[at]
    if s.resources[r, HANDOVER] == OVERLAP:
        s.resources[r, EPOCH] += 1
        s.resources[r, BUSY] = 0
    if at + 1 < m.shift_first[r + 1]:
        entity = s.register[CARRIERS] + s.register[FLOWS] + r
        push(s.entities, s.wheel, s.heap, s.register, entity, m.shift_times[at + 1])
    grant(m, s, r)
