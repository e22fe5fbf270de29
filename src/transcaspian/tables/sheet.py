"""The text of one file as rows of cells, and the place of each cell for showing it in a fault."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace

from transcaspian.errors import Fault, Where

SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file cut into a header, rows of cells, and the lines on which the rows begin."""

    file: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[str, ...]
    numbers: tuple[int, ...]

    def where(self, row: int, column: str = "") -> Where:
        """The place of a cell: the row before it, the row itself and the mark under the cell.

        Rows count from 1 below the header, lines from 1 at the header, as editors and
        spreadsheets count them.
        """
        at = row - 1
        shown = [
            (self.numbers[number] + 1, self.lines[self.numbers[number]])
            for number in (at - 1, at)
            if 0 <= number < len(self.numbers)
        ]
        known = shown and column in self.header
        mark = span(shown[-1][1], self.header.index(column)) if known else None
        return Where(file=self.file, row=row, column=column, lines=tuple(shown), mark=mark)

    def at_header(self, column: str) -> Where:
        """The place of a word of the header."""
        line = self.lines[0] if self.lines else ""
        mark = span(line, self.header.index(column)) if column in self.header else None
        return Where(file=self.file, column=column, lines=((1, line),), mark=mark)

    def placed(self, fault: Fault) -> Fault:
        """The fault with the lines it speaks of, when it names a row of this file."""
        where = fault.where
        if where.file != self.file or where.row is None or where.lines:
            return fault
        if not 0 < where.row <= len(self.rows):
            return fault
        return Fault(
            fault.code,
            fault.what,
            where=replace(self.where(where.row, where.column), more=where.more),
            expected=fault.expected,
            nearest=fault.nearest,
            hint=fault.hint,
        )


def sheet_of(text: str, file: str) -> Sheet:
    """The rows of a CSV text; empty lines are skipped.

    Errors: C110 when a quote never closes.
    """
    plain = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    reader = csv.reader(io.StringIO(plain), strict=True)
    rows: list[tuple[str, ...]] = []
    numbers: list[int] = []
    before = 0
    try:
        for row in reader:
            if row:
                rows.append(tuple(row))
                numbers.append(before)
            before = reader.line_num
    except csv.Error as error:
        raise _unclosed(plain, before, file) from error
    header = rows[0] if rows else ()
    return Sheet(file, header, tuple(rows[1:]), tuple(plain.split("\n")), tuple(numbers[1:]))


def _unclosed(text: str, before: int, file: str) -> Fault:
    line = text.split("\n")[before]
    at = max(line.rfind('"'), 0)
    return Fault(
        "C110",
        "a quote that does not close, or that stands inside a cell",
        where=Where(file=file, row=before, lines=((before + 1, line),), mark=(at, at + 1)),
        expected='"..." around the whole cell, and "" for a quote inside it',
    )


def span(line: str, place: int) -> tuple[int, int]:
    """Where the cell of a number begins and ends in a line, the line's end when it has none."""
    start, seen, quoted = 0, 0, False
    for at, letter in enumerate(line + ","):
        if letter == '"':
            quoted = not quoted
        elif letter == "," and not quoted:
            if seen == place:
                return start, max(at, start + 1)
            start, seen = at + 1, seen + 1
    return len(line), len(line) + 1


def decoded(data: bytes, file: str) -> str:
    """The text of some bytes.

    Errors: C106 when they are not UTF-8, with the line and the encoding they may be in.
    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        encoding = "UTF-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "WINDOWS-1251"
        raise Fault(
            "C106",
            f"byte {column} of line {line} is not UTF-8",
            where=Where(file=file),
            hint=f"save it as UTF-8, perhaps by: iconv -f {encoding} -t UTF-8 {file}",
        ) from error
