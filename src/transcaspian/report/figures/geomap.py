"""Maps: land, links as they run, flow as width, waiting as circles, names that do not collide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from transcaspian.report.figures.labels import (
    Box,
    Ground,
    Label,
    Wish,
    around,
    fitted,
    placed,
    text_width,
)
from transcaspian.report.figures.outline import (
    area_path,
    centroid,
    inside,
    line_boxes,
    line_path,
    touches,
    visible_ring,
)
from transcaspian.report.figures.projection import (
    Extent,
    Frame,
    Line,
    Point,
    Project,
    framed,
)
from transcaspian.report.markup import Markup, join, short, tag, text

WAIT_STEPS = ((6.0, 3.2), (24.0, 5.4), (72.0, 8.2), (float("inf"), 11.5))
WAIT_WORDS = ("under 6 hours", "6 to 24 hours", "1 to 3 days", "more than 3 days")
FLOW_WIDTHS = (1.1, 2.3, 4.2, 7.0)
FLOW_SHARES = (0.02, 0.15, 0.45)
DASHES = {"rail": (), "road": (2.2, 1.5), "sea": (0.05, 2.1)}
PLACE_NAMES = 34
NAME_ROOM = 120.0


@dataclass(frozen=True, slots=True)
class Land:
    """One area of the base map, by the code or name of its country."""

    code: str
    polygons: list[list[Line]]


@dataclass(frozen=True, slots=True)
class Base:
    """What lies under a map."""

    lands: list[Land] = field(default_factory=list)
    waters: list[list[Line]] = field(default_factory=list)
    disputed: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Way:
    """A link on a map: its lines, its surface, what it carries a year and what to say of it."""

    lines: list[Line]
    network: str
    tonnes: float
    title: str


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on a map: where, how long cargo waits there, how much passes, what to say of it."""

    name: str
    point: Point
    wait_h: float | None
    tonnes: float
    title: str


@dataclass(frozen=True, slots=True)
class Route:
    """A numbered line of the small map: one of the ways that compete."""

    number: int
    lines: list[tuple[str, Line]]
    title: str
    own: bool = False


def flow_breaks(largest: float) -> tuple[float, ...]:
    """Round tonnages at which a line grows wider."""
    return tuple(round_number(share * largest) for share in FLOW_SHARES)


def round_number(value: float) -> float:
    """The nearest of 1, 2, 5 times a power of ten."""
    if value <= 0:
        return 0.0
    power = 10.0 ** int(f"{value:e}".split("e")[1])
    return min((step * power for step in (1, 2, 5, 10)), key=lambda near: abs(near - value))


def flow_width(tonnes: float, breaks: Sequence[float]) -> float:
    """The width of a line that carries so much."""
    return FLOW_WIDTHS[sum(tonnes >= edge for edge in breaks)]


def wait_step(hours: float) -> int:
    """Which of the four sizes and colours of circle stands for so long a wait."""
    return next(index for index, (edge, _) in enumerate(WAIT_STEPS) if hours < edge)


