"""The rows of a form's file, one at a time: CSV of any spreadsheet, or a workbook."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from transcaspian.errors import Fault, Where
from transcaspian.readers.forms.stamps import Habits
from transcaspian.tables.letters import seen

SIGNS = ",;\t|"
SAMPLE = 65536
BOOKS = (".xlsx", ".xls")
Row = tuple[int, Sequence[object]]


def rows_of(path: Path, habits: Habits) -> Iterator[Row]:
    """The rows with their number: 0 is the header, then from 1; empty rows are left out.

    Cells are as an eye sees them: marks of the direction of writing and the like are left out.

    Errors: C106 when the text is not in the wave's encoding, V115 for a workbook that cannot be
    opened.
    """
    found = _book(path) if path.suffix.lower() in BOOKS else _text(path, habits)
    number = 0
    for cells in found:
        if any(cell not in {None, ""} for cell in cells):
            yield number, cells
            number += 1


def _text(path: Path, habits: Habits) -> Iterator[Sequence[object]]:
    encoding = "utf-8-sig" if habits.encoding == "utf-8" else habits.encoding
    try:
        with path.open(encoding=encoding, newline="") as stream:
            sign = sign_of(stream.read(SAMPLE).partition("\n")[0])
            stream.seek(0)
            yield from ([seen(cell) for cell in row] for row in csv.reader(stream, delimiter=sign))
    except UnicodeDecodeError as error:
        raise Fault(
            "C106",
            f"bytes that are not {habits.encoding}",
            where=Where(file=path.name),
            hint='say how the forms are written, as `encoding = "cp1251"` in wave.toml',
        ) from error
    except csv.Error as error:
        raise Fault("C110", str(error), where=Where(file=path.name)) from error


def sign_of(header: str) -> str:
    """The sign that cuts the header into the most cells."""
    return max(SIGNS, key=header.count)


def _book(path: Path) -> Iterator[Sequence[object]]:
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415  # workbooks only

    try:
        with CalamineWorkbook.from_path(path) as book:
            for cells in book.get_sheet_by_index(0).iter_rows():
                yield [_cell(cell) for cell in cells]
    except (CalamineError, OSError) as error:
        raise Fault(
            "V115", f"not a workbook: {error}", where=Where(file=path.name), expected="XLSX or XLS"
        ) from error


def _cell(cell: object) -> object:
    """The cell as it was meant: a workbook keeps every number as a fraction."""
    if isinstance(cell, str):
        return seen(cell)
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell
