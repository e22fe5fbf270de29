"""A goal of precision in words: which figure, and how narrow its interval shall be."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.errors import Fault, Where, nearest
from transcaspian.events.tally import SCHEMAS, Tally
from transcaspian.indicators import INDICATORS

SHAPE = re.compile(
    r"\s*(?P<indicator>\w+)\s*(?:\[(?P<where>[^\]]*)\])?\s*(?P<column>[A-Za-z]\w*)?\s*"
    r"(?:±|\+/?-)\s*(?P<half>[0-9]*\.?[0-9]+)\s*(?P<share>%)?\s*"
)
EXAMPLE = "door_to_door p95 ±3%"


@dataclass(frozen=True, slots=True)
class Goal:
    """The half-width that the 90 % interval of one figure shall have.

    Unit: `half` is a share of the figure when `relative`, else in the unit of the indicator.
    """

    indicator: str
    where: tuple[tuple[str, str], ...]
    column: str
    half: float
    relative: bool

    def target(self, mean: float) -> float:
        """The half-width asked for, in the unit of the figure."""
        return self.half * abs(mean) if self.relative else self.half

    def values(self, corridor: Corridor, tally: Tally) -> tuple[str, list[float]]:
        """The name of the row meant, and its figure in each replication.

        Errors: O107 when the row or the column is not there.
        """
        runs = sorted(tally.trips["run"].unique())
        tables = [INDICATORS[self.indicator](corridor, _of_run(tally, run)) for run in runs]
        self._known(tables[0])
        wanted = self.where or _largest(INDICATORS[self.indicator](corridor, tally))
        found: list[float] = []
        for table in tables:
            rows = table
            for column, value in wanted:
                rows = rows.filter(pl.col(column).cast(pl.String) == value)
            if rows.height != 1:
                said = ", ".join(f"{column}={value}" for column, value in wanted)
                raise _fault(
                    what=f"{rows.height} rows of {self.indicator} have {said}",
                    expected="a filter that one row fits in every replication",
                )
            found.append(float(rows[self.column][0]))
        return ", ".join(value for _, value in wanted), found

    def _known(self, table: pl.DataFrame) -> None:
        for column in (self.column, *(name for name, _ in self.where)):
            if column not in table.columns:
                raise Fault(
                    "O107",
                    f"{self.indicator} has no column {column!r}",
                    where=Where(),
                    expected="one of " + ", ".join(table.columns),
                    nearest=nearest(column, table.columns),
                )


def _of_run(tally: Tally, run: str) -> Tally:
    """The part of a tally that one replication made."""
    frames = {name: getattr(tally, name).filter(pl.col("run") == run) for name in SCHEMAS}
    return replace(tally, **frames)


def _largest(table: pl.DataFrame) -> tuple[tuple[str, str], ...]:
    """The key of the row with the most trips: of the corridor's own cargo where that is told."""
    keys = [name for name in table.columns[: _keys(table)] if table[name].dtype == pl.String]
    if table.height == 1:
        return tuple((name, str(table[name][0])) for name in keys)
    if "trips" not in table.columns:
        raise _fault(
            what="several rows fit", expected=f"a filter: [{keys[0] if keys else 'column'}=VALUE]"
        )
    own = table.filter(pl.col("scope") == "corridor") if "scope" in table.columns else table
    row = (own if own.height else table).sort(
        "trips", *keys, descending=[True, *[False] * len(keys)]
    )
    for count in range(1, len(keys) + 1):
        if table.select(keys[:count]).n_unique() == table.height:
            return tuple((name, str(row[name][0])) for name in keys[:count])
    return tuple((name, str(row[name][0])) for name in keys)


def _keys(table: pl.DataFrame) -> int:
    """How many columns stand before the first number."""
    words = [dtype == pl.String for dtype in table.dtypes]
    return words.index(False) if False in words else len(words)


def parse_goal(text: str) -> Goal:
    """The goal that a text asks for.

    Errors: O107.
    """
    found = SHAPE.fullmatch(text)
    if found is None:
        raise _fault(
            what=f"seen {text!r}",
            expected=f"INDICATOR[COLUMN=VALUE] COLUMN ±NUMBER%, as {EXAMPLE!r}",
        )
    name = found["indicator"]
    if name not in INDICATORS:
        raise Fault(
            "O107",
            f"no indicator {name!r}",
            where=Where(),
            expected="one of " + ", ".join(INDICATORS),
            nearest=nearest(name, list(INDICATORS)),
            hint="transcaspian show indicators",
        )
    half = float(found["half"]) / (100.0 if found["share"] else 1.0)
    if half <= 0.0:
        raise _fault(what=f"a half-width of {found['half']}", expected="a number above 0")
    pairs = [part.partition("=") for part in (found["where"] or "").split(",") if part.strip()]
    if any(not sign for _, sign, _ in pairs):
        raise _fault(
            what=f"cannot filter by {found['where']!r}", expected="COLUMN=VALUE, several by commas"
        )
    where = tuple((column.strip(), value.strip()) for column, _, value in pairs)
    return Goal(name, where, found["column"] or "value", half, bool(found["share"]))


def _fault(*, what: str, expected: str) -> Fault:
    return Fault("O107", what, where=Where(), expected=expected, hint="--until " + repr(EXAMPLE))