def dash(network: str, width: float) -> str | None:
    """The dash pattern of a surface: rail unbroken, road in dashes, sea in dots."""
    pattern = DASHES.get(network, ())
    unit = max(width, 2.0) if network == "sea" else 0.6 * width + 2
    return " ".join(short(part * unit) for part in pattern) or None


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one map shows."""

    base: Base
    ways: list[Way]
    spots: list[Spot]
    countries: Mapping[str, str]


def corridor_map(
    sheet: Sheet, *, extent: Extent, project: Project, width: float, title: str
) -> Markup:
    """The close-up: base map, links by flow and surface, waiting circles, names."""
    frame = framed(extent, project, width=width)
    breaks = flow_breaks(max((way.tonnes for way in sheet.ways), default=0.0))
    seen = [
        (spot, where)
        for spot, where in ((spot, frame.place(spot.point)) for spot in sheet.spots)
        if frame.holds(where, margin=-2)
    ]
    seen.sort(key=lambda pair: (-(pair[0].wait_h or 0.0), pair[0].name))
    ground = _ground(sheet, seen, frame)
    names = _names(seen, ground)
    return _picture(
        frame,
        title,
        [
            _base(sheet.base, frame, extent.grown(0.3)),
            _ways(sheet.ways, frame, breaks),
            tag("g", *(_spot(spot, where) for spot, where in seen), class_="tc-spots"),
            names,
            _country_names(sheet, frame, ground),
        ],
    )


def world_map(
    base: Base,
    routes: Sequence[Route],
    *,
    extent: Extent,
    project: Project,
    width: float,
    title: str,
) -> Markup:
    """The small map: the corridor and the ways that compete with it, numbered."""
    frame = framed(extent, project, width=width)
    drawn: list[Markup] = []
    taken: list[Box] = []
    for route in routes:
        paths = [
            tag("path", d=path, class_="tc-route", stroke_dasharray=dash(network, 1.6))
            for network, path in (
                (network, line_path(line, frame, least=0.8)) for network, line in route.lines
            )
            if path
        ]
        badge = _badge(route, frame, taken)
        drawn.append(
            tag(
                "g",
                tag("title", route.title),
                *paths,
                badge,
                class_="tc-own" if route.own else f"tc-rival tc-rival-{(route.number - 1) % 5}",
            )
        )
    return _picture(frame, title, [_base(base, frame, extent, least=1.2), *drawn])


def _picture(frame: Frame, title: str, layers: Iterable[Markup]) -> Markup:
    return tag(
        "svg",
        tag("title", title),
        tag("rect", width=frame.width, height=frame.height, class_="tc-water"),
        *layers,
        viewBox=f"0 0 {short(frame.width)} {short(frame.height)}",
        width=frame.width,
        height=frame.height,
        role="img",
        aria_label=title,
        class_="tc-map",
    )


def _base(base: Base, frame: Frame, extent: Extent, *, least: float = 0.6) -> Markup:
    lands = [
        area_path(rings, frame, least=least)
        for land in base.lands
        for rings in land.polygons
        if rings and touches(rings[0], extent)
    ]
    waters = [
        area_path(rings, frame, least=least)
        for rings in base.waters
        if rings and touches(rings[0], extent)
    ]
    dashed = [
        line_path(line, frame, least=least) for line in base.disputed if touches(line, extent)
    ]
    return join(
        [
            tag("path", d="".join(lands), class_="tc-land", fill_rule="evenodd")
            if any(lands)
            else "",
            tag("path", d="".join(waters), class_="tc-lake") if any(waters) else "",
            tag("path", d="".join(dashed), class_="tc-disputed") if any(dashed) else "",
        ]
    )


def _ways(ways: Iterable[Way], frame: Frame, breaks: Sequence[float]) -> Markup:
    quiet: list[Markup] = []
    casings: list[Markup] = []
    loud: list[Markup] = []
    for way in sorted(ways, key=lambda way: (way.tonnes, way.title)):
        path = "".join(line_path(line, frame) for line in way.lines)
        if not path:
            continue
        if way.tonnes <= 0:
            marks = dash(way.network, 0.8)
            quiet.append(tag("path", tag("title", way.title), d=path, stroke_dasharray=marks))
            continue
        width = flow_width(way.tonnes, breaks)
        casings.append(tag("path", d=path, stroke_width=width + 1.8))
        loud.append(
            tag(
                "path",
                tag("title", way.title),
                d=path,
                stroke_width=width,
                stroke_dasharray=dash(way.network, width),
                class_=f"tc-{way.network}",
            )
        )
    return join(
        [
            tag("g", *quiet, class_="tc-quiet"),
            tag("g", *casings, class_="tc-casing"),
            tag("g", *loud, class_="tc-flow"),
        ]
    )


def _spot(spot: Spot, where: Point) -> Markup:
    if spot.wait_h is None:
        return tag(
            "circle",
            tag("title", spot.title),
            cx=where[0],
            cy=where[1],
            r=1.4,
            class_="tc-dot" if spot.tonnes > 0 else "tc-dot tc-idle",
        )
    step = wait_step(spot.wait_h)
    return tag(
        "circle",
        tag("title", spot.title),
        cx=where[0],
        cy=where[1],
        r=WAIT_STEPS[step][1],
        class_=f"tc-wait-{step}",
    )


def _ground(sheet: Sheet, seen: Sequence[tuple[Spot, Point]], frame: Frame) -> Ground:
    """Circles, which stay free, and the lines of flow, which names keep clear of if they can."""
    lines = [
        box
        for way in sheet.ways
        if way.tonnes > 0
        for line in way.lines
        for box in line_boxes(line, frame, radius=2.5)
    ]
    circles = [around(where, _radius(spot)) for spot, where in seen if spot.wait_h is not None]
    return Ground(frame.width, frame.height, circles, lines)


def _names(seen: Sequence[tuple[Spot, Point]], ground: Ground) -> Markup:
    """Names of the places that matter: long waits first, then large flows."""
    steps = [
        (spot, where, wait_step(spot.wait_h or 0.0)) for spot, where in seen if spot.tonnes > 0
    ]
    steps.sort(key=lambda entry: (-entry[2], -entry[0].tonnes, entry[0].name))
    wishes = [
        Wish(
            fitted(spot.name, NAME_ROOM, 11.0),
            where,
            _radius(spot),
            11.5 if step >= 2 else 10.5,  # noqa: PLR2004  # the two longest waits
        )
        for spot, where, step in steps
    ]
    labels = placed(wishes, ground, most=PLACE_NAMES)
    return tag("g", *(_written(label) for label in labels), class_="tc-names")


def _radius(spot: Spot) -> float:
    return 1.8 if spot.wait_h is None else WAIT_STEPS[wait_step(spot.wait_h)][1]


def _written(label: Label) -> Markup:
    return tag(
        "text",
        label.words,
        x=label.x,
        y=label.y,
        text_anchor=None if label.anchor == "start" else label.anchor,
        font_size=label.size,
    )


def _country_names(sheet: Sheet, frame: Frame, ground: Ground) -> Markup:
    """Names of countries near the middle of what is seen of them, where there is room."""
    names: list[Markup] = []
    for code in sorted(sheet.countries):
        rings = [
            polygon[0]
            for land in sheet.base.lands
            if land.code == code
            for polygon in land.polygons
        ]
        ring = visible_ring(rings, frame)
        spot = _room(ring, sheet.countries[code].upper(), ground) if ring else None
        if spot is not None:
            x, y = spot
            words = sheet.countries[code].upper()
            names.append(tag("text", words, x=x, y=y + 3, text_anchor="middle"))
    return tag("g", *names, class_="tc-countries", aria_hidden="true")


def _room(ring: Line, words: str, ground: Ground) -> Point | None:
    """The free point of the ring nearest its middle on which the words can stand."""
    half = 0.5 * (text_width(words, 9.5) + 1.6 * len(words)) + 2
    (middle_x, middle_y), _ = centroid(ring)
    across, down = [x for x, _ in ring], [y for _, y in ring]
    points = [
        (
            min(across) + (max(across) - min(across)) * i / 24,
            min(down) + (max(down) - min(down)) * j / 24,
        )
        for i in range(25)
        for j in range(25)
    ]
    points.sort(key=lambda point: (point[0] - middle_x) ** 2 + 4 * (point[1] - middle_y) ** 2)
    for x, y in [(middle_x, middle_y), *points]:
        box = Box(x - half, y - 6, x + half, y + 6)
        corners = ((box.left, y), (box.right, y), (x, y))
        if (
            all(inside(corner, ring) for corner in corners)
            and ground.free(box)
            and not ground.crossed(box)
        ):
            ground.taken.append(box)
            return x, y
    return None


def _badge(route: Route, frame: Frame, taken: list[Box]) -> Markup:
    """The number of a way, on the part of it that is freest."""
    placed = [frame.place(point) for _, line in route.lines for point in line]
    points = [where for where in placed if frame.holds(where, margin=-10)]
    if not points:
        return Markup("")
    order = sorted(range(len(points)), key=lambda index: abs(index - len(points) / 2))
    free = [points[at] for at in order if not any(around(points[at], 8).meets(b) for b in taken)]
    best = free[0] if free else points[order[0]]
    taken.append(around(best, 8))
    x, y = best
    return join(
        [
            tag("circle", cx=x, cy=y, r=7.5, class_="tc-badge"),
            tag("text", text(str(route.number)), x=x, y=y + 3.6, text_anchor="middle"),
        ]
    )
