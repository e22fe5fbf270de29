"""What a document is made of, before it is set: headings, paragraphs, lists and tables of runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Run:
    """Words that share a target and a language; `to` is an address or a `#` and an anchor."""

    words: str
    to: str = ""
    language: str = ""


Line = tuple[Run, ...]
Words = str | Run | Line
Look = Literal["", "over", "lead", "fine", "claim"]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 4 with its anchor."""

    level: int
    line: Line
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, which may be an anchor."""

    line: Line
    look: Look = ""
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """Paragraphs set as a list."""

    items: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column: its words, whether it holds numbers, its part of the width."""

    words: str
    numeric: bool = False
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class Row:
    """A row of cells, the first of which names it; it may be an anchor."""

    cells: tuple[Line, ...]
    anchor: str = ""
    total: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with its caption."""

    caption: str
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    anchor: str = ""


Block = Heading | Paragraph | Listing | Grid


def line(*parts: Words) -> Line:
    """The parts as one line; plain text becomes a run, and what is empty is left out."""
    found: list[Run] = []
    for part in parts:
        if isinstance(part, tuple):
            found.extend(part)
        else:
            found.append(Run(part) if isinstance(part, str) else part)
    return tuple(run for run in found if run.words)


def plain(words: Line) -> str:
    """The words of a line without their targets."""
    return "".join(run.words for run in words)


def row(*cells: Words, anchor: str = "", total: bool = False) -> Row:
    """A row of such cells."""
    return Row(tuple(line(cell) for cell in cells), anchor, total)
