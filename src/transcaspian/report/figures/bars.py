"""Bars, stacked by class of the ledger, and dots with their ranges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from transcaspian.report.figures.axis import Scale, axis_row, chart, chart_row, grid, linear
from transcaspian.report.markup import Child, Markup, percent, tag
from transcaspian.report.words import CLASSES, Quantity, between, finite, number, share, spoken

HEIGHT = 26.0
BAR = 16.0
UNKNOWN = Quantity(None)


@dataclass(frozen=True, slots=True)
class Stack:
    """One stacked bar: its label, its parts by class, and the words at its end."""

    label: Child
    parts: Mapping[str, float]
    figure: Child

    @property
    def total(self) -> float:
        """The length of the whole bar."""
        return sum(part for part in self.parts.values() if finite(part))


@dataclass(frozen=True, slots=True)
class Mark:
    """One row of a range chart: a published range, ours, and whether they agree.

    `expected` is where a published figure was to be expected; `words` are what the two are called.
    """

    label: Child
    ours: Quantity
    theirs: Quantity
    figure: Child
    verdict: str = ""
    expected: Quantity = UNKNOWN
    words: tuple[str, str] = ("simulated", "published")


def stacked(stacks: list[Stack], *, axis: str, label: str, top: float | None = None) -> Markup:
    """Bars stacked by class of the ledger, on one scale."""
    longest = max((stack.total for stack in stacks), default=0.0)
    scale = linear(0.0, max(longest, top or 0.0) or 1.0)
    rows = [axis_row(scale, label=axis)]
    rows += [
        chart_row(
            stack.label,
            [*grid(scale, height=HEIGHT), *_bar(stack, scale)],
            stack.figure,
            height=HEIGHT,
        )
        for stack in stacks
    ]
    return chart(rows, label=label)


def _bar(stack: Stack, scale: Scale) -> list[Markup]:
    drawn: list[Markup] = []
    start = 0.0
    for name, words in CLASSES.items():
        size = stack.parts.get(name, 0.0)
        if not finite(size) or size <= 0:
            continue
        left, right = scale.at(start), scale.at(start + size)
        start += size
        title = f"{words}: {number(size)} h, {share(size / stack.total)} of the bar"
        drawn.append(
            tag(
                "rect",
                tag("title", title),
                x=percent(left),
                width=percent(right - left),
                y=(HEIGHT - BAR) / 2,
                height=BAR,
                class_=f"tc-c-{name}",
            )
        )
    return drawn


def ranges(marks: list[Mark], scale: Scale, *, axis: str, label: str) -> Markup:
    """A dot and its interval for what was simulated, an open bar for what was published, and a band
    behind both for where that was to be expected.
    """
    rows = [axis_row(scale, label=axis)]
    rows += [
        chart_row(
            mark.label,
            [*grid(scale, height=HEIGHT), *_range(mark, scale)],
            mark.figure,
            height=HEIGHT,
        )
        for mark in marks
    ]
    return chart(rows, label=label)


def _range(mark: Mark, scale: Scale) -> list[Markup]:
    middle = HEIGHT / 2
    drawn: list[Markup] = []
    if finite(mark.expected.low) and finite(mark.expected.high):
        drawn.append(_expected(mark.expected, scale, middle))
    if mark.theirs.known:
        drawn += _published(mark.theirs, scale, middle, word=mark.words[1])
    if mark.ours.known and mark.ours.value is not None:
        if finite(mark.ours.low) and finite(mark.ours.high):
            drawn.append(
                tag(
                    "line",
                    x1=percent(scale.at(mark.ours.low or 0.0)),
                    x2=percent(scale.at(mark.ours.high or 0.0)),
                    y1=middle,
                    y2=middle,
                    class_="tc-span",
                )
            )
        drawn.append(
            tag(
                "circle",
                tag("title", f"{mark.words[0]}: {spoken(mark.ours)}"),
                cx=percent(scale.at(mark.ours.value)),
                cy=middle,
                r=4.5,
                class_=f"tc-ours tc-{mark.verdict}" if mark.verdict else "tc-ours",
            )
        )
    return drawn


def _expected(expected: Quantity, scale: Scale, middle: float) -> Markup:
    left, right = scale.at(expected.low or 0.0), scale.at(expected.high or 0.0)
    return tag(
        "rect",
        tag("title", f"to be expected: {between(expected.low, expected.high)}"),
        x=percent(left),
        width=percent(right - left),
        y=middle - 9,
        height=18,
        class_="tc-expected",
    )


def _published(theirs: Quantity, scale: Scale, middle: float, *, word: str) -> list[Markup]:
    value = theirs.value or 0.0
    low, high = theirs.low, theirs.high
    title = f"{word}: {spoken(Quantity(value, unit=theirs.unit))}"
    drawn: list[Markup] = []
    if low is not None and high is not None and high > low:
        left, right = scale.at(low), scale.at(high)
        drawn.append(
            tag(
                "rect",
                tag("title", title),
                x=percent(left),
                width=percent(right - left),
                y=middle - 6,
                height=12,
                class_="tc-theirs",
            )
        )
    drawn.append(
        tag(
            "line",
            tag("title", title),
            x1=percent(scale.at(value)),
            x2=percent(scale.at(value)),
            y1=middle - 8,
            y2=middle + 8,
            class_="tc-theirs-mark",
        )
    )
    return drawn
