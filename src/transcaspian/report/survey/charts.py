"""The charts of a survey: time over distance, curves, hours of the week, funnel, ranks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

from transcaspian.report.figures.axis import Scale, linear, logarithmic, tick_words
from transcaspian.report.markup import Markup, short, tag
from transcaspian.report.words import number

WIDTH, HEIGHT = 1040.0, 420.0
LEFT, RIGHT, TOP, BOTTOM = 70.0, 20.0, 16.0, 52.0
SMALL_W, SMALL_H = 330.0, 190.0
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """Where a chart draws: its scales and the room for them."""

    across: Scale
    up: Scale
    width: float = WIDTH
    height: float = HEIGHT

    def x(self, value: float) -> float:
        """The place of a value across."""
        return LEFT + (self.width - LEFT - RIGHT) * self.across.at(value)

    def y(self, value: float) -> float:
        """The place of a value upward."""
        return self.height - BOTTOM - (self.height - TOP - BOTTOM) * self.up.at(value)


def frame(box: Box, *, across: str, up: str) -> list[Markup]:
    """The axes of a chart with their marks and words."""
    found: list[Markup] = []
    for tick, word in zip(box.across.ticks, tick_words(box.across), strict=True):
        x = box.x(tick)
        found.append(tag("line", x1=x, x2=x, y1=TOP, y2=box.height - BOTTOM, class_="tc-grid"))
        found.append(
            tag(
                "text",
                word,
                x=x,
                y=box.height - BOTTOM + 15,
                text_anchor="middle",
                class_="tc-tick",
            )
        )
    for tick, word in zip(box.up.ticks, tick_words(box.up), strict=True):
        y = box.y(tick)
        found.append(tag("line", x1=LEFT, x2=box.width - RIGHT, y1=y, y2=y, class_="tc-grid"))
        found.append(tag("text", word, x=LEFT - 6, y=y + 4, text_anchor="end", class_="tc-tick"))
    middle = (LEFT + box.width - RIGHT) / 2
    found.append(
        tag(
            "text",
            across,
            x=middle,
            y=box.height - 16,
            text_anchor="middle",
            class_="tc-axis-words tc-tick",
        )
    )
    half = (TOP + box.height - BOTTOM) / 2
    turn = f"rotate(-90 16 {short(half)})"
    found.append(
        tag(
            "text",
            up,
            x=16,
            y=half,
            transform=turn,
            text_anchor="middle",
            class_="tc-axis-words tc-tick",
        )
    )
    return found


def picture(box: Box, *drawn: Markup, title: str) -> Markup:
    """The drawing as one picture that scales with the page."""
    return tag(
        "svg",
        tag("title", title),
        *drawn,
        viewBox=f"0 0 {short(box.width)} {short(box.height)}",
        width=box.width,
        height=box.height,
        role="img",
        aria_label=title,
        class_="tc-strip",
    )


def path(points: Sequence[Point], box: Box, *, closed: bool = False) -> str:
    """Points as the path of a line."""
    words = [
        f"{'L' if at else 'M'}{short(box.x(x))} {short(box.y(y))}"
        for at, (x, y) in enumerate(points)
    ]
    return " ".join(words) + (" Z" if closed else "")


@dataclass(frozen=True, slots=True)
class Stand:
    """A place on the way: where, and when a tenth, half and nine tenths came and left."""

    name: str
    km: float
    came: tuple[float, float, float]
    left: tuple[float, float, float]


def time_distance(stands: Sequence[Stand], *, across: str, up: str, title: str) -> Markup:
    """Time over distance: steps where one stands, a band from one tenth to nine tenths."""
    most = max((stand.left[2] for stand in stands), default=1.0)
    box = Box(linear(0, max((s.km for s in stands), default=1.0), marks=8), linear(0, most))
    line, low, high = (
        [point for s in stands for point in ((s.km, max(s.came[q], 0.0)), (s.km, s.left[q]))]
        for q in (1, 0, 2)
    )
    band = tag("path", d=path([*low, *reversed(high)], box, closed=True), class_="tc-sv-band")
    steps = tag("path", d=path(line, box), class_="tc-sv-line")
    names: list[Markup] = []
    last = -100.0
    for stand in stands:
        x = box.x(stand.km)
        if x - last < 15:  # noqa: PLR2004  # names would touch
            continue
        last = x
        y = max(box.y(stand.left[1]) - 8, TOP + 4)
        turn = f"rotate(-50 {short(x)} {short(y)})"
        names.append(tag("text", stand.name, x=x, y=y, transform=turn, class_="tc-sv-name"))
    return picture(box, *frame(box, across=across, up=up), band, steps, *names, title=title)


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: its points, and the times at which open stays were last seen."""

    points: Sequence[Point]
    ticks: Sequence[float]


