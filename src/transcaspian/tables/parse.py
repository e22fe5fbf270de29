"""Text to a frame that obeys its declaration, or every reason why not."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import polars as pl

from transcaspian.errors import Fault, Where, nearest
from transcaspian.tables.schema import Column, Table

DTYPES: dict[str, pl.DataType] = {
    "str": pl.String(),
    "int": pl.Int64(),
    "float": pl.Float64(),
    "bool": pl.Boolean(),
    "date": pl.Date(),
    "datetime": pl.Datetime("us", "UTC"),
}
COMMA = re.compile(r"^[+-]?\d+,\d+$")
UNIT = re.compile(r"^[+-]?\d+(\.\d+)?\s*[^\d\s.,eE+-][^\d]*$")
CYRILLIC = re.compile(r"[Ѐ-ӿ]")
LATIN = re.compile(r"[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Sheet:
    """The text of one file as numbered lines, for showing rows in faults."""

    file: str
    lines: tuple[str, ...]
    numbers: tuple[int, ...]

    def where(self, row: int, column: str = "", *, value: str = "", place: int = 0) -> Where:
        """The place of one cell: the row before it, the row itself and the mark under the cell."""
        index = row - 1
        shown = [
            (at + 1, self.lines[self.numbers[at]])
            for at in (index - 1, index)
            if 0 <= at < len(self.numbers)
        ]
        mark = _mark(shown[-1][1], value=value, place=place) if shown and column else None
        return Where(file=self.file, row=row, column=column, lines=tuple(shown), mark=mark)


def _mark(line: str, *, value: str, place: int) -> tuple[int, int]:
    start = 0
    quoted = False
    seen = 0
    for at, letter in enumerate(line):
        if seen == place:
            start = at
            break
        if letter == '"':
            quoted = not quoted
        elif letter == "," and not quoted:
            seen += 1
    else:
        start = len(line)
    return start, start + max(len(value), 1)


def empty(table: Table) -> pl.DataFrame:
    """A frame with the declared columns and no row."""
    return pl.DataFrame(schema=schema_of(table))


def schema_of(table: Table) -> dict[str, pl.DataType]:
    """The frame schema of a declaration."""
    return {column.name: DTYPES[column.type] for column in table.all_columns}


def parse(text: str, table: Table, *, file: str) -> tuple[pl.DataFrame, list[Fault]]:
    """The frame of a CSV text and all its faults; the frame is empty when the header is wrong.

    Errors: C101, C102, C104, C105, C107, and of cells C201 to C210.
    """
    faults = _layout(text, file)
    rows, sheet = _rows(text.lstrip("\ufeff").replace("\r\n", "\n"), file)
    if not rows:
        return empty(table), [*faults, Fault("C101", "the file is empty", where=Where(file=file))]
    header, body = rows[0], rows[1:]
    faults += _header(header, table, sheet)
    faults += _ragged(body, header, sheet)
    if faults and any(fault.code in {"C101", "C102", "C107"} for fault in faults):
        return empty(table), faults
    cells = {name: [row[at] for row in body] for at, name in enumerate(header)}
    data: dict[str, list[object]] = {}
    for column in table.all_columns:
        values, wrong = _column(column, cells[column.name], sheet, place=header.index(column.name))
        data[column.name] = values
        faults += wrong
    return pl.DataFrame(data, schema=schema_of(table)), faults


def _layout(text: str, file: str) -> list[Fault]:
    faults = []
    if text.startswith("\ufeff"):
        faults.append(
            Fault(
                "C104",
                "the file begins with a byte-order mark",
                where=Where(file=file),
                expected="plain UTF-8",
                hint="save it as UTF-8 without BOM",
            )
        )
    if "\r" in text:
        faults.append(
            Fault(
                "C105",
                "lines end in carriage return and line feed",
                where=Where(file=file),
                expected="line feeds alone",
                hint=f"sed -i 's/\\r$//' {file}",
            )
        )
    return faults


def _rows(text: str, file: str) -> tuple[list[list[str]], Sheet]:
    lines = text.split("\n")
    reader = csv.reader(io.StringIO(text))
    rows: list[list[str]] = []
    numbers: list[int] = []
    before = 0
    for row in reader:
        if row:
            rows.append(row)
            numbers.append(before)
        before = reader.line_num
    return rows, Sheet(file, tuple(lines), tuple(numbers[1:]))


def _header(header: Sequence[str], table: Table, sheet: Sheet) -> list[Fault]:
    faults = [
        Fault(
            "C101",
            f"no column {name!r}",
            where=Where(file=sheet.file, column=name),
            expected=table.column(name).meaning,
            nearest=nearest(name, header),
        )
        for name in table.names
        if name not in header
    ]
    faults += [
        Fault(
            "C102",
            f"column {name!r} is not declared",
            where=Where(file=sheet.file, column=name, lines=((0, ",".join(header)),)),
            expected="columns " + ", ".join(table.names),
            nearest=nearest(name, table.names),
        )
        for name in header
        if name not in table.names
    ]
    return faults


def _ragged(body: Sequence[Sequence[str]], header: Sequence[str], sheet: Sheet) -> list[Fault]:
    return [
        Fault(
            "C107",
            f"{len(row)} cells",
            where=sheet.where(at),
            expected=f"{len(header)}, as in the header",
            hint="quote a cell that holds a comma",
        )
        for at, row in enumerate(body, start=1)
        if len(row) != len(header)
    ]


def _column(
    column: Column, cells: Sequence[str], sheet: Sheet, *, place: int
) -> tuple[list[object], list[Fault]]:
    values: list[object] = []
    faults: list[Fault] = []
    for row, cell in enumerate(cells, start=1):
        value, wrong = _cell(column, cell.strip())
        if wrong is not None:
            code, what, expected, near = wrong
            faults.append(
                Fault(
                    code,
                    what,
                    expected=expected,
                    nearest=near,
                    where=sheet.where(row, column.name, value=cell, place=place),
                )
            )
        values.append(value)
    return values, faults


Wrong = tuple[str, str, str, tuple[str, ...]]


def _cell(column: Column, cell: str) -> tuple[object, Wrong | None]:
    if not cell:
        if column.null:
            return None, None
        what = "blank; blank is unknown, never zero"
        code = "C401" if column.name in {"source", "status"} else "C201"
        return None, (code, what, _wanted(column), ())
    if column.type == "str":
        return cell, _word(column, cell)
    if column.type == "bool":
        if cell in {"yes", "no"}:
            return cell == "yes", None
        return None, ("C208", f"seen {cell!r}", "yes or no", ())
    if column.type in {"date", "datetime"}:
        return _instant(column, cell)
    return _number(column, cell)


def _wanted(column: Column) -> str:
    unit = f" in {column.unit}" if column.unit not in {"", "1"} else ""
    return f"{column.meaning.rstrip('.')}{unit}"


def _word(column: Column, cell: str) -> Wrong | None:
    if column.choices and not column.many and cell not in column.choices:
        return (
            "C206",
            f"seen {cell!r}",
            "one of " + ", ".join(column.choices),
            nearest(cell, column.choices),
        )
    if CYRILLIC.search(cell) and LATIN.search(cell) and not cell.count(" "):
        letters = " ".join(sorted(set(CYRILLIC.findall(cell))))
        return (
            "C207",
            f"seen {cell!r}, which mixes Latin and Cyrillic letters ({letters})",
            "one alphabet",
            (),
        )
    return None


def _number(column: Column, cell: str) -> tuple[object, Wrong | None]:
    wanted = _wanted(column)
    if COMMA.match(cell):
        return None, ("C203", f"seen {cell!r}", f"a decimal point: {cell.replace(',', '.')}", ())
    try:
        value: float = int(cell) if column.type == "int" else float(cell)
    except ValueError:
        return None, _not_a_number(column, cell, wanted)
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124  # NaN
        return None, ("C202", f"seen {cell!r}", wanted, ())
    bounds = out_of_range(column, value)
    return value, ("C205", f"seen {cell}", f"{wanted}: {bounds}", ()) if bounds else None


def _not_a_number(column: Column, cell: str, wanted: str) -> Wrong:
    if UNIT.match(cell):
        return ("C204", f"seen {cell!r}", f"the bare number, {wanted}", ())
    if column.type == "int":
        try:
            float(cell)
        except ValueError:
            pass
        else:
            return ("C209", f"seen {cell!r}", f"a whole number, {wanted}", ())
    return ("C202", f"seen {cell!r}", f"a number, {wanted}", ())


def out_of_range(column: Column, value: float) -> str:
    """What the declaration allows, in words, when the value is outside it; else empty."""
    wrong = (
        (column.least is not None and value < column.least)
        or (column.most is not None and value > column.most)
        or (column.above is not None and value <= column.above)
    )
    if not wrong:
        return ""
    parts = [
        f"{column.least:g} or more" if column.least is not None else "",
        f"above {column.above:g}" if column.above is not None else "",
        f"{column.most:g} at most" if column.most is not None else "",
    ]
    return ", ".join(part for part in parts if part)


def _instant(column: Column, cell: str) -> tuple[object, Wrong | None]:
    try:
        if column.type == "date":
            return date.fromisoformat(cell), None
        value = datetime.fromisoformat(cell)
    except ValueError:
        return None, ("C210", f"seen {cell!r}", "an ISO 8601 date, as 2023-04-01", ())
    if value.tzinfo is None:
        return None, ("C210", f"seen {cell!r} without a zone", "an offset, as +00:00", ())
    return value.astimezone(UTC), None
