"""A corridor in and out of a folder of CSV tables and TOML patches."""

from __future__ import annotations

import shutil
import tomllib
from importlib.resources import as_file, files
from pathlib import Path

import polars as pl

from transcaspian.corridor.corridor import About, Corridor, corridor_of
from transcaspian.corridor.patch import Patch
from transcaspian.corridor.rules import check
from transcaspian.corridor.tables import REQUIRED, TABLES
from transcaspian.errors import Fault, Faults, Where, nearest
from transcaspian.readers.patch import read_patch
from transcaspian.tables.parse import empty, parse
from transcaspian.tables.store import whole_folder

SHIPPED = "data/trans_caspian"
GROUPS = ("measures", "editions", "shocks")


def shipped() -> Path:
    """The folder of the corridor that ships with the package."""
    with as_file(files("transcaspian").joinpath(SHIPPED)) as path:
        return path


def read_corridor(folder: Path | str | None = None) -> Corridor:
    """The corridor of a folder; of the one that ships with the package when none is named.

    Errors: all faults of all files at once.
    """
    path = shipped() if folder is None else Path(folder)
    if not (path / "corridor.toml").is_file():
        raise Fault(
            "C109",
            f"{path} holds no corridor.toml",
            where=Where(file=str(path)),
            hint="transcaspian new DIR copies a corridor out for editing",
        )
    faults: list[Fault] = []
    about = _about(path, faults)
    frames = _frames(path, faults)
    patches = {group: _patches(path / group, faults) for group in GROUPS}
    if about is None or faults:
        raise Faults(faults)
    corridor = corridor_of(about, frames, folder=path.name, **patches)
    faults = check(corridor)
    if faults:
        raise Faults(_with_lines(fault, path) for fault in faults)
    return corridor


def _about(path: Path, faults: list[Fault]) -> About | None:
    where = Where(file="corridor.toml")
    try:
        data = tomllib.loads(_text(path / "corridor.toml"))
    except (tomllib.TOMLDecodeError, Fault) as error:
        faults.append(Fault("C109", str(error), where=where))
        return None
    known = About.__dataclass_fields__
    faults += [
        Fault("C109", f"no setting {name!r}", where=where, nearest=nearest(name, known))
        for name in data
        if name not in known
    ]
    faults += [
        Fault("C109", f"no {name}", where=where, expected=f"{name} = ...")
        for name in ("name", "title", "base_year")
        if name not in data
    ]
    if not isinstance(data.get("base_year", 0), int):
        faults.append(
            Fault("C109", f"base_year = {data['base_year']!r}", where=where, expected="a year")
        )
    return None if faults else About(**data)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise Fault(
            "C106",
            f"byte {error.start + 1} is not UTF-8",
            where=Where(file=path.name),
            hint=f"iconv -f WINDOWS-1251 -t UTF-8 {path.name}",
        ) from error


def _frames(path: Path, faults: list[Fault]) -> dict[str, pl.DataFrame]:
    frames: dict[str, pl.DataFrame] = {}
    for name, table in TABLES.items():
        file = path / f"{name}.csv"
        if file.is_file():
            try:
                frames[name], wrong = parse(_text(file), table, file=file.name)
            except Fault as fault:
                frames[name], wrong = empty(table), [fault]
            faults += wrong
        elif name in REQUIRED:
            faults.append(
                Fault(
                    "C103", f"no {file.name}", where=Where(file=file.name), expected=table.meaning
                )
            )
    faults += [
        Fault(
            "C108",
            f"{file.name} belongs to no table",
            where=Where(file=file.name),
            nearest=nearest(file.stem, TABLES),
        )
        for file in sorted(path.glob("*.csv"))
        if file.stem not in TABLES
    ]
    return frames


def _patches(folder: Path, faults: list[Fault]) -> dict[str, Patch]:
    found: dict[str, Patch] = {}
    for file in sorted(folder.glob("*.toml")):
        name = f"{folder.name}/{file.name}"
        try:
            patch = read_patch(_text(file), file=name)
        except Fault as fault:
            faults += fault.faults
            continue
        if patch.name != file.stem:
            faults.append(
                Fault(
                    "P101",
                    f"name = {patch.name!r}",
                    where=Where(file=name),
                    expected=f"the name of the file, {file.stem!r}",
                )
            )
        found[patch.name] = patch
    return found


def _with_lines(fault: Fault, path: Path) -> Fault:
    """The fault with the row it speaks of and the mark under the value, read from its file."""
    where = fault.where
    file = path / where.file
    if where.row is None or where.lines or not file.is_file():
        return fault
    lines = file.read_text(encoding="utf-8").split("\n")
    place = lines[0].split(",").index(where.column) if where.column in lines[0].split(",") else 0
    shown = tuple((at, lines[at]) for at in (where.row - 1, where.row) if 0 < at < len(lines))
    mark = _cell(lines[where.row], place) if where.row < len(lines) else None
    new = Where(where.file, where.row, where.column, shown, mark)
    return Fault(
        fault.code,
        fault.what,
        where=new,
        expected=fault.expected,
        nearest=fault.nearest,
        hint=fault.hint,
    )


def _cell(line: str, place: int) -> tuple[int, int]:
    start, seen, quoted = 0, 0, False
    for at, letter in enumerate(line + ","):
        if letter == '"':
            quoted = not quoted
        elif letter == "," and not quoted:
            if seen == place:
                return start, max(at, start + 1)
            start, seen = at + 1, seen + 1
    return 0, len(line)


def copy_corridor(source: Path | None, folder: Path) -> None:
    """Nothing; the files of a corridor stand in a new folder.

    Errors: O101 when the folder exists, O102 when it cannot be written.
    """
    path = shipped() if source is None else source
    read_corridor(path)
    with whole_folder(folder) as inside:
        shutil.copytree(path, inside, dirs_exist_ok=True)
