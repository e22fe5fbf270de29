"""Cargo and carriers: waiting in line for cargo, boarding, going ashore."""

from __future__ import annotations

from numba import njit

from transcaspian.simulation import arrays as a
from transcaspian.simulation.arrays import Array
from transcaspian.simulation.kernel.agenda import push
from transcaspian.simulation.kernel.service import emit, is_free, serve, wait_in_line
from transcaspian.simulation.kernel.traffic import put_back, take


@njit(cache=True, error_model="numpy")
def step_aboard(entities: Array, carriers: Array, carrier: int, trip: int, space: int) -> None:
    """Nothing; a trip is taken aboard."""
    entities[trip, a.LINK] = -1
    if carriers[carrier, a.ABOARD] < 0:
        carriers[carrier, a.ABOARD] = trip
    else:
        entities[carriers[carrier, a.ABOARD_TAIL], a.LINK] = trip
    carriers[carrier, a.ABOARD_TAIL] = trip
    carriers[carrier, a.TAKEN] += space


@njit(cache=True, error_model="numpy")
def room(carriers: Array, carrier: int) -> int:
    """The deck space left."""
    return carriers[carrier, a.DECK] - carriers[carrier, a.TAKEN]


@njit(cache=True, error_model="numpy")
def join_call(
    steps: Array,
    entities: Array,
    calls: Array,
    carriers: Array,
    wheel: Array,
    heap: Array,
    register: Array,
    trip: int,
    row: int,
) -> None:
    """Nothing; a trip boards the carrier first in line, or waits for one.

    The carrier leaves when the deck is full, when the trip does not fit, or when its longest wait
    is over and it now has its least load; one with a timetable leaves by that alone.
    """
    call, space = steps[row, a.ARG], steps[row, a.LUCK]
    carrier = calls[call, a.LINE_HEAD]
    leave = False
    if carrier >= 0 and carriers[carrier, a.PHASE] == a.LOADING:
        if space <= room(carriers, carrier):
            step_aboard(entities, carriers, carrier, trip, space)
            waited = register[a.NOW] - carriers[carrier, a.READY]
            enough = carriers[carrier, a.TAKEN] >= carriers[carrier, a.LEAST_LOAD]
            leave = room(carriers, carrier) < calls[call, a.LEAST_SPACE] or (
                enough and waited >= calls[call, a.LONGEST_WAIT]
            )
            trip = -1
        else:
            leave = True
        leave = leave and calls[call, a.TIMETABLE] < 0
    if leave:
        carriers[carrier, a.PHASE] = a.LEAVING
        push(entities, wheel, heap, register, carrier, register[a.NOW])
    if trip < 0:
        return
    entities[trip, a.LINK] = -1
    if calls[call, a.CARGO] < 0:
        calls[call, a.CARGO] = trip
    else:
        entities[calls[call, a.CARGO_TAIL], a.LINK] = trip
    calls[call, a.CARGO_TAIL] = trip


@njit(cache=True, error_model="numpy")
def load_waiting(
    steps: Array, entities: Array, calls: Array, carriers: Array, carrier: int, call: int
) -> bool:
    """Whether the carrier is full once all that wait and fit are aboard, in order of coming."""
    before = -1
    trip = calls[call, a.CARGO]
    while trip >= 0 and room(carriers, carrier) >= calls[call, a.LEAST_SPACE]:
        after = entities[trip, a.LINK]
        space = steps[entities[trip, a.STEP], a.LUCK]
        if space <= room(carriers, carrier):
            if before < 0:
                calls[call, a.CARGO] = after
            else:
                entities[before, a.LINK] = after
            if after < 0:
                calls[call, a.CARGO_TAIL] = before
            step_aboard(entities, carriers, carrier, trip, space)
        else:
            before = trip
        trip = after
    return calls[call, a.CARGO] >= 0 or room(carriers, carrier) < calls[call, a.LEAST_SPACE]


@njit(cache=True, error_model="numpy")
def set_timer(
    entities: Array,
    carriers: Array,
    wheel: Array,
    heap: Array,
    register: Array,
    carrier: int,
    time: int,
) -> None:
    """Nothing; the carrier is looked at again at a time, unless it has left."""
    timer = take(entities, register)
    entities[timer, a.KIND] = a.TIMER
    entities[timer, a.KEY] = a.CARGO_OVERDUE
    entities[timer, a.STEP] = carrier
    entities[timer, a.AT] = carriers[carrier, a.VERSION]
    push(entities, wheel, heap, register, timer, time)


