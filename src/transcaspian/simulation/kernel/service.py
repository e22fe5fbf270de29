"""Servers: who is served, who waits, and what happens when a shift ends."""

from __future__ import annotations

import numpy as np
from numba import njit

from transcaspian.simulation import arrays as a
from transcaspian.simulation.arrays import Array
from transcaspian.simulation.kernel.agenda import push
from transcaspian.simulation.kernel.draws import draw, quantile

KIND_MASK = (1 << a.KIND_BITS) - 1
BELOW_EPOCH = (1 << a.EPOCH_BIT) - 1
START_RECORD = 1


@njit(cache=True, forceinline=True, error_model="numpy")
def emit(records: Array, register: Array, time: int, entity: int, code: int) -> None:
    """Nothing; a record is written."""
    at = register[a.FILLED]
    register[a.FILLED] = at + 1
    records[at, 0] = time
    records[at, 1] = (entity << 32) | code


@njit(cache=True, forceinline=True, error_model="numpy")
def duration(
    luck: Array, parameters: Array, curves: Array, row: int, trip: Array, mirror: int
) -> int:
    """The microseconds that one stage takes one trip."""
    u = draw(np.uint64(luck[row, a.LUCK_KEY]), trip, mirror)
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
    carriers: Array,
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
    is_trip = entity >= register[a.CARRIERS]
    if is_trip and resources[r, a.WATCHED] != 0:
        serve_watched(steps, luck, parameters, curves, entities, resources, served, carriers, wheel,
                      heap, register, records, entity, r)  # fmt: skip
        return
    wait = now - entities[entity, a.AT]
    note_wait(served, register, r, wait)
    below = entities[entity, a.KIND] & BELOW_EPOCH
    entities[entity, a.KIND] = below | (resources[r, a.EPOCH] << a.EPOCH_BIT)
    end = now
    if is_trip:
        row = entities[entity, a.STEP]
        if wait > 0:
            emit(records, register, now, entity, (row << 1) | START_RECORD)
        if entities[entity, a.START] < -1:
            tell_carrier(entities, carriers, wheel, heap, register, entity)
        trip = np.uint64(entities[entity, a.KEY])
        end += duration(luck, parameters, curves, steps[row, a.LUCK], trip, register[a.MIRROR])
        served[r, a.BUSY_TIME] += overlap(register, now, end)
    entities[entity, a.START] = now
    push(entities, wheel, heap, register, entity, end)


@njit(cache=True, error_model="numpy")
def tell_carrier(
    entities: Array, carriers: Array, wheel: Array, heap: Array, register: Array, trip: int
) -> None:
    """Nothing; the carrier that a trip could not leave goes on when it was the last such trip.

    Whoever waited with a timer instead leaves it to ring in vain.
    """
    other = -2 - entities[trip, a.START]
    if other < register[a.CARRIERS]:
        carriers[other, a.LANDING] -= 1
        if carriers[other, a.LANDING] == 0:
            push(entities, wheel, heap, register, other, register[a.NOW])


@njit(cache=True, error_model="numpy")
def serve_watched(
    steps: Array,
    luck: Array,
    parameters: Array,
    curves: Array,
    entities: Array,
    resources: Array,
    served: Array,
    carriers: Array,
    wheel: Array,
    heap: Array,
    register: Array,
    records: Array,
    trip: int,
    r: int,
) -> None:
    """Nothing; a trip is served where it may be interrupted: its end is a timer's, not its own."""
    now = register[a.NOW]
    row = entities[trip, a.STEP]
    left = entities[trip, a.TIME]
    if left == 0:
        wait = now - entities[trip, a.AT]
        note_wait(served, register, r, wait)
        if wait > 0:
            emit(records, register, now, trip, (row << 1) | START_RECORD)
        key = np.uint64(entities[trip, a.KEY])
        left = duration(luck, parameters, curves, steps[row, a.LUCK], key, register[a.MIRROR])
    if entities[trip, a.START] < -1:
        tell_carrier(entities, carriers, wheel, heap, register, trip)
    below = entities[trip, a.KIND] & BELOW_EPOCH
    entities[trip, a.KIND] = below | (resources[r, a.EPOCH] << a.EPOCH_BIT)
    entities[trip, a.START] = now
    entities[trip, a.TIME] = now + left
    served[r, a.BUSY_TIME] += overlap(register, now, now + left)
    timer = register[a.FREE]
    register[a.FREE] = entities[timer, a.LINK]
    register[a.SPARE] -= 1
    entities[timer, a.KIND] = a.TIMER
    entities[timer, a.KEY] = a.SERVICE_OVER
    entities[timer, a.STEP] = trip
    entities[trip, a.ORDER] = timer
    entities[trip, a.LINK] = resources[r, a.WORKING]
    resources[r, a.WORKING] = trip
    push(entities, wheel, heap, register, timer, now + left)


