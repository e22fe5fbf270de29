"""What each cell rests on: its status, its source and its range."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.corridor.tables import TABLES, keys
from transcaspian.errors import Fault, Where, nearest
from transcaspian.tables.check import MOST, rest
from transcaspian.tables.parse import schema_of
from transcaspian.tables.schema import STATUSES

SLACK = 1e-9  # what arithmetic may add to a value
Row = dict[str, Any]
MODEL_READS = (
    "modes",
    "places",
    "links",
    "calendars",
    "resources",
    "stages",
    "closures",
    "fleets",
    "calls",
    "seasons",
    "flows",
    "tariffs",
)


def cells(corridor: Corridor, name: str) -> pl.DataFrame:
    """The cited cells of one table, with what each rests on.

    Shape: table, key, column, row (0 is the first), value, status, source, low, high.
    """
    table = TABLES[name]
    frame = corridor.table(name)
    cited = [column.name for column in table.columns if column.cited]
    if not cited or frame.is_empty():
        return pl.DataFrame(schema=_SCHEMA)
    sourcing = ["status", "source"] if table.sourced else []
    long = (
        frame.with_columns(
            keys(frame, table),
            pl.int_range(pl.len()).alias("row"),
            *(pl.col(column).cast(pl.Float64) for column in cited),
        )
        .select("key", "row", *sourcing, *cited)
        .unpivot(
            on=cited, index=["key", "row", *sourcing], variable_name="column", value_name="measured"
        )
        .drop_nulls("measured")
    )
    if not sourcing:
        long = long.with_columns(status=pl.lit("published"), source=pl.lit(""))
    return _overridden(long, corridor.table("provenance"), name)


_SCHEMA = {
    "table": pl.String,
    "key": pl.String,
    "column": pl.String,
    "row": pl.Int64,
    "value": pl.Float64,
    "status": pl.String,
    "source": pl.String,
    "low": pl.Float64,
    "high": pl.Float64,
}


def _overridden(long: pl.DataFrame, provenance: pl.DataFrame, name: str) -> pl.DataFrame:
    own = provenance.filter(pl.col("table") == name).select(
        "key",
        "column",
        "low",
        "high",
        pl.col("status").alias("own_status"),
        pl.col("source").alias("own_source"),
    )
    return (
        long.join(own, on=["key", "column"], how="left", maintain_order="left")
        .select(
            pl.lit(name).alias("table"),
            "key",
            "column",
            "row",
            pl.col("measured").alias("value"),
            pl.coalesce("own_status", "status").alias("status"),
            pl.coalesce("own_source", "source").alias("source"),
            "low",
            "high",
        )
        .cast(pl.Schema(_SCHEMA))
    )


def statuses(corridor: Corridor, *, tables: Iterable[str] = MODEL_READS) -> pl.DataFrame:
    """How many cells that a run reads rest on what.

    Shape: one row a status in the order of trust; cells, share.
    """
    counts = dict(
        statuses_by_table(corridor, tables=tables)
        .group_by("status", maintain_order=True)
        .agg(pl.col("cells").sum())
        .iter_rows()
    )
    total = max(sum(counts.values()), 1)
    return pl.DataFrame(
        {
            "status": list(STATUSES),
            "cells": [counts.get(status, 0) for status in STATUSES],
            "share": [counts.get(status, 0) / total for status in STATUSES],
        }
    )


def statuses_by_table(corridor: Corridor, *, tables: Iterable[str] = MODEL_READS) -> pl.DataFrame:
    """How many cited cells of each table rest on what.

    Shape: one row a table and status that occurs, tables in the order given; table, status, cells.
    """
    order = pl.Enum(list(STATUSES))
    every = pl.concat([cells(corridor, name) for name in tables])
    counted = every.group_by("table", "status", maintain_order=True).agg(pl.len().alias("cells"))
    place = {name: at for at, name in enumerate(counted["table"].unique(maintain_order=True))}
    return (
        counted.cast({"cells": pl.Int64})
        .sort(pl.col("table").replace_strict(place, default=0), pl.col("status").cast(order))
        .select("table", "status", "cells")
    )


def recorded(provenance: pl.DataFrame, changed: pl.DataFrame) -> pl.DataFrame:
    """The provenance with some cells' rows in place of what it said of them.

    Shape: `changed` has the columns of provenance.csv.
    """
    cell = ["table", "key", "column"]
    old = provenance.join(changed, on=cell, how="anti", maintain_order="left")
    new = changed.select(provenance.columns).cast(pl.Schema(schema_of(TABLES["provenance"])))
    return pl.concat([old, new])


def check_provenance(corridor: Corridor, *, tables: Collection[str] = tuple(TABLES)) -> list[Fault]:
    """Every estimated cell without a range, value outside its range, and range of no cell.

    Errors: C402, C403, C404.
    """
    every = pl.concat([cells(corridor, name) for name in TABLES if name in tables])
    bare = every.filter(
        (pl.col("status") == "estimated") & (pl.col("low").is_null() | pl.col("high").is_null())
    )
    outside = every.filter(
        (pl.col("value") < pl.col("low") - SLACK) | (pl.col("value") > pl.col("high") + SLACK)
    )
    return [
        *_each(bare, "C402", what=lambda _: "no range", expected="low and high in provenance.csv"),
        *_each(outside, "C403", what=lambda row: f"seen {row['value']:g}", expected=_range),
        *_pointing_nowhere(corridor, tables),
    ]


def _range(row: Row) -> str:
    low = "no low" if row["low"] is None else f"{row['low']:g}"
    high = "no high" if row["high"] is None else f"{row['high']:g}"
    return f"{low} to {high}"


def _each(
    frame: pl.DataFrame,
    code: str,
    *,
    what: Callable[[Row], str],
    expected: Callable[[Row], str] | str,
) -> list[Fault]:
    """A fault for the first cells of each column, the last with the count of the rest."""
    faults: list[Fault] = []
    for _, part in frame.group_by("table", "column", maintain_order=True):
        for number, row in enumerate(part.head(MOST).iter_rows(named=True)):
            where = Where(
                file=f"{row['table']}.csv",
                row=row["row"] + 1,
                column=row["column"],
                more=rest(part.height, number),
            )
            right = expected if isinstance(expected, str) else expected(row)
            faults.append(Fault(code, f"{row['key']}: {what(row)}", where=where, expected=right))
    return faults


def _pointing_nowhere(corridor: Corridor, tables: Collection[str]) -> list[Fault]:
    provenance = corridor.table("provenance").with_row_index("row")
    lost = provenance.filter(~pl.col("table").is_in(list(TABLES)))
    faults = [
        _nowhere(row, "table", f"no table {row['table']!r}", known=TABLES)
        for row in lost.head(MOST).iter_rows(named=True)
    ]
    for (name,), rows in provenance.group_by("table", maintain_order=True):
        if str(name) in tables:
            faults += _of_table(rows, str(name), corridor)
    return faults


def _of_table(rows: pl.DataFrame, name: str, corridor: Corridor) -> list[Fault]:
    """The rows of one table that point at no column, at no row, or at a blank cell."""
    table, frame = TABLES[name], corridor.table(name)
    known = keys(frame, table)
    unnamed = rows.filter(~pl.col("column").is_in(list(table.names)))
    lost = rows.filter(~pl.col("key").is_in(known.implode()))
    faults = [
        _nowhere(row, "column", f"no column {row['column']!r} in {name}", known=table.names)
        for row in unnamed.head(MOST).iter_rows(named=True)
    ]
    for (key,), part in lost.group_by("key", maintain_order=True):
        more = f", {part.height} times" if part.height > 1 else ""
        what = f"no key {key!r} in {name}{more}"
        faults.append(_nowhere(part.row(0, named=True), "key", what, known=known))
    blank = _blank(rows, frame.with_columns(known)).head(MOST)
    return faults + [
        _nowhere(row, "column", f"{row['column']} of {row['key']} is blank")
        for row in blank.iter_rows(named=True)
    ]


def _blank(rows: pl.DataFrame, keyed: pl.DataFrame) -> pl.DataFrame:
    """The rows that speak of a cell which is blank."""
    parts = [rows.clear()]
    for (column,), part in rows.group_by("column", maintain_order=True):
        if column in keyed.columns:
            empty = keyed.filter(pl.col(str(column)).is_null()).select("key")
            parts.append(part.join(empty, on="key", how="semi", maintain_order="left"))
    return pl.concat(parts)


def _nowhere(row: Row, part: str, what: str, *, known: Iterable[str] = ()) -> Fault:
    where = Where(file="provenance.csv", row=row["row"] + 1, column=part)
    return Fault("C404", what, where=where, nearest=nearest(str(row[part]), known))
