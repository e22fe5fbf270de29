"""Evaluations kept by content hash in one file, shared by any number of processes."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from transcaspian.errors import Fault, Where

PARTS = """create table if not exists parts (
    part text, run integer, outcome blob, primary key (part, run)) without rowid"""
SETS = """create table if not exists sets (
    corridor text, measures text, parts text, primary key (corridor, measures)) without rowid"""
PATIENCE_S = 120
MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Store:
    """A file of evaluations: the outcome of each part of a corridor in each run, by the hash of
    all that it depends on. What is there never changes, so that two processes that find the same
    write the same.
    """

    path: Path

    def kept(self, keys: Sequence[tuple[str, int]]) -> dict[tuple[str, int], bytes]:
        """What is kept of some parts and runs.

        Errors: A207 when the file is no such file.
        """
        found: dict[tuple[str, int], bytes] = {}
        with self._opened() as connection:
            for first in range(0, len(keys), MOST_AT_ONCE):
                some = keys[first : first + MOST_AT_ONCE]
                marks = ",".join(["(?,?)"] * len(some))
                rows = connection.execute(
                    f"select part, run, outcome from parts where (part, run) in (values {marks})",  # noqa: S608  # marks alone
                    [each for key in some for each in key],
                )
                found |= {(part, run): outcome for part, run, outcome in rows}
        return found

    def keep(self, outcomes: Mapping[tuple[str, int], bytes]) -> None:
        """Nothing; the outcomes are kept, all of them or none.

        Errors: A207 as above, O102 when the file cannot be written.
        """
        rows = [(part, run, data) for (part, run), data in sorted(outcomes.items())]
        self._write("insert or ignore into parts values (?, ?, ?)", rows)

    def parts(self, corridor: str, measures: str) -> str | None:
        """What was kept of the parts of a corridor with some measures."""
        with self._opened() as connection:
            row = connection.execute(
                "select parts from sets where corridor = ? and measures = ?", (corridor, measures)
            ).fetchone()
        return None if row is None else str(row[0])

    def keep_parts(self, corridor: str, measures: str, *, parts: str) -> None:
        """Nothing; the parts of a corridor with some measures are kept."""
        self._write("insert or ignore into sets values (?, ?, ?)", [(corridor, measures, parts)])

    def _write(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        with self._opened() as connection:
            try:
                with connection:
                    connection.execute("begin immediate")
                    connection.executemany(statement, rows)
            except sqlite3.OperationalError as error:
                raise Fault(
                    "O102",
                    f"{self.path} cannot be written: {error}",
                    where=Where(file=str(self.path)),
                    hint="make room, or name another file with --findings",
                ) from error

    @contextmanager
    def _opened(self) -> Generator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with closing(
                sqlite3.connect(self.path, timeout=PATIENCE_S, isolation_level=None)
            ) as connection:
                connection.execute("pragma journal_mode=wal")
                connection.execute(PARTS)
                connection.execute(SETS)
                yield connection
        except sqlite3.DatabaseError as error:
            raise Fault(
                "A207",
                f"{self.path} is no file of evaluations: {error}",
                where=Where(file=str(self.path)),
                hint="name another file with --findings; evaluations are made anew",
            ) from error