@njit(cache=True, forceinline=True, error_model="numpy")
def is_free(resources: Array, r: int) -> bool:
    """Whether a server is free and nobody waits for it."""
    return resources[r, a.WAITING] == 0 and resources[r, a.BUSY] < resources[r, a.CAPACITY]


@njit(cache=True, forceinline=True, error_model="numpy")
def may_serve(resources: Array, r: int) -> bool:
    """Whether somebody waits and a server is free."""
    return resources[r, a.WAITING] > 0 and resources[r, a.BUSY] < resources[r, a.CAPACITY]


@njit(cache=True, forceinline=True, error_model="numpy")
def wait_in_line(entities: Array, resources: Array, lines: Array, entity: int, r: int,
                 level: int) -> None:  # fmt: skip
    """Nothing; the entity is the last of those of its level that wait."""
    resources[r, a.WAITING] += 1
    line = resources[r, a.LINE] + level
    entities[entity, a.LINK] = -1
    if lines[line, a.HEAD] < 0:
        lines[line, a.HEAD] = entity
    else:
        before = lines[line, a.TAIL]
        entities[before, a.LINK] = entity
        entities[entity, a.BACK] = before
    lines[line, a.TAIL] = entity


@njit(cache=True, forceinline=True, error_model="numpy")
def give_back(entities: Array, resources: Array, entity: int, r: int) -> bool:
    """Whether somebody may be served now that an entity gives back its server.

    A server whose shift is over goes home.
    """
    if entities[entity, a.KIND] >> a.EPOCH_BIT != resources[r, a.EPOCH]:
        return False
    resources[r, a.BUSY] -= 1
    return may_serve(resources, r)


@njit(cache=True, forceinline=True, error_model="numpy")
def first_in_line(entities: Array, resources: Array, lines: Array, r: int) -> int:
    """Who has waited longest at the highest level, taken out of the line."""
    resources[r, a.WAITING] -= 1
    line = resources[r, a.LINE]
    while lines[line, a.HEAD] < 0:
        line += 1
    entity = lines[line, a.HEAD]
    lines[line, a.HEAD] = entities[entity, a.LINK]
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
    full new one. Pre-empt: whoever is too many is interrupted, see `interrupt`.
    """
    at = resources[r, a.CURSOR] + 1
    resources[r, a.CURSOR] = at
    resources[r, a.ON_DUTY] = shift_capacities[at]
    set_capacity(resources, r)
    if resources[r, a.HANDOVER] == a.OVERLAP:
        resources[r, a.EPOCH] += 1
        resources[r, a.BUSY] = 0
        resources[r, a.WORKING] = -1
    if at + 1 < shift_first[r + 1]:
        entity = register[a.CARRIERS] + register[a.FLOWS] + r
        push(entities, wheel, heap, register, entity, shift_times[at + 1])


@njit(cache=True, forceinline=True, error_model="numpy")
def set_capacity(resources: Array, r: int) -> None:
    """Nothing; as many work as are on duty and not broken."""
    whole = resources[r, a.SERVERS] - resources[r, a.BROKEN]
    resources[r, a.CAPACITY] = max(min(resources[r, a.ON_DUTY], whole), 0)
