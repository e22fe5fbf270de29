"""The annex as one page of HTML that opens from disk and prints on A4."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from string import Template

from transcaspian.report.annex.bearings import Bearings
from transcaspian.report.annex.blocks import (
    Block,
    Grid,
    Head,
    Heading,
    Line,
    Listing,
    Paragraph,
    Row,
    Run,
    plain,
)
from transcaspian.report.markup import Markup, join, tag, text

PART = 2
LOOKS = {"": None, "over": "tc-over", "lead": "an-lead", "fine": "tc-fine", "claim": None}


@cache
def _shipped(package: str, name: str) -> str:
    return files(package).joinpath(name).read_text(encoding="utf-8").strip()


def page(at: Bearings, blocks: Iterable[Block]) -> str:
    """The blocks as a page."""
    say = at.say
    parts = _parts(blocks)
    style = [
        _shipped("transcaspian.report", "templates/style.css"),
        _shipped("transcaspian.report.annex.setting", "annex.css"),
    ]
    return Template(_shipped("transcaspian.report.annex.setting", "annex.html")).substitute(
        language=say.language,
        title=text(f"{say('annex')}: {at.brief.title}"),
        style="\n".join(style),
        skip=text(say("skip")),
        contents=_contents(at, parts),
        body=join((_part(part) for part in parts), Markup("\n")),
        footer=text(say.text("made", version=at.brief.version)),
    )


def _parts(blocks: Iterable[Block]) -> list[list[Block]]:
    """The blocks by part: the title block, then one part a heading of the second level."""
    found: list[list[Block]] = [[]]
    for block in blocks:
        if isinstance(block, Heading) and block.level == PART:
            found.append([])
        found[-1].append(block)
    return [part for part in found if part]


def _part(part: list[Block]) -> Markup:
    head = part[0]
    body = join((_block(block) for block in part), Markup("\n"))
    if isinstance(head, Heading):
        return tag("section", body, aria_labelledby=head.anchor or None)
    return tag("header", body, class_="tc-top")


def _contents(at: Bearings, parts: list[list[Block]]) -> Markup:
    heads = [part[0] for part in parts]
    items = [
        tag("li", tag("a", plain(head.line), href=f"#{head.anchor}"))
        for head in heads
        if isinstance(head, Heading)
    ]
    return tag("nav", tag("ol", *items), class_="tc-nav", aria_label=at.say("contents"))


def _block(block: Block) -> Markup:
    if isinstance(block, Heading):
        return tag(f"h{block.level}", _line(block.line), id=block.anchor or None)
    if isinstance(block, Paragraph):
        return _paragraph(block, "p")
    if isinstance(block, Listing):
        claims = any(item.look == "claim" for item in block.items)
        items = (_paragraph(item, "li") for item in block.items)
        return tag("ul", *items, class_="an-claims" if claims else None)
    return _grid(block)


def _paragraph(paragraph: Paragraph, name: str) -> Markup:
    looks = LOOKS[paragraph.look]
    return tag(name, _line(paragraph.line), id=paragraph.anchor or None, class_=looks)


def _line(words: Line) -> Markup:
    return join(_run(run) for run in words)


def _run(run: Run) -> Markup:
    language = run.language or None
    if run.to:
        return tag("a", run.words, href=run.to, lang=language)
    return tag("span", run.words, lang=language) if language else text(run.words)


def _grid(grid: Grid) -> Markup:
    heads = (
        tag("th", head.words, scope="col", class_="tc-num" if head.numeric else None)
        for head in grid.heads
    )
    table = tag(
        "table",
        tag("caption", grid.caption),
        tag("thead", tag("tr", *heads)),
        tag("tbody", *(_row(each, grid.heads) for each in grid.rows)),
        id=grid.anchor or None,
    )
    return tag(
        "div", table, class_="tc-scroll", tabindex="0", role="region", aria_label=grid.caption
    )


def _row(row: Row, heads: tuple[Head, ...]) -> Markup:
    cells = [
        tag(
            "td" if at else "th",
            _line(cell),
            scope=None if at else "row",
            class_="tc-num" if head.numeric else "tc-url" if _is_address(cell) else None,
        )
        for at, (cell, head) in enumerate(zip(row.cells, heads, strict=True))
    ]
    return tag("tr", *cells, id=row.anchor or None, class_="an-total" if row.total else None)


def _is_address(cell: Line) -> bool:
    return any(run.to and not run.to.startswith("#") for run in cell)
