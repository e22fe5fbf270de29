"""The lines of the maps: the base map of the package and the geometry beside a corridor."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from transcaspian.report.figures.geomap import Base, Land
from transcaspian.report.figures.outline import parts
from transcaspian.report.figures.projection import Line, great_circle
from transcaspian.report.reading.names import Names

BASEMAP = "data/basemap.geojson"
GEOMETRY = "geometry.geojson"
CODES = ("country", "iso_a2", "iso", "code", "name")


def base_map() -> Base:
    """The shipped base map; empty when it is missing."""
    shipped = files("transcaspian").joinpath(BASEMAP)
    if not shipped.is_file():
        return Base()
    base = Base()
    for feature in json.loads(shipped.read_text(encoding="utf-8")).get("features", []):
        _sort(feature, base)
    return base


def _sort(feature: Mapping[str, Any], base: Base) -> None:
    properties = feature.get("properties") or {}
    kind = str(properties.get("kind") or properties.get("layer") or "")
    shapes = parts(feature.get("geometry"))
    areal = "Polygon" in str((feature.get("geometry") or {}).get("type"))
    if kind in {"lake", "water"}:
        base.waters.extend(shapes)
    elif areal:
        base.lands.append(Land(_code(properties), shapes))
    elif kind in {"disputed", "line", "border"}:
        base.disputed.extend(line for shape in shapes for line in shape)


def _code(properties: Mapping[str, Any]) -> str:
    return str(next((properties[key] for key in CODES if properties.get(key)), ""))


def link_lines(folder: str, names: Names) -> dict[str, list[Line]]:
    """The lines of every link: as drawn beside the corridor, else the shortest way."""
    drawn = _drawn(Path(folder) / GEOMETRY) if folder else {}
    return {
        link: drawn.get(link)
        or [great_circle(names.point(row["origin"]), names.point(row["destination"]))]
        for link, row in names.links.items()
        if row["origin"] in names.places and row["destination"] in names.places
    }


def _drawn(path: Path) -> dict[str, list[Line]]:
    if not path.is_file():
        return {}
    lines: dict[str, list[Line]] = {}
    for feature in json.loads(path.read_text(encoding="utf-8")).get("features", []):
        link = (feature.get("properties") or {}).get("link")
        shapes = [line for shape in parts(feature.get("geometry")) for line in shape]
        if link and shapes:
            lines[str(link)] = [line for line in shapes if len(line) > 1]
    return lines
