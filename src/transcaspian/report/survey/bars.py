"""Bars and ranges of a survey: hours by kind, activities in a cascade, ratios, ranks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from transcaspian.report.figures.axis import Scale, axis_row, chart, chart_row, grid, linear
from transcaspian.report.markup import Child, Markup, percent, tag
from transcaspian.report.words import number

HEIGHT = 26.0
BAR = 16.0
KINDS = {
    "moving": "moving",
    "border": "clearance",
    "port": "handling",
    "other": "rest",
    "unseen": "unseen",
}
"""What hours were spent on, and the colour of the ledger that each takes."""


@dataclass(frozen=True, slots=True)
class Ribbon:
    """The hours of one country: its parts, and the words at the end."""

    label: Child
    parts: dict[str, float]
    figure: Child


def ribbon(rows: Sequence[Ribbon], *, names: dict[str, str], axis: str, label: str) -> Markup:
    """The hours of each country, stacked by what they were spent on."""
    scale = linear(0.0, max((sum(row.parts.values()) for row in rows), default=1.0) or 1.0)
    legend = tag(
        "ul",
        *(
            tag("li", tag("i", class_=f"tc-swatch tc-b-{KINDS[kind]}"), words)
            for kind, words in names.items()
        ),
        class_="tc-legend",
    )
    drawn = [axis_row(scale, label=axis)]
    for row in rows:
        start, pieces = 0.0, list[Markup]()
        for kind, colour in KINDS.items():
            size = row.parts.get(kind, 0.0)
            title = f"{names[kind]}: {number(size)}"
            pieces.append(_bar(scale, start, start + size, title=title, colour=f"tc-c-{colour}"))
            start += size
        drawn.append(
            chart_row(row.label, [*grid(scale, height=HEIGHT), *pieces], row.figure, height=HEIGHT)
        )
    return tag("div", legend, chart(drawn, label=label))


def _bar(scale: Scale, low: float, high: float, *, title: str, colour: str) -> Markup:
    left, right = scale.at(low), scale.at(high)
    return tag(
        "rect",
        tag("title", title),
        x=percent(left),
        width=percent(max(right - left, 0.0)),
        y=(HEIGHT - BAR) / 2,
        height=BAR,
        class_=colour,
    )


def cascade(parts: Sequence[tuple[str, float, str]], *, axis: str, label: str) -> Markup:
    """Activities one after the other, each beginning where the one before ended.

    `parts`: name, hours, colour of the ledger.
    """
    scale = linear(0.0, sum(hours for _, hours, _ in parts) or 1.0)
    rows, start = [axis_row(scale, label=axis)], 0.0
    for name, hours, colour in parts:
        bar = _bar(
            scale, start, start + hours, title=f"{name}: {number(hours)}", colour=f"tc-c-{colour}"
        )
        rows.append(
            chart_row(name, [*grid(scale, height=HEIGHT), bar], number(hours), height=HEIGHT)
        )
        start += hours
    return chart(rows, label=label)


@dataclass(frozen=True, slots=True)
class Span:
    """A value with its limits, and whether it stands out."""

    label: Child
    value: float
    low: float
    high: float
    figure: Child
    filled: bool = True


def spans(rows: Sequence[Span], scale: Scale, *, axis: str, label: str) -> Markup:
    """Dots with their intervals on one scale."""
    drawn = [axis_row(scale, label=axis)]
    middle = HEIGHT / 2
    for row in rows:
        line = tag(
            "line",
            x1=percent(scale.at(row.low)),
            x2=percent(scale.at(row.high)),
            y1=middle,
            y2=middle,
            class_="tc-span",
        )
        dot = tag(
            "circle",
            cx=percent(scale.at(row.value)),
            cy=middle,
            r=4.5,
            class_="tc-ours" if row.filled else "tc-open",
        )
        drawn.append(
            chart_row(
                row.label, [*grid(scale, height=HEIGHT), line, dot], row.figure, height=HEIGHT
            )
        )
    return chart(drawn, label=label)
