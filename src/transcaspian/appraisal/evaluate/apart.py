"""Pieces of a corridor that do not feel each other: what a set of measures gives is their sum."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from transcaspian.appraisal.evaluate.ground import Ground, Names, tied, touched_by
from transcaspian.corridor.kinds import changes

WAYS = frozenset({"links", "services", "modes"})
"""Tables that say which ways there are: measures on these may act together wherever they are."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Flows that some measures tie together, and which of the measures touch them."""

    flows: Names
    measures: Names


def pieces(ground: Ground, names: Collection[str]) -> tuple[Piece, ...]:
    """The pieces of a corridor that some measures touch, each with the measures that matter there.

    What a set of them gives in a piece depends on those of the piece alone.
    """
    touches = {name: touched_by(ground, name) for name in ground.measures if name in names}
    ways = [flows for name, each in touches.items() if _on_ways(ground, name) for flows in each]
    tied_by_ways = [frozenset().union(*ways)] if ways else []
    groups = [*tied_by_ways, *(flows for each in touches.values() for flows in each)]
    return tuple(
        Piece(
            flows,
            frozenset(name for name, each in touches.items() if any(part & flows for part in each)),
        )
        for flows in tied(groups)
    )


def _on_ways(ground: Ground, name: str) -> bool:
    return any(change.table in WAYS for change in changes(ground.measures[name]))
