"""Named kinds of measure: functions from parameters to changes."""

from transcaspian.corridor.kinds import (
    carriers,
    documents,
    inspection,
    movement,
    posts,
    railways,
    training,
)
from transcaspian.corridor.kinds.registry import (
    KINDS,
    Changes,
    Kind,
    changes,
    changes_of,
    described,
    kind,
)

__all__ = [
    "KINDS",
    "Changes",
    "Kind",
    "carriers",
    "changes",
    "changes_of",
    "described",
    "documents",
    "inspection",
    "kind",
    "movement",
    "posts",
    "railways",
    "training",
]
