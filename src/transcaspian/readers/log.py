"""A log in and out of a folder of Parquet or CSV files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.errors import Fault, Faults, Where
from transcaspian.events.declarations import LOG
from transcaspian.events.log import Events, check
from transcaspian.tables.parse import empty, parse
from transcaspian.tables.schema import Table
from transcaspian.tables.sheet import decoded
from transcaspian.tables.store import as_csv, read, whole_folder, write, write_whole

NEEDED = ("trips", "steps")
MANIFEST = "manifest.json"


def read_events(folder: Path | str, *, corridor: Corridor | None = None) -> Events:
    """The log of a folder that holds trips and steps, as Parquet or CSV; the rest may be missing.

    With a corridor, a log that says it was simulated on another one is refused.

    Errors: R105 for a log of another corridor, R101 for a missing or unreadable file, then every
    fault of the log at once.
    """
    path = Path(folder)
    if corridor is not None:
        _same_corridor(path, corridor)
    faults: list[Fault] = []
    frames = {name: _frame(path, table, faults) for name, table in LOG.items()}
    if faults:
        raise Faults(faults)
    events = Events(**frames)
    faults = check(events)
    if faults:
        raise Faults(faults)
    return events


def _same_corridor(path: Path, corridor: Corridor) -> None:
    """Nothing; a manifest that names another corridor by its content hash is a fault."""
    manifest = path / MANIFEST
    if not manifest.is_file():
        return
    known = json.loads(manifest.read_text(encoding="utf-8"))
    if known["hash"] != corridor.hash:
        raise Fault(
            "R105",
            f"it was simulated on {known['corridor']} {known['hash'][:12]}",
            where=Where(file=str(manifest)),
            expected=f"{corridor.about.name} {corridor.hash[:12]}",
            hint="simulate anew, or read it with the corridor it was made on",
        )


def _frame(path: Path, table: Table, faults: list[Fault]) -> pl.DataFrame:
    parquet, text = (path / f"{table.name}.{ending}" for ending in ("parquet", "csv"))
    try:
        if parquet.is_file():
            return read(parquet, table)
        if text.is_file():
            frame, wrong = parse(decoded(text.read_bytes(), text.name), table, file=text.name)
            faults += wrong
            return frame
    except Fault as fault:
        faults.append(fault)
        return empty(table)
    if table.name in NEEDED:
        faults.append(
            Fault(
                "R101",
                f"no {parquet.name} and no {text.name}",
                where=Where(file=str(path)),
                expected=table.meaning,
            )
        )
    return empty(table)


def write_events(
    events: Events,
    folder: Path,
    *,
    corridor: Corridor | None = None,
    form: Literal["parquet", "csv"] = "parquet",
) -> None:
    """Nothing; the log stands in a new folder, whole or not at all, and says what it was made on.

    Errors: O101 when the folder exists, O102 when it cannot be written.
    """
    with whole_folder(folder) as inside:
        if corridor is not None:
            known = {"corridor": corridor.about.name, "hash": corridor.hash}
            write_whole(inside / MANIFEST, (json.dumps(known, indent=2) + "\n").encode())
        for name, table in LOG.items():
            frame: pl.DataFrame = getattr(events, name)
            if form == "csv":
                write_whole(inside / f"{name}.csv", as_csv(frame, table).encode())
            else:
                write(frame, inside / f"{name}.parquet", table=table)
