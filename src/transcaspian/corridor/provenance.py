"""What each cell rests on: its status, its source and its range."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from transcaspian.corridor.apply import keys
from transcaspian.corridor.corridor import Corridor
from transcaspian.corridor.tables import TABLES
from transcaspian.errors import Fault, Where
from transcaspian.tables.schema import STATUSES, Table

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
MOST = 20


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
        .cast(_SCHEMA)
    )  # type: ignore[arg-type]  # a schema is a mapping of names to types


def statuses(corridor: Corridor, *, tables: Iterable[str] = MODEL_READS) -> pl.DataFrame:
    """How many cells that a run reads rest on what.

    Shape: one row a status in the order of trust; cells, share.
    """
    every = pl.concat([cells(corridor, name) for name in tables])
    counts = dict(every.group_by("status").len().iter_rows())
    total = max(every.height, 1)
    return pl.DataFrame(
        {
            "status": list(STATUSES),
            "cells": [counts.get(status, 0) for status in STATUSES],
            "share": [counts.get(status, 0) / total for status in STATUSES],
        }
    )


def check_provenance(corridor: Corridor) -> list[Fault]:
    """Every estimated cell without a range, value outside its range, and range of no cell.

    Errors: C402, C403, C404.
    """
    every = pl.concat([cells(corridor, name) for name in TABLES])
    bare = every.filter(
        (pl.col("status") == "estimated") & (pl.col("low").is_null() | pl.col("high").is_null())
    )
    outside = every.filter(
        (pl.col("value") < pl.col("low") - 1e-9) | (pl.col("value") > pl.col("high") + 1e-9)
    )
    return [
        *(_fault("C402", row, "no range", "low and high in provenance.csv") for row in _rows(bare)),
        *(
            _fault("C403", row, f"seen {row['value']:g}", f"{row['low']:g} to {row['high']:g}")
            for row in _rows(outside)
        ),
        *_pointing_nowhere(corridor),
    ]


def _rows(frame: pl.DataFrame) -> list[dict[str, object]]:
    return frame.head(MOST).to_dicts()


def _fault(code: str, row: dict[str, object], what: str, expected: str) -> Fault:
    where = Where(
        file=f"{row['table']}.csv", row=int(str(row["row"])) + 1, column=str(row["column"])
    )
    return Fault(code, f"{row['key']}: {what}", where=where, expected=expected)


def _pointing_nowhere(corridor: Corridor) -> list[Fault]:
    provenance = corridor.table("provenance").with_row_index("row")
    faults: list[Fault] = []
    for (name,), rows in provenance.group_by("table", maintain_order=True):
        table = TABLES.get(str(name))
        if table is None:
            faults += [_nowhere(row, "table") for row in _rows(rows)]
            continue
        faults += _of_table(rows, table, corridor)
    return faults


def _of_table(rows: pl.DataFrame, table: Table, corridor: Corridor) -> list[Fault]:
    known = keys(corridor.table(table.name), table).implode()
    no_row = rows.filter(~pl.col("key").is_in(known))
    no_column = rows.filter(~pl.col("column").is_in(list(table.names)))
    return [
        *(_nowhere(row, "key") for row in _rows(no_row)),
        *(_nowhere(row, "column") for row in _rows(no_column)),
    ]


def _nowhere(row: dict[str, object], part: str) -> Fault:
    where = Where(file="provenance.csv", row=int(str(row["row"])) + 1, column=part)
    return Fault("C404", f"no {part} {row[part]!r} in {row['table']}", where=where)