def ecdf(line: Line, *, across: str, title: str) -> Markup:
    """The share that had left by each hour, ticks below for stays not seen to their end."""
    times = [x for x, _ in line.points if x > 0]
    box = Box(
        logarithmic(max(min(times, default=0.1), 0.05), max(times, default=1.0)),
        Scale(0, 1, ticks=(0.0, 0.5, 1.0)),
        SMALL_W,
        SMALL_H,
    )
    stepped: list[Point] = []
    before = 0.0
    for x, y in line.points:
        at = max(x, box.across.low)
        stepped += [(at, before), (at, y)]
        before = y
    marks = [
        tag(
            "line",
            x1=box.x(x),
            x2=box.x(x),
            y1=box.height - BOTTOM,
            y2=box.height - BOTTOM - 9,
            class_="tc-sv-tick",
        )
        for x in line.ticks
        if x > 0
    ]
    curve = tag("path", d=path(stepped, box), class_="tc-sv-line")
    return picture(box, *frame(box, across=across, up=""), curve, *marks, title=title)


def week(
    cells: dict[tuple[int, int], float | None], *, days: Sequence[str], unit: str, title: str
) -> Markup:
    """A heat map of days by blocks of three hours."""
    known = [value for value in cells.values() if value is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    wide, tall, x0, y0 = 112.0, 30.0, 84.0, 26.0
    drawn: list[Markup] = []
    for block in range(8):
        x = x0 + block * wide
        drawn.append(
            tag(
                "text",
                f"{block * 3:02d}\u2013{block * 3 + 3:02d}",
                x=x + wide / 2,
                y=18,
                text_anchor="middle",
                class_="tc-tick",
            )
        )
    for day, word in enumerate(days, start=1):
        y = y0 + (day - 1) * tall
        drawn.append(tag("text", word, x=x0 - 10, y=y + 19, text_anchor="end", class_="tc-tick"))
        for block in range(8):
            value = cells.get((day, block * 3))
            share = 0.0 if value is None or high <= low else (value - low) / (high - low)
            x = x0 + block * wide
            drawn.append(
                tag(
                    "rect",
                    x=x + 1,
                    y=y + 1,
                    width=wide - 2,
                    height=tall - 2,
                    class_="tc-sv-none" if value is None else "tc-sv-heat",
                    fill_opacity=None if value is None else 0.12 + 0.78 * share,
                )
            )
            if value is not None:
                dark = share > 0.55  # noqa: PLR2004  # light words on dark cells
                drawn.append(
                    tag(
                        "text",
                        number(value),
                        x=x + wide / 2,
                        y=y + 20,
                        text_anchor="middle",
                        class_="tc-sv-light" if dark else "tc-tick",
                    )
                )
    drawn.append(tag("text", unit, x=x0 - 10, y=18, text_anchor="end", class_="tc-tick"))
    width, height = x0 + 8 * wide + 4, y0 + 7 * tall + 4
    box = Box(linear(0, 1), linear(0, 1), width, height)
    return picture(box, *drawn, title=title)


@dataclass(frozen=True, slots=True)
class Dot:
    """A crossing in the funnel: its name, effective sample and median."""

    name: str
    size: float
    median: float


def funnel(dots: Sequence[Dot], *, sigma: float, across: str, up: str, title: str) -> Markup:
    """Effective sample against median, with the limits that chance sets about the common median."""
    sizes = [dot.size for dot in dots]
    medians = [dot.median for dot in dots]
    box = Box(logarithmic(min(sizes), max(sizes)), logarithmic(min(medians), max(medians)))
    common = exp(sum(log(dot.median) * dot.size for dot in dots) / sum(sizes))
    steps = [
        exp(log(box.across.low) + (log(box.across.high) - log(box.across.low)) * at / 40)
        for at in range(41)
    ]
    limits: list[Markup] = []
    for sign in (-1, 1):
        points = [(n, common * exp(sign * 1.96 * 1.2533 * sigma / sqrt(n))) for n in steps]
        inside = [(n, min(max(m, box.up.low), box.up.high)) for n, m in points]
        limits.append(tag("path", d=path(inside, box), class_="tc-sv-limit"))
    limits.append(
        tag("path", d=path([(steps[0], common), (steps[-1], common)], box), class_="tc-sv-common")
    )
    marks = [
        tag(
            "circle",
            tag("title", f"{dot.name}: {number(dot.median)}, n {number(dot.size)}"),
            cx=box.x(dot.size),
            cy=box.y(dot.median),
            r=4,
            class_="tc-ours",
        )
        for dot in dots
    ]
    return picture(box, *frame(box, across=across, up=up), *limits, *marks, title=title)
