"""From lines and areas on the earth to the paths of a picture, cut to it and thinned."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from transcaspian.report.figures.labels import Box, around
from transcaspian.report.figures.projection import Extent, Frame, Line, Point

MARGIN = 12.0
HALF_EARTH = 180.0


def parts(geometry: Mapping[str, Any] | None) -> list[list[Line]]:
    """The lines of a GeoJSON geometry, ring by ring, one list a polygon or line."""
    if geometry is None:
        return []
    kind, coordinates = geometry["type"], geometry.get("coordinates", [])
    if kind == "LineString":
        return [[_points(coordinates)]]
    if kind in ("MultiLineString", "Polygon"):
        rings = [_points(line) for line in coordinates]
        return [rings] if kind == "Polygon" else [[ring] for ring in rings]
    if kind == "MultiPolygon":
        return [[_points(ring) for ring in polygon] for polygon in coordinates]
    if kind == "GeometryCollection":
        return [part for inner in geometry["geometries"] for part in parts(inner)]
    return []


def _points(coordinates: Iterable[Sequence[float]]) -> Line:
    return [(float(pair[0]), float(pair[1])) for pair in coordinates]


def touches(line: Line, extent: Extent) -> bool:
    """Whether the box of the line meets the box."""
    longitudes, latitudes = [x for x, _ in line], [y for _, y in line]
    return (
        max(longitudes) >= extent.west
        and min(longitudes) <= extent.east
        and max(latitudes) >= extent.south
        and min(latitudes) <= extent.north
    )


def area_path(rings: Iterable[Line], frame: Frame, *, least: float = 0.6) -> str:
    """The path of an area, each ring cut to the picture; empty when nothing of it is to be seen."""
    return "".join(
        _path(ring, closed=True)
        for ring in (_cut(_placed(line, frame, least=least), frame) for line in rings)
        if len(ring) > 2 and _size(ring) > 1.0  # noqa: PLR2004  # two points are no area
    )


def line_path(line: Line, frame: Frame, *, least: float = 0.5) -> str:
    """The path of a line, in as many pieces as lie in the picture."""
    return "".join(
        _path(piece, closed=False)
        for run in unwrapped(line)
        for piece in _pieces(_placed(run, frame, least=least), frame)
    )


def line_boxes(line: Line, frame: Frame, *, radius: float, step: float = 7.0) -> list[Box]:
    """Small boxes along a line, for names to keep clear of."""
    boxes: list[Box] = []
    for run in unwrapped(line):
        placed = _placed(run, frame, least=0.5)
        for (x1, y1), (x2, y2) in itertools.pairwise(placed):
            count = max(1, round(math.hypot(x2 - x1, y2 - y1) / step))
            points = [
                (x1 + part * (x2 - x1) / count, y1 + part * (y2 - y1) / count)
                for part in range(count)
            ]
            boxes += [around(point, radius) for point in points if frame.holds(point)]
    return boxes


def inside(point: Point, ring: Line) -> bool:
    """Whether the point lies in the ring."""
    x, y = point
    odd = False
    for index, (x2, y2) in enumerate(ring):
        x1, y1 = ring[index - 1]
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            odd = not odd
    return odd


def unwrapped(line: Line) -> list[Line]:
    """The line in pieces none of which jumps across the date line."""
    runs: list[Line] = [[]]
    for point in line:
        if runs[-1] and abs(point[0] - runs[-1][-1][0]) > HALF_EARTH:
            runs.append([])
        runs[-1].append(point)
    return [run for run in runs if len(run) > 1]


def _placed(line: Line, frame: Frame, *, least: float) -> Line:
    kept: Line = []
    last = len(line) - 1
    for index, point in enumerate(line):
        x, y = frame.place(point)
        if not kept or index == last or abs(x - kept[-1][0]) + abs(y - kept[-1][1]) >= least:
            kept.append((x, y))
    return kept


def _pieces(line: Line, frame: Frame) -> list[Line]:
    pieces: list[Line] = []
    piece: Line = []
    for index, point in enumerate(line):
        near = any(
            frame.holds(other, margin=MARGIN) for other in line[max(index - 1, 0) : index + 2]
        )
        if near:
            piece.append(point)
        elif piece:
            pieces.append(piece)
            piece = []
    pieces.append(piece)
    return [piece for piece in pieces if len(piece) > 1]


def _cut(ring: Line, frame: Frame) -> Line:
    """The ring cut to the picture, side by side (Sutherland and Hodgman)."""
    for axis, edge, sign in (
        (0, -MARGIN, 1),
        (0, frame.width + MARGIN, -1),
        (1, -MARGIN, 1),
        (1, frame.height + MARGIN, -1),
    ):
        ring = _cut_side(ring, axis, edge, sign)
        if not ring:
            break
    return ring


def _cut_side(ring: Line, axis: int, edge: float, sign: int) -> Line:
    kept: Line = []
    for index, point in enumerate(ring):
        before = ring[index - 1]
        inside, was = (sign * (other[axis] - edge) >= 0 for other in (point, before))
        if inside != was:
            kept.append(_crossing(before, point, axis, edge))
        if inside:
            kept.append(point)
    return kept


def _crossing(first: Point, last: Point, axis: int, edge: float) -> Point:
    part = (edge - first[axis]) / (last[axis] - first[axis])
    x, y = (a + part * (b - a) for a, b in zip(first, last, strict=True))
    return x, y


def _size(ring: Line) -> float:
    return (
        abs(
            sum(
                ring[index - 1][0] * y - x * ring[index - 1][1] for index, (x, y) in enumerate(ring)
            )
        )
        / 2
    )


def centroid(ring: Line) -> tuple[Point, float]:
    """The centre of gravity of a ring and its area."""
    twice = across = down = 0.0
    for index, (x, y) in enumerate(ring):
        before_x, before_y = ring[index - 1]
        cross = before_x * y - x * before_y
        twice += cross
        across += (before_x + x) * cross
        down += (before_y + y) * cross
    if twice == 0:
        return ring[0], 0.0
    return (across / (3 * twice), down / (3 * twice)), abs(twice) / 2


def visible_ring(rings: Iterable[Line], frame: Frame) -> Line:
    """The largest piece of an area that lies inside the picture, for a name to stand on."""
    inner = Frame(frame.place, frame.width, frame.height)
    cut = [_cut(_placed(line, inner, least=3.0), inner) for line in rings]
    return max((ring for ring in cut if len(ring) > 2), key=_size, default=[])  # noqa: PLR2004


def _path(line: Line, *, closed: bool) -> str:
    """The line in tenths of a pixel, each point relative to the one before."""
    tenths = [(round(10 * x), round(10 * y)) for x, y in line]
    words = [f"M{_tenth(tenths[0][0])} {_tenth(tenths[0][1])}l"]
    before = tenths[0]
    steps: list[str] = []
    for point in tenths[1:]:
        across, down = point[0] - before[0], point[1] - before[1]
        if across or down:
            steps.append(f"{_tenth(across)} {_tenth(down)}")
            before = point
    if not steps:
        return ""
    return "".join(words) + " ".join(steps).replace(" -", "-") + ("z" if closed else "")


def _tenth(value: int) -> str:
    whole, part = divmod(abs(value), 10)
    sign = "-" if value < 0 else ""
    word = f"{whole or ''}.{part}" if part else str(whole)
    return sign + word if value else "0"
