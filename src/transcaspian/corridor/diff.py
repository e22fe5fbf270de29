"""What differs between two corridors, in cells and in words."""

from __future__ import annotations

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.corridor.tables import TABLES, keys

SCHEMA: pl.Schema = pl.Schema(
    [(name, pl.String()) for name in ("table", "key", "column", "before", "after")]
)
BOOKKEEPING = {"source", "status", "note"}


def diff(a: Corridor, b: Corridor) -> pl.DataFrame:
    """Every cell that differs, provenance left out.

    Shape: table, key, column, before, after; an added or dropped row is one row with column "*".
    """
    parts = [_table(name, a.table(name), b.table(name)) for name in TABLES if name != "provenance"]
    return pl.concat(parts) if parts else pl.DataFrame(schema=SCHEMA)


def _table(name: str, before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    if before is after or before.equals(after):
        return pl.DataFrame(schema=SCHEMA)
    old, new = _long(name, before), _long(name, after)
    here, there = set(keys(before, TABLES[name])), set(keys(after, TABLES[name]))
    both = old.join(new, on=["key", "column"], suffix="_new", maintain_order="left").filter(
        pl.col("value").ne_missing(pl.col("value_new"))
    )
    cells = both.select(
        pl.lit(name).alias("table"),
        "key",
        "column",
        pl.col("value").alias("before"),
        pl.col("value_new").alias("after"),
    )
    return pl.concat(
        [cells, _rows(name, there - here, "after"), _rows(name, here - there, "before")]
    )


def _long(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    words = frame.with_columns(pl.all().cast(pl.String), keys(frame, TABLES[name]))
    return words.unpivot(index="key", variable_name="column", value_name="value")


def _rows(name: str, found: set[str], side: str) -> pl.DataFrame:
    rows = [
        {"table": name, "key": key, "column": "*", "before": None, "after": None, side: "a row"}
        for key in sorted(found)
    ]
    return pl.DataFrame(rows, schema=SCHEMA)


def in_words(cells: pl.DataFrame) -> str:
    """The differences as one sentence a table, for people."""
    told = cells.filter(~pl.col("column").is_in(list(BOOKKEEPING)))
    if told.is_empty():
        return "changes nothing"
    sentences = [
        _sentence(str(name[0]), rows) for name, rows in told.group_by("table", maintain_order=True)
    ]
    return "; ".join(sentences) + "; nothing else."


def _sentence(name: str, rows: pl.DataFrame, *, most: int = 6) -> str:
    phrases = [_phrase(name, row) for row in rows.head(most).iter_rows(named=True)]
    rest = rows.height - most
    more = [f"and {rest} more"] if rest > 0 else []
    return f"in {name}: " + ", ".join(phrases + more)


def _phrase(name: str, row: dict[str, str | None]) -> str:
    if row["column"] == "*":
        return f"adds {row['key']}" if row["after"] else f"drops {row['key']}"
    column = TABLES[name].column(str(row["column"]))
    unit = f" {column.unit}" if column.unit and column.unit != "1" else ""
    return (
        f"{column.name} of {row['key']} ({_value(row['before'])} -> {_value(row['after'])}{unit})"
    )


def _value(word: str | None) -> str:
    if word is None:
        return "blank"
    try:
        return f"{float(word):g}"
    except ValueError:
        return word
