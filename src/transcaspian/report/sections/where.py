"""Where the time goes: the maps, the time-space strips and the hours by country."""

from __future__ import annotations

from itertools import pairwise

from transcaspian.report.figures.bars import Stack, stacked
from transcaspian.report.figures.geomap import (
    FLOW_WIDTHS,
    WAIT_STEPS,
    WAIT_WORDS,
    corridor_map,
    dash,
    flow_breaks,
    world_map,
)
from transcaspian.report.figures.projection import conic, plain
from transcaspian.report.figures.strip import time_space
from transcaspian.report.markup import Markup, join, tag
from transcaspian.report.material import Maps, Material, Ribbon, Sample
from transcaspian.report.sections.frame import classes_legend, figure, nothing, section
from transcaspian.report.tabular import Entry, Head, table
from transcaspian.report.words import CLASSES, NETWORKS, number, share, shown

WIDE, SMALL = 1060.0, 620.0
NO_STATUS = "A line on the map is no statement on the status of any territory or on any border."


def maps(material: Material) -> Markup:
    """The map of the corridor, the small map of the competing ways, and their key."""
    if material.maps is None:
        return section("map", "The route", nothing("No place of this corridor can be drawn."))
    drawn = material.maps
    close = corridor_map(
        drawn.sheet,
        extent=drawn.close,
        project=conic(drawn.close),
        width=WIDE,
        title="Map of the corridor: cargo by width of line, waiting by size and colour of circle",
    )
    return section(
        "map",
        "The route: what it carries and where it waits",
        tag(
            "p",
            "Lines are as wide as the corridor's cargo of a year; circles stand where that cargo "
            "waits (queueing, waiting for a carrier, closed by weather) and show the mean wait of "
            "one passing trip. Point at a line or circle for its figures.",
        ),
        figure(tag("div", close, class_="tc-scroll tc-wide"), _key(drawn)),
        _world(drawn),
        tag("p", "Map data: ", "; ".join(drawn.credits), ". ", NO_STATUS, class_="tc-fine"),
    )


def _key(drawn: Maps) -> Markup:
    breaks = flow_breaks(drawn.legend_t)
    words = _flow_words(breaks)
    return tag(
        "div",
        _key_list("A trip waits", [_circle(step, words) for step, words in enumerate(WAIT_WORDS)]),
        _key_list(
            "Cargo a year",
            [
                _line(width, None, words, "rail")
                for width, words in zip(FLOW_WIDTHS, words, strict=True)
            ],
        ),
        _key_list(
            "Surface",
            [_line(3.0, dash(name, 3.0), words, name) for name, words in NETWORKS.items()]
            + [_line(0.8, None, "in use, no cargo of the corridor simulated", "")],
        ),
        class_="tc-key",
    )


def _flow_words(breaks: tuple[float, ...]) -> list[str]:
    edges = [_tonnes(edge) for edge in breaks]
    middle = [f"{low} to {high}" for low, high in pairwise(edges)]
    return [f"under {edges[0]}", *middle, f"{edges[-1]} and more"]


def _tonnes(tonnes: float) -> str:
    if tonnes >= 1e6:  # noqa: PLR2004  # millions read better as such
        return f"{tonnes / 1e6:g} Mt"
    return f"{tonnes:,.0f} t"


def _key_list(heading: str, rows: list[Markup]) -> Markup:
    return tag("div", tag("h4", heading), tag("ul", *rows), class_="tc-key-part")


def _circle(step: int, words: str) -> Markup:
    drawing = tag("circle", cx=15, cy=13, r=WAIT_STEPS[step][1], class_=f"tc-wait-{step}")
    return tag("li", tag("svg", drawing, width=30, height=26, aria_hidden="true"), words)


def _line(width: float, marks: str | None, words: str, network: str) -> Markup:
    line = tag(
        "path", d="M2 8h32", stroke_width=width, stroke_dasharray=marks, class_=f"tc-{network}"
    )
    group = tag("g", line, class_="tc-flow" if network else "tc-quiet")
    return tag("li", tag("svg", group, width=36, height=16, aria_hidden="true"), words)


def _world(drawn: Maps) -> Markup:
    if not drawn.routes:
        return Markup("")
    picture = world_map(
        drawn.base,
        drawn.routes,
        extent=drawn.world,
        project=plain(drawn.world),
        width=SMALL,
        title="Small map: the corridor and the ways that compete with it",
    )
    rows = [
        tag(
            "li",
            tag(
                "b",
                str(route.number),
                class_="tc-own" if route.own else f"tc-n-{(route.number - 1) % 5}",
            ),
            " ",
            route.title,
        )
        for route in drawn.routes
    ]
    return tag(
        "div",
        tag("div", picture, class_="tc-inset-map"),
        tag(
            "div",
            tag("h3", "Among the ways it competes with"),
            tag("ol", *rows, class_="tc-routes"),
        ),
        class_="tc-inset",
    )


def strips(material: Material) -> Markup:
    """The time-space strips of sample trips."""
    if not material.samples:
        return section(
            "strip", "Trips through time and space", nothing("No sample trips were kept.")
        )
    return section(
        "strip",
        "Trips through time and space",
        tag(
            "p",
            "Each line is one simulated trip. Distance runs across and days run down: a slanting "
            "line moves, an upright line stands still and its colour says why.",
        ),
        classes_legend(),
        *(_sample(sample) for sample in material.samples),
    )


def _sample(sample: Sample) -> Markup:
    return join(
        [
            tag("h3", sample.heading),
            tag("p", sample.words),
            figure(
                tag(
                    "div",
                    time_space(sample.strip, title=sample.heading),
                    class_="tc-scroll tc-wide",
                )
            ),
        ]
    )


def hours(material: Material) -> Markup:
    """The hours of the main cargoes, country by country and class by class."""
    if not material.ribbons:
        return section("hours", "Hours by country", nothing("No cargo of the corridor arrived."))
    longest = max(
        (sum(row.parts.values()) for ribbon in material.ribbons for row in ribbon.rows), default=0
    )
    return section(
        "hours",
        "Hours by country",
        tag(
            "p",
            "Mean hours of one trip in each country, in the order the cargo meets them, both "
            "sides of a border counted to their own country and a sea to the sea.",
        ),
        classes_legend(),
        *(_ribbon(ribbon, longest) for ribbon in material.ribbons),
        table(
            "Hours of one trip by country and class, h",
            [
                Head("Cargo and country"),
                Head("Total", "h", numeric=True),
                *(Head(words.capitalize(), "h", numeric=True) for words in CLASSES.values()),
            ],
            [row for ribbon in material.ribbons for row in _rows(ribbon)],
        ),
    )


def _ribbon(ribbon: Ribbon, longest: float) -> Markup:
    stacks = [Stack(row.country, row.parts, shown(row.total)) for row in ribbon.rows]
    moving = sum(row.parts.get("moving", 0.0) for row in ribbon.rows)
    total = sum(stack.total for stack in stacks)
    words = (
        f"{ribbon.words} In motion {share(moving / total if total else None)} of {number(total)} h."
    )
    return join(
        [
            tag("h3", ribbon.heading),
            tag("p", words),
            stacked(stacks, axis="hours", label=ribbon.heading, top=longest),
        ]
    )


def _rows(ribbon: Ribbon) -> list[list[Entry]]:
    return [
        [
            f"{ribbon.heading}: {row.country}",
            row.total.times(1),
            *(row.parts.get(name, 0.0) for name in CLASSES),
        ]
        for row in ribbon.rows
    ]
