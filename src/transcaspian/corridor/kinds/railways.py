"""Kinds of measure on railways: tracks, locomotives, wagons."""

from __future__ import annotations

from transcaspian.corridor.kinds import checks, meant
from transcaspian.corridor.kinds.registry import Changes, kind
from transcaspian.corridor.patch import Change


@kind
def second_track(  # one parameter a fact of a line
    *,
    link: str | list[str],
    speed: float = 1.0,
    pairs_per_day: float | None = None,
    capacity_mt_per_y: float | None = None,
    place: str | list[str] | None = None,
    stage: str = "path",
    extra: int = 0,
) -> Changes:
    """A line on which trains no longer wait for each other: faster by a factor, with room for more
    trains or tonnes, and more trains let onto it side by side at the stations named.

    Missing: trains that meet and wait on a line; its capacity is kept at the stations alone.
    """
    checks.factor(speed=speed, pairs_per_day=pairs_per_day, capacity_mt_per_y=capacity_mt_per_y)
    checks.extra(extra=extra)
    where = meant.only(link=link)
    made = [Change(table="links", where=where, scale={"speed_kmh": speed})]
    capacity = {"pairs_per_day": pairs_per_day, "capacity_mt_per_y": capacity_mt_per_y}
    made += [
        Change(table="links", where=where, set={name: value})
        for name, value in capacity.items()
        if value is not None
    ]
    if place is not None:
        where = meant.only(place=place, stage=stage)
        made.append(Change(table="resources", where=where, add={"servers": extra}))
    return made


@kind
def locomotives(
    place: str | list[str], extra: int, stage: str = "locomotive", direction: str | None = None
) -> Changes:
    """More locomotives at stations: what waits for one, or for a path behind one."""
    checks.extra(extra=extra)
    where = meant.only(place=place, stage=stage, mode="rail", direction=direction)
    return [Change(table="resources", where=where, add={"servers": extra})]


@kind
def wagons(place: str | list[str], extra: int, stage: str = "wagons") -> Changes:
    """More wagons at hand for cargo that waits for them in ports or yards.

    Missing: where the wagons come from: a pool that empties in one place as it fills in another.
    """
    checks.extra(extra=extra)
    where = meant.only(place=place, stage=stage)
    return [Change(table="resources", where=where, add={"servers": extra})]
