"""Kinds of measure and shock on links, traffic, rates and weather."""

from __future__ import annotations

from transcaspian.corridor.kinds import checks, meant
from transcaspian.corridor.kinds.registry import Changes, kind
from transcaspian.corridor.patch import Change, Values
from transcaspian.errors import Fault, Where


@kind
def link_speed(link: str, speed_kmh: float) -> Changes:
    """Another speed on a link: a rebuilt road, a second track, a bridge without a weight limit."""
    checks.factor(speed_kmh=speed_kmh)
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
    checks.factor(length_km=length_km, speed_kmh=speed_kmh)
    checks.least(time_cv=time_cv)
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
    return [Change(table="links", where=meant.only(link=link), set={"in_service": True})]


@kind
def close_link(link: str | list[str]) -> Changes:
    """A link out of service."""
    return [Change(table="links", where=meant.only(link=link), set={"in_service": False})]


@kind
def bridge(  # one parameter a fact of a bridge
    *,
    place: str | None = None,
    extra: int = 0,
    alone: float | None = None,
    link: str | list[str] | None = None,
    speed: float = 1.0,
) -> Changes:
    """A bridge replaced: more lanes at the stage bridge of a place, a share of trucks that still
    has to cross it alone, another speed on the links to it.

    Missing: the years in which the old bridge is closed or falls, and the way round it then.

    `alone` is that share where a limit of weight is lifted for the others.
    """
    checks.extra(extra=extra)
    checks.share(alone=alone)
    checks.factor(speed=speed)
    if place is None and link is None:
        what = "a bridge that is nowhere"
        raise Fault("P105", what, where=Where(column="place"), expected="place or link")
    made: Changes = []
    if place is not None:
        where = meant.only(place=place, stage="bridge")
        made.append(Change(table="resources", where=where, add={"servers": extra}))
    if place is not None and alone is not None:
        where = meant.stages("bridge", place=place)
        made.append(Change(table="stages", where=where, set={"share": alone}))
    if link is not None:
        made.append(Change(table="links", where=meant.only(link=link), scale={"speed_kmh": speed}))
    return made


@kind
def road_rehabilitation(link: str | list[str], speed: float, spread: float = 1.0) -> Changes:
    """A road made good: a factor on the speed of its links, and one on the spread of their times.

    Missing: how the road wears again, what it costs those who drive on it, and accidents.
    """
    checks.factor(speed=speed, spread=spread)
    where = meant.only(link=link)
    made = [Change(table="links", where=where, scale={"speed_kmh": speed})]
    if spread != 1:
        made.append(Change(table="links", where=where, scale={"time_cv": spread}))
    return made


@kind
def tariff(
    tariff: str | list[str],
    *,
    scale: float | None = None,
    value: float | None = None,
    rate: str = "usd_per_t_km",
) -> Changes:
    """Another rate: by a factor, or as it is published; by weight and distance, or a unit.

    Missing: who ships more, or less, at another price, and how steady the price is.
    """
    checks.one_of(scale=scale, value=value)
    checks.factor(scale=scale)
    checks.least(value=value)
    rates = ("usd_per_t_km", "usd_per_trip")
    if rate not in rates:
        what = f"rate = {rate!r}"
        raise Fault("P105", what, where=Where(column="rate"), expected=" or ".join(rates))
    where = meant.only(tariff=tariff)
    if scale is not None:
        return [Change(table="tariffs", where=where, scale={rate: scale})]
    return [Change(table="tariffs", where=where, set={rate: value})]


@kind
def traffic(scope: str, scale: float, total: str | None = None) -> Changes:
    """Another volume of traffic: of a scope, or of the flows of one published total."""
    checks.factor(scale=scale)
    where: dict[str, Values] = {"scope": scope}
    if total is not None:
        where["total"] = total
    return [Change(table="flows", where=where, scale={"trips_per_y": scale})]


@kind
def flow_volume(flow: str, trips_per_y: float) -> Changes:
    """Another volume of one flow."""
    checks.factor(trips_per_y=trips_per_y)
    return [Change(table="flows", where={"flow": flow}, set={"trips_per_y": trips_per_y})]


@kind
def weather(place: str, scale: float) -> Changes:
    """More or fewer spells of closure at a place."""
    checks.factor(scale=scale)
    return [Change(table="closures", where={"place": place}, scale={"spells": scale})]


@kind
def closure(
    place: str, *, cause: str, month: int, spells: float, mean_h: float, cv: float
) -> Changes:
    """Spells of closure where and when the corridor has none of that cause."""
    checks.factor(mean_h=mean_h)
    checks.least(spells=spells, cv=cv)
    row: dict[str, Values] = {
        "place": place,
        "cause": cause,
        "month": month,
        "spells": spells,
        "mean_h": mean_h,
        "cv": cv,
    }
    return [Change(table="closures", add=row)]
