"""Rows that break a rule, told as faults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.errors import Fault, Where
from transcaspian.tables.check import MOST, rest

Row = dict[str, Any]
Phrase = Callable[[Row], str]


def numbered(corridor: Corridor, name: str) -> pl.DataFrame:
    """A table whose column `row` numbers its rows from 0."""
    return corridor.table(name).with_row_index("row")


def told(
    rows: pl.DataFrame, code: str, *, at: str, what: Phrase, expected: Phrase | str
) -> list[Fault]:
    """A fault for each of the first rows, the last with the count of the rest.

    `at` is the table and column of the mark, `links.destination`.
    """
    name, _, column = at.partition(".")
    say = expected if callable(expected) else lambda _: expected
    return [
        Fault(
            code,
            what(row),
            where=Where(
                file=f"{name}.csv",
                row=row["row"] + 1,
                column=column,
                more=rest(rows.height, number),
            ),
            expected=say(row),
        )
        for number, row in enumerate(rows.head(MOST).iter_rows(named=True))
    ]
