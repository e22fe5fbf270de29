"""The verbs that look and do not simulate: check, show, diff, new."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from transcaspian.cli.output import emit, talk
from transcaspian.errors import FAULTS, Fault, Faults, Where, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from transcaspian.corridor.corridor import Corridor
    from transcaspian.corridor.patch import Patch


def load(folder: Path | None) -> Corridor:
    """The corridor of a folder, or the shipped one; raises every fault of it at once."""
    from transcaspian.readers.folder import read_corridor

    return read_corridor(folder)


def at_edition(corridor: Corridor, edition: str) -> Corridor:
    """The corridor in its base year, at present, or in a named edition."""
    from transcaspian.corridor.apply import apply

    if edition == "base":
        return corridor
    name = corridor.about.present if edition == "present" else edition
    if not name:
        return corridor
    return apply(corridor, one_of("edition", name, corridor.editions))


def changed(corridor: Corridor, names: Sequence[str], *, edition: str) -> Corridor:
    """The corridor of an edition with measures; what was fitted is of the base year and comes
    before the edition.
    """
    from transcaspian.corridor.apply import apply

    patches = [patch_of(corridor, name) for name in names]
    fitted = [patch for patch in patches if patch.draws is not None]
    others = [patch for patch in patches if patch.draws is None]
    return apply(at_edition(apply(corridor, *fitted), edition), *others)


def patch_of(corridor: Corridor, name: str) -> Patch:
    """The measure, edition or shock of that name, or the patch of a TOML file."""
    from transcaspian.readers.patch import read_patch_file

    if name.endswith(".toml"):
        return read_patch_file(Path(name))
    return one_of("measure", name, {**corridor.shocks, **corridor.editions, **corridor.measures})


def one_of(what: str, name: str, known: Mapping[str, Patch]) -> Patch:
    """The patch of that name among those known.

    Errors: P102 with the nearest names.
    """
    if name in known:
        return known[name]
    raise Fault(
        "P102",
        f"no {what} named {name!r}",
        where=Where(),
        expected="one of " + ", ".join(sorted(known)) if known else "none is declared",
        nearest=nearest(name, list(known)),
        hint="transcaspian show measures",
    )


def check_corridor(folder: Path | None, *, as_json: bool, out: Path | None) -> None:
    """Nothing; all faults are raised at once, else the inputs are counted by status."""
    from transcaspian.corridor.provenance import statuses
    from transcaspian.simulation.model.loads import overloads

    corridor = load(folder)
    faults = overloads(corridor)
    if faults:
        raise Faults(faults)
    frame = statuses(corridor)
    title = f"{corridor.about.title}: no faults. Cells by what they rest on:"
    emit(frame, as_json=as_json, out=out, title=title)


def explain_fault(code: str) -> str:
    """The paragraph of the manual on a fault code."""
    from importlib.resources import files

    code = code.upper()
    if code not in FAULTS:
        raise Fault(
            "O104", f"no fault code {code}", where=Where(), nearest=nearest(code, list(FAULTS))
        )
    manual = files("transcaspian").joinpath("data/faults.md").read_text(encoding="utf-8")
    _, _, rest = manual.partition(f"### {code}")
    paragraph, _, _ = rest.partition("\n### ")
    return f"{code}{paragraph.split(chr(10) + '## ')[0].rstrip()}"


def show_table(  # one parameter an option
    table: str | None,
    where: Sequence[str],
    *,
    corridor: Path | None,
    edition: str,
    as_json: bool,
    out: Path | None,
) -> None:
    """Nothing; one table is shown, or the list of those there are."""
    shown = at_edition(load(corridor), edition)
    frames = _frames(shown)
    if table is None:
        emit(_contents(frames), as_json=as_json, out=out, title=shown.about.title)
        return
    if table not in frames:
        raise Fault(
            "O105",
            f"no table {table!r}",
            where=Where(),
            expected=f"one of {', '.join(frames)}",
            nearest=nearest(table, list(frames)),
            hint="transcaspian show",
        )
    emit(_only(frames[table], where), as_json=as_json, out=out)


def _frames(corridor: Corridor) -> dict[str, pl.DataFrame]:
    import polars as pl

    patches = [
        {"name": name, "role": patch.role, "title": patch.title, "headline": patch.headline}
        for group in (corridor.measures, corridor.editions, corridor.shocks)
        for name, patch in group.items()
    ]
    schema = {"name": pl.String, "role": pl.String, "title": pl.String, "headline": pl.Boolean}
    return {
        **{name: corridor.table(name) for name in corridor.tables},
        "measures": pl.DataFrame(patches, schema=schema),
        "indicators": _indicators(),
    }


def _indicators() -> pl.DataFrame:
    import polars as pl

    from transcaspian.indicators import INDICATORS

    rows = [
        {"indicator": name, "unit": entry.unit, "axis": entry.axis, "meaning": entry.meaning}
        for name, entry in INDICATORS.items()
    ]
    return pl.DataFrame(rows)


def _contents(frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    import polars as pl

    from transcaspian.corridor.tables import TABLES

    rows = [
        {
            "table": name,
            "rows": frame.height,
            "meaning": TABLES[name].meaning if name in TABLES else "",
        }
        for name, frame in frames.items()
    ]
    return pl.DataFrame(rows)


def _only(frame: pl.DataFrame, where: Sequence[str]) -> pl.DataFrame:
    import polars as pl

    for condition in where:
        column, sign, value = condition.partition("=")
        if not sign or column not in frame.columns:
            raise Fault(
                "O106",
                f"cannot filter by {condition!r}",
                where=Where(),
                expected="COLUMN=VALUE with a column of the table",
                nearest=nearest(column, frame.columns),
            )
        frame = frame.filter(pl.col(column).cast(pl.String) == value)
    return frame


def diff_measure(
    measure: str, *, edition: str, corridor: Path | None, as_json: bool, out: Path | None
) -> None:
    """Nothing; what a patch changes is said in cells and in words."""
    from transcaspian.corridor.apply import apply
    from transcaspian.corridor.diff import diff, in_words

    before = at_edition(load(corridor), edition)
    patch = patch_of(before, measure)
    cells = diff(before, apply(before, patch))
    if not as_json and out is None:
        sys.stdout.write(f"{patch.title}\n{in_words(cells)}\n\n")
    emit(cells, as_json=as_json, out=out)


def copy_out(folder: Path, *, corridor: Path | None) -> None:
    """Nothing; the corridor is copied, file by file, into a new folder."""
    from transcaspian.readers.folder import copy_corridor

    copy_corridor(corridor, folder)
    talk(f"copied to {folder}; next: edit it, then transcaspian check {folder}")
