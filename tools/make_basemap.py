"""Write `basemap.geojson`: the countries of the map, from Natural Earth by way of an npm package.

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python tools/make_basemap.py package/countries-50m.json

The arcs are simplified before the polygons are put together, so neighbours still share their line.
Polygons are repaired (those of the package are invalid for Russia, and would fill eastern Ukraine),
cut to the window of the map, and given to the states within whose recognised borders they lie.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shapely import make_valid, set_precision
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box, mapping
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

TARGET = Path(__file__).resolve().parent.parent / "src/transcaspian/data/basemap.geojson"
WINDOW = box(-20, -46, 150, 72)
TOLERANCE_DEG = 0.035
LEAST_AREA = 0.02  # square degrees
NOTICE = (
    "Natural Earth 1:50 million, public domain, by way of the npm package world-atlas 2.0.2. "
    "A line on this map is no statement on the status of any territory."
)
MERGED = {
    "N. Cyprus": "Cyprus",
    "Somaliland": "Somalia",
    "Hong Kong": "China",
    "Macao": "China",
    "Siachen Glacier": "India",
}
MOVED = (  # (a point inside, from, to, the window of the part that moves)
    (Point(34.2, 45.2), "Russia", "Ukraine", box(32.2, 44.2, 36.72, 46.3)),
    (
        Point(35.8, 33.0),
        "Israel",
        "Syria",
        Polygon(((35.64, 32.66), (35.97, 32.6), (35.97, 33.4), (35.72, 33.4), (35.62, 33.24))),
    ),
)
INSIDE = {  # points that must end up in these countries; water in none
    "Ukraine": ((34.2, 45.2), (37.8, 48.0), (39.2, 48.6)),
    "Georgia": ((41.0, 43.0), (44.0, 42.3)),
    "Azerbaijan": ((46.75, 39.82), (45.4, 39.2)),
    "Cyprus": ((33.5, 35.3),),
    "Somalia": ((44.5, 9.8),),
    "Russia": ((38.9, 45.0), (39.7, 47.3)),
    "": ((51.0, 41.0), (51.5, 38.5), (34.0, 43.3), (30.0, 34.0)),
}

Ring = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Topology:
    """The shared lines of a TopoJSON file, simplified."""

    arcs: list[Ring]

    def ring(self, indices: list[int]) -> Ring:
        """The closed line of some arcs; a negative index runs one backwards."""
        points: Ring = []
        for index in indices:
            arc = self.arcs[index] if index >= 0 else self.arcs[~index][::-1]
            points += arc[1:] if points else arc
        return _unwrapped(points)

    def polygons(self, geometry: Mapping[str, Any]) -> Iterator[Polygon]:
        """The polygons of one geometry, repaired or not."""
        arcs = geometry["arcs"]
        for rings in arcs if geometry["type"] == "MultiPolygon" else [arcs]:
            outer, *holes = [self.ring(ring) for ring in rings]
            if len(outer) > 3:  # noqa: PLR2004  # a triangle and its closing point
                yield Polygon(outer, [hole for hole in holes if len(hole) > 3])  # noqa: PLR2004


def _unwrapped(points: Ring) -> Ring:
    """A line that does not jump from one side of the date line to the other."""
    turn, last, found = 0.0, points[0][0], [points[0]]
    for x, y in points[1:]:
        turn += -360.0 if x - last > 180 else 360.0 if x - last < -180 else 0.0  # noqa: PLR2004
        last = x
        found.append((x + turn, y))
    return found


def decode(topology: Mapping[str, Any]) -> Topology:
    """The arcs of a quantised TopoJSON file in degrees, simplified."""
    (scale_x, scale_y), (left, low) = (
        topology["transform"]["scale"],
        topology["transform"]["translate"],
    )
    arcs: list[Ring] = []
    for steps in topology["arcs"]:
        x = y = 0
        points: Ring = []
        for step_x, step_y in steps:
            x, y = x + step_x, y + step_y
            points.append((left + x * scale_x, low + y * scale_y))
        arcs.append(_simpler(points))
    return Topology(arcs)


def _simpler(points: Ring) -> Ring:
    if len(points) <= 4:  # noqa: PLR2004  # an islet stays a ring
        return points
    line = LineString(points).simplify(TOLERANCE_DEG)
    found = [(float(x), float(y)) for x, y in line.coords]
    closed = points[0] == points[-1]
    return points if closed and len(found) < 4 else found  # noqa: PLR2004


def _areas(shape: BaseGeometry) -> BaseGeometry:
    """The polygons of a shape; the lines and points that a repair leaves are dropped."""
    parts = [
        part
        for part in getattr(shape, "geoms", [shape])
        if part.geom_type in {"Polygon", "MultiPolygon"}
    ]
    return unary_union(parts) if parts else MultiPolygon()


def read_countries(file: Path) -> dict[str, tuple[str, BaseGeometry]]:
    """The repaired countries inside the window: ISO 3166-1 numeric code and shape, by name."""
    data = json.loads(file.read_text(encoding="utf-8"))
    topology = decode(data)
    found: dict[str, tuple[str, BaseGeometry]] = {}
    for geometry in data["objects"]["countries"]["geometries"]:
        parts = [_areas(make_valid(part)) for part in topology.polygons(geometry)]
        shape = _areas(unary_union(parts).intersection(WINDOW))
        if not shape.is_empty:
            found[geometry["properties"]["name"]] = (str(geometry.get("id", "")), shape)
    return found


def recognised(
    countries: Mapping[str, tuple[str, BaseGeometry]],
) -> dict[str, tuple[str, BaseGeometry]]:
    """The countries within the borders that the United Nations General Assembly recognises."""
    known = dict(countries)
    for part, whole in MERGED.items():
        if part in known and whole in known:
            shape = _areas(unary_union([known[whole][1].buffer(1e-6), known.pop(part)[1]]))
            known[whole] = (known[whole][0], shape)
    for point, origin, target, window in MOVED:
        if known[origin][1].contains(point):
            part = _areas(known[origin][1].intersection(window))
            rest = _areas(known[origin][1].difference(window))
            whole = _areas(unary_union([known[target][1].buffer(1e-6), part]))
            known[origin], known[target] = (known[origin][0], rest), (known[target][0], whole)
    return known


def faults(countries: Mapping[str, tuple[str, BaseGeometry]]) -> list[str]:
    """What stands wrong on the map: points in the wrong country, land in the sea."""
    wrong: list[str] = []
    for expected, points in INSIDE.items():
        for x, y in points:
            inside = [name for name, (_, shape) in countries.items() if shape.contains(Point(x, y))]
            if inside != [expected] * bool(expected):
                wrong.append(f"{x}, {y} lies in {inside}, expected {expected or 'water'}")
    return wrong


def feature(name: str, code: str, shape: BaseGeometry) -> dict[str, object]:
    """A country as GeoJSON with two decimals, its islets left out."""
    parts = list(getattr(shape, "geoms", [shape]))
    large = [part for part in parts if part.area >= LEAST_AREA] or [
        max(parts, key=lambda part: part.area)
    ]
    tidy = set_precision(MultiPolygon([p for p in large if p.geom_type == "Polygon"]), 0.01)
    geometry: dict[str, Any] = mapping(_areas(make_valid(tidy)))
    return {
        "type": "Feature",
        "properties": {"name": name, "code": code},
        "geometry": {
            "type": geometry["type"],
            "coordinates": _rounded(geometry["coordinates"]),
        },
    }


def _rounded(value: Any) -> Any:  # noqa: ANN401  # nested lists of any depth
    return round(value, 2) if isinstance(value, float) else [_rounded(item) for item in value]


def main() -> None:
    """Nothing; the file is written, unless a country stands where it should not.

    Errors: SystemExit with what is wrong.
    """
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("countries", type=Path, help="countries-50m.json of the package")
    parser.add_argument("--target", type=Path, default=TARGET)
    given = parser.parse_args()
    countries = recognised(read_countries(given.countries))
    if wrong := faults(countries):
        raise SystemExit("\n".join(wrong))
    lines = ",\n".join(
        json.dumps(feature(name, *countries[name]), separators=(",", ":"), ensure_ascii=False)
        for name in sorted(countries)
    )
    head = f'{{"type":"FeatureCollection","license":{json.dumps(NOTICE)},"features":[\n'
    given.target.write_text(f"{head}{lines}\n]}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
