"""A frame against its declaration: blanks, ranges, words, keys, references."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import polars as pl

from transcaspian.errors import Fault, Where, nearest
from transcaspian.tables.cells import wanted
from transcaspian.tables.letters import foreign, latin, named
from transcaspian.tables.schema import Column, Table
from transcaspian.tables.vocabulary import codes

MOST = 5
"""How many faults of one kind in one column are told one by one."""


def check_frame(
    frame: pl.DataFrame, table: Table, *, file: str, skip: Collection[str] = ()
) -> list[Fault]:
    """Every fault of one frame on its own: blanks, ranges, words, codes, duplicate keys.

    Errors: C201, C205, C206, C207, C301, C303, C401. Columns in `skip` are not looked at.
    """
    faults = [
        fault
        for column in table.all_columns
        if column.name not in skip
        for fault in _column(frame, column, file)
    ]
    return faults if set(skip) & set(table.key) else faults + _duplicates(frame, table, file)


def _column(frame: pl.DataFrame, column: Column, file: str) -> list[Fault]:
    values = frame[column.name]
    faults: list[Fault] = []
    if not column.null:
        faults += _blanks(values, column, file)
    if values.dtype.is_numeric():
        faults += _ranges(values, column, file)
    allowed = column.choices or (codes(column.vocabulary) if column.vocabulary else ())
    if allowed:
        faults += _words(frame, column, allowed, file=file)
    return faults


def _blanks(values: pl.Series, column: Column, file: str) -> list[Fault]:
    blank = values.is_null()
    if values.dtype == pl.String:
        blank = blank | (values == "").fill_null(value=False)
    rows = blank.arg_true().to_list()
    if column.name in {"source", "status"}:
        code, what = "C401", f"no {column.name}"
    else:
        code, what = "C201", "blank, which is unknown and never zero"
    return _each(rows, code, column, file, what=[what] * len(rows), expected=wanted(column))


def _ranges(values: pl.Series, column: Column, file: str) -> list[Fault]:
    rows = _outside(values, column).arg_true().to_list()
    what = [f"seen {values[row]:g}" for row in rows[:MOST]]
    expected = f"{bounds(column)} ({wanted(column)})"
    return _each(rows, "C205", column, file, what=what, expected=expected)


def _outside(values: pl.Series, column: Column) -> pl.Series:
    wrong = values.is_not_null() & ~values.cast(pl.Float64).is_finite()
    if column.least is not None:
        wrong = wrong | (values < column.least)
    if column.most is not None:
        wrong = wrong | (values > column.most)
    if column.above is not None:
        wrong = wrong | (values <= column.above)
    return wrong.fill_null(value=False)


def bounds(column: Column) -> str:
    """The values that a column allows, in words."""
    low = f"above {column.above:g}" if column.above is not None else ""
    if column.least is not None and column.most is not None:
        return f"{column.least:g} to {column.most:g}"
    if column.least is not None:
        low = f"{column.least:g} or more"
    high = f"at most {column.most:g}" if column.most is not None else ""
    return " and ".join(part for part in (low, high) if part) or "a finite number"


def _each(  # what a fault needs
    rows: Sequence[int],
    code: str,
    column: Column,
    file: str,
    *,
    what: Sequence[str],
    expected: str,
) -> list[Fault]:
    """The first faults of one kind, the last of them with the count of the rest."""
    return [
        Fault(
            code,
            what[number],
            expected=expected,
            where=Where(
                file=file,
                row=row + 1,
                column=column.name,
                more=rest(len(rows), number),
            ),
        )
        for number, row in enumerate(rows[:MOST])
    ]


def rest(count: int, number: int) -> int:
    """How many of some faults are left untold, said with the last that is told."""
    return max(count - MOST, 0) if number == MOST - 1 else 0


def split(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """The values of a list column one a row, with the number of their row.

    Shape: columns row (0 is the first) and value.
    """
    return (
        frame.select(
            pl.int_range(pl.len()).alias("row"), pl.col(name).str.split(";").alias("value")
        )
        .explode("value")
        .with_columns(pl.col("value").str.strip_chars())
        .filter(pl.col("value").is_not_null() & (pl.col("value") != ""))
    )


def _values(frame: pl.DataFrame, column: Column) -> pl.DataFrame:
    if column.many:
        return split(frame, column.name)
    return frame.select(
        pl.int_range(pl.len()).alias("row"), pl.col(column.name).alias("value")
    ).filter(pl.col("value").is_not_null() & (pl.col("value").cast(pl.String) != ""))


def _words(
    frame: pl.DataFrame, column: Column, allowed: Sequence[str], *, file: str
) -> list[Fault]:
    code = "C303" if column.vocabulary else "C206"
    expected = (
        f"a code of {column.vocabulary}" if column.vocabulary else "one of " + ", ".join(allowed)
    )
    return _unknown(frame, column, allowed, code=code, file=file, expected=expected)


def _unknown(  # what a fault needs
    frame: pl.DataFrame,
    column: Column,
    known: Sequence[str],
    *,
    code: str,
    file: str,
    expected: str,
) -> list[Fault]:
    wrong = _values(frame, column).filter(~pl.col("value").is_in(list(known)))
    faults: list[Fault] = []
    for number, (row, value) in enumerate(wrong.head(MOST).iter_rows()):
        more = rest(wrong.height, number)
        where = Where(file=file, row=row + 1, column=column.name, more=more)
        plain = latin(str(value))
        if plain != value and plain in known:
            what = f"seen {value!r}, with letters not Latin: {named(foreign(value))}"
            faults.append(Fault("C207", what, where=where, expected=repr(plain)))
            continue
        like = nearest(plain, known)
        faults.append(Fault(code, f"seen {value!r}", where=where, expected=expected, nearest=like))
    return faults


def _duplicates(frame: pl.DataFrame, table: Table, file: str) -> list[Fault]:
    keys = frame.select(list(table.key))
    twice = keys.is_duplicated() & ~keys.select(pl.any_horizontal(pl.all().is_null())).to_series()
    if not twice.any():
        return []
    first: dict[tuple[object, ...], int] = {}
    again: list[tuple[int, str]] = []
    for row in twice.arg_true().to_list():
        value = keys.row(row)
        if first.setdefault(value, row) != row:
            said = "/".join(str(part) for part in value)
            at = f"line {first[value] + 2}" if file.endswith(".csv") else f"row {first[value] + 1}"
            again.append((row, f"key {said!r} stands in {at} already"))
    return _each(
        [row for row, _ in again],
        "C301",
        table.column(table.key[0]),
        file,
        what=[what for _, what in again],
        expected=f"one row for each {' and '.join(table.key)}",
    )


def check_references(
    frames: Mapping[str, pl.DataFrame], tables: Mapping[str, Table]
) -> list[Fault]:
    """Every name in a reference column that the table it points to does not hold.

    A column whose target is not among the frames is not looked at.

    Errors: C207, C302.
    """
    faults: list[Fault] = []
    for name, table in tables.items():
        if name not in frames:
            continue
        for column in table.all_columns:
            target, _, key = column.references.partition(".")
            if target in frames:
                held = frames[target][key].drop_nulls().to_list()
                faults += _unknown(
                    frames[name],
                    column,
                    held,
                    code="C302",
                    file=f"{name}.csv",
                    expected=f"a {key} of {target}.csv ({len(held)} {target})",
                )
    return faults
