"""Zones that positions are held against: polygons of a file, or discs round the places."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import asin, cos, pi, radians, sin, sqrt
from pathlib import Path
from typing import Any

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.errors import Fault, Where, nearest

PARTS = ("place", "queue", "entry", "control", "exit")
CORNERS = 16
RADIUS_M = 2000.0
SHARE = 0.45
"""Discs of neighbours keep clear of each other: at most this share of the way between them."""
EARTH_M = 6_371_000.0
Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Zone:
    """One polygon: the place, the part of it, and its ring as longitude and latitude."""

    place: str
    part: str
    ring: Ring


def read_zones(path: Path, corridor: Corridor) -> tuple[Zone, ...]:
    """The zones of a GeoJSON file: polygons with `place` and, if it is a part, `part`.

    Errors: V117 for what is no polygon, an unknown place or part, or a ring that does not close.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        raise _fault(path, 0, f"line {error.lineno}: {error.msg}") from error
    places = set(corridor.table("places")["place"])
    found: list[Zone] = []
    for number, feature in enumerate(data.get("features", ()), start=1):
        said = feature.get("properties") or {}
        place, part = str(said.get("place", "")), str(said.get("part", "place"))
        if place not in places:
            raise _fault(path, number, f"place {place!r}", near=nearest(place, places))
        if part not in PARTS:
            raise _fault(path, number, f"part {part!r}", near=PARTS)
        found += [Zone(place, part, ring) for ring in _rings(feature, path, number)]
    if not found:
        raise _fault(path, 0, "no polygon")
    return tuple(found)


def _rings(feature: Mapping[str, Any], path: Path, number: int) -> Iterator[Ring]:
    shape = feature.get("geometry") or {}
    polygons: Sequence[Any] = {
        "Polygon": [shape.get("coordinates", ())],
        "MultiPolygon": shape.get("coordinates", ()),
    }.get(str(shape.get("type")), ())
    if not polygons:
        raise _fault(path, number, f"geometry {shape.get('type')!r}")
    for polygon in polygons:
        ring = tuple((float(corner[0]), float(corner[1])) for corner in polygon[0])
        if len(ring) < 4 or ring[0] != ring[-1]:  # noqa: PLR2004  # a triangle and its first corner
            raise _fault(path, number, "a ring that does not close")
        yield ring


def _fault(path: Path, number: int, what: str, *, near: Sequence[str] = ()) -> Fault:
    at = f"feature {number}: " if number else ""
    return Fault(
        "V117",
        f"{at}{what}",
        where=Where(file=path.name),
        expected='polygons with properties {"place": ..., "part": ...}',
        nearest=near,
    )


def discs(corridor: Corridor, *, radius_m: float = RADIUS_M) -> tuple[Zone, ...]:
    """A round zone for each place, smaller where a neighbour is near: a stand-in for fences."""
    rows = corridor.table("places").select("place", "lat_deg", "lon_deg").rows()
    zones: list[Zone] = []
    for place, lat, lon in rows:
        near = min(
            (metres((lat, lon), (y, x)) for other, y, x in rows if other != place), default=9e9
        )
        reach = min(radius_m, SHARE * near) if near > 0 else radius_m
        zones.append(Zone(place, "place", _disc(lat, lon, reach)))
    return tuple(zones)


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The great-circle distance of two positions, latitude first."""
    lat, lon = radians(other[0] - one[0]), radians(other[1] - one[1])
    inside = sin(lat / 2) ** 2 + cos(radians(one[0])) * cos(radians(other[0])) * sin(lon / 2) ** 2
    return 2 * EARTH_M * asin(min(sqrt(inside), 1.0))


def _disc(lat: float, lon: float, radius_m: float) -> Ring:
    up = radius_m / EARTH_M * 180 / pi
    across = up / max(cos(radians(lat)), 1e-6)
    corners = [
        (lon + across * cos(2 * pi * at / CORNERS), lat + up * sin(2 * pi * at / CORNERS))
        for at in range(CORNERS)
    ]
    return (*corners, corners[0])


def edges(zones: Sequence[Zone]) -> pl.DataFrame:
    """The zones edge by edge.

    Shape: zone (number), place, part, lon_deg, lat_deg, lon_to_deg, lat_to_deg.
    """
    rows = [
        (number, zone.place, zone.part, *start, *end)
        for number, zone in enumerate(zones)
        for start, end in zip(zone.ring, zone.ring[1:], strict=False)
    ]
    schema = {
        "zone": pl.Int64,
        "place": pl.String,
        "part": pl.String,
        "lon_deg": pl.Float64,
        "lat_deg": pl.Float64,
        "lon_to_deg": pl.Float64,
        "lat_to_deg": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")