@njit(cache=True, error_model="numpy")
def departs(departs_first: Array, departs_at: Array, timetable: int, earliest: int) -> int:
    """The first departure of a timetable at a time or after it; -1 when there is none."""
    low, high = departs_first[timetable], departs_first[timetable + 1]
    while low < high:
        middle = (low + high) // 2
        if departs_at[middle] < earliest:
            low = middle + 1
        else:
            high = middle
    return departs_at[low] if low < departs_first[timetable + 1] else -1


@njit(cache=True, error_model="numpy")
def ring(
    departs_first: Array,
    departs_at: Array,
    steps: Array,
    entities: Array,
    calls: Array,
    carriers: Array,
    wheel: Array,
    heap: Array,
    register: Array,
    timer: int,
) -> None:
    """Nothing; a carrier leaves with its least load after its longest wait, anyhow after twice.

    One with a timetable that has not its least load stays for the next departure.
    """
    carrier, version = entities[timer, a.STEP], entities[timer, a.AT]
    put_back(entities, register, timer)
    if carriers[carrier, a.VERSION] != version or carriers[carrier, a.PHASE] != a.LOADING:
        return
    call = steps[entities[carrier, a.STEP], a.ARG]
    latest = carriers[carrier, a.READY] + 2 * calls[call, a.LONGEST_WAIT]
    enough = carriers[carrier, a.TAKEN] >= carriers[carrier, a.LEAST_LOAD]
    scheduled = calls[call, a.TIMETABLE] >= 0
    if scheduled:
        latest = departs(departs_first, departs_at, calls[call, a.TIMETABLE], register[a.NOW] + 1)
    if enough or (register[a.NOW] >= latest and not scheduled):
        carriers[carrier, a.PHASE] = a.LEAVING
        push(entities, wheel, heap, register, carrier, register[a.NOW])
    elif latest >= 0:
        set_timer(entities, carriers, wheel, heap, register, carrier, latest)


@njit(cache=True, error_model="numpy")
def wait_for_cargo(
    departs_first: Array,
    departs_at: Array,
    steps: Array,
    entities: Array,
    calls: Array,
    carriers: Array,
    wheel: Array,
    heap: Array,
    register: Array,
    carrier: int,
    call: int,
) -> bool:
    """Whether a carrier at a call may leave now; else it is in line or loading."""
    now, phase = register[a.NOW], carriers[carrier, a.PHASE]
    if phase == a.LEAVING:
        return True
    if phase == a.UNDER_WAY:
        carriers[carrier, a.READY] = now
        carriers[carrier, a.BEHIND] = -1
        if calls[call, a.LINE_HEAD] >= 0:
            carriers[calls[call, a.LINE_TAIL], a.BEHIND] = carrier
            calls[call, a.LINE_TAIL] = carrier
            carriers[carrier, a.PHASE] = a.IN_LINE
            return False
        calls[call, a.LINE_HEAD] = carrier
        calls[call, a.LINE_TAIL] = carrier
    carriers[carrier, a.PHASE] = a.LOADING
    carriers[carrier, a.DECK] = calls[call, a.LIMIT]
    least = calls[call, a.LEAST_SHARE] * carriers[carrier, a.DECK]
    carriers[carrier, a.LEAST_LOAD] = least // a.SHARE
    full = load_waiting(steps, entities, calls, carriers, carrier, call)
    if calls[call, a.TIMETABLE] >= 0:
        ends = departs(departs_first, departs_at, calls[call, a.TIMETABLE], now)
        if ends >= 0:
            set_timer(entities, carriers, wheel, heap, register, carrier, ends)
        return False
    waited, longest = now - carriers[carrier, a.READY], calls[call, a.LONGEST_WAIT]
    enough = carriers[carrier, a.TAKEN] >= carriers[carrier, a.LEAST_LOAD]
    if full or (enough and waited >= longest) or waited >= 2 * longest:
        return True
    ends = carriers[carrier, a.READY] + (longest if waited < longest else 2 * longest)
    set_timer(entities, carriers, wheel, heap, register, carrier, ends)
    return False


