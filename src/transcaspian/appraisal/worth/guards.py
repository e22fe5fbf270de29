"""What keeps the same gain from being counted under two names."""

from __future__ import annotations

from collections.abc import Mapping

from transcaspian.corridor.kinds import changes
from transcaspian.corridor.patch import Patch
from transcaspian.errors import Fault, Faults, Where

HOURS = frozenset({"stages", "resources", "links", "calls", "fleets", "closures", "calendars"})
"""Tables of what takes time, and of what is freed when it takes less."""


def check_gains(measures: Mapping[str, Patch]) -> None:
    """Nothing; no measure passes on in its price what it saves in hours.

    A cut of a tariff that pays out the hours, wagons or ships that the same measure saves is that
    saving once more. As a measure of its own it is a transfer, and is counted on both sides.

    Errors: A205, those of all measures at once.
    """
    found = [
        Fault(
            "A205",
            f"{name} cuts a tariff and changes {', '.join(sorted(told & HOURS))}",
            where=Where(file=f"{name}.toml", column="change"),
            expected="the tariff in a measure of its own",
        )
        for name, patch in measures.items()
        if "tariffs" in (told := {change.table for change in changes(patch)}) and told & HOURS
    ]
    if found:
        raise Faults(found)
