"""A calibration in its folder: the fitted patch with its draws, and what it says of itself."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from transcaspian.calibration.tables import CALIBRATION
from transcaspian.corridor.corridor import Corridor
from transcaspian.corridor.patch import Patch
from transcaspian.corridor.tables import UNHEARD
from transcaspian.errors import Fault, Faults, Where
from transcaspian.readers.patch import read_patch_file, write_patch
from transcaspian.tables.parse import parse
from transcaspian.tables.sheet import decoded
from transcaspian.tables.store import as_csv, whole_folder, write_whole

FOLDER = "calibration"
"""Where a corridor's calibration lies, beside its tables."""
PATCH = "calibrated"
ABOUT = "about.toml"
PLACES = 6


@dataclass(frozen=True, slots=True)
class Calibration:
    """A fitted patch and the tables that say what it was fitted to and how well it foretells.

    Shape: `tables` by name, as `calibration/tables.py` declares them; `corridor` is what was
    `heard` of the corridor that was fitted, `runs` how many runs its emulator learned from.
    """

    corridor: str
    seed: int
    runs: int
    patch: Patch
    tables: Mapping[str, pl.DataFrame]

    def speaks_of(self, corridor: Corridor) -> bool:
        """Whether it was made from this corridor as it is."""
        return self.corridor == heard(corridor)


def heard(corridor: Corridor) -> str:
    """The hash of all that a calibration of a corridor hears of it: neither the list of sources nor
    what worth is counted with.
    """
    return corridor.hash_without(UNHEARD)


def calibration_of(corridor: Corridor) -> Calibration | None:
    """The calibration that lies beside a corridor's tables; none when there is none.

    Errors: as `read_calibration`.
    """
    folder = Path(corridor.folder) / FOLDER
    return read_calibration(folder) if corridor.folder and folder.is_dir() else None


def read_calibration(folder: Path) -> Calibration:
    """The calibration of a folder.

    Errors: K101 when a file is missing or cannot be read; those of parsing and of patches.
    """
    about = _about(folder / ABOUT)
    faults: list[Fault] = []
    tables: dict[str, pl.DataFrame] = {}
    for table in CALIBRATION:
        path = folder / f"{table.name}.csv"
        if not path.is_file():
            faults.append(_missing(path))
            continue
        tables[table.name], wrong = parse(
            decoded(path.read_bytes(), path.name), table, file=f"{folder.name}/{path.name}"
        )
        faults += wrong
    if faults:
        raise Faults(faults)
    patch = read_patch_file(folder / f"{PATCH}.toml")
    return Calibration(
        str(about["corridor"]), int(about["seed"]), int(about["runs"]), patch, tables
    )


def _about(path: Path) -> dict[str, str | int]:
    if not path.is_file():
        raise _missing(path)
    try:
        about = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Fault("K101", str(error), where=Where(file=path.name), hint=AGAIN) from error
    kinds = {"corridor": str, "seed": int, "runs": int}
    for name, kind in kinds.items():
        if not isinstance(about.get(name), kind):
            raise Fault(
                "K101",
                f"{name} = {about.get(name)!r}",
                where=Where(file=path.name),
                expected=f"{name} = {'a hash' if kind is str else 'a whole number'}",
                hint=AGAIN,
            )
    return about


AGAIN = "transcaspian calibrate makes it anew"


def _missing(path: Path) -> Fault:
    return Fault("K101", f"no file {path.name}", where=Where(file=str(path)), hint=AGAIN)


def write_calibration(calibration: Calibration, folder: Path) -> None:
    """Nothing; the folder holds the whole calibration.

    Errors: O101 when it exists, O102 when it cannot be written.
    """
    with whole_folder(folder) as inside:
        write_patch(calibration.patch, inside / f"{PATCH}.toml")
        for table in CALIBRATION:
            frame = _rounded(calibration.tables[table.name])
            write_whole(inside / f"{table.name}.csv", as_csv(frame, table).encode())
        lines = (
            f'corridor = "{calibration.corridor}"\n'
            f"seed = {calibration.seed}\n"
            f"runs = {calibration.runs}\n"
        )
        write_whole(inside / ABOUT, lines.encode())


def _rounded(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with numbers to as many significant digits as anyone reads."""
    floats = [name for name, kind in frame.schema.items() if kind == pl.Float64]
    return frame.with_columns(pl.col(name).round_sig_figs(PLACES) for name in floats)
