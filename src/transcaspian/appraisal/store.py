"""What earlier studies of a corridor found, kept by content hash."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from transcaspian.appraisal.study import Study

TABLE = """create table if not exists findings (
    corridor text, measure text, replications integer, seed integer, version text,
    value real, low real, high real,
    primary key (corridor, measure, replications, seed, version)
)"""


def default_store() -> Path:
    """Where findings are kept unless another file is named: the user's own data folder."""
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(home) / "transcaspian" / "findings.sqlite"


@contextmanager
def _opened(path: Path) -> Generator[sqlite3.Connection]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, timeout=30)) as connection:
        connection.execute(TABLE)
        yield connection


def keep(study: Study, *, version: str, path: Path | None = None) -> None:
    """Nothing; what each measure saves is kept under the hash of the corridor it was tried on."""
    rows: list[tuple[Any, ...]] = []
    for each in study.comparisons:
        effects = each.effects
        change = next(
            row
            for row in effects.iter_rows(named=True)
            if row["figure"] == "waiting of all traffic"
        )
        rows.append(
            (
                study.present.hash,
                each.measure.name,
                study.settings.replications,
                study.settings.seed,
                version,
                change["value"],
                change["low"],
                change["high"],
            )
        )
    with _opened(path or default_store()) as connection:
        connection.executemany(
            "insert or replace into findings values (?, ?, ?, ?, ?, ?, ?, ?)", rows
        )
        connection.commit()


def recall(corridor_hash: str, *, path: Path | None = None) -> list[dict[str, object]]:
    """The findings of earlier studies of exactly this corridor, measure by measure."""
    file = path or default_store()
    if not file.exists():
        return []
    names = ("measure", "replications", "seed", "version", "value", "low", "high")
    with _opened(file) as connection:
        rows = connection.execute(
            f"select {', '.join(names)} from findings where corridor = ? "  # noqa: S608  # fixed names
            "order by measure, replications, seed, version",
            (corridor_hash,),
        ).fetchall()
    return [dict(zip(names, row, strict=True)) for row in rows]
