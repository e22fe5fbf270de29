"""What the annex rests on: the factors that worth was counted with, and the sources."""

from __future__ import annotations

from typing import Any

from transcaspian.report.annex.bearings import FACTORS, Bearings
from transcaspian.report.annex.blocks import (
    Block,
    Grid,
    Head,
    Heading,
    Line,
    Paragraph,
    Row,
    Run,
    line,
    row,
)

ADDRESSES = ("https://", "http://")


def rests(at: Bearings) -> list[Block]:
    """The factors with their ranges, and the sources that are cited."""
    say = at.say
    head = Heading(2, line(say("part_rests")), "part-rests")
    return [head, _factors(at), *([_sources(at)] if at.sources else [])]


def _factors(at: Bearings) -> Block:
    say = at.say
    rows = [_factor(at, found) for found in at.brief.factors.iter_rows(named=True)]
    if not rows:
        return Paragraph(say.line("factors_none"), anchor=FACTORS)
    heads = (
        Head(say("head_factor"), width=2.6),
        Head(say("head_applies"), width=1.3),
        Head(say("head_unit"), width=1.3),
        Head(say("head_worth"), numeric=True),
        Head(say("head_range"), numeric=True, width=1.6),
        Head(say("head_status"), width=1.2),
        Head(say("head_source"), width=1.0),
    )
    return Grid(say("factors_caption"), heads, tuple(rows), FACTORS)


def _factor(at: Bearings, found: dict[str, Any]) -> Row:
    say = at.say
    return row(
        say.told("quantity", found["quantity"]),
        at.applies(found) or say("every"),
        say.told("unit", found["unit"]),
        say.exact(found["value"]),
        say.exact_span(found["low"], found["high"]),
        say.told("status", found["status"]),
        at.cite(found["source"]),
        anchor=at.factors[found["factor"]],
    )


def _sources(at: Bearings) -> Grid:
    say = at.say
    known = {found["source"]: found for found in at.brief.sources.iter_rows(named=True)}
    heads = (
        Head(say("head_id"), width=0.7),
        Head(say("head_title"), width=3.2),
        Head(say("head_publisher"), width=1.6),
        Head(say("head_published"), width=0.7),
        Head(say("head_url"), width=2.6),
    )
    rows = [_source(at, each, known.get(each)) for each in at.sources]
    return Grid(say("sources_caption"), heads, tuple(rows), "sources")


def _source(at: Bearings, name: str, found: dict[str, Any] | None) -> Row:
    anchor = at.sources[name]
    if found is None:
        return row(name, at.say("source_unlisted"), "", "", "", anchor=anchor)
    year = found.get("year")
    return row(
        name,
        at.say.foreign(found["title"] or ""),
        at.say.foreign(found["publisher"] or ""),
        str(year) if year else "",
        _address(found["url"] or ""),
        anchor=anchor,
    )


def _address(url: str) -> Line:
    return line(Run(url, url if url.startswith(ADDRESSES) else ""))
