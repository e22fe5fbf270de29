"""Measures that do not feel each other: what sets of them give is the sum over such groups."""

from __future__ import annotations

from collections.abc import Collection

from transcaspian.appraisal.evaluate.ground import Ground, Names, touched_by
from transcaspian.corridor.kinds import changes

WAYS = frozenset({"links", "services", "modes"})
"""Tables that say which ways there are: measures on these may act together wherever they are."""
EVERYWHERE = "*"


def apart(ground: Ground, names: Collection[str]) -> tuple[Names, ...]:
    """Some measures in groups that share no part of the corridor, in the order of the measures.

    One whose middle touches nothing is put with everything; one that moves no run, as a tariff,
    stands by itself.
    """
    met: list[tuple[Names, Names]] = []
    listed = [name for name in ground.measures if name in names]
    if any(_everywhere(ground, name) for name in listed):
        return (frozenset(listed),) if listed else ()
    for name in listed:
        mine, reach = frozenset({name}), _reach(ground, name)
        for group in [each for each in met if each[1] & reach]:
            met.remove(group)
            mine, reach = mine | group[0], reach | group[1]
        met.append((mine, reach))
    order = {name: at for at, name in enumerate(listed)}
    return tuple(sorted((group for group, _ in met), key=lambda each: min(order[n] for n in each)))


def _everywhere(ground: Ground, name: str) -> bool:
    """Whether a measure may meet any other."""
    return touched_by(ground, name) is None


def _reach(ground: Ground, name: str) -> Names:
    """The flows whose parts a measure touches; one on the ways there are reaches all such."""
    ways = any(change.table in WAYS for change in changes(ground.measures[name]))
    return (touched_by(ground, name) or frozenset()) | ({EVERYWHERE} if ways else frozenset())
