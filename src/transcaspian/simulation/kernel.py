"""The event loop: one kernel that runs any corridor from arrays.

It knows entities, resources, calls and carriers; nothing of customs, ports or cold. What is due is
kept in two parts: a wheel of buckets for what is far and a binary heap, ordered by time and then by
a sequence, for the bucket at hand. Steps in which nothing is shared (travel, branches, service
without a resource) are run ahead of the clock, for nobody else can see them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from transcaspian.simulation import arrays as a
from transcaspian.simulation.arrays import (
    ABOARD, ABOARD_TAIL, ARG, ARRIVE, AT, BEGIN, BERTH, BOARD, BRANCH, BUCKET, BUSY, BUSY_TIME,
    CAPACITY, CARGO, CARGO_TAIL, CARRIERS, CLOSED, COUNT, COUNTED, CURSOR, DECK, DELAY, DEPART, DONE,
    EPOCH, EVENTS, EXIT, FAR, FILLED, FIRST, FLOWS, FREE, FROM, FULL, GATE, GROW, HANDOVER, HEAD,
    HEAPED, ID_BITS, INSIDE, JUMP, KEY, KIND, KIND_BITS, LEAST_LOAD, LEAST_SHARE, LEAST_SPACE, LEAVING, LINE,
    LINE_TAIL, LINK, LOAD, LOADED, LOADING, LONGEST, LONGEST_WAIT, LUCK, LUCK_FIRST, LUCK_KEY,
    LUCK_SECOND, LUCK_SHAPE, MARGIN, NEXT, NOTIFY, NOW, OP, ORDER, OVERLAP, PATTERN, PAUSE, PHASE,
    READY, REGULAR, RELEASE, RESCAN, RESOURCES, ROUND, SAILINGS, SEASON, SEGMENT, SEIZE, SEIZED,
    SEQUENCE, SERVE, SERVED, SHIFT, SKIP, SPARE, START, STEP, STOP, TAIL, TAKEN, TIME, TIMER,
    TRAVEL, UNCOUNTED, UNDER_WAY, UNLOAD, UNLOADED, UNTIL, VERSION, WAITED, IN_LINE, State, Tables,
)
from transcaspian.simulation.draws import draw, nth, quantile

HOUR = float(a.HOUR)
ID_MASK = (1 << ID_BITS) - 1
KIND_MASK = (1 << KIND_BITS) - 1
START_RECORD = 1


@njit(cache=True)
def sift_up(heap: Any, register: Any, time: int, order: int) -> None:
    """Nothing; an entry is put into the heap."""
    at = register[HEAPED]
    register[HEAPED] = at + 1
    while at > 0:
        above = (at - 1) >> 1
        other = heap[above, 0]
        if other < time or (other == time and heap[above, 1] < order):
            break
        heap[at, 0] = other
        heap[at, 1] = heap[above, 1]
        at = above
    heap[at, 0] = time
    heap[at, 1] = order


@njit(cache=True)
def sift_down(heap: Any, register: Any) -> int:
    """The entity due next, taken from the heap; the clock is set."""
    size = register[HEAPED] - 1
    register[HEAPED] = size
    register[NOW] = heap[0, 0]
    found = heap[0, 1] & ID_MASK
    time, order = heap[size, 0], heap[size, 1]
    at = 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        left, right = heap[below, 0], heap[below + 1, 0]
        if below + 1 < size and (
            right < left or (right == left and heap[below + 1, 1] < heap[below, 1])
        ):
            below += 1
            left = right
        if time < left or (time == left and order < heap[below, 1]):
            break
        heap[at, 0] = left
        heap[at, 1] = heap[below, 1]
        at = below
    heap[at, 0] = time
    heap[at, 1] = order
    return found


@njit(cache=True)
def push(entities: Any, wheel: Any, heap: Any, register: Any, entity: int, time: int) -> None:
    """Nothing; the entity is due at a time."""
    sequence = register[SEQUENCE]
    register[SEQUENCE] = sequence + 1
    order = (sequence << ID_BITS) | entity
    ahead = (time >> register[SHIFT]) - register[BUCKET]
    if ahead <= 0:
        sift_up(heap, register, time, order)
        return
    entities[entity, TIME] = time
    entities[entity, ORDER] = order
    if ahead < wheel.shape[0]:
        at = (time >> register[SHIFT]) & (wheel.shape[0] - 1)
        entities[entity, LINK] = wheel[at]
        wheel[at] = entity
    else:
        entities[entity, LINK] = register[FAR]
        register[FAR] = entity


@njit(cache=True)
def rescan(entities: Any, wheel: Any, heap: Any, register: Any) -> None:
    """Nothing; what lay beyond the wheel and no longer does is put on it."""
    size = wheel.shape[0]
    bucket = register[BUCKET]
    entity = register[FAR]
    register[FAR] = -1
    while entity >= 0:
        after = entities[entity, LINK]
        time = entities[entity, TIME]
        ahead = (time >> register[SHIFT]) - bucket
        if ahead <= 0:
            sift_up(heap, register, time, entities[entity, ORDER])
        elif ahead < size:
            at = (time >> register[SHIFT]) & (size - 1)
            entities[entity, LINK] = wheel[at]
            wheel[at] = entity
        else:
            entities[entity, LINK] = register[FAR]
            register[FAR] = entity
        entity = after
    register[RESCAN] = bucket + size // 2


@njit(cache=True)
def pop(entities: Any, wheel: Any, heap: Any, register: Any) -> int:
    """The entity due next; -1 when nothing is due before the stop."""
    size = wheel.shape[0]
    last = register[STOP] >> register[SHIFT]
    while register[HEAPED] == 0:
        bucket = register[BUCKET] + 1
        if bucket > last:
            return -1
        register[BUCKET] = bucket
        if bucket >= register[RESCAN]:
            rescan(entities, wheel, heap, register)
        entity = wheel[bucket & (size - 1)]
        wheel[bucket & (size - 1)] = -1
        while entity >= 0:
            after = entities[entity, LINK]
            sift_up(heap, register, entities[entity, TIME], entities[entity, ORDER])
            entity = after
    return sift_down(heap, register)


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
        m.luck[luck, LUCK_SHAPE], u,
        m.luck_parameters[luck, LUCK_FIRST], m.luck_parameters[luck, LUCK_SECOND], m.erlang,
    )
    return np.int64(drawn + 0.5)


@njit(cache=True)
def overlap(register: Any, begin: int, end: int) -> int:
    """The part of an interval that lies in the counted year."""
    return max(min(end, register[UNTIL]) - max(begin, register[FROM]), 0)


@njit(cache=True)
def note_wait(served: Any, register: Any, r: int, *, wait: int) -> None:
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
    note_wait(s.served, s.register, r, wait=wait)
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


@njit(cache=True)
def next_arrival(m: Any, s: Any, flow: int) -> None:
    """Nothing; the next trip of a flow is due, unless the gates are closed by then.

    Its time is where the cumulative intensity of the flow reaches the sum of unit exponential
    gaps, or of ones.
    """
    n = s.flows[flow, COUNT]
    u = draw(m.arrival_key[0], nth(m.flow_keys[flow], n))
    if s.flows[flow, PATTERN] == REGULAR:
        s.flow_sums[flow] = n + draw(m.arrival_key[0], m.flow_keys[flow])
    else:
        s.flow_sums[flow] -= math.log(1.0 - u)
    season, at = s.flows[flow, SEASON], s.flows[flow, SEGMENT]
    target = s.flow_sums[flow] / m.flow_rates[flow]
    last = m.season_times.shape[0] - 1
    while at < last and m.seasons[season, at + 1] <= target:
        at += 1
    s.flows[flow, SEGMENT] = at
    if at >= last:
        return
    low, high = m.seasons[season, at], m.seasons[season, at + 1]
    width = m.season_times[at + 1] - m.season_times[at]
    time = m.season_times[at] + np.int64((target - low) / (high - low) * width)
    if time < s.register[CLOSED]:
        push(s.entities, s.wheel, s.heap, s.register, s.register[CARRIERS] + flow, time)


@njit(cache=True)
def take(s: Any) -> int:
    """A free entity."""
    entity = s.register[FREE]
    s.register[FREE] = s.entities[entity, LINK]
    s.register[SPARE] -= 1
    return entity


@njit(cache=True)
def put_back(s: Any, entity: int) -> None:
    """Nothing; the entity is free."""
    s.entities[entity, LINK] = s.register[FREE]
    s.register[FREE] = entity
    s.register[SPARE] += 1


@njit(cache=True)
def arrive(m: Any, s: Any, flow: int) -> int:
    """The next trip of a flow, at its first step."""
    trip = take(s)
    first = s.flows[flow, FIRST]
    counted = s.register[FROM] <= s.register[NOW] < s.register[UNTIL]
    s.entities[trip, STEP] = m.steps[first, NEXT]
    s.entities[trip, START] = -1
    s.entities[trip, KIND] = COUNTED if counted else UNCOUNTED
    s.entity_keys[trip, KEY] = nth(m.flow_keys[flow], s.flows[flow, COUNT])
    if counted:
        s.register[INSIDE] += 1
    s.flows[flow, COUNT] += 1
    emit(s.records, s.register, s.register[NOW], trip, first << 1)
    next_arrival(m, s, flow)
    return trip


# Cargo and carriers.


@njit(cache=True)
def step_aboard(s: Any, carrier: int, trip: int, space: int) -> None:
    """Nothing; a trip is taken aboard."""
    s.entities[trip, LINK] = -1
    if s.carriers[carrier, ABOARD] < 0:
        s.carriers[carrier, ABOARD] = trip
    else:
        s.entities[s.carriers[carrier, ABOARD_TAIL], LINK] = trip
    s.carriers[carrier, ABOARD_TAIL] = trip
    s.carriers[carrier, TAKEN] += space


@njit(cache=True)
def room(s: Any, carrier: int) -> int:
    """The deck space left."""
    return s.carriers[carrier, DECK] - s.carriers[carrier, TAKEN]


@njit(cache=True)
def join_call(m: Any, s: Any, trip: int, row: int) -> None:
    """Nothing; a trip boards the carrier first in line, or waits for one.

    The carrier leaves when the deck is full, when the trip does not fit, or when its longest wait
    is over and it now has its least load.
    """
    call, space = m.steps[row, ARG], m.steps[row, LUCK]
    carrier = s.calls[call, LINE]
    leave = False
    if carrier >= 0 and s.carriers[carrier, PHASE] == LOADING:
        if space <= room(s, carrier):
            step_aboard(s, carrier, trip, space)
            late = s.register[NOW] - s.carriers[carrier, READY] >= s.calls[call, LONGEST_WAIT]
            enough = s.carriers[carrier, TAKEN] >= s.carriers[carrier, LEAST_LOAD]
            leave = room(s, carrier) < s.calls[call, LEAST_SPACE] or (late and enough)
            trip = -1
        else:
            leave = True
    if leave:
        s.carriers[carrier, PHASE] = LEAVING
        push(s.entities, s.wheel, s.heap, s.register, carrier, s.register[NOW])
    if trip < 0:
        return
    s.entities[trip, LINK] = -1
    if s.calls[call, CARGO] < 0:
        s.calls[call, CARGO] = trip
    else:
        s.entities[s.calls[call, CARGO_TAIL], LINK] = trip
    s.calls[call, CARGO_TAIL] = trip


@njit(cache=True)
def load_waiting(m: Any, s: Any, carrier: int, call: int) -> bool:
    """Whether the carrier is full once all that wait and fit are aboard, in order of coming."""
    before = -1
    trip = s.calls[call, CARGO]
    while trip >= 0 and room(s, carrier) >= s.calls[call, LEAST_SPACE]:
        after = s.entities[trip, LINK]
        space = m.steps[s.entities[trip, STEP], LUCK]
        if space <= room(s, carrier):
            if before < 0:
                s.calls[call, CARGO] = after
            else:
                s.entities[before, LINK] = after
            if after < 0:
                s.calls[call, CARGO_TAIL] = before
            step_aboard(s, carrier, trip, space)
        else:
            before = trip
        trip = after
    return s.calls[call, CARGO] >= 0 or room(s, carrier) < s.calls[call, LEAST_SPACE]


@njit(cache=True)
def set_timer(s: Any, carrier: int, time: int) -> None:
    """Nothing; the carrier is looked at again at a time, unless it has left."""
    timer = take(s)
    s.entities[timer, KIND] = TIMER
    s.entities[timer, STEP] = carrier
    s.entities[timer, AT] = s.carriers[carrier, VERSION]
    push(s.entities, s.wheel, s.heap, s.register, timer, time)


@njit(cache=True)
def ring(m: Any, s: Any, timer: int) -> None:
    """Nothing; a carrier whose longest wait is over leaves with its least load, after twice anyhow."""
    carrier, version = s.entities[timer, STEP], s.entities[timer, AT]
    put_back(s, timer)
    if s.carriers[carrier, VERSION] != version or s.carriers[carrier, PHASE] != LOADING:
        return
    call = m.steps[s.entities[carrier, STEP], ARG]
    latest = s.carriers[carrier, READY] + 2 * s.calls[call, LONGEST_WAIT]
    enough = s.carriers[carrier, TAKEN] >= s.carriers[carrier, LEAST_LOAD]
    if enough or s.register[NOW] >= latest:
        s.carriers[carrier, PHASE] = LEAVING
        push(s.entities, s.wheel, s.heap, s.register, carrier, s.register[NOW])
    else:
        set_timer(s, carrier, latest)


@njit(cache=True)
def notify(m: Any, s: Any, carrier: int, op: int, *, code: int) -> None:
    """Nothing; everything aboard that stands at an op gets a record, and ends the step with code 0."""
    trip = s.carriers[carrier, ABOARD]
    while trip >= 0:
        row = s.entities[trip, STEP]
        if m.steps[row, OP] == op:
            emit(s.records, s.register, s.register[NOW], trip, (row << 1) | code)
            if code == 0:
                s.entities[trip, STEP] = m.steps[row, NEXT]
        trip = s.entities[trip, LINK]


@njit(cache=True)
def unload(m: Any, s: Any, carrier: int) -> None:
    """Nothing; everything aboard that has come to its port goes ashore and on its way."""
    before = -1
    trip = s.carriers[carrier, ABOARD]
    while trip >= 0:
        after = s.entities[trip, LINK]
        row = s.entities[trip, STEP]
        if m.steps[row, OP] == UNLOADED:
            if before < 0:
                s.carriers[carrier, ABOARD] = after
            else:
                s.entities[before, LINK] = after
            if after < 0:
                s.carriers[carrier, ABOARD_TAIL] = before
            s.carriers[carrier, TAKEN] -= m.steps[row, LUCK]
            emit(s.records, s.register, s.register[NOW], trip, row << 1)
            s.entities[trip, STEP] = m.steps[row, NEXT]
            push(s.entities, s.wheel, s.heap, s.register, trip, s.register[NOW])
        else:
            before = trip
        trip = after


@njit(cache=True)
def none_at(m: Any, s: Any, carrier: int, op: int) -> bool:
    """Whether nothing aboard stands at an op."""
    trip = s.carriers[carrier, ABOARD]
    while trip >= 0:
        if m.steps[s.entities[trip, STEP], OP] == op:
            return False
        trip = s.entities[trip, LINK]
    return True


@njit(cache=True)
def opens(m: Any, gate: int, now: int) -> int:
    """When a gate is open next: now, or the end of the spell that shuts it."""
    low, high = m.gate_first[gate], m.gate_first[gate + 1]
    while low < high:
        middle = (low + high) // 2
        if m.gate_opened[middle] <= now:
            low = middle + 1
        else:
            high = middle
    if low < m.gate_first[gate + 1] and m.gate_closed[low] <= now:
        return m.gate_opened[low]
    return now


@njit(cache=True)
def wait_for_cargo(m: Any, s: Any, carrier: int, call: int) -> bool:
    """Whether a carrier at a call may leave now; else it is in line or loading."""
    now, phase = s.register[NOW], s.carriers[carrier, PHASE]
    if phase == LEAVING:
        return True
    if phase == UNDER_WAY:
        s.carriers[carrier, BEHIND] = -1
        if s.calls[call, LINE] >= 0:
            s.carriers[s.calls[call, LINE_TAIL], BEHIND] = carrier
            s.calls[call, LINE_TAIL] = carrier
            s.carriers[carrier, PHASE] = IN_LINE
            return False
        s.calls[call, LINE] = carrier
        s.calls[call, LINE_TAIL] = carrier
    s.carriers[carrier, PHASE] = LOADING
    s.carriers[carrier, READY] = now
    least = s.calls[call, LEAST_SHARE] * s.carriers[carrier, DECK]
    s.carriers[carrier, LEAST_LOAD] = least // a.SHARE
    if load_waiting(m, s, carrier, call) or s.calls[call, LONGEST_WAIT] == 0:
        return True
    set_timer(s, carrier, now + s.calls[call, LONGEST_WAIT])
    return False


@njit(cache=True)
def leave_call(s: Any, carrier: int, call: int) -> None:
    """Nothing; the carrier is counted and gives up its place in line to the next."""
    now = s.register[NOW]
    if s.register[FROM] <= now < s.register[UNTIL]:
        s.calls[call, SAILINGS] += 1
        s.calls[call, LOADED] += s.carriers[carrier, TAKEN]
    s.carriers[carrier, PHASE] = UNDER_WAY
    s.carriers[carrier, VERSION] += 1
    following = s.carriers[carrier, BEHIND]
    s.calls[call, LINE] = following
    if following >= 0:
        push(s.entities, s.wheel, s.heap, s.register, following, now)


@njit(cache=True)
def go(m: Any, s: Any, carrier: int) -> None:
    """Nothing; a carrier runs its program until it must wait."""
    now = s.register[NOW]
    row = s.entities[carrier, STEP]
    while True:
        op, arg = m.steps[row, OP], m.steps[row, ARG]
        s.entities[carrier, STEP] = row
        if op == DELAY:
            visit = nth(m.carrier_keys[carrier], s.carriers[carrier, ROUND])
            end = now + duration(m, m.steps[row, LUCK], visit)
            s.entities[carrier, STEP] = m.steps[row, NEXT]
            push(s.entities, s.wheel, s.heap, s.register, carrier, end)
            return
        if op == SEIZE:
            s.entities[carrier, STEP] = m.steps[row, NEXT]
            ask(m, s, carrier, arg)
            return
        if op == GATE:
            opened = opens(m, arg, now)
            if opened > now:
                push(s.entities, s.wheel, s.heap, s.register, carrier, opened)
                return
        elif op == LOAD:
            if not wait_for_cargo(m, s, carrier, arg):
                return
            leave_call(s, carrier, arg)
        elif op == NOTIFY:
            notify(m, s, carrier, arg, code=0)
        elif op == BEGIN:
            notify(m, s, carrier, arg, code=START_RECORD)
        elif op == UNLOAD:
            unload(m, s, carrier)
        elif op == RELEASE:
            s.served[arg, BUSY_TIME] += overlap(s.register, s.carriers[carrier, SEIZED], now)
            give_back(m, s, carrier, arg)
        elif op == SKIP and none_at(m, s, carrier, arg):
            row = m.steps[row, LUCK]
            continue
        elif op == JUMP:
            s.carriers[carrier, ROUND] += 1
        row = m.steps[row, NEXT]


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
    records, keys, resources = s.records, s.entity_keys, s.resources
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
