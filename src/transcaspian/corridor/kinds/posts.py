"""Kinds of measure at posts, ports and stations: servers, hours, shares, scanners."""

from __future__ import annotations

from transcaspian.corridor.kinds.registry import Changes, kind
from transcaspian.corridor.patch import Change, Value, Values
from transcaspian.errors import Fault, Where


def _only(**conditions: Values | None) -> dict[str, Values]:
    """The conditions that are given."""
    return {name: value for name, value in conditions.items() if value is not None}


def _list(words: str | list[str]) -> list[str]:
    return [words] if isinstance(words, str) else words


def _values(words: str | list[str]) -> Values:
    return list[Value](_list(words))


@kind
def extra_servers(
    place: str, stage: str, extra: int, mode: str | None = None, direction: str | None = None
) -> Changes:
    """More lanes, officers, scanners, cranes or locomotives at a stage of a place."""
    where = _only(place=place, stage=stage, mode=mode, direction=direction)
    return [Change(table="resources", where=where, add={"servers": extra})]


@kind
def extra_berths(place: str, extra: int) -> Changes:
    """More berths at a port: what its resources of the stage berth have."""
    where = _only(place=place, stage="berth")
    return [Change(table="resources", where=where, add={"servers": extra})]


@kind
def opening_hours(
    place: str, stage: str, calendar: str, mode: str | None = None, direction: str | None = None
) -> Changes:
    """Other working hours for a stage of a place."""
    where = _only(place=place, stage=stage, mode=mode, direction=direction)
    return [Change(table="resources", where=where, set={"calendar": calendar})]


@kind
def stage_share(procedure: str | list[str], stage: str, share: float) -> Changes:
    """Another share of trips that go through a stage: risk channels, pre-arrival, trusted traders.

    Alternatives of one choice must still sum to 1: give each of them its share.
    """
    where = _only(procedure=_values(procedure), stage=stage)
    return [Change(table="stages", where=where, set={"share": share})]


@kind
def stage_time(procedure: str | list[str], stage: str, scale: float) -> Changes:
    """A stage that takes another time; only where a source publishes that effect."""
    where = _only(procedure=_values(procedure), stage=stage)
    return [Change(table="stages", where=where, scale={"mean_h": scale})]


@kind
def scanner(  # one parameter a fact of a scanner
    place: str,
    procedure: str | list[str],
    *,
    order: int | list[int],
    servers: int,
    share: float,
    mean_h: float,
    cv: float,
    calendar: str,
    mode: str,
    inspect_share: float | None = None,
) -> Changes:
    """A scanner where there was none: a resource, and the stage of each procedure that uses it.

    `order` is the free number of the stage in the procedure, or one for each; `inspect_share` is
    what the scanner leaves to be opened by hand at the stage inspect.
    """
    name = f"{place}_{mode}_scan_new"
    procedures = _list(procedure)
    orders = order if isinstance(order, list) else [order] * len(procedures)
    if len(orders) != len(procedures):
        what = f"{len(orders)} orders for {len(procedures)} procedures"
        raise Fault("P105", what, where=Where(column="order"), expected="one order for each")
    resource: dict[str, Values] = {
        "resource": name,
        "place": place,
        "stage": "scan",
        "mode": mode,
        "servers": servers,
        "calendar": calendar,
    }
    stage: dict[str, Value] = {"share": share, "mean_h": mean_h, "cv": cv}
    made = [Change(table="resources", add=resource)]
    made += [
        _scan(name, {"procedure": each, "order": at, **stage})
        for each, at in zip(procedures, orders, strict=True)
    ]
    if inspect_share is not None:
        made += stage_share(procedure, "inspect", inspect_share)
    return made


def _scan(resource: str, stage: dict[str, Value]) -> Change:
    row: dict[str, Values] = {
        "stage": "scan",
        "activity": "r19_scan_xray",
        "resource": resource,
        **stage,
    }
    return Change(table="stages", add=row)
