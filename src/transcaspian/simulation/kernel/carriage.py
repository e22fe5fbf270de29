"""Cargo and carriers: waiting in line for cargo, boarding, and the programs carriers run."""

from __future__ import annotations

from typing import Any

from numba import njit

from transcaspian.simulation.arrays import (
    ABOARD,
    ABOARD_TAIL,
    ARG,
    AT,
    BEGIN,
    BEHIND,
    BUSY_TIME,
    CARGO,
    CARGO_TAIL,
    DECK,
    DELAY,
    FROM,
    GATE,
    IN_LINE,
    JUMP,
    KIND,
    LEAST_LOAD,
    LEAST_SHARE,
    LEAST_SPACE,
    LEAVING,
    LINE,
    LINE_TAIL,
    LINK,
    LOAD,
    LOADED,
    LOADING,
    LONGEST_WAIT,
    LUCK,
    NEXT,
    NOTIFY,
    NOW,
    OP,
    PHASE,
    READY,
    RELEASE,
    ROUND,
    SAILINGS,
    SEIZE,
    SEIZED,
    SHARE,
    SKIP,
    STEP,
    TAKEN,
    TIMER,
    UNDER_WAY,
    UNLOAD,
    UNLOADED,
    UNTIL,
    VERSION,
)
from transcaspian.simulation.kernel.agenda import push
from transcaspian.simulation.kernel.draws import nth
from transcaspian.simulation.kernel.service import (
    START_RECORD,
    ask,
    duration,
    emit,
    give_back,
    overlap,
)
from transcaspian.simulation.kernel.traffic import put_back, take


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
def notify(m: Any, s: Any, carrier: int, op: int, code: int) -> None:
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
    s.carriers[carrier, LEAST_LOAD] = least // SHARE
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
            notify(m, s, carrier, arg, 0)
        elif op == BEGIN:
            notify(m, s, carrier, arg, START_RECORD)
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