@njit(cache=True, error_model="numpy")
def leave_call(
    entities: Array,
    calls: Array,
    carriers: Array,
    wheel: Array,
    heap: Array,
    register: Array,
    carrier: int,
    call: int,
) -> None:
    """Nothing; the carrier is counted and gives up its place in line to the next."""
    now = register[a.NOW]
    if register[a.FROM] <= now < register[a.UNTIL]:
        calls[call, a.SAILINGS] += 1
        calls[call, a.LOADED] += carriers[carrier, a.TAKEN]
    carriers[carrier, a.PHASE] = a.UNDER_WAY
    carriers[carrier, a.VERSION] += 1
    following = carriers[carrier, a.BEHIND]
    calls[call, a.LINE_HEAD] = following
    if following >= 0:
        push(entities, wheel, heap, register, following, now)


@njit(cache=True, error_model="numpy")
def notify(
    steps: Array,
    entities: Array,
    carriers: Array,
    register: Array,
    records: Array,
    carrier: int,
    op: int,
    code: int,
) -> None:
    """Nothing; all aboard that stand at an op get a record; with code 0 it ends the step."""
    trip = carriers[carrier, a.ABOARD]
    while trip >= 0:
        row = entities[trip, a.STEP]
        if steps[row, a.OP] == op:
            emit(records, register, register[a.NOW], trip, (row << 1) | code)
            if code == 0:
                entities[trip, a.STEP] = steps[row, a.NEXT]
        trip = entities[trip, a.LINK]


@njit(cache=True, error_model="numpy")
def unload(
    steps: Array,
    luck: Array,
    parameters: Array,
    curves: Array,
    entities: Array,
    resources: Array,
    lines: Array,
    served: Array,
    carriers: Array,
    wheel: Array,
    heap: Array,
    register: Array,
    records: Array,
    carrier: int,
) -> None:
    """Nothing; everything aboard that has come to its port goes ashore and on its way.

    What finds no space in the yard there stays with the carrier, which waits for the last of it.
    """
    before = -1
    trip = carriers[carrier, a.ABOARD]
    while trip >= 0:
        after = entities[trip, a.LINK]
        row = entities[trip, a.STEP]
        if steps[row, a.OP] == a.UNLOADED:
            if before < 0:
                carriers[carrier, a.ABOARD] = after
            else:
                entities[before, a.LINK] = after
            if after < 0:
                carriers[carrier, a.ABOARD_TAIL] = before
            carriers[carrier, a.TAKEN] -= steps[row, a.LUCK]
            emit(records, register, register[a.NOW], trip, row << 1)
            row = steps[row, a.NEXT]
            entities[trip, a.STEP] = row
            if steps[row, a.OP] == a.SERVE and steps[row, a.KEEP] != 0:
                r = steps[row, a.ARG]
                entities[trip, a.AT] = register[a.NOW]
                if is_free(resources, r):
                    serve(steps, luck, parameters, curves, entities, resources, served, carriers,
                          wheel, heap, register, records, trip, r)  # fmt: skip
                else:
                    entities[trip, a.START] = -2 - carrier
                    carriers[carrier, a.LANDING] += 1
                    wait_in_line(entities, resources, lines, trip, r, steps[row, a.LEVEL])
            else:
                push(entities, wheel, heap, register, trip, register[a.NOW])
        else:
            before = trip
        trip = after


@njit(cache=True, error_model="numpy")
def none_at(steps: Array, entities: Array, carriers: Array, carrier: int, op: int) -> bool:
    """Whether nothing aboard stands at an op."""
    trip = carriers[carrier, a.ABOARD]
    while trip >= 0:
        if steps[entities[trip, a.STEP], a.OP] == op:
            return False
        trip = entities[trip, a.LINK]
    return True


@njit(cache=True, error_model="numpy")
def opens(gate_first: Array, gate_closed: Array, gate_opened: Array, gate: int, now: int) -> int:
    """When a gate is open next: now, or the end of the spell that shuts it."""
    low, high = gate_first[gate], gate_first[gate + 1]
    while low < high:
        middle = (low + high) // 2
        if gate_opened[middle] <= now:
            low = middle + 1
        else:
            high = middle
    if low < gate_first[gate + 1] and gate_closed[low] <= now:
        return gate_opened[low]
    return now
