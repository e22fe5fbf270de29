"""What is due and when: a wheel of buckets for what is far, a heap for the bucket at hand.

The order is by time, and then by a sequence.
"""

from __future__ import annotations

from numba import njit

from transcaspian.simulation import arrays as a
from transcaspian.simulation.arrays import Array

ID_MASK = (1 << a.ID_BITS) - 1


@njit(cache=True, forceinline=True, error_model="numpy")
def sift_up(heap: Array, register: Array, time: int, order: int) -> None:
    """Nothing; an entry is put into the heap."""
    at = register[a.HEAPED]
    register[a.HEAPED] = at + 1
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


@njit(cache=True, forceinline=True, error_model="numpy")
def sift_down(heap: Array, register: Array) -> int:
    """The entity due next, taken from the heap; the clock is set."""
    size = register[a.HEAPED] - 1
    register[a.HEAPED] = size
    register[a.NOW] = heap[0, 0]
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


@njit(cache=True, forceinline=True, error_model="numpy")
def push(
    entities: Array, wheel: Array, heap: Array, register: Array, entity: int, time: int
) -> None:
    """Nothing; the entity is due at a time."""
    sequence = register[a.SEQUENCE]
    register[a.SEQUENCE] = sequence + 1
    order = (sequence << a.ID_BITS) | entity
    ahead = (time >> register[a.SHIFT]) - register[a.BUCKET]
    if ahead <= 0:
        sift_up(heap, register, time, order)
        return
    entities[entity, a.TIME] = time
    entities[entity, a.ORDER] = order
    if ahead < wheel.shape[0]:
        at = (time >> register[a.SHIFT]) & (wheel.shape[0] - 1)
        entities[entity, a.LINK] = wheel[at]
        wheel[at] = entity
    else:
        entities[entity, a.LINK] = register[a.FAR]
        register[a.FAR] = entity


@njit(cache=True, forceinline=True, error_model="numpy")
def rescan(entities: Array, wheel: Array, heap: Array, register: Array) -> None:
    """Nothing; what lay beyond the wheel and no longer does is put on it."""
    size = wheel.shape[0]
    bucket = register[a.BUCKET]
    entity = register[a.FAR]
    register[a.FAR] = -1
    while entity >= 0:
        after = entities[entity, a.LINK]
        time = entities[entity, a.TIME]
        ahead = (time >> register[a.SHIFT]) - bucket
        if ahead <= 0:
            sift_up(heap, register, time, entities[entity, a.ORDER])
        elif ahead < size:
            at = (time >> register[a.SHIFT]) & (size - 1)
            entities[entity, a.LINK] = wheel[at]
            wheel[at] = entity
        else:
            entities[entity, a.LINK] = register[a.FAR]
            register[a.FAR] = entity
        entity = after
    register[a.RESCAN] = bucket + size // 2


@njit(cache=True, forceinline=True, error_model="numpy")
def pop(entities: Array, wheel: Array, heap: Array, register: Array) -> int:
    """The entity due next; -1 when nothing is due before the stop."""
    size = wheel.shape[0]
    last = register[a.STOP] >> register[a.SHIFT]
    while register[a.HEAPED] == 0:
        bucket = register[a.BUCKET] + 1
        if bucket > last:
            return -1
        register[a.BUCKET] = bucket
        if bucket >= register[a.RESCAN]:
            rescan(entities, wheel, heap, register)
        entity = wheel[bucket & (size - 1)]
        wheel[bucket & (size - 1)] = -1
        while entity >= 0:
            after = entities[entity, a.LINK]
            sift_up(heap, register, entities[entity, a.TIME], entities[entity, a.ORDER])
            entity = after
    return sift_down(heap, register)
