"""Kinds of measure at posts, ports and stations: servers, hours, shares, the two sides, cold."""

from __future__ import annotations

from transcaspian.corridor.kinds import checks, meant
from transcaspian.corridor.kinds.documents import spared
from transcaspian.corridor.kinds.registry import Changes, kind
from transcaspian.corridor.patch import Change, Values


@kind
def extra_servers(
    place: str | list[str],
    stage: str | list[str],
    extra: int,
    mode: str | None = None,
    direction: str | None = None,
) -> Changes:
    """More lanes, officers, scanners, cranes or locomotives at a stage of a place."""
    checks.extra(extra=extra)
    where = meant.only(place=place, stage=stage, mode=mode, direction=direction)
    return [Change(table="resources", where=where, add={"servers": extra})]


@kind
def extra_berths(place: str, extra: int, stage: str = "berth") -> Changes:
    """More berths at a port: what its resources of the stage berth have, or of another stage."""
    checks.extra(extra=extra)
    where = meant.only(place=place, stage=stage)
    return [Change(table="resources", where=where, add={"servers": extra})]


@kind
def opening_hours(
    place: str | list[str],
    stage: str | list[str],
    calendar: str,
    mode: str | None = None,
    direction: str | None = None,
) -> Changes:
    """Other working hours for stages of places."""
    where = meant.only(place=place, stage=stage, mode=mode, direction=direction)
    return [Change(table="resources", where=where, set={"calendar": calendar})]


@kind
def stage_share(procedure: str | list[str], stage: str, share: float) -> Changes:
    """Another share of trips that go through a stage: risk channels, pre-arrival, trusted traders.

    Alternatives of one choice must still sum to 1: give each of them its share.
    """
    checks.share(share=share)
    where = meant.stages(stage, procedure=procedure)
    return [Change(table="stages", where=where, set={"share": share})]


@kind
def stage_time(procedure: str | list[str], stage: str, scale: float) -> Changes:
    """A stage that takes another time; only where a source publishes that effect."""
    checks.factor(scale=scale)
    where = meant.stages(stage, procedure=procedure)
    return [Change(table="stages", where=where, scale={"mean_h": scale})]


@kind
def joint_control(  # one parameter a fact of the agreement
    *,
    procedure: str | list[str],
    share: float,
    rest: float = 0.0,
    stage: str | list[str] = "documents",
    intake: str | list[str] | None = None,
    extra: int = 0,
) -> Changes:
    """Two sides of a border that work at one place: one of the two documents stages falls away for
    a share of trips, and the side that takes in has more room.

    Missing: what one side finds and the other then knows, and the agreement between the two.

    `procedure` is the one whose stage falls away, or several; `rest` the part of the share that is
    asked again all the same; `intake` a resource that gets `extra` servers or spaces more.
    """
    checks.extra(extra=extra)
    where = meant.stages(stage, procedure=procedure)
    made = [spared(where, share=share, rest=rest)]
    if intake is not None:
        where = meant.only(resource=intake)
        made.append(Change(table="resources", where=where, add={"servers": extra}))
    return made


@kind
def quota(
    resource: str | list[str] | None = None,
    daily: int | None = None,
    lifted: str | list[str] | None = None,
) -> Changes:
    """Another number of permits in each period of a quota, trucks a day; or the quota lifted.

    `lifted` are the procedures that no longer draw on one.
    """
    checks.one_of(daily=daily, lifted=lifted)
    checks.one_of(resource=resource, lifted=lifted)
    checks.factor(daily=daily)
    if lifted is not None:
        return [
            Change(table="procedures", where=meant.only(procedure=lifted), set={"permit": None})
        ]
    return [Change(table="resources", where=meant.only(resource=resource), set={"servers": daily})]


@kind
def plugs(place: str, number: int, calendar: str = "always") -> Changes:
    """Plugs for refrigerated containers and trucks at a place: a resource of that many spaces.

    Missing: what the cargo is spared. No stage waits for a plug; how warm it gets without one is
    the business of the cold chain, which finds the number here.
    """
    return _cold(place, stage="plug", number=number, calendar=calendar)


@kind
def cold_store(place: str, trucks: int, calendar: str = "always") -> Changes:
    """A cold store at a place: a resource with room for the cargo of that many trucks.

    Missing: what the cargo is spared. No stage waits for the store; how long cargo keeps in it and
    out of it is the business of the cold chain, which finds the room here.
    """
    return _cold(place, stage="cold_store", number=trucks, calendar=calendar)


def _cold(place: str, *, stage: str, number: int, calendar: str) -> Changes:
    checks.factor(**{"trucks" if stage == "cold_store" else "number": number})
    row: dict[str, Values] = {
        "resource": f"{place}_{stage}",
        "place": place,
        "stage": stage,
        "servers": number,
        "calendar": calendar,
        "kind": "space",
    }
    return [Change(table="resources", add=row)]
