"""Trips: the pool they are taken from, and when the next of a flow arrives."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from transcaspian.simulation import arrays as a
from transcaspian.simulation.arrays import Array
from transcaspian.simulation.kernel.agenda import push
from transcaspian.simulation.kernel.draws import draw, nth


@njit(cache=True, forceinline=True, error_model="numpy")
def take(entities: Array, register: Array) -> int:
    """A free entity."""
    entity = register[a.FREE]
    register[a.FREE] = entities[entity, a.LINK]
    register[a.SPARE] -= 1
    return entity


@njit(cache=True, forceinline=True, error_model="numpy")
def put_back(entities: Array, register: Array, entity: int) -> None:
    """Nothing; the entity is free."""
    entities[entity, a.LINK] = register[a.FREE]
    register[a.FREE] = entity
    register[a.SPARE] += 1


@njit(cache=True, forceinline=True, error_model="numpy")
def next_arrival(
    keys: Array,
    rates: Array,
    firsts: Array,
    times: Array,
    seasons: Array,
    flows: Array,
    sums: Array,
    register: Array,
    flow: int,
) -> int:
    """When the next trip of a flow arrives; -1 when that is past the last arrivals.

    Its time is where the cumulative intensity of the flow reaches the sum of unit exponential
    gaps, or of ones. The flow remembers the key of that trip.
    """
    n, mirror = flows[flow, a.COUNT], register[a.MIRROR]
    trip = nth(keys[flow], n)
    flows[flow, a.TRIP] = np.int64(trip)
    if flows[flow, a.PATTERN] == a.REGULAR:
        sums[flow] = n + draw(np.uint64(a.ARRIVAL_KEY), keys[flow], mirror)
    else:
        sums[flow] -= math.log(1.0 - draw(np.uint64(a.ARRIVAL_KEY), trip, mirror))
    season, at = flows[flow, a.SEASON], flows[flow, a.SEGMENT]
    target = sums[flow] / rates[flow]
    last = firsts[season + 1] - 1
    while at < last and seasons[at + 1] <= target:
        at += 1
    flows[flow, a.SEGMENT] = at
    if at >= last:
        return -1
    low, high = seasons[at], seasons[at + 1]
    time = times[at] + np.int64((target - low) / (high - low) * (times[at + 1] - times[at]))
    return time if time < register[a.CLOSED] else -1


@njit(cache=True, forceinline=True, error_model="numpy")
def arrive(steps: Array, entities: Array, flows: Array, register: Array, flow: int) -> int:
    """The next trip of a flow, at its first step."""
    trip = take(entities, register)
    now = register[a.NOW]
    counted = register[a.FROM] <= now < register[a.UNTIL]
    entities[trip, a.STEP] = steps[flows[flow, a.FIRST], a.NEXT]
    entities[trip, a.START] = -1
    entities[trip, a.KIND] = a.COUNTED if counted else a.UNCOUNTED
    entities[trip, a.KEY] = flows[flow, a.TRIP]
    if counted:
        register[a.INSIDE] += 1
    flows[flow, a.COUNT] += 1
    return trip


@njit(cache=True, forceinline=True, error_model="numpy")
def due(
    entities: Array, wheel: Array, heap: Array, register: Array, entity: int, time: int
) -> None:
    """Nothing; the entity is due at a time, unless there is none."""
    if time >= 0:
        push(entities, wheel, heap, register, entity, time)
