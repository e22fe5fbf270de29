"""Servers: who is served, who waits, and what happens when a shift ends."""

from __future__ import annotations

import numpy as np
from numba import njit

from transcaspian.simulation import arrays as a
from transcaspian.simulation.arrays import Array
from transcaspian.simulation.kernel.agenda import push
from transcaspian.simulation.kernel.draws import draw, quantile

KIND_MASK = (1 << a.KIND_BITS) - 1
START_RECORD = 1


@njit(cache=True, forceinline=True, error_model="numpy")
def emit(records: Array, register: Array, time: int, entity: int, code: int) -> None:
    """Nothing; a record is written."""
    at = register[a.FILLED]
    register[a.FILLED] = at + 1
    records[at, 0] = time
    records[at, 1] = (entity << 32) | code


@njit(cache=True, forceinline=True, error_model="numpy")
def duration(luck: Array, parameters: Array, curves: Array, row: int, trip: Array) -> int:
    """The microseconds that one stage takes one trip."""
    u = draw(np.uint64(luck[row, a.LUCK_KEY]), trip)
    drawn = quantile(
        luck[row, a.LUCK_SHAPE],
        u,
        parameters[row, a.LUCK_FIRST],
        parameters[row, a.LUCK_SECOND],
        curves,
    )
    return int(drawn + 0.5)


@njit(cache=True, forceinline=True, error_model="numpy")
def overlap(register: Array, begin: int, end: int) -> int:
    """The part of an interval that lies in the counted year."""
    return max(min(end, register[a.UNTIL]) - max(begin, register[a.FROM]), 0)


@njit(cache=True, forceinline=True, error_model="numpy")
def note_wait(served: Array, register: Array, r: int, wait: int) -> None:
    """Nothing; a service that begins in the counted year is counted with the wait before it."""
    if register[a.FROM] <= register[a.NOW] < register[a.UNTIL]:
        served[r, a.SERVED] += 1
        served[r, a.WAITED] += wait
        served[r, a.LONGEST] = max(served[r, a.LONGEST], wait)


@njit(cache=True, forceinline=True, error_model="numpy")
def serve(
    steps: Array,
    luck: Array,
    parameters: Array,
    curves: Array,
    entities: Array,
    resources: Array,
    served: Array,
    wheel: Array,
    heap: Array,
    register: Array,
    records: Array,
    entity: int,
    r: int,
) -> None:
    """Nothing; an entity is served from now on: a trip for a time, a carrier until it leaves."""
    now = register[a.NOW]
    resources[r, a.BUSY] += 1
    wait = now - entities[entity, a.AT]
    note_wait(served, register, r, wait)
    kind = entities[entity, a.KIND] & KIND_MASK
    entities[entity, a.KIND] = kind | (resources[r, a.EPOCH] << a.KIND_BITS)
    entities[entity, a.START] = now
    end = now
    if entity >= register[a.CARRIERS]:
        row = entities[entity, a.STEP]
        if wait > 0:
            emit(records, register, now, entity, (row << 1) | START_RECORD)
        trip = np.uint64(entities[entity, a.KEY])
        end += duration(luck, parameters, curves, steps[row, a.LUCK], trip)
        served[r, a.BUSY_TIME] += overlap(register, now, end)
    push(entities, wheel, heap, register, entity, end)


@njit(cache=True, forceinline=True, error_model="numpy")
def is_free(resources: Array, r: int) -> bool:
    """Whether a server is free and nobody waits for it."""
    return resources[r, a.HEAD] < 0 and resources[r, a.BUSY] < resources[r, a.CAPACITY]


@njit(cache=True, forceinline=True, error_model="numpy")
def wait_in_line(entities: Array, resources: Array, entity: int, r: int) -> None:
    """Nothing; the entity is the last of those that wait."""
    entities[entity, a.LINK] = -1
    if resources[r, a.HEAD] < 0:
        resources[r, a.HEAD] = entity
    else:
        entities[resources[r, a.TAIL], a.LINK] = entity
    resources[r, a.TAIL] = entity


@njit(cache=True, forceinline=True, error_model="numpy")
def give_back(entities: Array, resources: Array, entity: int, r: int) -> bool:
    """Whether somebody may be served now that an entity gives back its server.

    A server whose shift is over goes home.
    """
    if entities[entity, a.KIND] >> a.KIND_BITS != resources[r, a.EPOCH]:
        return False
    resources[r, a.BUSY] -= 1
    return resources[r, a.HEAD] >= 0 and resources[r, a.BUSY] < resources[r, a.CAPACITY]


@njit(cache=True, forceinline=True, error_model="numpy")
def first_in_line(entities: Array, resources: Array, r: int) -> int:
    """Who has waited longest, taken out of the line."""
    entity = resources[r, a.HEAD]
    resources[r, a.HEAD] = entities[entity, a.LINK]
    return entity


@njit(cache=True, forceinline=True, error_model="numpy")
def change_shift(
    shift_first: Array,
    shift_times: Array,
    shift_capacities: Array,
    entities: Array,
    resources: Array,
    wheel: Array,
    heap: Array,
    register: Array,
    r: int,
) -> None:
    """Nothing; a resource takes its next capacity.

    Finish: whoever works finishes, and counts until then. Overlap: the old shift finishes beside a
    full new one.
    """
    at = resources[r, a.CURSOR] + 1
    resources[r, a.CURSOR] = at
    resources[r, a.CAPACITY] = shift_capacities[at]
    if resources[r, a.HANDOVER] == a.OVERLAP:
        resources[r, a.EPOCH] += 1
        resources[r, a.BUSY] = 0
    if at + 1 < shift_first[r + 1]:
        entity = register[a.CARRIERS] + register[a.FLOWS] + r
        push(entities, wheel, heap, register, entity, shift_times[at + 1])
