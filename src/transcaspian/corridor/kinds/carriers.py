"""Kinds of measure on vessels and trains: how many, how large, how quickly handled."""

from __future__ import annotations

from transcaspian.corridor.kinds.registry import Changes, kind
from transcaspian.corridor.patch import Change


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
