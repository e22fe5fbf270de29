"""Kinds of measure on vessels and trains: how many, how large, how quickly handled."""

from __future__ import annotations

from transcaspian.corridor.kinds import checks, meant
from transcaspian.corridor.kinds.registry import Changes, kind
from transcaspian.corridor.patch import Change


@kind
def extra_carriers(fleet: str, extra: int) -> Changes:
    """More vessels or train sets in a fleet."""
    checks.extra(extra=extra)
    return [Change(table="fleets", where={"fleet": fleet}, add={"number": extra})]


@kind
def deck_space(fleet: str, scale: float) -> Changes:
    """Carriers that load more or less: larger vessels, or a draught that dredging restores."""
    checks.factor(scale=scale)
    return [Change(table="fleets", where={"fleet": fleet}, scale={"capacity": scale})]


@kind
def faster_calls(service: str | list[str], place: str, scale: float) -> Changes:
    """Carriers handled in another time at a place: cranes, ramps."""
    checks.factor(scale=scale)
    return [
        Change(
            table="calls",
            where=meant.only(service=service, place=place),
            scale={"unload_h": scale, "load_h": scale},
        )
    ]


@kind
def longest_wait(service: str, place: str, max_wait_h: float) -> Changes:
    """Another longest wait for cargo before a carrier leaves."""
    checks.least(max_wait_h=max_wait_h)
    return [
        Change(
            table="calls",
            where={"service": service, "place": place},
            set={"max_wait_h": max_wait_h},
        )
    ]


@kind
def crane(
    place: str,
    extra: int,
    *,
    stage: str = "handling",
    service: str | list[str] | None = None,
    scale: float = 1.0,
) -> Changes:
    """More cranes at a port or terminal, and vessels of a service worked off in another time."""
    checks.extra(extra=extra)
    checks.factor(scale=scale)
    where = meant.only(place=place, stage=stage)
    made = [Change(table="resources", where=where, add={"servers": extra})]
    return made if service is None else made + faster_calls(service, place, scale)


@kind
def dredging(resource: str | list[str], depth_m: float) -> Changes:
    """Another depth of water at berths, by which the load of vessels is limited.

    Missing: how the depth is lost again as the sea falls and the channel silts up.
    """
    checks.factor(depth_m=depth_m)
    where = meant.only(resource=resource)
    return [Change(table="resources", where=where, set={"depth_m": depth_m})]
