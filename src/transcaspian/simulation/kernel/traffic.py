"""Trips: the pool they are taken from, and when the next of a flow arrives."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from transcaspian.simulation.arrays import (
    CARRIERS,
    CLOSED,
    COUNT,
    COUNTED,
    FIRST,
    FREE,
    FROM,
    INSIDE,
    KEY,
    KIND,
    LINK,
    NEXT,
    NOW,
    PATTERN,
    REGULAR,
    SEASON,
    SEGMENT,
    SPARE,
    START,
    STEP,
    UNCOUNTED,
    UNTIL,
)
from transcaspian.simulation.kernel.agenda import push
from transcaspian.simulation.kernel.draws import draw, nth
from transcaspian.simulation.kernel.service import emit


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
