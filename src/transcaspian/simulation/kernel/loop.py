"""The event loop: one kernel that runs any corridor from arrays.

It knows entities, resources, calls and carriers; nothing of customs, ports or cold. Steps in which
nothing is shared (travel, branches, service without a resource) are run ahead of the clock, for
nobody else can see them; but not on the tracks of a fork, where each sees when the other is done.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from transcaspian.simulation import arrays as a
from transcaspian.simulation.arrays import State, Tables
from transcaspian.simulation.kernel.agenda import pop, push
from transcaspian.simulation.kernel.carriage import (
    join_call,
    leave_call,
    none_at,
    notify,
    opens,
    ring,
    unload,
    wait_for_cargo,
)
from transcaspian.simulation.kernel.draws import draw, nth
from transcaspian.simulation.kernel.family import fork, join
from transcaspian.simulation.kernel.interrupt import (
    FREED,
    fail,
    give_up,
    join_line,
    lapsed,
    send_home,
    unlist,
)
from transcaspian.simulation.kernel.lent import lent
from transcaspian.simulation.kernel.service import (
    KIND_MASK,
    START_RECORD,
    change_shift,
    duration,
    emit,
    first_in_line,
    give_back,
    is_free,
    may_serve,
    overlap,
    serve,
    set_capacity,
    wait_in_line,
)
from transcaspian.simulation.kernel.traffic import arrive, due, next_arrival, put_back


@njit(cache=True, error_model="numpy")
def go(m: Tables, s: State, carrier: int) -> None:
    """Nothing; a carrier runs its program until it must wait."""
    steps, entities, carriers, calls = (
        lent(m.steps),
        lent(s.entities),
        lent(s.carriers),
        lent(s.calls),
    )
    wheel, heap, register, records = lent(s.wheel), lent(s.heap), lent(s.register), lent(s.records)
    resources, served, luck, parameters = (
        lent(s.resources),
        lent(s.served),
        lent(m.luck),
        lent(m.parameters),
    )
    curves, lines = lent(m.curves), lent(s.lines)
    departs_first, departs_at = lent(m.departs_first), lent(m.departs_at)
    now = register[a.NOW]
    row = entities[carrier, a.STEP]
    while True:
        op, arg = steps[row, a.OP], steps[row, a.ARG]
        entities[carrier, a.STEP] = row
        if op == a.DELAY:
            visit = nth(m.carrier_keys[carrier], carriers[carrier, a.ROUND])
            end = now + duration(
                luck, parameters, curves, steps[row, a.LUCK], visit, register[a.MIRROR]
            )
            entities[carrier, a.STEP] = steps[row, a.NEXT]
            push(entities, wheel, heap, register, carrier, end)
            return
        if op == a.SEIZE:
            entities[carrier, a.STEP] = steps[row, a.NEXT]
            entities[carrier, a.AT] = now
            if is_free(resources, arg):
                serve(steps, luck, parameters, curves, entities, resources, served, carriers,
                      wheel, heap, register, records, carrier, arg)  # fmt: skip
            else:
                wait_in_line(entities, resources, lines, carrier, arg, 0)
            return
        if op == a.GATE:
            opened = opens(m.gate_first, m.gate_closed, m.gate_opened, arg, now)
            if opened > now:
                push(entities, wheel, heap, register, carrier, opened)
                return
        elif op == a.LOAD:
            if not wait_for_cargo(departs_first, departs_at, steps, entities, calls, carriers,
                                  wheel, heap, register, carrier, arg):  # fmt: skip
                return
            leave_call(entities, calls, carriers, wheel, heap, register, carrier, arg)
        elif op == a.NOTIFY:
            notify(steps, entities, carriers, register, records, carrier, arg, 0)
        elif op == a.BEGIN:
            notify(steps, entities, carriers, register, records, carrier, arg, START_RECORD)
        elif op == a.UNLOAD:
            unload(steps, luck, parameters, curves, entities, resources, lines, served, carriers,
                   wheel, heap, register, records, carrier)  # fmt: skip
        elif op == a.LAND:
            if carriers[carrier, a.LANDING] > 0:
                entities[carrier, a.STEP] = steps[row, a.NEXT]
                return
        elif op == a.RELEASE:
            served[arg, a.BUSY_TIME] += overlap(register, entities[carrier, a.START], now)
            if give_back(entities, resources, carrier, arg):
                serve(steps, luck, parameters, curves, entities, resources, served, carriers,
                      wheel, heap, register, records,
                      first_in_line(entities, resources, lines, arg), arg)  # fmt: skip
        elif op == a.BREAK:
            fail(steps, entities, resources, lines, served, register, arg)
        elif op == a.MEND:
            resources[arg, a.BROKEN] -= 1
            set_capacity(resources, arg)
            while may_serve(resources, arg):
                serve(steps, luck, parameters, curves, entities, resources, served, carriers,
                      wheel, heap, register, records,
                      first_in_line(entities, resources, lines, arg), arg)  # fmt: skip
        elif op == a.SKIP and none_at(steps, entities, carriers, carrier, arg):
            row = steps[row, a.LUCK]
            continue
        elif op == a.JUMP:
            carriers[carrier, a.ROUND] += 1
        row = steps[row, a.NEXT]


@njit(cache=True, error_model="numpy")
def depart(m: Tables, s: State) -> None:
    """Nothing; every flow, shift and carrier has its first event."""
    register = s.register
    carriers, flows = register[a.CARRIERS], register[a.FLOWS]
    for carrier in range(carriers):
        push(s.entities, s.wheel, s.heap, register, carrier, register[a.NOW])
    for r in range(register[a.RESOURCES]):
        first = m.shift_first[r]
        s.resources[r, a.CURSOR] = first
        s.resources[r, a.ON_DUTY] = m.shift_capacities[first]
        set_capacity(s.resources, r)
        if first + 1 < m.shift_first[r + 1]:
            time = m.shift_times[first + 1]
            push(s.entities, s.wheel, s.heap, register, carriers + flows + r, time)
    for flow in range(flows):
        time = next_arrival(m.flow_keys, m.flow_rates, m.season_first, m.season_times, m.seasons,
                            s.flows, s.flow_sums, register, flow)  # fmt: skip
        due(s.entities, s.wheel, s.heap, register, carriers + flow, time)


@njit(cache=True, error_model="numpy")
def advance(m: Tables, s: State, budget: int) -> int:
    """Why the kernel stopped: all counted trips are out, the records are full, more entities are
    needed, or it has had its budget of events.
    """
    steps, luck, parameters = lent(m.steps), lent(m.luck), lent(m.parameters)
    curves, cell_upto, cell_to = lent(m.curves), lent(m.cell_upto), lent(m.cell_to)
    flow_keys, flow_rates, season_times = (
        lent(m.flow_keys),
        lent(m.flow_rates),
        lent(m.season_times),
    )
    seasons, season_first = lent(m.seasons), lent(m.season_first)
    entities, resources, served = lent(s.entities), lent(s.resources), lent(s.served)
    wheel, heap, register = lent(s.wheel), lent(s.heap), lent(s.register)
    records, flows, flow_sums = lent(s.records), lent(s.flows), lent(s.flow_sums)
    calls, carriers, lines = lent(s.calls), lent(s.carriers), lent(s.lines)
    departs_first, departs_at = lent(m.departs_first), lent(m.departs_at)
    shift_first, shift_times = lent(m.shift_first), lent(m.shift_times)
    shift_capacities = lent(m.shift_capacities)
    first_flow = register[a.CARRIERS]
    first_shift = first_flow + register[a.FLOWS]
    first_trip = first_shift + register[a.RESOURCES]
    limit = records.shape[0] - register[a.MARGIN]
    mirror, least = register[a.MIRROR], register[a.LEAST_SPARE]
    while budget > 0:
        if register[a.FILLED] > limit:
            return a.FULL
        if register[a.SPARE] < least:
            return a.GROW
        if register[a.INSIDE] == 0 and register[a.NOW] >= register[a.UNTIL]:
            return a.DONE
        entity = pop(entities, wheel, heap, register)
        if entity < 0 or register[a.NOW] > register[a.STOP]:
            return a.DONE
        budget -= 1
        register[a.EVENTS] += 1
        now = register[a.NOW]
        if entity < first_trip:
            if entity < first_flow:
                go(m, s, entity)
                continue
            if entity >= first_shift:
                r = entity - first_shift
                change_shift(shift_first, shift_times, shift_capacities, entities, resources, wheel,
                             heap, register, r)  # fmt: skip
                if resources[r, a.HANDOVER] == a.PREEMPT:
                    send_home(steps, entities, resources, lines, served, register, r)
                while may_serve(resources, r):
                    serve(steps, luck, parameters, curves, entities, resources, served, carriers,
                          wheel, heap, register, records,
                          first_in_line(entities, resources, lines, r), r)  # fmt: skip
                continue
            flow = entity - first_flow
            entity = arrive(steps, entities, flows, register, flow)
            emit(records, register, now, entity, flows[flow, a.FIRST] << 1)
            time = next_arrival(flow_keys, flow_rates, season_first, season_times, seasons, flows,
                                flow_sums, register, flow)  # fmt: skip
            due(entities, wheel, heap, register, first_flow + flow, time)
        elif entities[entity, a.KIND] == a.TIMER:
            what = entities[entity, a.KEY]
            if what == a.CARGO_OVERDUE:
                ring(departs_first, departs_at, steps, entities, calls, carriers, wheel, heap,
                     register, entity)  # fmt: skip
                continue
            timer = entity
            entity = entities[timer, a.STEP]
            if lapsed(entities, register, timer):
                continue
            if what == a.SERVICE_OVER:
                unlist(entities, resources, entity, steps[entities[entity, a.STEP], a.ARG])
            else:
                entities[entity, a.STEP] = give_up(
                    steps, entities, resources, lines, register, records, entity
                )
        row = entities[entity, a.STEP]
        if entities[entity, a.START] >= 0:
            emit(records, register, now, entity, row << 1)
            entities[entity, a.START] = -1
            r = steps[row, a.ARG]
            if steps[row, a.KEEP] != 0:
                if steps[row, a.KEEP] == a.HELD:
                    served[r, a.BUSY_TIME] += overlap(register, now, register[a.UNTIL])
            elif give_back(entities, resources, entity, r):
                serve(steps, luck, parameters, curves, entities, resources, served, carriers, wheel,
                      heap, register, records,
                      first_in_line(entities, resources, lines, r), r)  # fmt: skip
            row = steps[row, a.NEXT]
        trip = np.uint64(entities[entity, a.KEY])
        time = now
        while True:
            op = steps[row, a.OP]
            if op == a.SERVE or op == a.BOARD:
                entities[entity, a.STEP] = row
                if time > now:
                    push(entities, wheel, heap, register, entity, time)
                elif op == a.BOARD:
                    join_call(steps, entities, calls, carriers, wheel, heap, register, entity, row)
                else:
                    r = steps[row, a.ARG]
                    entities[entity, a.AT] = now
                    watched = resources[r, a.WATCHED] != 0
                    if watched:
                        entities[entity, a.TIME] = 0
                    free = is_free(resources, r)
                    if not free:
                        if steps[row, a.RULE] < 0 and not watched:
                            wait_in_line(entities, resources, lines, entity, r, steps[row, a.LEVEL])
                            break
                        onward = join_line(m, entities, resources, lines, served, wheel, heap,
                                           register, entity, row)  # fmt: skip
                        if onward >= 0:
                            row = onward
                            continue
                        free = onward == FREED
                    if free:
                        serve(steps, luck, parameters, curves, entities, resources, served,
                              carriers, wheel, heap, register, records, entity, r)  # fmt: skip
                break
            if op == a.TRAVEL:
                time += duration(luck, parameters, curves, steps[row, a.LUCK], trip, mirror)
                emit(records, register, time, entity, row << 1)
                row = steps[row, a.NEXT]
            elif op == a.BRANCH:
                u = draw(np.uint64(luck[steps[row, a.LUCK], a.LUCK_KEY]), trip, mirror)
                cell = steps[row, a.ARG]
                while u >= cell_upto[cell]:
                    cell += 1
                row = cell_to[cell]
            elif op == a.EXIT:
                emit(records, register, time, entity, row << 1)
                if entities[entity, a.KIND] & KIND_MASK == a.COUNTED:
                    register[a.INSIDE] -= 1
                put_back(entities, register, entity)
                break
            elif time > now:
                entities[entity, a.STEP] = row
                push(entities, wheel, heap, register, entity, time)
                break
            elif op == a.GIVE:
                r = steps[row, a.ARG]
                resources[r, a.BUSY] -= 1
                served[r, a.BUSY_TIME] -= overlap(register, now, register[a.UNTIL])
                if may_serve(resources, r):
                    serve(steps, luck, parameters, curves, entities, resources, served, carriers,
                          wheel, heap, register, records,
                          first_in_line(entities, resources, lines, r), r)  # fmt: skip
                row = steps[row, a.NEXT]
            elif op == a.DWELL:
                entities[entity, a.STEP] = row
                entities[entity, a.START] = now
                time += duration(luck, parameters, curves, steps[row, a.LUCK], trip, mirror)
                push(entities, wheel, heap, register, entity, time)
                break
            elif op == a.FORK:
                row = fork(steps, cell_to, entities, wheel, heap, register, records, entity, row)
            else:
                after = steps[row, a.NEXT]
                if not join(entities, wheel, heap, register, records, entity, row, after):
                    break
                row = after
    return a.PAUSE
