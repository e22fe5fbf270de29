"""A frame against its declaration: keys, ranges, words, references."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from transcaspian.errors import Fault, Where, nearest
from transcaspian.tables.schema import Column, Table
from transcaspian.tables.vocabulary import codes

MOST = 20


def check_frame(frame: pl.DataFrame, table: Table, *, file: str) -> list[Fault]:
    """Every fault of one frame on its own: blanks, ranges, words, codes, duplicate keys."""
    faults = [fault for column in table.all_columns for fault in _column(frame, column, file)]
    return faults + _duplicates(frame, table, file)


def _column(frame: pl.DataFrame, column: Column, file: str) -> list[Fault]:
    values = frame[column.name]
    faults: list[Fault] = []
    if not column.null:
        blank = values.is_null()
        if values.dtype == pl.String:
            blank = blank | (values == "").fill_null(value=False)
        code = "C401" if column.name in {"source", "status"} else "C201"
        faults += _each(frame, blank, code, column, file, expected=column.meaning)
    if values.dtype.is_numeric():
        faults += _each(
            frame, _outside(values, column), "C205", column, file, expected=_bounds(column)
        )
    allowed = column.choices or (codes(column.vocabulary) if column.vocabulary else ())
    if allowed:
        code = "C303" if column.vocabulary else "C206"
        faults += _words(frame, column, allowed, code=code, file=file)
    return faults


def _outside(values: pl.Series, column: Column) -> pl.Series:
    wrong = (
        ~values.is_finite() if values.dtype.is_float() else values.is_null() & values.is_not_null()
    )
    if column.least is not None:
        wrong = wrong | (values < column.least)
    if column.most is not None:
        wrong = wrong | (values > column.most)
    if column.above is not None:
        wrong = wrong | (values <= column.above)
    return wrong.fill_null(value=False)


def _bounds(column: Column) -> str:
    parts = [column.unit] if column.unit else []
    parts += [f"{column.least:g} or more"] if column.least is not None else []
    parts += [f"above {column.above:g}"] if column.above is not None else []
    parts += [f"{column.most:g} at most"] if column.most is not None else []
    return ", ".join(parts)


def _each(  # what a fault needs
    frame: pl.DataFrame, wrong: pl.Series, code: str, column: Column, file: str, *, expected: str
) -> list[Fault]:
    rows = wrong.arg_true().to_list()[:MOST]
    return [
        Fault(
            code,
            f"seen {_seen(frame[column.name][row])}",
            expected=expected,
            where=Where(file=file, row=row + 1, column=column.name),
        )
        for row in rows
    ]


def _seen(value: object) -> str:
    return "a blank" if value is None or value == "" else repr(value)


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
    ).filter(pl.col("value").is_not_null())


def _words(
    frame: pl.DataFrame, column: Column, allowed: tuple[str, ...], *, code: str, file: str
) -> list[Fault]:
    wrong = _values(frame, column).filter(~pl.col("value").is_in(list(allowed)))
    expected = (
        "one of " + ", ".join(allowed) if len(allowed) <= MOST else f"a code of {column.vocabulary}"
    )
    return [
        Fault(
            code,
            f"seen {value!r}",
            expected=expected,
            nearest=nearest(value, allowed),
            where=Where(file=file, row=row + 1, column=column.name),
        )
        for row, value in wrong.head(MOST).iter_rows()
    ]


def _duplicates(frame: pl.DataFrame, table: Table, file: str) -> list[Fault]:
    twice = frame.select(list(table.key)).is_duplicated()
    if not twice.any():
        return []
    first: dict[tuple[object, ...], int] = {}
    faults: list[Fault] = []
    for row in twice.arg_true().to_list():
        value = tuple(frame[name][row] for name in table.key)
        if value in first:
            faults.append(
                Fault(
                    "C301",
                    f"key {_key(value)} stands in row {first[value] + 1} already",
                    expected=f"one row for each {' and '.join(table.key)}",
                    where=Where(file=file, row=row + 1, column=table.key[0]),
                )
            )
        else:
            first[value] = row
    return faults[:MOST]


def _key(value: tuple[object, ...]) -> str:
    return "/".join(str(part) for part in value)


def check_references(
    frames: Mapping[str, pl.DataFrame], tables: Mapping[str, Table]
) -> list[Fault]:
    """Every name in a reference column that its table does not hold."""
    faults: list[Fault] = []
    known: dict[str, list[str]] = {}
    for name, table in tables.items():
        for column in table.all_columns:
            if not column.references or name not in frames:
                continue
            if column.references not in known:
                target, key = column.references.split(".")
                known[column.references] = frames[target][key].to_list() if target in frames else []
            faults += _dangling(frames[name], column, known[column.references], file=f"{name}.csv")
    return faults


def _dangling(frame: pl.DataFrame, column: Column, known: list[str], *, file: str) -> list[Fault]:
    target, key = column.references.split(".")
    wrong = _values(frame, column).filter(~pl.col("value").is_in(known))
    return [
        Fault(
            "C302",
            f"seen {value!r}",
            expected=f"a {key} of {target}.csv ({len(known)} rows)",
            nearest=nearest(value, known),
            where=Where(file=file, row=row + 1, column=column.name),
        )
        for row, value in wrong.head(MOST).iter_rows()
    ]
