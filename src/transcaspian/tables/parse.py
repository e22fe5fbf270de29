"""Text to a frame that obeys its declaration, or every reason why not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import polars as pl

from transcaspian.errors import Fault, Where, nearest
from transcaspian.tables.cells import value_of
from transcaspian.tables.check import MOST, check_frame, rest
from transcaspian.tables.schema import Column, Table
from transcaspian.tables.sheet import SEPARATORS, Sheet, sheet_of

DTYPES: dict[str, pl.DataType] = {
    "str": pl.String(),
    "int": pl.Int64(),
    "float": pl.Float64(),
    "bool": pl.Boolean(),
    "date": pl.Date(),
    "datetime": pl.Datetime("us", "UTC"),
}
UNREADABLE = frozenset({"C101", "C106", "C107", "C110", "C111"})
"""Faults of the layout after which the rows say nothing about other tables."""


def empty(table: Table) -> pl.DataFrame:
    """A frame with the declared columns and no row."""
    return pl.DataFrame(schema=schema_of(table))


def schema_of(table: Table) -> dict[str, pl.DataType]:
    """The frame schema of a declaration."""
    return {column.name: DTYPES[column.type] for column in table.all_columns}


def parse(text: str, table: Table, *, file: str) -> tuple[pl.DataFrame, list[Fault]]:
    """The frame of a CSV text and all its faults; a cell that cannot be read is null.

    Errors: of the layout C101 to C111, of cells C201 to C210, of keys and words C301 and C303.
    """
    faults = _marks(text, file)
    try:
        sheet = sheet_of(text, file)
    except Fault as fault:
        return empty(table), [*faults, fault]
    faults += _layout(sheet, table)
    if any(fault.code in {"C107", "C111"} for fault in faults) or not sheet.header:
        return empty(table), faults
    data: dict[str, list[object]] = {}
    for column in table.all_columns:
        data[column.name], wrong = _column(column, sheet)
        faults += wrong
    frame = pl.DataFrame(data, schema=schema_of(table))
    missing = [name for name in table.names if name not in sheet.header]
    bad = {(fault.where.row, fault.where.column) for fault in faults}
    faults += [
        sheet.placed(fault)
        for fault in check_frame(frame, table, file=file, skip=missing)
        if (fault.where.row, fault.where.column) not in bad
    ]
    return frame, faults


def _marks(text: str, file: str) -> list[Fault]:
    faults: list[Fault] = []
    if text.startswith("\ufeff"):
        faults.append(
            Fault(
                "C104",
                "the file begins with a byte-order mark",
                where=Where(file=file),
                expected="plain UTF-8",
                hint=f"save it as UTF-8 without BOM: sed -i '1s/^\\xEF\\xBB\\xBF//' {file}",
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


def _layout(sheet: Sheet, table: Table) -> list[Fault]:
    if not sheet.header:
        return [
            Fault(
                "C101",
                "the file is empty",
                where=Where(file=sheet.file),
                expected="a header: " + ",".join(table.names),
            )
        ]
    for sign, name in SEPARATORS.items():
        if len(sheet.header) == 1 and sign in sheet.header[0]:
            where = Where(file=sheet.file, lines=((1, sheet.lines[0]),))
            return [
                Fault(
                    "C111",
                    f"cells are separated by {name}",
                    where=where,
                    expected="commas",
                    hint="save it as CSV with commas, and with a point in numbers",
                )
            ]
    return [*_header(sheet, table), *_ragged(sheet)]


def _header(sheet: Sheet, table: Table) -> list[Fault]:
    header = sheet.header
    spare = [name for name in header if name not in table.names]
    lost = [
        column.name
        for column in table.all_columns
        if column.name not in header and not column.optional
    ]
    twice = [name for name, count in Counter(header).items() if count > 1]
    return [
        *(
            Fault(
                "C101",
                f"no column {name!r}",
                where=Where(file=sheet.file, column=name, lines=((1, sheet.lines[0]),)),
                expected=f"{name}: {table.column(name).meaning.rstrip('.')}",
                nearest=nearest(name, spare),
            )
            for name in lost
        ),
        *(
            Fault(
                "C102",
                f"column {name!r} is not declared",
                where=sheet.at_header(name),
                expected="columns " + ", ".join(table.names),
                nearest=nearest(name, lost),
            )
            for name in spare
        ),
        *(
            Fault("C102", f"column {name!r} stands twice", where=sheet.at_header(name))
            for name in twice
        ),
    ]


def _ragged(sheet: Sheet) -> list[Fault]:
    wrong = [at for at, row in enumerate(sheet.rows, start=1) if len(row) != len(sheet.header)]
    return [
        Fault(
            "C107",
            f"{len(sheet.rows[at - 1])} cells",
            where=replace(sheet.where(at), more=rest(len(wrong), number)),
            expected=f"{len(sheet.header)}, as in the header",
            hint="quote a cell that holds a comma",
        )
        for number, at in enumerate(wrong[:MOST])
    ]


def _column(column: Column, sheet: Sheet) -> tuple[list[object], list[Fault]]:
    missing = column.default if column.optional else None
    if column.name not in sheet.header:
        return [missing] * len(sheet.rows), []
    place = sheet.header.index(column.name)
    values: list[object] = []
    wrong: list[tuple[int, str, str, str]] = []
    for row, cells in enumerate(sheet.rows, start=1):
        cell = cells[place].strip()
        if not cell:
            values.append(missing)
            continue
        value, fault = value_of(column, cell)
        values.append(value)
        if fault is not None:
            wrong.append((row, fault.code, fault.what, fault.expected))
    return values, list(_told(wrong, column, sheet))


def _told(
    wrong: Sequence[tuple[int, str, str, str]], column: Column, sheet: Sheet
) -> Iterable[Fault]:
    """The first faults of each code in a column, the last of them with the count of the rest."""
    counts = Counter(code for _, code, _, _ in wrong)
    told: Counter[str] = Counter()
    for row, code, what, expected in wrong:
        told[code] += 1
        if told[code] > MOST:
            continue
        more = rest(counts[code], told[code] - 1)
        where = replace(sheet.where(row, column.name), more=more)
        yield Fault(code, what, where=where, expected=expected)
