"""Interruption, at watched resources: by a higher priority, a shift that ends, a server that fails;
and the end of somebody's patience.

Who is interrupted goes to the head of its line with the work that is left, and goes on with it.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from transcaspian.simulation import arrays as a
from transcaspian.simulation.arrays import Array
from transcaspian.simulation.kernel.agenda import push
from transcaspian.simulation.kernel.service import (
    START_RECORD,
    duration,
    emit,
    overlap,
    set_capacity,
    wait_in_line,
)
from transcaspian.simulation.kernel.traffic import put_back, take

WAITS, FREED = -1, -2  # what `join_line` may answer beside a step


@njit(cache=True, error_model="numpy")
def unlist(entities: Array, resources: Array, trip: int, r: int) -> None:
    """Nothing; a trip is no longer among those at work, if it was."""
    before = -1
    each = resources[r, a.WORKING]
    while each >= 0 and each != trip:
        before = each
        each = entities[each, a.LINK]
    if each < 0:
        return
    if before < 0:
        resources[r, a.WORKING] = entities[trip, a.LINK]
    else:
        entities[before, a.LINK] = entities[trip, a.LINK]


@njit(cache=True, error_model="numpy")
def weakest(steps: Array, entities: Array, resources: Array, r: int) -> int:
    """Who is interrupted first: of the lowest priority, who began last; -1 when nobody works."""
    found = -1
    each = resources[r, a.WORKING]
    while each >= 0:
        if found < 0:
            found = each
        else:
            level = steps[entities[each, a.STEP], a.LEVEL]
            lowest = steps[entities[found, a.STEP], a.LEVEL]
            later = entities[each, a.START] > entities[found, a.START]
            if level > lowest or (level == lowest and later):
                found = each
        each = entities[each, a.LINK]
    return found


@njit(cache=True, error_model="numpy")
def interrupt(
    steps: Array,
    entities: Array,
    resources: Array,
    lines: Array,
    served: Array,
    register: Array,
    trip: int,
    r: int,
) -> None:
    """Nothing; a trip at work goes back to the head of its line with what is left of its work."""
    now = register[a.NOW]
    unlist(entities, resources, trip, r)
    end = entities[trip, a.TIME]
    served[r, a.BUSY_TIME] -= overlap(register, now, end)
    entities[trip, a.TIME] = max(end - now, 1)
    entities[trip, a.START] = -1
    entities[trip, a.ORDER] = -1
    resources[r, a.BUSY] -= 1
    resources[r, a.WAITING] += 1
    line = resources[r, a.LINE] + steps[entities[trip, a.STEP], a.LEVEL]
    first = lines[line, a.HEAD]
    entities[trip, a.LINK] = first
    if first < 0:
        lines[line, a.TAIL] = trip
    else:
        entities[first, a.BACK] = trip
    lines[line, a.HEAD] = trip


@njit(cache=True, error_model="numpy")
def send_home(
    steps: Array,
    entities: Array,
    resources: Array,
    lines: Array,
    served: Array,
    register: Array,
    r: int,
) -> None:
    """Nothing; as many are interrupted as work beyond the capacity."""
    while resources[r, a.BUSY] > resources[r, a.CAPACITY]:
        trip = weakest(steps, entities, resources, r)
        if trip < 0:
            return
        interrupt(steps, entities, resources, lines, served, register, trip, r)


@njit(cache=True, error_model="numpy")
def fail(
    steps: Array,
    entities: Array,
    resources: Array,
    lines: Array,
    served: Array,
    register: Array,
    r: int,
) -> None:
    """Nothing; one server fails."""
    resources[r, a.BROKEN] += 1
    set_capacity(resources, r)
    send_home(steps, entities, resources, lines, served, register, r)


@njit(cache=True, error_model="numpy")
def join_line(
    m: a.Tables,
    entities: Array,
    resources: Array,
    lines: Array,
    served: Array,
    wheel: Array,
    heap: Array,
    register: Array,
    trip: int,
    row: int,
) -> int:
    """Where a trip that finds no free server goes on: a step, or WAITS in line, or FREED.

    A higher priority interrupts the weakest at work, and then finds a free server.
    """
    steps, rules = m.steps, m.rules
    r, level, rule = steps[row, a.ARG], steps[row, a.LEVEL], steps[row, a.RULE]
    if resources[r, a.PREEMPTS] != 0 and resources[r, a.CAPACITY] > 0:
        other = weakest(steps, entities, resources, r)
        if other >= 0 and steps[entities[other, a.STEP], a.LEVEL] > level:
            interrupt(steps, entities, resources, lines, served, register, other, r)
            return FREED
    if rule >= 0:
        most = rules[rule, a.BALK_AT]
        if most >= 0 and resources[r, a.WAITING] >= most:
            return steps[row, a.ELSE]
    wait_in_line(entities, resources, lines, trip, r, level)
    if rule >= 0 and rules[rule, a.PATIENCE] >= 0:
        timer = take(entities, register)
        entities[timer, a.KIND] = a.TIMER
        entities[timer, a.KEY] = a.PATIENCE_OVER
        entities[timer, a.STEP] = trip
        entities[trip, a.START] = -2 - timer
        key = np.uint64(entities[trip, a.KEY])
        luck = rules[rule, a.PATIENCE]
        waits = duration(m.luck, m.parameters, m.curves, luck, key, register[a.MIRROR])
        push(entities, wheel, heap, register, timer, register[a.NOW] + waits)
    return WAITS


@njit(cache=True, error_model="numpy")
def give_up(
    steps: Array,
    entities: Array,
    resources: Array,
    lines: Array,
    register: Array,
    records: Array,
    trip: int,
) -> int:
    """The step where a trip goes that has lost patience; it is out of its line."""
    row = entities[trip, a.STEP]
    r = steps[row, a.ARG]
    line = resources[r, a.LINE] + steps[row, a.LEVEL]
    after, before = entities[trip, a.LINK], entities[trip, a.BACK]
    if lines[line, a.HEAD] == trip:
        lines[line, a.HEAD] = after
        before = -1
    else:
        entities[before, a.LINK] = after
    if after >= 0:
        entities[after, a.BACK] = before
    else:
        lines[line, a.TAIL] = before
    resources[r, a.WAITING] -= 1
    entities[trip, a.START] = -1
    emit(records, register, register[a.NOW], trip, (row << 1) | START_RECORD)
    emit(records, register, register[a.NOW], trip, row << 1)
    return steps[row, a.ELSE]


@njit(cache=True, forceinline=True, error_model="numpy")
def lapsed(entities: Array, register: Array, timer: int) -> bool:
    """Whether a timer rings in vain; it is put back in any case."""
    what, trip = entities[timer, a.KEY], entities[timer, a.STEP]
    put_back(entities, register, timer)
    if what == a.SERVICE_OVER:
        return entities[trip, a.ORDER] != timer
    return entities[trip, a.START] != -2 - timer
