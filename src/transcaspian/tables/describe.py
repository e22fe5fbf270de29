"""The page of the data model, made from the declarations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from transcaspian.tables.check import bounds
from transcaspian.tables.schema import SOURCING, Column, Table

TYPES = {
    "str": "word",
    "int": "whole number",
    "float": "number",
    "bool": "yes or no",
    "date": "date",
    "datetime": "instant",
}


def describe(table: Table) -> str:
    """The section of one table: what a row is, its key, and a line a column."""
    traits = [f"Key: {', '.join(f'`{name}`' for name in table.key)}."]
    traits.append(_sourcing(table))
    traits.append(f"Version {table.version}.")
    rows = [
        [f"`{column.name}`", _type(column), column.unit, _rules(column), column.meaning]
        for column in table.columns
    ]
    lines = _grid(["column", "type", "unit", "rules", "meaning"], rows)
    head = [f"### {table.name}", "", table.meaning, "", " ".join(traits), ""]
    return "\n".join([*head, *lines, ""])


def _sourcing(table: Table) -> str:
    names = " and ".join(f"`{column.name}`" for column in SOURCING)
    return f"Each row names its {names}." if table.sourced else "Rows name no source."


def _type(column: Column) -> str:
    return f"{TYPES[column.type]}s, by `;`" if column.many else TYPES[column.type]


def _rules(column: Column) -> str:
    rules: list[str] = []
    if column.optional:
        rules.append("may be left out")
    elif column.null:
        rules.append("may be blank")
    if (column.least, column.most, column.above) != (None, None, None):
        rules.append(bounds(column))
    if column.choices:
        rules.append(" \\| ".join(column.choices))
    if column.references:
        rules.append(f"of `{column.references}`")
    if column.vocabulary:
        rules.append(f"of [{column.vocabulary}](#{column.vocabulary})")
    if column.default is not None:
        rules.append(f"default {_word(column.default)}")
    if column.cited:
        rules.append("cited")
    return "; ".join(rules)


def _word(value: str | float | bool) -> str:  # noqa: FBT001  # a default may be a flag
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def describe_codes(name: str, codes: pl.DataFrame, *, columns: Iterable[str]) -> str:
    """The section of one code list, each code under its parent."""
    shown = list(columns)
    rows = [
        [f"{'&nbsp;' * 4 * depth}`{row['code']}`", *(row[column] or "" for column in shown)]
        for depth, row in _tree(codes)
    ]
    version = codes["version"].unique().sort().to_list()
    head = [f"### {name}", "", f"Version {', '.join(version)}; {codes.height} codes.", ""]
    return "\n".join([*head, *_grid(["code", *shown], rows), ""])


def _tree(codes: pl.DataFrame) -> list[tuple[int, dict[str, str | None]]]:
    """The codes depth first, each with its depth."""
    rows = list(codes.iter_rows(named=True))
    found: list[tuple[int, dict[str, str | None]]] = []

    def climb(parent: str | None, depth: int) -> None:
        for row in rows:
            if (row["parent"] or None) == parent:
                found.append((depth, row))
                climb(row["code"], depth + 1)

    climb(None, 0)
    return found


def page(groups: Mapping[str, Iterable[Table]], lists: Iterable[str]) -> str:
    """The whole page: a table of contents, the tables by group, the code lists."""
    parts = [INTRODUCTION]
    for title, tables in groups.items():
        held = list(tables)
        entries = [f"- [{table.name}](#{table.name}): {table.meaning}" for table in held]
        parts.append("\n".join([f"## {title}", "", *entries, ""]))
        parts += [describe(table) for table in held]
    return "\n".join([*parts, "## Code lists", "", *lists]).rstrip() + "\n"


INTRODUCTION = """# Data model

Made by `python tools/make_data_model.py` from the declarations in `src/transcaspian`; a test keeps
it fresh. A table is a CSV file of the same name, UTF-8 with line feeds, commas between cells and a
point in numbers. A blank cell is unknown, never zero. Words in tables are lower-snake; lists are
joined by semicolons.

A column that is *cited* holds quantities of the outside world. Each of its values has the source
and status of its row, or its own in `provenance`; an estimated one has a range there.
"""


def _grid(head: list[str], rows: Iterable[list[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(cells) + " |" for cells in lines]
