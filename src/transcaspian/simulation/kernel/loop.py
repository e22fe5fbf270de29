"""The event loop: one kernel that runs any corridor from arrays.

It knows entities, resources, calls and carriers; nothing of customs, ports or cold. Steps in which
nothing is shared (travel, branches, service without a resource) are run ahead of the clock, for
nobody else can see them.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from transcaspian.simulation.arrays import (
    ARG,
    BOARD,
    BRANCH,
    CAPACITY,
    CARRIERS,
    COUNTED,
    CURSOR,
    DONE,
    EVENTS,
    FILLED,
    FLOWS,
    FULL,
    GROW,
    INSIDE,
    KEY,
    KIND,
    LUCK,
    LUCK_KEY,
    MARGIN,
    NEXT,
    NOW,
    OP,
    PAUSE,
    RESOURCES,
    SERVE,
    SPARE,
    START,
    STEP,
    STOP,
    TIMER,
    TRAVEL,
    UNTIL,
    State,
    Tables,
)
from transcaspian.simulation.kernel.agenda import pop, push
from transcaspian.simulation.kernel.carriage import go, join_call, ring
from transcaspian.simulation.kernel.draws import draw
from transcaspian.simulation.kernel.service import (
    KIND_MASK,
    ask,
    change_shift,
    duration,
    emit,
    give_back,
)
from transcaspian.simulation.kernel.traffic import arrive, next_arrival, put_back


@njit(cache=True)
def depart(m: Any, s: Any) -> None:
    """Nothing; every flow, shift and carrier has its first event."""
    carriers, flows = s.register[CARRIERS], s.register[FLOWS]
    for carrier in range(carriers):
        push(s.entities, s.wheel, s.heap, s.register, carrier, s.register[NOW])
    for r in range(s.register[RESOURCES]):
        first = m.shift_first[r]
        s.resources[r, CURSOR] = first
        s.resources[r, CAPACITY] = m.shift_capacities[first]
        if first + 1 < m.shift_first[r + 1]:
            entity = carriers + flows + r
            push(s.entities, s.wheel, s.heap, s.register, entity, m.shift_times[first + 1])
    for flow in range(flows):
        next_arrival(m, s, flow)


@njit(cache=True)
def advance(m: Tables, s: State, budget: int) -> int:
    """Why the kernel stopped: all counted trips are out, the records are full, more entities are
    needed, or it has had its budget of events.
    """
    entities, register, steps = s.entities, s.register, m.steps
    records, keys = s.records, s.entity_keys
    wheel, heap = s.wheel, s.heap
    carriers = register[CARRIERS]
    flows = carriers + register[FLOWS]
    fixed = flows + register[RESOURCES]
    limit = records.shape[0] - register[MARGIN]
    while budget > 0:
        if register[FILLED] > limit:
            return FULL
        if register[SPARE] < 4:
            return GROW
        if register[INSIDE] == 0 and register[NOW] >= register[UNTIL]:
            return DONE
        entity = pop(entities, wheel, heap, register)
        if entity < 0 or register[NOW] > register[STOP]:
            return DONE
        budget -= 1
        register[EVENTS] += 1
        if entity < carriers:
            go(m, s, entity)
            continue
        if entity < flows:
            entity = arrive(m, s, entity - carriers)
        elif entity < fixed:
            change_shift(m, s, entity - flows)
            continue
        elif entities[entity, KIND] == TIMER:
            ring(m, s, entity)
            continue
        now = register[NOW]
        row = entities[entity, STEP]
        if entities[entity, START] >= 0:
            emit(records, register, now, entity, row << 1)
            entities[entity, START] = -1
            give_back(m, s, entity, steps[row, ARG])
            row = steps[row, NEXT]
        time = now
        while True:
            op = steps[row, OP]
            if op == SERVE or op == BOARD:
                entities[entity, STEP] = row
                if time > now:
                    push(entities, wheel, heap, register, entity, time)
                elif op == SERVE:
                    ask(m, s, entity, steps[row, ARG])
                else:
                    join_call(m, s, entity, row)
                break
            if op == TRAVEL:
                time += duration(m, steps[row, LUCK], keys[entity, KEY])
                emit(records, register, time, entity, row << 1)
                row = steps[row, NEXT]
            elif op == BRANCH:
                u = draw(m.luck_keys[steps[row, LUCK], LUCK_KEY], keys[entity, KEY])
                cell = steps[row, ARG]
                while u >= m.cell_upto[cell]:
                    cell += 1
                row = m.cell_to[cell]
            else:  # EXIT
                emit(records, register, time, entity, row << 1)
                if entities[entity, KIND] & KIND_MASK == COUNTED:
                    register[INSIDE] -= 1
                put_back(s, entity)
                break
    return PAUSE
