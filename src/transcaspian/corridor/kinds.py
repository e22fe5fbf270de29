"""Named kinds of measure: functions from parameters to changes."""

from __future__ import annotations

import inspect
from collections.abc import Callable

from transcaspian.corridor.patch import Change, Patch, Use, Value
from transcaspian.errors import Fault, Faults, Where, nearest

Changes = list[Change]
Kind = Callable[..., Changes]
KINDS: dict[str, Kind] = {}


def kind(function: Kind) -> Kind:
    """The function itself, now known by its name."""
    KINDS[function.__name__] = function
    return function


def changes(patch: Patch) -> tuple[Change, ...]:
    """All changes of a patch: those of its kinds in order, then those written by hand.

    Errors: P104 and P105 for its kinds.
    """
    made = [change for use in patch.uses for change in changes_of(use, patch=patch.name)]
    return (*made, *patch.change)


def changes_of(use: Use, *, patch: str) -> Changes:
    """The changes of one use of a kind.

    Errors: P104 for an unknown kind, P105 for a missing, unknown or ill-typed parameter.
    """
    where = Where(file=f"{patch}.toml")
    if use.kind not in KINDS:
        raise Fault(
            "P104",
            f"no kind {use.kind!r}",
            where=where,
            expected="one of " + ", ".join(KINDS),
            nearest=nearest(use.kind, KINDS),
        )
    function = KINDS[use.kind]
    faults = _parameters(function, use, where)
    if faults:
        raise Faults(faults)
    return function(**use.parameters)


def _parameters(function: Kind, use: Use, where: Where) -> list[Fault]:
    known = inspect.signature(function).parameters
    faults = [
        Fault(
            "P105",
            f"kind {use.kind} takes no {name!r}",
            where=where,
            expected=", ".join(known),
            nearest=nearest(name, known),
        )
        for name in use.parameters
        if name not in known
    ]
    for name, parameter in known.items():
        if name not in use.parameters:
            if parameter.default is parameter.empty:
                faults.append(Fault("P105", f"kind {use.kind} needs {name!r}", where=where))
        elif not _fits(use.parameters[name], str(parameter.annotation)):
            faults.append(
                Fault(
                    "P105",
                    f"{name} = {use.parameters[name]!r}",
                    where=where,
                    expected=f"a value of type {parameter.annotation}",
                )
            )
    return faults


def _fits(value: Value | list[Value], annotation: str) -> bool:
    wanted: dict[str, tuple[type, ...]] = {
        "int": (int,),
        "float": (int, float),
        "str": (str,),
        "bool": (bool,),
    }
    types = tuple(kind for word in annotation.split(" | ") for kind in wanted.get(word.strip(), ()))
    return not types or (
        isinstance(value, types) and not (isinstance(value, bool) and bool not in types)
    )


def _rows_of(
    place: str, stage: str, mode: str | None, direction: str | None
) -> dict[str, Value | list[Value]]:
    where: dict[str, Value | list[Value]] = {"place": place, "stage": stage}
    if mode is not None:
        where["mode"] = mode
    if direction is not None:
        where["direction"] = direction
    return where


@kind
def extra_servers(
    place: str, stage: str, extra: int, mode: str | None = None, direction: str | None = None
) -> Changes:
    """More lanes, officers, scanners, cranes or locomotives at a stage of a place."""
    return [
        Change(
            table="resources", where=_rows_of(place, stage, mode, direction), add={"servers": extra}
        )
    ]


@kind
def opening_hours(
    place: str, stage: str, calendar: str, mode: str | None = None, direction: str | None = None
) -> Changes:
    """Other working hours for a stage of a place."""
    return [
        Change(
            table="resources",
            where=_rows_of(place, stage, mode, direction),
            set={"calendar": calendar},
        )
    ]


@kind
def stage_share(procedure: str, stage: str, share: float) -> Changes:
    """Another share of trips that go through a stage: risk channels, pre-arrival, trusted traders."""
    return [
        Change(table="stages", where={"procedure": procedure, "stage": stage}, set={"share": share})
    ]


@kind
def stage_time(procedure: str, stage: str, scale: float) -> Changes:
    """A stage that takes another time; only where a source publishes that effect."""
    return [
        Change(
            table="stages", where={"procedure": procedure, "stage": stage}, scale={"mean_h": scale}
        )
    ]


@kind
def scanner(
    place: str,
    procedure: str,
    *,
    order: int,
    servers: int,
    share: float,
    mean_h: float,
    cv: float,
    calendar: str,
    mode: str,
) -> Changes:
    """A scanner where there was none: a resource and the stage that uses it."""
    name = f"{place}_{mode}_scan_new"
    return [
        Change(
            table="resources",
            add={
                "resource": name,
                "place": place,
                "stage": "scan",
                "mode": mode,
                "servers": servers,
                "calendar": calendar,
            },
        ),
        Change(
            table="stages",
            add={
                "procedure": procedure,
                "order": order,
                "stage": "scan",
                "activity": "r19_scan_xray",
                "resource": name,
                "share": share,
                "mean_h": mean_h,
                "cv": cv,
            },
        ),
    ]


@kind
def extra_carriers(fleet: str, extra: int) -> Changes:
    """More vessels or train sets in a fleet."""
    return [Change(table="fleets", where={"fleet": fleet}, add={"number": extra})]


@kind
def deck_space(fleet: str, scale: float) -> Changes:
    """Carriers that load more or less: larger vessels, or a draught that dredging restores."""
    return [Change(table="fleets", where={"fleet": fleet}, scale={"capacity": scale})]


@kind
def faster_calls(service: str, place: str, scale: float) -> Changes:
    """Carriers handled in another time at a place: cranes, ramps."""
    return [
        Change(
            table="calls",
            where={"service": service, "place": place},
            scale={"unload_h": scale, "load_h": scale},
        )
    ]


@kind
def longest_wait(service: str, place: str, max_wait_h: float) -> Changes:
    """Another longest wait for cargo before a carrier leaves."""
    return [
        Change(
            table="calls",
            where={"service": service, "place": place},
            set={"max_wait_h": max_wait_h},
        )
    ]


@kind
def link_speed(link: str, speed_kmh: float) -> Changes:
    """Another speed on a link: a rebuilt road, a second track, a bridge without a weight limit."""
    return [Change(table="links", where={"link": link}, set={"speed_kmh": speed_kmh})]


@kind
def open_link(link: str) -> Changes:
    """A planned link in service."""
    return [Change(table="links", where={"link": link}, set={"in_service": True})]


@kind
def close_link(link: str) -> Changes:
    """A link out of service."""
    return [Change(table="links", where={"link": link}, set={"in_service": False})]


@kind
def traffic(scope: str, scale: float, total: str | None = None) -> Changes:
    """Another volume of traffic: of a scope, or of the flows of one published total."""
    where: dict[str, Value | list[Value]] = {"scope": scope}
    if total is not None:
        where["total"] = total
    return [Change(table="flows", where=where, scale={"trips_per_y": scale})]


@kind
def flow_volume(flow: str, trips_per_y: float) -> Changes:
    """Another volume of one flow."""
    return [Change(table="flows", where={"flow": flow}, set={"trips_per_y": trips_per_y})]


@kind
def weather(place: str, scale: float) -> Changes:
    """More or fewer spells of closure at a place."""
    return [Change(table="closures", where={"place": place}, scale={"spells": scale})]
