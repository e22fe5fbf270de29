"""What would give the time back: the worst places, the resources, the measures."""

from __future__ import annotations

from transcaspian.report.figures.axis import linear
from transcaspian.report.figures.bars import Mark, Stack, ranges, stacked
from transcaspian.report.markup import Markup, join, tag
from transcaspian.report.material import Effect, Material, Resource
from transcaspian.report.sections.frame import classes_legend, nothing, section
from transcaspian.report.tabular import Cell, Head, table
from transcaspian.report.words import CLASSES, Quantity, finite, shown

BUSY = 0.85


def worst(material: Material) -> Markup:
    """The places where most time is lost, and how hard their resources work."""
    if not material.worst:
        return section(
            "worst", "The worst places", nothing("No place of the corridor kept anyone waiting.")
        )
    stacks = [
        Stack(tag("span", row.name, tag("small", f" {row.country}")), row.parts, shown(row.wait))
        for row in material.worst
    ]
    present = [name for name in CLASSES if any(row.parts.get(name) for row in material.worst)]
    return section(
        "worst",
        "The worst places",
        tag(
            "p",
            "Mean hours that one trip of the corridor's cargo stands at each place, by what it "
            "stands for; places are ranked by the hours all trips lose there in a year.",
        ),
        classes_legend(present),
        stacked(stacks, axis="hours a trip", label="Worst places, hours a trip by class"),
        table(
            "Worst places: hours one trip stands, and hours all trips lose in a year",
            [
                Head("Place"),
                Head("Country"),
                Head("Stands", "h a trip", numeric=True),
                Head("Lost", "trip-hours a year", numeric=True),
                Head("Trips", "a year", numeric=True),
            ],
            [
                [row.name, row.country, row.wait.times(1), row.lost.times(1), row.trips]
                for row in material.worst
            ],
        ),
        _resources(material.resources),
    )


def _resources(resources: list[Resource]) -> Markup:
    if not resources:
        return Markup("")
    return join(
        [
            tag("h3", "How hard the resources work"),
            tag(
                "p",
                "Utilisation is the share of open hours in which a resource is busy, with all the "
                f"traffic of its place counted. Above {BUSY:.0%} a queue grows with every small "
                "disturbance.".replace("%", " %"),
            ),
            table(
                "Resources by utilisation",
                [
                    Head("Resource"),
                    Head("Place"),
                    Head("Servers", numeric=True),
                    Head("Utilisation", "%", numeric=True),
                    Head("Mean wait", "h", numeric=True),
                    Head("Longest wait", "h", numeric=True),
                    Head("Served", "a year", numeric=True),
                    Head("Servers are"),
                ],
                [_resource(row) for row in resources],
            ),
        ]
    )


def _resource(row: Resource) -> list[Cell | Quantity | str | int | float | None]:
    busy = row.busy.value
    full = finite(busy) and (busy or 0.0) >= BUSY
    words = shown(row.busy.times(100))
    return [
        row.name,
        row.place,
        row.servers,
        Cell(tag("span", words, tag("small", " nearly full") if full else ""), busy),
        row.wait.times(1),
        row.longest_h,
        row.served,
        row.status,
    ]


def measures(material: Material) -> Markup:
    """The measures with and without, what they cost, and where the queue went."""
    effects = sorted(material.effects, key=lambda row: (-(row.saved.value or 0.0), row.title))
    if not effects:
        return section(
            "measures", "What would give the time back", nothing("No measure was tried.")
        )
    return section(
        "measures",
        "What would give the time back",
        tag(
            "p",
            "Each measure was simulated with and without, on the same luck: same departures, same "
            "storms, same service times. The figure is the change of mean door-to-door hours of "
            "one trip of the corridor's cargo; a measure whose interval crosses zero cannot be "
            "told from no effect. A measure at a post that little of that cargo passes shows in "
            "the hours that all traffic waits. Costs are in USD of the year of their source.",
        ),
        _effect_chart(effects),
        _effect_table(effects),
        _earlier(material.earlier),
    )


def _effect_chart(effects: list[Effect]) -> Markup:
    values = [
        value
        for row in effects
        for value in (row.saved.value, row.saved.low, row.saved.high)
        if value is not None and finite(value)
    ]
    scale = linear(min([0.0, *values]), max([0.0, *values]))
    marks = [
        Mark(row.title, row.saved, Quantity(None), shown(row.saved), _told(row.saved))
        for row in effects
    ]
    return ranges(
        marks, scale, axis="hours saved a trip", label="Hours saved by each measure with intervals"
    )


def _told(saved: Quantity) -> str:
    if saved.low is not None and saved.low > 0:
        return "hit"
    return "miss" if saved.high is not None and saved.high < 0 else "open"


def _effect_table(effects: list[Effect]) -> Markup:
    return table(
        "Measures with and without: hours saved a trip, cost, and where the queue went",
        [
            Head("Measure"),
            Head("Saved, mean", "h a trip", numeric=True),
            Head("Saved, p95", "h a trip", numeric=True),
            Head("All traffic waits less", "h a year", numeric=True),
            Head("Cost"),
            Head("Who pays"),
            Head("Where the queue went"),
            Head("Source, status"),
        ],
        [
            [
                tag("span", row.title, tag("small", " ", row.note) if row.note else ""),
                row.saved.times(1),
                row.tail.times(1),
                row.waits.times(1),
                row.cost,
                row.payer,
                row.moved,
                f"{row.source}, {row.status}" if row.source else row.status,
            ]
            for row in effects
        ],
    )


def _earlier(earlier: list[tuple[str, str]]) -> Markup:
    if not earlier:
        return Markup("")
    return tag(
        "div",
        tag("h3", "What earlier appraisals found"),
        tag("ul", *(tag("li", tag("b", name), " ", words) for name, words in earlier)),
    )
