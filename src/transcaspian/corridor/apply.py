"""A corridor with its patches applied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import polars as pl

from transcaspian.corridor.applying.effects import at_draw
from transcaspian.corridor.applying.record import (
    Frames,
    forget,
    record,
    record_column,
    record_row,
    rename,
)
from transcaspian.corridor.applying.rows import (
    appended,
    column_of,
    fault,
    matching,
    table_of,
    written,
)
from transcaspian.corridor.corridor import Corridor, Fitted
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

    Of a fitted patch, `draw` is the row of its draws that is taken, of a measure whose effects have
    a range the number of their draw; without one the corridor stands at the middle, and remembers
    how to be drawn (`drawn`). The tables that changed are checked,
    with what refers to them and what must hold across tables; with `full`, everything is, the
    totals that flows must add up to included.

    Errors: P103 when a `where` matches no row, P105 for an unknown table, column or value, P106
    when the result breaks a declaration or rule that the corridor itself obeys.
    """
    if not patches:
        return corridor
    frames: Frames = dict(corridor.tables)
    _write(frames, patches, draw=draw)
    fitted = _fitted(corridor, patches) if draw is None else None
    after = replace(corridor, tables=MappingProxyType(frames), fitted=fitted)
    _recheck(corridor, after, patches=patches, full=full)
    return after


def _write(frames: Frames, patches: Sequence[Patch], *, draw: int | None) -> None:
    """Nothing; the frames hold what the patches say, in order."""
    for patch in patches:
        taken = patch if draw is None else at_draw(patch, draw)
        for change in changes(taken):
            _apply_change(frames, change, patch)
        if draw is not None and patch.draws is not None:
            _apply_draw(frames, patch, draw)


def _fitted(corridor: Corridor, patches: Sequence[Patch]) -> Fitted | None:
    """How a corridor with some more patches is drawn anew; none when nothing in it was fitted."""
    if corridor.fitted is not None:
        return replace(corridor.fitted, patches=(*corridor.fitted.patches, *patches))
    if any(patch.is_drawn for patch in patches):
        return Fitted(corridor, tuple(patches))
    return None


def drawn(corridor: Corridor, number: int) -> Corridor:
    """The corridor of one replication: its fitted patches at one of their draws, taken in turn, and
    what was applied after them. One without fitted patches is itself.

    Its provenance is that of the middle, and it is checked where it differs from the middle.

    Errors: those of `apply`; a draw may break a rule that the middle keeps.
    """
    known = corridor.fitted
    if known is None:
        return corridor
    frames: Frames = dict(known.origin.tables)
    del frames["provenance"]
    _write(frames, known.patches, draw=number % known.draws)
    frames["provenance"] = corridor.table("provenance")
    one = replace(corridor, tables=MappingProxyType(frames), fitted=None)
    if known.flows is not None:
        one = _of_flows(one, known.flows)
    _recheck(corridor, one, patches=known.patches)
    return one


def only(corridor: Corridor, flows: Collection[str]) -> Corridor:
    """The corridor with some of its flows alone."""
    fitted = corridor.fitted and replace(corridor.fitted, flows=frozenset(flows))
    return replace(_of_flows(corridor, flows), fitted=fitted)


def _of_flows(corridor: Corridor, flows: Collection[str]) -> Corridor:
    kept = corridor.table("flows").filter(pl.col("flow").is_in(list(flows)))
    return replace(corridor, tables=MappingProxyType({**corridor.tables, "flows": kept}))


def _recheck(
    before: Corridor, after: Corridor, *, patches: Sequence[Patch], full: bool = False
) -> None:
    changed = {} if full else _changed(before, after)
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


def _changed(before: Corridor, after: Corridor) -> dict[str, set[str]]:
    """The columns that differ, of each table that does."""
    found: dict[str, set[str]] = {}
    for name, table in TABLES.items():
        old, new = before.table(name), after.table(name)
        if old is new:
            continue
        resized = old.height != new.height
        columns = {each for each in table.names if resized or not old[each].equals(new[each])}
        if columns:
            found[name] = columns
    return found


def _faults(corridor: Corridor, changed: Mapping[str, set[str]]) -> list[Fault]:
    """The faults of the changed columns, of what refers to them, and across tables."""
    faults: list[Fault] = []
    for name in sorted(changed):
        table, seen = TABLES[name], changed[name]
        kept = seen | set(table.key) if seen & set(table.key) else seen
        skip = set(table.names) - kept
        faults += check_frame(corridor.table(name), table, file=f"{name}.csv", skip=skip)
    touched = {name: table for name, table in TABLES.items() if _touched(table, changed)}
    faults += check_references(corridor.tables, touched)
    broken = {fault.where.file.removesuffix(".csv") for fault in faults}
    rules = {rule: tables for rule, tables in LOGIC.items() if changed.keys() & set(tables)}
    return faults + logic(corridor, rules=rules, broken=broken)


def _touched(table: Table, changed: Mapping[str, set[str]]) -> bool:
    """Whether a column that refers to another changed, or what it refers to did."""
    for column in table.all_columns:
        target, _, key = column.references.partition(".")
        if target and (
            column.name in changed.get(table.name, ()) or key in changed.get(target, ())
        ):
            return True
    return False


def _apply_change(frames: Frames, change: Change, patch: Patch) -> None:
    table = table_of(change.table, patch)
    frame = frames[table.name]
    if change.appends:
        frames[table.name] = appended(frame, table, row=change.add or {}, patch=patch)
        record_row(frames, table, patch=patch)
        return
    mask = matching(frames, change, patch=patch)
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
    forget(frames, table, gone=keys(frame, table).filter(mask))
    frames[table.name] = frame.filter(~mask)


def _apply_draw(frames: Frames, patch: Patch, draw: int) -> None:
    draws = patch.draws
    if draws is None or not 0 <= draw < draws.height:
        count = 0 if draws is None else draws.height
        raise fault("P105", f"no draw {draw}; there are {count}", patch)
    for (table_name, name), values in _by_column(draws.row(draw, named=True)).items():
        table = table_of(table_name, patch)
        frame, kind = frames[table.name], column_of(table, name, patch).type
        own = keys(frame, table).alias("key")
        lost = sorted(set(values) - set(own))
        if lost:
            raise fault("P103", f"no row of {table.name} has the key {lost[0]!r}", patch)
        new = pl.Series([values.get(key) for key in own], dtype=pl.Float64)
        whole = (new.round(0) if kind == "int" else new).cast(frame[name].dtype)
        mask = new.is_not_null()
        frames[table.name] = frame.with_columns(whole.zip_with(mask, frame[name]).alias(name))
        record_column(frames, table, name=name, mask=mask, patch=patch)


def _by_column(drawn: Mapping[str, float]) -> dict[tuple[str, str], dict[str, float]]:
    """The values of a draw by table and column, then by key."""
    found: dict[tuple[str, str], dict[str, float]] = {}
    for cell, value in drawn.items():
        table, key, column = _place(cell)
        found.setdefault((table, column), {})[key] = value
    return found


def _place(cell: str) -> tuple[str, str, str]:
    """Table, key and column of a cell named table/key/column; a key may have slashes of its own."""
    table, _, rest = cell.partition("/")
    key, _, column = rest.rpartition("/")
    return table, key, column


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
            seen.setdefault(_place(cell), Counter())[patch.name] += 1
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
    mask = matching(corridor.tables, change, patch=patch)
    for key in keys(frame, table).filter(mask):
        yield from ((table.name, key, column) for column in change.amounts or ("*",))
