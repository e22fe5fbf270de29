"""From longitude and latitude to points of a picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

Point = tuple[float, float]
Line = list[Point]
Project = Callable[[Point], Point]

FLAT = 0.15
POLE = 85.0


@dataclass(frozen=True, slots=True)
class Extent:
    """A box in degrees."""

    west: float
    south: float
    east: float
    north: float

    @property
    def middle(self) -> Point:
        """The centre of the box."""
        return (self.west + self.east) / 2, (self.south + self.north) / 2

    def grown(self, share: float) -> Extent:
        """The box with a margin on each side, as a share of its width and height."""
        wide, tall = share * (self.east - self.west), share * (self.north - self.south)
        return Extent(
            self.west - wide,
            max(self.south - tall, -POLE),
            self.east + wide,
            min(self.north + tall, POLE),
        )

    def holds(self, point: Point) -> bool:
        """Whether the point lies in the box."""
        return self.west <= point[0] <= self.east and self.south <= point[1] <= self.north


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture of a part of the earth: how to place a point, and how large the picture is."""

    place: Project
    width: float
    height: float

    def holds(self, point: Point, *, margin: float = 0.0) -> bool:
        """Whether a placed point lies in the picture."""
        return (
            -margin <= point[0] <= self.width + margin
            and -margin <= point[1] <= self.height + margin
        )


def conic(extent: Extent) -> Project:
    """A conformal cone through two parallels of the box; upright and unscaled.

    Source: Snyder, Map Projections, USGS Professional Paper 1395 (1987), equations 15-1 to 15-3,
    for the sphere.
    """
    middle, _ = extent.middle
    tall = extent.north - extent.south
    low, high = math.radians(extent.south + tall / 6), math.radians(extent.north - tall / 6)
    if math.isclose(low, high):
        bend = math.sin(low)
    else:
        bend = math.log(math.cos(low) / math.cos(high)) / (_stretch(high) - _stretch(low))
    if abs(bend) < FLAT:
        return _mercator
    size = math.cos(low) * math.exp(bend * _stretch(low)) / bend
    origin = size * math.exp(-bend * _stretch(math.radians(extent.middle[1])))

    def place(point: Point) -> Point:
        latitude = math.radians(max(min(point[1], POLE), -POLE))
        radius = size * math.exp(-bend * _stretch(latitude))
        angle = bend * math.radians(point[0] - middle)
        return radius * math.sin(angle), -(origin - radius * math.cos(angle))

    return place


def _stretch(latitude: float) -> float:
    return math.log(math.tan(math.pi / 4 + latitude / 2))


def _mercator(point: Point) -> Point:
    latitude = math.radians(max(min(point[1], POLE), -POLE))
    return math.radians(point[0]), -_stretch(latitude)


def plain(extent: Extent) -> Project:
    """Equal steps for equal degrees, true along the middle parallel."""
    squeeze = math.cos(math.radians(extent.middle[1]))
    return lambda point: (squeeze * point[0], -point[1])


def framed(extent: Extent, project: Project, *, width: float) -> Frame:
    """The picture of the box at a given width, with as much height as the box needs."""
    edge = [project(point) for point in _outline(extent)]
    left, right = min(x for x, _ in edge), max(x for x, _ in edge)
    top, bottom = min(y for _, y in edge), max(y for _, y in edge)
    scale = width / (right - left)

    def place(point: Point) -> Point:
        x, y = project(point)
        return (x - left) * scale, (y - top) * scale

    return Frame(place, width, (bottom - top) * scale)


def _outline(extent: Extent, *, steps: int = 24) -> Iterable[Point]:
    for step in range(steps + 1):
        part = step / steps
        longitude = extent.west + part * (extent.east - extent.west)
        latitude = extent.south + part * (extent.north - extent.south)
        yield longitude, extent.south
        yield longitude, extent.north
        yield extent.west, latitude
        yield extent.east, latitude


def great_circle(first: Point, last: Point, *, steps: int = 24) -> Line:
    """The shortest line between two places, for links that nobody has drawn."""
    start, end = _vector(first), _vector(last)
    angle = math.acos(max(-1.0, min(1.0, sum(a * b for a, b in zip(start, end, strict=True)))))
    if angle < 1e-6:  # noqa: PLR2004  # the same place, to a few metres
        return [first, last]
    line: Line = []
    for step in range(steps + 1):
        near, far = math.sin((1 - step / steps) * angle), math.sin(step / steps * angle)
        x, y, z = ((near * a + far * b) / math.sin(angle) for a, b in zip(start, end, strict=True))
        line.append((math.degrees(math.atan2(y, x)), math.degrees(math.asin(max(-1, min(1, z))))))
    return line


def _vector(point: Point) -> tuple[float, float, float]:
    longitude, latitude = math.radians(point[0]), math.radians(point[1])
    across = math.cos(latitude)
    return across * math.cos(longitude), across * math.sin(longitude), math.sin(latitude)
