"""The annex as sheets of A4 in PDF; the same blocks give the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_LEFT, TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    KeepTogether,
    SimpleDocTemplate,
    Spacer,
    Table,
)
from reportlab.platypus import Paragraph as Printed

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
from transcaspian.report.annex.setting.letters import PLAIN, broken, register, widest_chunk

MM = 72 / 25.4
WIDTH, HEIGHT = 210 * MM, 297 * MM
SIDE, TOP, BOTTOM = 18 * MM, 22 * MM, 20 * MM
MEASURE = WIDTH - 2 * SIDE
INDENT = 5 * MM
PAD = 3.4
ROOM = 0.6
SHORT = 9
LEAST = 45 * MM
FRAME = 6.0  # what reportlab leaves inside a frame, on either side
INK, SOFT, RULE, FAINT, ACCENT = "#1d2328", "#56616a", "#1d2328", "#d8d3c8", "#0f5470"
CELL = 7.2
PART, ENTRY = 2, 3


@dataclass(frozen=True, slots=True)
class Style:
    """How a kind of block is printed, in points."""

    size: float
    leading: float
    before: float = 0.0
    after: float = 5.0
    colour: str = INK
    bold: bool = False
    right: bool = False


HEADINGS = {
    1: Style(16, 21, 2, 9, bold=True),
    2: Style(13, 17, 16, 7, colour=ACCENT, bold=True),
    3: Style(10.5, 14, 12, 5, bold=True),
    4: Style(9.2, 12.5, 7, 3, bold=True),
}
LOOKS = {
    "": Style(9.2, 13),
    "over": Style(9.2, 12, colour=SOFT, bold=True),
    "lead": Style(10, 14.5, after=7),
    "fine": Style(8, 11, colour=SOFT),
    "claim": Style(8.6, 12, after=3),
}
CAPTION = Style(8.4, 11, 6, 3, bold=True)


@dataclass(slots=True)
class Press:
    """What is set so far: flowables in order, and which of them open an entry of the outline."""

    flowables: list[Flowable] = field(default_factory=list)
    outline: dict[int, tuple[int, str, str]] = field(default_factory=dict)


def sheets(at: Bearings, blocks: Iterable[Block], *, compressed: bool = True) -> bytes:
    """The blocks as a PDF."""
    register()
    press = Press()
    every = list(blocks)
    for block, then in zip(every, [*every[1:], None], strict=True):
        _set(press, block, leads=isinstance(then, Listing))
    written = BytesIO()
    title = f"{at.say('annex')}: {at.brief.title}"
    made = SimpleDocTemplate(
        written,
        pagesize=(WIDTH, HEIGHT),
        leftMargin=SIDE - FRAME,
        rightMargin=SIDE - FRAME,
        topMargin=TOP,
        bottomMargin=BOTTOM,
        title=title,
        author=f"transcaspian {at.brief.version}",
        lang=at.say.language,
        invariant=1,
        pageCompression=int(compressed),
    )
    _outlined(press, made)
    furniture = _furniture(at, title)
    made.build(press.flowables, onFirstPage=furniture, onLaterPages=furniture)
    return written.getvalue()


def _outlined(press: Press, made: SimpleDocTemplate) -> None:
    """Nothing; a heading that is set becomes an entry of the outline."""

    def note(flowable: Flowable) -> None:
        entry = press.outline.get(id(flowable))
        if entry is not None:
            level, words, key = entry
            made.canv.addOutlineEntry(words, key, level=level - PART, closed=level > PART)

    made.afterFlowable = note


def _furniture(at: Bearings, title: str) -> Callable[[Canvas, BaseDocTemplate], None]:
    """What stands on every sheet: the title above, the number below."""
    style = Style(7.2, 9, colour=SOFT)

    def draw(canvas: Canvas, _: BaseDocTemplate) -> None:
        canvas.saveState()
        for words, height in (
            (title, HEIGHT - 13 * MM),
            (at.say.text("page", page=str(canvas.getPageNumber())), 11 * MM),
        ):
            line = _paragraph((Run(words),), style, MEASURE)
            line.wrapOn(canvas, MEASURE, HEIGHT)
            line.drawOn(canvas, SIDE, height)
        canvas.setStrokeColor(HexColor(FAINT))
        canvas.setLineWidth(0.5)
        canvas.line(SIDE, HEIGHT - 14.5 * MM, WIDTH - SIDE, HEIGHT - 14.5 * MM)
        canvas.restoreState()

    return draw


def _set(press: Press, block: Block, *, leads: bool) -> None:
    """Nothing; the block is set, and kept with the list that it leads to."""
    if isinstance(block, Heading):
        set_ = _paragraph(
            block.line, HEADINGS[block.level], MEASURE, anchor=block.anchor, next_=True
        )
        press.flowables.append(set_)
        if block.anchor and block.level in {PART, ENTRY}:
            press.outline[id(set_)] = (block.level, plain(block.line), block.anchor)
    elif isinstance(block, Paragraph):
        style = LOOKS[block.look]
        press.flowables.append(
            _paragraph(block.line, style, MEASURE, anchor=block.anchor, next_=leads)
        )
    elif isinstance(block, Listing):
        press.flowables.extend(_item(item) for item in block.items)
    else:
        press.flowables.extend(_grid(block))


def _item(item: Paragraph) -> Printed:
    style = LOOKS[item.look]
    return _paragraph(item.line, style, MEASURE - INDENT, anchor=item.anchor, bullet="\u2022")


def _paragraph(
    words: Line, style: Style, width: float, *, anchor: str = "", **how: str | bool
) -> Printed:
    """A paragraph broken to a width; `next_` keeps it with what follows, `bullet` stands before."""
    bullet = str(how.get("bullet", ""))
    looks = ParagraphStyle(
        "annex",
        fontName=PLAIN,
        fontSize=style.size,
        leading=style.leading,
        spaceBefore=style.before,
        spaceAfter=style.after,
        textColor=HexColor(style.colour),
        alignment=TA_RIGHT if style.right else TA_LEFT,
        leftIndent=INDENT if bullet else 0,
        bulletIndent=INDENT / 3,
        bulletFontName=PLAIN,
        bulletFontSize=style.size,
        keepWithNext=bool(how.get("next_")),
        allowWidows=0,
        allowOrphans=0,
    )
    marked = broken(words, width, style.size, bold=style.bold)
    begun = f'<a name="{anchor}"/>' if anchor else ""
    return Printed(begun + marked, looks, bulletText=bullet or None)


def _grid(grid: Grid) -> list[Flowable]:
    """A table that is split between rows, its caption and heads repeated; a short one is whole."""
    widths = _widths(grid)
    caption = _paragraph((Run(grid.caption),), CAPTION, MEASURE - 2 * PAD, anchor=grid.anchor)
    heads = [_head(head, width) for head, width in zip(grid.heads, widths, strict=True)]
    rows = [_row(row, grid.heads, widths) for row in grid.rows]
    over = [caption, *[""] * (len(widths) - 1)]
    table = Table([over, heads, *rows], colWidths=widths, repeatRows=2, splitByRow=1)
    table.setStyle(_rules(grid))
    whole = len(rows) <= SHORT
    before = [] if whole else [CondPageBreak(LEAST)]
    return [*before, KeepTogether([table]) if whole else table, Spacer(0, 9)]


def _widths(grid: Grid) -> list[float]:
    """The widths of the columns: their parts of the measure, but none too narrow for a word."""
    least: list[float] = []
    for at, head in enumerate(grid.heads):
        widest = max(
            [
                widest_chunk((Run(head.words),), CELL, bold=True),
                *(widest_chunk(row.cells[at], CELL, bold=row.total) for row in grid.rows),
            ]
        )
        least.append(min(widest + 2 * PAD + ROOM, MEASURE / 4))
    narrow: set[int] = set()
    while True:
        left = MEASURE - sum(least[at] for at in narrow)
        parts = sum(head.width for at, head in enumerate(grid.heads) if at not in narrow)
        widths = [
            least[at] if at in narrow else left * head.width / parts
            for at, head in enumerate(grid.heads)
        ]
        more = {at for at, width in enumerate(widths) if width < least[at] and at not in narrow}
        if not more or len(more | narrow) == len(widths):
            return widths
        narrow |= more


def _head(head: Head, width: float) -> Printed:
    style = Style(CELL, CELL + 2, after=0, bold=True, right=head.numeric)
    return _paragraph((Run(head.words),), style, width - 2 * PAD)


def _row(row: Row, heads: tuple[Head, ...], widths: list[float]) -> list[Printed]:
    return [
        _paragraph(
            cell,
            Style(CELL, CELL + 2.4, after=0, bold=row.total, right=head.numeric),
            width - 2 * PAD,
            anchor=row.anchor if at == 0 else "",
        )
        for at, (cell, head, width) in enumerate(zip(row.cells, heads, widths, strict=True))
    ]


def _rules(grid: Grid) -> list[tuple[Any, ...]]:
    """The lines of a table, as reportlab has them; its first row is the caption."""
    ink, faint = HexColor(RULE), HexColor(FAINT)
    totals = [at for at, row in enumerate(grid.rows, start=2) if row.total]
    return [
        ("SPAN", (0, 0), (-1, 0)),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("VALIGN", (0, 1), (-1, 1), "BOTTOM"),
        ("LEFTPADDING", (0, 0), (-1, -1), PAD),
        ("RIGHTPADDING", (0, 0), (-1, -1), PAD),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("RIGHTPADDING", (0, 0), (0, -1), 2 * PAD),
        ("TOPPADDING", (0, 0), (-1, -1), 2.2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.6),
        ("LINEBELOW", (0, 2), (-1, -1), 0.4, faint),
        ("LINEBELOW", (0, 1), (-1, 1), 0.9, ink),
        *(("LINEABOVE", (0, at), (-1, at), 0.9, ink) for at in totals),
    ]
