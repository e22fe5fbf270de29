"""Runs as lines of print: which font holds a letter, where a line may break, and how wide it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import escape
from itertools import groupby
from pathlib import Path

import matplotlib as mpl
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import getRegisteredFontNames, registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFont

from transcaspian.report.annex.blocks import Line, Run
from transcaspian.report.markup import UNPRINTABLE

PLAIN, BOLD, EASTERN = "DejaVuSans", "DejaVuSans-Bold", "HeiseiKakuGo-W5"
FIRST_EASTERN = 0x2E80
LAST_EASTERN = 0xFFEF
FULL_WIDTH = 0xFF00
LAST_IDEOGRAPH = 0x9FFF
OPENING = frozenset("([{\u00ab\u201c\u300c\u300e\uff08\uff3b")
CLOSING = frozenset(
    ")]},.;:%\u00bb\u201d\u3001\u3002\u300d\u300f\u30fb\u30fc\uff09\uff3d\uff0c\uff0e\uff1a\uff1b\uff05"
    "\u3041\u3043\u3045\u3047\u3049\u3063\u3083\u3085\u3087\u30a1\u30a3\u30a5\u30a7\u30a9\u30c3\u30e3\u30e5\u30e7"
)
LINK = "#0f5470"
SAFE = 0.25
"""Points by which a line is kept shorter than its measure, so that it is not broken again."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter with its font and the run it is of."""

    letter: str
    font: str
    run: Run


def register() -> None:
    """Nothing; the fonts are there to be set with."""
    known = set(getRegisteredFontNames())
    folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
    for name in (PLAIN, BOLD):
        if name not in known:
            registerFont(TTFont(name, str(folder / f"{name}.ttf")))
    if EASTERN not in known:
        registerFont(UnicodeCIDFont(EASTERN))


def eastern(letter: str) -> bool:
    """Whether a letter is one of those that lines may break beside."""
    at = ord(letter)
    return FIRST_EASTERN <= at <= LAST_IDEOGRAPH or FULL_WIDTH <= at <= LAST_EASTERN


def broken(words: Line, width: float, size: float, *, bold: bool = False) -> str:
    """A line as the markup of a paragraph, broken so that no line is wider than the measure."""
    lines: list[list[Letter]] = [[]]
    used = 0.0
    for chunk in _chunks(_letters(words, bold=bold)):
        for piece in _fitting(chunk, width - SAFE, size):
            wide = _width(piece, size)
            if used and used + _width(_bare(piece), size) > width - SAFE:
                lines.append([])
                used = 0.0
            lines[-1].extend(piece)
            used += wide
    return "<br/>".join(_marked(_bare(each)) for each in lines)


def widest_chunk(words: Line, size: float, *, bold: bool = False) -> float:
    """The width of the widest stretch that must not be broken."""
    chunks = _chunks(_letters(words, bold=bold))
    return max((_width(_bare(chunk), size) for chunk in chunks), default=0.0)


def _letters(words: Line, *, bold: bool) -> list[Letter]:
    """The letters of a line; where one is eastern none is bold, as that font has no bold face."""
    bold = bold and not any(eastern(letter) for run in words for letter in run.words)
    font = BOLD if bold else PLAIN
    return [
        Letter(letter, EASTERN if eastern(letter) else font, run)
        for run in words
        for letter in UNPRINTABLE.sub("", run.words).replace("\n", " ")
    ]


def _chunks(letters: list[Letter]) -> Iterator[list[Letter]]:
    """Stretches that must not be broken."""
    chunk: list[Letter] = []
    for letter in letters:
        if chunk and _may_break(chunk[-1].letter, letter.letter):
            yield chunk
            chunk = []
        chunk.append(letter)
    if chunk:
        yield chunk


def _may_break(before: str, after: str) -> bool:
    if after == " ":
        return False
    if before == " ":
        return True
    if before in OPENING or after in CLOSING:
        return False
    return eastern(before) or eastern(after)


def _fitting(chunk: list[Letter], width: float, size: float) -> Iterator[list[Letter]]:
    """The chunk, in pieces where it is wider than a line."""
    piece: list[Letter] = []
    if _width(chunk, size) <= width:
        yield chunk
        return
    for letter in chunk:
        if piece and _width([*piece, letter], size) > width:
            yield piece
            piece = []
        piece.append(letter)
    yield piece


def _bare(letters: list[Letter]) -> list[Letter]:
    """The letters without spaces at their end."""
    end = len(letters)
    while end and letters[end - 1].letter == " ":
        end -= 1
    return letters[:end]


def _width(letters: list[Letter], size: float) -> float:
    return size * sum(_wide(each.letter, each.font) for each in letters)


@cache
def _wide(letter: str, font: str) -> float:
    return stringWidth(letter, font, 1.0)


def _marked(letters: list[Letter]) -> str:
    found: list[str] = []
    for run, stretch in groupby(letters, key=lambda each: each.run):
        fonts = [
            f'<font name="{font}">{escape("".join(each.letter for each in part))}</font>'
            for font, part in groupby(stretch, key=lambda each: each.font)
        ]
        words = "".join(fonts)
        target = escape(run.to, quote=True)
        found.append(f'<a href="{target}" color="{LINK}">{words}</a>' if run.to else words)
    return "".join(found)
