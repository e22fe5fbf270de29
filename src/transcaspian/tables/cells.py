"""One cell against its column: its value, or what is wrong with it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from math import isfinite
from typing import NamedTuple

from transcaspian.errors import Fault
from transcaspian.tables.letters import foreign, latin, mixed, named
from transcaspian.tables.schema import Column
from transcaspian.units import convert, split

COMMA = re.compile(r"^[+-]?\d+,\d+$")
DECORATED = re.compile(r"[\s\u00a0\u2009\u202f'_]")
MINUS = str.maketrans({"\u2212": "-", "\u2013": "-"})


class Wrong(NamedTuple):
    """What is wrong with a cell: the code, what was seen, what was expected."""

    code: str
    what: str
    expected: str


def value_of(column: Column, cell: str) -> tuple[object, Wrong | None]:
    """The value of a cell that is not blank, null when it cannot be read, and what is wrong."""
    if column.type == "str":
        return cell, look_alike(cell)
    if column.type == "bool":
        wrong = None if cell in {"yes", "no"} else Wrong("C208", f"seen {cell!r}", "yes or no")
        return None if wrong else cell == "yes", wrong
    if column.type in {"date", "datetime"}:
        return _instant(column, cell)
    return _number(column, cell)


def wanted(column: Column) -> str:
    """The meaning of a column with its unit, as the end of a sentence."""
    meaning = column.meaning.rstrip(".")
    meaning = meaning[:1].lower() + meaning[1:]
    return f"{meaning}, in {column.unit}" if column.unit not in {"", "1"} else meaning


def look_alike(cell: str) -> Wrong | None:
    """What is wrong with a word in which two alphabets meet."""
    letters = mixed(cell)
    if not letters:
        return None
    plain = latin(cell)
    expected = "one alphabet in a word" if foreign(plain) else repr(plain)
    return Wrong("C207", f"seen {cell!r}, with letters not Latin: {named(letters)}", expected)


def _number(column: Column, cell: str) -> tuple[object, Wrong | None]:
    if not (cell.isascii() and "_" not in cell):
        return None, _not_a_number(column, cell)
    try:
        value: float = int(cell) if column.type == "int" else float(cell)
    except ValueError:
        return None, _not_a_number(column, cell)
    if not isfinite(value):
        return None, Wrong("C202", f"seen {cell!r}", f"a number: {wanted(column)}")
    return value, None


def _not_a_number(column: Column, cell: str) -> Wrong:
    seen = f"seen {cell!r}"
    if COMMA.match(cell):
        return Wrong("C203", seen, f"a decimal point: {cell.replace(',', '.')}")
    plain = _plain(cell)
    if plain is not None and column.type == "int" and not plain.is_integer():
        return Wrong("C209", seen, f"a whole number: {wanted(column)}")
    if plain is not None:
        return Wrong("C202", seen, f"digits and a point alone: {plain:.15g}")
    measured = split(cell)
    if measured is not None:
        return Wrong("C204", seen, f"the bare number{_converted(column, *measured)}")
    return Wrong("C202", seen, f"a number: {wanted(column)}")


def _converted(column: Column, value: float, unit: str) -> str:
    """The number in the unit of the column where that is known."""
    try:
        return f" in {column.unit}: {convert(value, unit, to=column.unit):.6g}"
    except Fault:
        return f": {wanted(column)}"


def _plain(cell: str) -> float | None:
    """The number that a decorated one stands for: spaces in thousands, O for 0, a long minus."""
    bare = DECORATED.sub("", latin(cell).translate(MINUS))
    bare = re.sub(r"(?<=\d)[oO]|[oO](?=\d)", "0", bare)
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", bare):
        bare = bare.replace(",", "")
    if re.fullmatch(r"[+-]?\d+,\d+", bare):
        bare = bare.replace(",", ".")
    try:
        value = float(bare)
    except ValueError:
        return None
    return value if isfinite(value) else None


def _instant(column: Column, cell: str) -> tuple[object, Wrong | None]:
    try:
        if column.type == "date":
            return date.fromisoformat(cell), None
        instant = datetime.fromisoformat(cell)
    except ValueError:
        like = "2023-04-01" if column.type == "date" else "2023-04-01T08:30:00+05:00"
        return None, Wrong("C210", f"seen {cell!r}", f"an ISO 8601 date, as {like}")
    if instant.tzinfo is None:
        return None, Wrong("C210", f"seen {cell!r} without a zone", f"an offset: {cell}+05:00")
    return instant.astimezone(UTC), None
