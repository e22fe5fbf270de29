"""A log in and out of a folder of CSV or Parquet files."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from transcaspian.errors import Fault, Faults, Where
from transcaspian.events.declarations import LOG
from transcaspian.events.log import Events, check
from transcaspian.tables.parse import empty, parse
from transcaspian.tables.store import read, whole_folder, write

NEEDED = ("trips", "steps")


def read_events(folder: Path | str) -> Events:
    """The log of a folder that holds trips and steps, as Parquet or CSV; the rest may be missing.

    Errors: R101 for a missing or unreadable file, then every fault of the log at once.
    """
    path = Path(folder)
    faults: list[Fault] = []
    frames = {name: _frame(path, name, faults) for name in LOG}
    if faults:
        raise Faults(faults)
    events = Events(**frames)
    faults = check(events)
    if faults:
        raise Faults(faults)
    return events


def _frame(path: Path, name: str, faults: list[Fault]) -> pl.DataFrame:
    table = LOG[name]
    if (path / f"{name}.parquet").is_file():
        return read(path / f"{name}.parquet", table)
    text = path / f"{name}.csv"
    if text.is_file():
        frame, wrong = parse(text.read_text(encoding="utf-8"), table, file=text.name)
        faults += wrong
        return frame
    if name in NEEDED:
        faults.append(
            Fault(
                "R101",
                f"no {name}.parquet and no {name}.csv",
                where=Where(file=str(path)),
                expected=table.meaning,
            )
        )
    return empty(table)


def write_events(events: Events, folder: Path) -> None:
    """Nothing; the log stands as Parquet in a new folder.

    Errors: O101 when the folder exists, O102 when it cannot be written.
    """
    with whole_folder(folder) as inside:
        for name, table in LOG.items():
            write(getattr(events, name), table, inside / f"{name}.parquet")
