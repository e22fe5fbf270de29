"""Rows and cells of one table under one change: which are meant, and what they become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from transcaspian.corridor.patch import Change, Patch, Value, Values
from transcaspian.corridor.tables import TABLES
from transcaspian.errors import Fault, Where, nearest
from transcaspian.tables.cells import wanted
from transcaspian.tables.parse import schema_of
from transcaspian.tables.schema import Column, Table

NUMBERS = {"int", "float"}


def fault(
    code: str,
    what: str,
    patch: Patch,
    *,
    expected: str = "",
    near: tuple[str, ...] = (),
    hint: str = "",
) -> Fault:
    """A fault of a patch."""
    where = Where(file=f"{patch.name}.toml")
    return Fault(code, what, where=where, expected=expected, nearest=near, hint=hint)


def table_of(name: str, patch: Patch) -> Table:
    """The declaration of a table that a patch names.

    Errors: P105 when there is none.
    """
    if name not in TABLES:
        raise fault("P105", f"no table {name!r}", patch, near=nearest(name, TABLES))
    return TABLES[name]


def column_of(table: Table, name: str, patch: Patch) -> Column:
    """The declaration of a column that a patch names.

    Errors: P105 when there is none.
    """
    if name not in table.names:
        what = f"table {table.name} has no column {name!r}"
        raise fault("P105", what, patch, near=nearest(name, table.names))
    return table.column(name)


def matching(frames: Mapping[str, pl.DataFrame], change: Change, *, patch: Patch) -> pl.Series:
    """Which rows a change is about.

    A name with dots follows what its columns refer to: of stages, `procedure.place` is the place of
    the procedure that a stage belongs to.

    Errors: P103 when there is none, P105 for an unknown column or one that refers to no table.
    """
    table = TABLES[change.table]
    mask = pl.repeat(value=True, n=frames[table.name].height, eager=True)
    for path, value in change.where.items():
        values = value if isinstance(value, list) else [value]
        hit = _reached(frames, table, path, values=values, patch=patch)
        if not hit.any():
            raise _nowhere(frames, table, path, values=values, patch=patch)
        mask = mask & hit
    if not mask.any():
        raise fault(
            "P103",
            f"no row of {change.table} has {_condition(change)} together",
            patch,
            hint=f"transcaspian show {change.table}",
        )
    return mask


def _reached(
    frames: Mapping[str, pl.DataFrame],
    table: Table,
    path: str,
    *,
    values: Sequence[Value],
    patch: Patch,
) -> pl.Series:
    """Where a column, or the one that a name with dots leads to, holds one of the values."""
    name, _, further = path.partition(".")
    column = column_of(table, name, patch)
    own = frames[table.name][name]
    if not further:
        return _hits(own, values, column=column)
    other, key = _referred(table, column, patch)
    there = _reached(frames, other, further, values=values, patch=patch)
    meant = frames[other.name][key].filter(there).cast(pl.String)
    words = own.cast(pl.String)
    if column.many:
        lists = words.str.split(";")
        hit = lists.list.eval(pl.element().is_in(meant.implode())).list.any()
    else:
        hit = words.is_in(meant.implode())
    return hit.fill_null(value=False)


def _referred(table: Table, column: Column, patch: Patch) -> tuple[Table, str]:
    """The table that a column refers to, and the column of it that is named there.

    Errors: P105 when it refers to none.
    """
    target, _, key = column.references.partition(".")
    if not target:
        leads = [each.name for each in table.all_columns if each.references]
        raise fault(
            "P105",
            f"column {column.name!r} of table {table.name} refers to no other table",
            patch,
            expected=f"one of {', '.join(leads)} before a dot" if leads else "no dot",
            near=nearest(column.name, leads),
        )
    return TABLES[target], key


def _nowhere(
    frames: Mapping[str, pl.DataFrame],
    table: Table,
    path: str,
    *,
    values: Sequence[Value],
    patch: Patch,
) -> Fault:
    """The fault of a condition that no row meets, with the nearest of the words it could be."""
    end, names = table, path.split(".")
    for name in names[:-1]:
        end, _ = _referred(end, end.column(name), patch)
    held = frames[end.name][names[-1]].cast(pl.String)
    words = held.drop_nulls().unique().sort().to_list()
    said = " or ".join(_word(each) for each in values)
    return fault(
        "P103",
        f"no row of {table.name} has {path} = {said}",
        patch,
        near=nearest(_word(values[0]), words) if values else (),
        hint=f"transcaspian show {end.name}",
    )


def _hits(values: pl.Series, wanted_: Sequence[Value], *, column: Column) -> pl.Series:
    """Where a column holds one of the values; an empty word means a blank."""
    blank = values.is_null() if "" in wanted_ else pl.repeat(value=False, n=len(values), eager=True)
    if column.type in NUMBERS:
        numbers = [float(each) for each in wanted_ if isinstance(each, (int, float))]
        hit = values.cast(pl.Float64).is_in(numbers)
    else:
        hit = values.cast(pl.String).is_in([_word(each) for each in wanted_])
    return hit.fill_null(value=False) | blank


def _condition(change: Change) -> str:
    said = {
        name: " or ".join(_word(each) for each in value) if isinstance(value, list) else value
        for name, value in change.where.items()
    }
    return " and ".join(f"{name} = {_word(value)}" for name, value in said.items())


def _word(value: Value) -> str:
    if value == "":
        return "blank"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _value(column: Column, value: Values | None, *, patch: Patch) -> Value | None:
    """A value as its column holds it.

    Errors: P105 when it is of another type.
    """
    right: dict[str, tuple[type, ...]] = {"int": (int,), "float": (int, float), "bool": (bool,)}
    if column.many and isinstance(value, list):
        value = ";".join(str(each) for each in value)
    if column.type == "int" and isinstance(value, float) and value.is_integer():
        value = int(value)
    flag = isinstance(value, bool) and column.type != "bool"
    if value is not None and (
        flag or isinstance(value, list) or not isinstance(value, right.get(column.type, (str,)))
    ):
        kinds = {"int": "whole number", "float": "number", "bool": "true or false"}
        raise fault(
            "P105",
            f"{column.name} = {value!r}",
            patch,
            expected=f"{kinds.get(column.type, 'word')}: {wanted(column)}",
        )
    return value if isinstance(value, (str, int, float)) else None


def appended(
    frame: pl.DataFrame, table: Table, *, row: dict[str, Values], patch: Patch
) -> pl.DataFrame:
    """A table with a new row; what the row leaves out takes its default.

    Errors: P105 for an unknown column or a value of another type.
    """
    given = {name: _value(column_of(table, name, patch), row[name], patch=patch) for name in row}
    full = {column.name: given.get(column.name, column.default) for column in table.all_columns}
    if table.sourced:
        full["source"] = given.get("source", patch.source)
        full["status"] = given.get("status", patch.status)
    return pl.concat([frame, pl.DataFrame([full], schema=schema_of(table))])


def written(
    frame: pl.DataFrame, change: Change, *, mask: pl.Series, table: Table, patch: Patch
) -> pl.DataFrame:
    """A table with the cells of a change written.

    Errors: P105 for an unknown column, a value of another type, or arithmetic on words or blanks.
    """
    updates: list[pl.Series] = []
    for name, amount in change.amounts.items():
        column = column_of(table, name, patch)
        if change.verb != "set" and column.type not in NUMBERS:
            raise fault("P105", f"{change.verb} of {name!r}, which holds no numbers", patch)
        if change.verb != "set" and frame[name].filter(mask).is_null().all():
            what = f"{change.verb} of {name!r}, which is blank in every row meant"
            raise fault("P105", what, patch, expected="set, which fills blanks")
        value = amount if change.verb == "scale" else _value(column, amount, patch=patch)
        updates.append(_updated(frame[name], mask, verb=change.verb, amount=value))
    return frame.with_columns(updates)


def _updated(values: pl.Series, mask: pl.Series, *, verb: str, amount: Values | None) -> pl.Series:
    if verb == "set":
        new = pl.repeat(amount, n=len(values), dtype=values.dtype, eager=True)
    elif verb == "scale":
        new = values * amount  # type: ignore[operator]  # numeric columns only
        new = new.round(0) if values.dtype.is_integer() else new
    else:
        new = values + amount  # type: ignore[operator]  # as above
    return new.cast(values.dtype).zip_with(mask, values).alias(values.name)
