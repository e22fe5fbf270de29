"""A corridor with its patches applied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import MappingProxyType

import polars as pl

from transcaspian.corridor.applying.record import Frames, record, record_row, rename
from transcaspian.corridor.applying.rows import (
    appended,
    column_of,
    fault,
    matching,
    table_of,
    written,
)
from transcaspian.corridor.corridor import Corridor
from transcaspian.corridor.kinds import changes
from transcaspian.corridor.patch import Change, Patch
from transcaspian.corridor.rules import LOGIC, check, logic
from transcaspian.corridor.tables import TABLES, keys
from transcaspian.errors import Fault, Faults
from transcaspian.tables.check import check_frame, check_references
from transcaspian.tables.schema import Table


def apply(
    corridor: Corridor, *patches: Patch, draw: int | None = None, full: bool = False
) -> Corridor:
    """The corridor with the patches applied in order; the corridor given is left as it was.

    Of a fitted patch, `draw` is the row of its draws that is taken. The tables that changed are
    checked, with what refers to them and what must hold across tables; with `full`, everything is,
    the totals that flows must add up to included.

    Errors: P103 when a `where` matches no row, P105 for an unknown table, column or value, P106
    when the result breaks a declaration or rule that the corridor itself obeys.
    """
    if not patches:
        return corridor
    frames: Frames = dict(corridor.tables)
    for patch in patches:
        for change in changes(patch):
            _apply_change(frames, change, patch)
        if draw is not None and patch.draws is not None:
            _apply_draw(frames, patch, draw)
    after = replace(corridor, tables=MappingProxyType(frames))
    changed = {name for name in TABLES if frames[name] is not corridor.table(name)}
    _recheck(corridor, after, changed=changed, patches=patches, full=full)
    return after


def _recheck(
    before: Corridor, after: Corridor, *, changed: set[str], patches: Sequence[Patch], full: bool
) -> None:
    found = check(after) if full else _faults(after, changed)
    if not found:
        return
    known = {_said(fault) for fault in (check(before) if full else _faults(before, changed))}
    names = ", ".join(patch.name for patch in patches)
    faults = [
        Fault(
            "P106",
            f"{fault.code} {fault.what}",
            where=replace(
                fault.where, file=f"{fault.where.file.removesuffix('.csv')} with {names}"
            ),
            expected=fault.expected,
            nearest=fault.nearest,
        )
        for fault in found
        if _said(fault) not in known
    ]
    if faults:
        raise Faults(faults)


def _said(fault: Fault) -> tuple[str, str, str, str]:
    return fault.code, fault.where.file, fault.where.column, fault.what


def _faults(corridor: Corridor, changed: set[str]) -> list[Fault]:
    """The faults of the changed tables, of what refers to them, and across tables."""
    faults = [
        fault
        for name in sorted(changed)
        for fault in check_frame(corridor.table(name), TABLES[name], file=f"{name}.csv")
    ]
    touched = {name: table for name, table in TABLES.items() if _touched(table, changed)}
    faults += check_references(corridor.tables, touched)
    broken = {fault.where.file.removesuffix(".csv") for fault in faults}
    rules = {rule: tables for rule, tables in LOGIC.items() if changed & set(tables)}
    return faults + logic(corridor, rules=rules, broken=broken)


def _touched(table: Table, changed: set[str]) -> bool:
    """Whether a table changed or refers to one that did."""
    targets = {column.references.partition(".")[0] for column in table.all_columns}
    return table.name in changed or bool(targets & changed)


def _apply_change(frames: Frames, change: Change, patch: Patch) -> None:
    table = table_of(change.table, patch)
    frame = frames[table.name]
    if change.appends:
        frames[table.name] = appended(frame, table, row=change.add or {}, patch=patch)
        record_row(frames, table, patch=patch)
        return
    mask = matching(frame, change, patch=patch)
    if change.verb == "drop":
        _drop(frames, table, mask)
        return
    after = written(frame, change, mask=mask, table=table, patch=patch)
    if set(change.amounts) & set(table.key):
        rename(frames, table, after=after)
    frames[table.name] = after
    record(frames, change, mask=mask, patch=patch)


def _drop(frames: Frames, table: Table, mask: pl.Series) -> None:
    frame = frames[table.name]
    gone = keys(frame, table).filter(mask)
    frames[table.name] = frame.filter(~mask)
    known = (pl.col("table") == table.name) & pl.col("key").is_in(gone.implode())
    frames["provenance"] = frames["provenance"].filter(~known)


def _apply_draw(frames: Frames, patch: Patch, draw: int) -> None:
    draws = patch.draws
    if draws is None or not 0 <= draw < draws.height:
        count = 0 if draws is None else draws.height
        raise fault("P105", f"no draw {draw}; there are {count}", patch)
    for cell, value in draws.row(draw, named=True).items():
        table, name, mask = _drawn(frames, cell, patch=patch)
        whole = column_of(table, name, patch).type == "int"
        new = round(value) if whole else value
        change = Change(table=table.name, where={"key": cell}, set={name: new})
        frames[table.name] = written(
            frames[table.name], change, mask=mask, table=table, patch=patch
        )
        record(frames, change, mask=mask, patch=patch)


def _drawn(frames: Frames, cell: str, *, patch: Patch) -> tuple[Table, str, pl.Series]:
    """The table, the column and the row of a cell named table/key/column."""
    name, _, rest = cell.partition("/")
    key, _, column = rest.rpartition("/")
    table = table_of(name, patch)
    mask = keys(frames[name], table) == key
    if not mask.any():
        raise fault("P103", f"no row of {name} has the key {key!r}", patch)
    return table, column, mask


def conflicts(corridor: Corridor, *patches: Patch) -> pl.DataFrame:
    """Cells that more than one patch writes; a row added by two, or dropped, is column "*".

    Shape: table, key, column, patches (joined by a semicolon).
    """
    seen: dict[tuple[str, str, str], Counter[str]] = {}
    for patch in patches:
        for change in changes(patch):
            for cell in _cells(corridor, change, patch=patch):
                seen.setdefault(cell, Counter())[patch.name] += 1
        for cell in patch.draws.columns if patch.draws is not None else ():
            name, _, rest = cell.partition("/")
            key, _, column = rest.rpartition("/")
            seen.setdefault((name, key, column), Counter())[patch.name] += 1
    for (name, key, _), writers in [item for item in seen.items() if item[0][2] == "*"]:
        for cell, others in seen.items():
            if cell[:2] == (name, key):
                others.update(writers)
    rows = [(*cell, ";".join(names)) for cell, names in seen.items() if len(names) > 1]
    schema = pl.Schema([(name, pl.String()) for name in ("table", "key", "column", "patches")])
    return pl.DataFrame(rows, schema=schema, orient="row")


def _cells(corridor: Corridor, change: Change, *, patch: Patch) -> Iterator[tuple[str, str, str]]:
    """The cells that a change writes; of rows added or dropped, column "*"."""
    table = table_of(change.table, patch)
    frame = corridor.table(table.name)
    if change.appends:
        yield table.name, "/".join(str((change.add or {}).get(name)) for name in table.key), "*"
        return
    mask = matching(frame, change, patch=patch)
    for key in keys(frame, table).filter(mask):
        yield from ((table.name, key, column) for column in change.amounts or ("*",))
