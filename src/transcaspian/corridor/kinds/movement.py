"""Kinds of measure and shock on links, traffic and weather."""

from __future__ import annotations

from transcaspian.corridor.kinds.registry import Changes, kind
from transcaspian.corridor.patch import Change, Values


@kind
def link_speed(link: str, speed_kmh: float) -> Changes:
    """Another speed on a link: a rebuilt road, a second track, a bridge without a weight limit."""
    return [Change(table="links", where={"link": link}, set={"speed_kmh": speed_kmh})]


@kind
def new_link(  # one parameter a fact of a link
    link: str,
    *,
    origin: str,
    destination: str,
    mode: str,
    length_km: float,
    speed_kmh: float,
    time_cv: float = 0.2,
    gauge_mm: int | None = None,
) -> Changes:
    """A link that the corridor does not have."""
    row: dict[str, Values] = {
        "link": link,
        "origin": origin,
        "destination": destination,
        "mode": mode,
        "length_km": length_km,
        "speed_kmh": speed_kmh,
        "time_cv": time_cv,
    }
    if gauge_mm is not None:
        row["gauge_mm"] = gauge_mm
    return [Change(table="links", add=row)]


@kind
def open_link(link: str | list[str]) -> Changes:
    """A planned link in service."""
    return [Change(table="links", where={"link": _values(link)}, set={"in_service": True})]


@kind
def close_link(link: str | list[str]) -> Changes:
    """A link out of service."""
    return [Change(table="links", where={"link": _values(link)}, set={"in_service": False})]


def _values(words: str | list[str]) -> Values:
    return words if isinstance(words, str) else list(words)


@kind
def traffic(scope: str, scale: float, total: str | None = None) -> Changes:
    """Another volume of traffic: of a scope, or of the flows of one published total."""
    where: dict[str, Values] = {"scope": scope}
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


@kind
def closure(
    place: str, *, cause: str, month: int, spells: float, mean_h: float, cv: float
) -> Changes:
    """Spells of closure where and when the corridor has none of that cause."""
    row: dict[str, Values] = {
        "place": place,
        "cause": cause,
        "month": month,
        "spells": spells,
        "mean_h": mean_h,
        "cv": cv,
    }
    return [Change(table="closures", add=row)]
