"""Families: a trip that does several things side by side, one entity a track.

The trip itself goes down the first track. The others are entities of their own until the last
track is done, so that whoever reads the records may look back at all of them.
"""

from __future__ import annotations

from numba import njit

from transcaspian.simulation import arrays as a
from transcaspian.simulation.arrays import Array
from transcaspian.simulation.kernel.agenda import push
from transcaspian.simulation.kernel.service import KIND_MASK, START_RECORD, emit
from transcaspian.simulation.kernel.traffic import put_back, take


@njit(cache=True, error_model="numpy")
def fork(
    steps: Array,
    targets: Array,
    entities: Array,
    wheel: Array,
    heap: Array,
    register: Array,
    records: Array,
    trip: int,
    row: int,
) -> int:
    """The first step of the first track, on which the trip goes on; the others have set out.

    A record of a further track has the entity of the track before it in place of a time.
    """
    now = register[a.NOW]
    first, tracks = steps[row, a.ARG], steps[row, a.LUCK]
    family = take(entities, register)
    entities[family, a.KIND] = a.FAMILY
    entities[family, a.STEP] = tracks
    entities[family, a.KEY] = trip
    entities[family, a.AT] = -1
    kind = (entities[trip, a.KIND] & KIND_MASK) | (family << a.KIND_BITS)
    entities[trip, a.KIND] = kind
    emit(records, register, now, trip, row << 1)
    before = trip
    for track in range(1, tracks):
        child = take(entities, register)
        entities[child, a.STEP] = targets[first + track]
        entities[child, a.START] = -1
        entities[child, a.KIND] = kind
        entities[child, a.KEY] = entities[trip, a.KEY]
        emit(records, register, before, child, (row << 1) | START_RECORD)
        push(entities, wheel, heap, register, child, now)
        before = child
    return targets[first]


@njit(cache=True, error_model="numpy")
def join(
    entities: Array,
    wheel: Array,
    heap: Array,
    register: Array,
    records: Array,
    entity: int,
    row: int,
    after: int,
) -> bool:
    """Whether the trip goes on at once to the step after: its track was the last to be done."""
    now = register[a.NOW]
    family = (entities[entity, a.KIND] >> a.KIND_BITS) & ((1 << a.ID_BITS) - 1)
    trip = entities[family, a.KEY]
    emit(records, register, now, entity, row << 1)
    entities[family, a.STEP] -= 1
    if entity != trip:
        entities[entity, a.LINK] = entities[family, a.AT]
        entities[family, a.AT] = entity
    if entities[family, a.STEP] > 0:
        return False
    child = entities[family, a.AT]
    while child >= 0:
        following = entities[child, a.LINK]
        put_back(entities, register, child)
        child = following
    put_back(entities, register, family)
    entities[trip, a.KIND] &= KIND_MASK
    emit(records, register, now, trip, (row << 1) | START_RECORD)
    if entity == trip:
        return True
    entities[trip, a.STEP] = after
    push(entities, wheel, heap, register, trip, now)
    return False
