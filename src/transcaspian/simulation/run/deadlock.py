"""Full yards that wait for each other: found in the state of a run that has stopped."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from transcaspian.errors import Fault, Faults, Where
from transcaspian.simulation import arrays as a
from transcaspian.simulation.arrays import State
from transcaspian.simulation.model.compile import Model
from transcaspian.simulation.model.timeline import EPOCH, MICRO

Edges = dict[int, dict[int, tuple[int, int]]]


def find_deadlock(model: Model, state: State) -> None:
    """Nothing; a cycle of yards in which nobody can ever move again is a fault.

    Errors: S104, one fault a cycle.
    """
    if len(model.blocking) == 0 or state.register[a.INSIDE] == 0:
        return
    cycles = list(_cycles(_edges(model, state), state))
    if cycles:
        raise Faults(_fault(model, names, at) for names, at in cycles)


def _edges(model: Model, state: State) -> Edges:
    """For each yard: how many in it wait for which other yard, and since when the last of them."""
    holds = {int(step): int(yard) for step, yard in model.blocking}
    edges: Edges = {}
    for ahead in np.flatnonzero((model.resources["kind"] == "space").to_numpy()).tolist():
        for trip in _waiting(state, ahead):
            behind = holds.get(int(state.entities[trip, a.STEP]))
            if behind is not None:
                count, since = edges.setdefault(behind, {}).get(ahead, (0, 0))
                arrived = int(state.entities[trip, a.AT])
                edges[behind][ahead] = count + 1, max(since, arrived)
    return edges


def _waiting(state: State, resource: int) -> Iterator[int]:
    """The entities in the lines of a resource."""
    first = int(state.resources[resource, a.LINE])
    for line in range(first, first + int(state.resources[resource, a.LEVELS])):
        entity = int(state.lines[line, a.HEAD])
        while entity >= 0:
            yield entity
            entity = int(state.entities[entity, a.LINK])


def _cycles(edges: Edges, state: State) -> Iterator[tuple[list[int], int]]:
    """The cycles of yards that are full of those who wait for the next, and when each locked."""
    stuck: dict[int, tuple[int, int]] = {}
    for yard, ahead in edges.items():
        for other, (count, since) in ahead.items():
            if count > 0 and count == state.resources[yard, a.BUSY]:
                stuck[yard] = other, since
    seen: set[int] = set()
    for start in stuck:
        path: list[int] = []
        yard = start
        while yard in stuck and yard not in seen:
            seen.add(yard)
            path.append(yard)
            yard = stuck[yard][0]
        if yard in path:
            cycle = path[path.index(yard) :]
            yield cycle, max(stuck[each][1] for each in cycle)


def _fault(model: Model, cycle: list[int], at: int) -> Fault:
    names = [str(model.resources["resource"][each]) for each in cycle]
    locked = (EPOCH + at * MICRO).strftime("%Y-%m-%d %H:%M")
    round_ = " waits for ".join([*names, names[0]])
    return Fault(
        "S104",
        f"{round_}: all are full, and nothing moves since {locked} UTC",
        where=Where(file="resources.csv", row=cycle[0] + 1, column="servers"),
        expected="space enough in one of them",
        hint="more spaces, or another way for one of the flows",
    )
