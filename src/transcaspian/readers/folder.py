"""A corridor in and out of a folder of CSV tables and TOML patches."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Iterable
from importlib.resources import as_file, files
from pathlib import Path

import polars as pl

from transcaspian.corridor.corridor import About, Corridor, corridor_of
from transcaspian.corridor.patch import Patch
from transcaspian.corridor.rules import check
from transcaspian.corridor.tables import REQUIRED, TABLES
from transcaspian.errors import Fault, Faults, Where, nearest
from transcaspian.readers.patch import read_patch
from transcaspian.tables.check import check_references
from transcaspian.tables.parse import UNREADABLE, empty, parse
from transcaspian.tables.sheet import Sheet, decoded, sheet_of
from transcaspian.tables.store import whole_folder

SHIPPED = "data/trans_caspian"
GROUPS = ("measures", "editions", "shocks")
Frames = dict[str, pl.DataFrame]


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
        raise Faults(_sorted([*faults, *_references(path, frames, faults)]))
    corridor = corridor_of(about, frames, folder=str(path), **patches)
    faults = check(corridor)
    if faults:
        raise Faults(_sorted(_with_lines(faults, path)))
    return corridor


def _references(path: Path, frames: Frames, faults: list[Fault]) -> list[Fault]:
    """Names without an owner among the tables whose layout could be read."""
    lost = {fault.where.file for fault in faults if fault.code in UNREADABLE}
    known = {name: frame for name, frame in frames.items() if f"{name}.csv" not in lost}
    told = {_cell(fault) for fault in faults}
    found = [fault for fault in check_references(known, TABLES) if _cell(fault) not in told]
    return _with_lines(found, path)


def _cell(fault: Fault) -> tuple[object, ...]:
    return fault.where.file, fault.where.row, fault.where.column


def _sorted(faults: Iterable[Fault]) -> list[Fault]:
    """The faults file by file, in the order of the tables, then line by line."""
    order = {f"{name}.csv": at for at, name in enumerate(TABLES)}
    return sorted(faults, key=lambda fault: (order.get(fault.where.file, -1), fault.where.row or 0))


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
    return decoded(path.read_bytes(), path.name)


def _frames(path: Path, faults: list[Fault]) -> Frames:
    frames: Frames = {}
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


def _with_lines(faults: Iterable[Fault], path: Path) -> list[Fault]:
    """The faults with the lines they speak of, each file read once."""
    sheets: dict[str, Sheet | None] = {}
    found: list[Fault] = []
    for fault in faults:
        name = fault.where.file
        if name not in sheets:
            file = path / name
            readable = name.endswith(".csv") and file.is_file()
            sheets[name] = sheet_of(_text(file), name) if readable else None
        sheet = sheets[name]
        found.append(fault if sheet is None else sheet.placed(fault))
    return found


def copy_corridor(source: Path | None, folder: Path) -> None:
    """Nothing; the files of a corridor stand in a new folder.

    Errors: O101 when the folder exists, O102 when it cannot be written.
    """
    path = shipped() if source is None else source
    read_corridor(path)
    with whole_folder(folder) as inside:
        shutil.copytree(path, inside, dirs_exist_ok=True)
