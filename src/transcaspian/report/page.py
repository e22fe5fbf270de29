"""The page: sections in order, contents, style and script, in one file."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from string import Template

from transcaspian.report.markup import Markup, join, tag, text
from transcaspian.report.material import Material
from transcaspian.report.sections import (
    decisions,
    evidence,
    notes,
    summary,
    support,
    surveyed,
    truth,
    where,
)

CONTENTS = (
    ("map", "Map"),
    ("strip", "Trips"),
    ("hours", "Hours"),
    ("published", "Published"),
    ("worst", "Worst places"),
    ("measures", "Measures"),
    ("volumes", "Volumes"),
    ("method", "Method"),
    ("sources", "Sources"),
)


@cache
def _template(name: str) -> str:
    return files("transcaspian.report").joinpath(f"templates/{name}").read_text(encoding="utf-8")


def page(material: Material) -> str:
    """The whole page as HTML."""
    body = join(
        [
            summary.summary(material),
            where.maps(material),
            where.strips(material),
            where.hours(material),
            evidence.published(material),
            truth.truth(material),
            surveyed.surveyed(material),
            decisions.worst(material),
            decisions.measures(material),
            support.support(material),
            evidence.volumes(material),
            notes.method(material),
            notes.rests(material),
            notes.trace(material),
        ],
        Markup("\n"),
    )
    return Template(_template("page.html")).substitute(
        language="en",
        skip="To the content",
        title=text(material.opening.title),
        style=_template("style.css").strip(),
        script=_template("script.js").strip(),
        contents=_contents(material),
        body=body,
        footer=text(f"Made by transcaspian {material.trace.version}."),
    )


def _contents(material: Material) -> Markup:
    every = list(CONTENTS)
    if material.truth is not None:
        at = [name for name, _ in CONTENTS].index("published") + 1
        every.insert(at, ("truth", "Why believe it"))
    if material.support is not None:
        at = [name for name, _ in every].index("measures") + 1
        every.insert(at, ("support", "What to support"))
    items = (tag("li", tag("a", words, href=f"#tc-{name}")) for name, words in every)
    return tag("nav", tag("ol", *items), class_="tc-nav", aria_label="Contents")
