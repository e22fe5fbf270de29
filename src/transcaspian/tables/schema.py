"""What a table is: declared columns and the rules they obey."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Type = Literal["str", "int", "float", "bool", "date", "datetime"]
Status = Literal["published", "derived", "estimated", "unconfirmed"]

STATUSES: tuple[Status, ...] = ("published", "derived", "estimated", "unconfirmed")


@dataclass(frozen=True, slots=True)
class Column:
    """One declared column.

    `cited` marks a quantity of the outside world: its value needs a source and a status, and an
    estimated value needs a range. `references` names the `table.column` whose values are allowed;
    `vocabulary` a shipped code list; `many` a list separated by semicolons. An `optional` column
    may be left out of a file, or a cell of it blank: the row then has the default.
    """

    name: str
    type: Type
    meaning: str
    unit: str = ""
    null: bool = False
    cited: bool = False
    least: float | None = None
    most: float | None = None
    above: float | None = None
    choices: tuple[str, ...] = ()
    references: str = ""
    vocabulary: str = ""
    many: bool = False
    default: str | int | float | bool | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One declared table: its columns, its key and whether its rows must name a source."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    sourced: bool = True
    version: int = 1

    @property
    def names(self) -> tuple[str, ...]:
        """The column names in declared order, `source` and `status` last where rows are sourced."""
        return tuple(column.name for column in self.all_columns)

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """The declared columns and, where rows are sourced, the two that every such row carries."""
        return self.columns + (SOURCING if self.sourced else ())

    def column(self, name: str) -> Column:
        """The declaration of one column."""
        for column in self.all_columns:
            if column.name == name:
                return column
        message = f"table {self.name} declares no column {name}"
        raise KeyError(message)


SOURCING = (
    Column(
        "source",
        "str",
        "Where the row was read; ids of the sources table.",
        references="sources.source",
        many=True,
    ),
    Column("status", "str", "How far the row can be trusted.", choices=STATUSES),
)
