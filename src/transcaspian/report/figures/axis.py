"""Scales with round marks, and figures that stretch with the page."""

from __future__ import annotations

import math
from dataclasses import dataclass

from transcaspian.report.markup import Child, Markup, percent, tag
from transcaspian.report.words import number

ROOM = 0.02
OVERHANG = 10.0


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a value stands between the left edge (0) and the right edge (1) of a figure."""

    low: float
    high: float
    log: bool = False
    ticks: tuple[float, ...] = ()

    def at(self, value: float) -> float:
        """The place of the value, kept inside the figure."""
        low, high = self.low, self.high
        if self.log:
            value, low, high = (math.log(max(part, 1e-12)) for part in (value, low, high))
        part = 0.0 if high == low else (value - low) / (high - low)
        return ROOM + (1 - 2 * ROOM) * min(max(part, 0.0), 1.0)


def linear(low: float, high: float, *, marks: int = 6) -> Scale:
    """A scale of equal steps that begins and ends at round numbers."""
    if high <= low:
        high = low + 1.0
    step = _round_step((high - low) / marks)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = tuple(index * step for index in range(first, last + 1))
    return Scale(ticks[0], ticks[-1], ticks=ticks)


def logarithmic(low: float, high: float) -> Scale:
    """A scale of equal ratios with marks at 1, 2, 5 or at powers of ten."""
    low, high = max(low, 1e-6), max(high, 1e-6)
    if high <= low:
        low, high = low / 2, high * 2
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1, 3) if len(powers) > 3 else (1, 2, 5)  # noqa: PLR2004  # too many marks collide
    marks = [step * 10.0**power for power in powers for step in steps]
    below = max((mark for mark in marks if mark <= low), default=low)
    above = min((mark for mark in marks if mark >= high), default=high)
    ticks = tuple(mark for mark in marks if below <= mark <= above)
    return Scale(below, above, log=True, ticks=ticks)


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= rough * 0.999)


def tick_words(scale: Scale) -> list[str]:
    """The marks of the scale as words, all with the same decimals where it is linear."""
    if scale.log:
        return [f"{tick:g}" if tick < 1000 else number(tick) for tick in scale.ticks]  # noqa: PLR2004
    step = scale.ticks[1] - scale.ticks[0] if len(scale.ticks) > 1 else 1.0
    places = max(0, -math.floor(math.log10(step) + 1e-9))
    if abs(step * 10**places - round(step * 10**places)) > 1e-9:  # noqa: PLR2004  # steps of 2.5
        places += 1
    return [number(tick, places=places) for tick in scale.ticks]


def grid(scale: Scale, *, height: float) -> list[Markup]:
    """Fine upright lines at the marks of the scale."""
    return [
        tag(
            "line",
            x1=percent(scale.at(tick)),
            x2=percent(scale.at(tick)),
            y1=-OVERHANG,
            y2=height + OVERHANG,
            class_="tc-zero" if tick == 0 and scale.low < 0 else "tc-grid",
        )
        for tick in scale.ticks
    ]


def axis_row(scale: Scale, *, label: str) -> Markup:
    """The row of a chart that carries the marks and says what they count."""
    words = [
        tag(
            "text",
            word,
            x=percent(scale.at(tick)),
            y=12,
            text_anchor="middle",
            class_="tc-tick" if index % 2 == 0 else "tc-tick tc-odd",
        )
        for index, (tick, word) in enumerate(zip(scale.ticks, tick_words(scale), strict=True))
    ]
    return tag(
        "div",
        tag("div", label, class_="tc-axis-label"),
        tag("svg", *words, width="100%", height=16, aria_hidden="true"),
        tag("div"),
        class_="tc-row tc-axis",
    )


def chart_row(label: Child, drawing: list[Markup], figure: Child, *, height: float = 24) -> Markup:
    """One row of a chart: what it is, its drawing, its figure in words."""
    return tag(
        "div",
        tag("div", label, class_="tc-label"),
        tag("svg", *drawing, width="100%", height=height, aria_hidden="true"),
        tag("div", figure, class_="tc-figure"),
        class_="tc-row",
    )


def chart(rows: list[Markup], *, label: str) -> Markup:
    """The rows as one figure; its numbers stand beside the bars, so the drawing is decoration."""
    return tag("div", *rows, class_="tc-chart", role="group", aria_label=label)
