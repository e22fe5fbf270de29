"""The end of the page: method, limits, what the inputs rest on, sources, and how to repeat it."""

from __future__ import annotations

from transcaspian.report.markup import Markup, tag
from transcaspian.report.material import Citation, Material
from transcaspian.report.sections.frame import section
from transcaspian.report.tabular import Head, table
from transcaspian.report.words import listed

STATUSES = ("published", "derived", "estimated", "unconfirmed")

METHOD = (
    (
        "Every trip of a year is followed from its first place to its last: the corridor's cargo, "
        "and the other traffic that shares its posts and ports. A trip moves, queues for lanes, "
        "officers, scanners, cranes and berths that keep hours and shifts, and waits for trains "
        "and vessels that fill up, leave and come back, while weather shuts ports."
    ),
    (
        "Time at a border comes out of servers, opening hours and all the traffic of the post. It "
        "is not drawn from a published mean: take a server away and the hours rise."
    ),
)
LUCK = (
    "Each figure is a mean over several simulated years with different luck; its 90 % "
    "interval says how far chance alone moves it. Measures are tried on the same luck as the "
    "corridor without them."
)
DRAWN = (
    "Each figure is a mean over several simulated years, each with luck of its own and one of the "
    "draws of the inputs that were fitted. Its 90 % interval is that of one more such year: it "
    "says how far luck and the doubt about those inputs move it, not how wrong others may be. "
    "Measures are tried on the same luck and the same draws as the corridor without them."
)


def method(material: Material) -> Markup:
    """The method in short, and the limits in plain words."""
    return section(
        "method",
        "Method and limits",
        *(tag("p", words) for words in METHOD),
        tag("p", DRAWN if material.drawn else LUCK),
        tag("h3", "What this page cannot tell"),
        tag("ul", *(tag("li", words) for words in material.limits)),
    )


def rests(material: Material) -> Markup:
    """Inputs by status, table by table, and every source."""
    return section(
        "sources",
        "Inputs and sources",
        table(
            "Inputs that the simulation reads, by status",
            [
                Head("Table"),
                *(Head(status.capitalize(), "cells", numeric=True) for status in STATUSES),
            ],
            [
                [name, *(counts.get(status, 0) for status in STATUSES)]
                for name, counts in [*material.assumed, ("all", material.inputs)]
            ],
        ),
        _citations(material.citations),
    )


def _citations(citations: list[Citation]) -> Markup:
    return table(
        "Sources",
        [Head("Id"), Head("Title"), Head("Publisher"), Head("Year", numeric=True), Head("Address")],
        [
            [
                row.source,
                row.title,
                row.publisher,
                str(row.year) if row.year else "",
                tag("span", row.url, class_="tc-url"),
            ]
            for row in citations
        ],
    )


def trace(material: Material) -> Markup:
    """What it takes to make the same page again."""
    facts = material.trace
    rows = [
        ("Corridor (content hash)", facts.corridor_hash),
        ("Seed", str(facts.seed)),
        ("Replications", str(facts.replications)),
        ("Version", f"transcaspian {facts.version}"),
        ("Patches applied", listed(facts.patches) or "none"),
    ]
    return section(
        "again",
        "To make this page again",
        tag(
            "p",
            "The same corridor, seed, replications and version give the same page, byte for byte.",
        ),
        tag(
            "dl",
            *(tag("div", tag("dt", name), tag("dd", words)) for name, words in rows),
            class_="tc-trace",
        ),
    )
