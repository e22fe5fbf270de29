"""A corridor with its patches applied."""

from __future__ import annotations

from collections import Counter
from types import MappingProxyType

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.corridor.kinds import changes
from transcaspian.corridor.patch import Change, Patch, Value
from transcaspian.corridor.tables import TABLES, keys
from transcaspian.errors import Fault, Faults, Where, nearest
from transcaspian.tables.check import check_frame, check_references
from transcaspian.tables.parse import DTYPES, schema_of
from transcaspian.tables.schema import Table

Frames = dict[str, pl.DataFrame]


def apply(corridor: Corridor, *patches: Patch, draw: int | None = None) -> Corridor:
    """The corridor with the patches applied in order; the corridor given is left as it was.

    Errors: P103 when a `where` matches no row, P105 for an unknown table or column, P106 when the
    result breaks a declaration.
    """
    if not patches:
        return corridor
    frames: Frames = dict(corridor.tables)
    for patch in patches:
        for change in changes(patch):
            _apply_change(frames, change, patch)
        if draw is not None and patch.draws is not None:
            _apply_draw(frames, patch, draw)
    changed = {name for patch in patches for name in _touched(patch)} | {"provenance"}
    _recheck(frames, changed, patches)
    return Corridor(
        corridor.about,
        MappingProxyType(frames),
        corridor.measures,
        corridor.editions,
        corridor.shocks,
        corridor.folder,
    )


def _touched(patch: Patch) -> set[str]:
    drawn = (
        {name.split("/")[0] for name in patch.draws.columns} if patch.draws is not None else set()
    )
    return {change.table for change in changes(patch)} | drawn


def _recheck(frames: Frames, changed: set[str], patches: tuple[Patch, ...]) -> None:
    names = ", ".join(patch.name for patch in patches)
    faults = [
        fault
        for name in sorted(changed)
        for fault in check_frame(frames[name], TABLES[name], file=f"{name} with {names}")
    ]
    faults += check_references(frames, TABLES)
    if faults:
        raise Faults(
            Fault(
                "P106",
                f"{fault.code} {fault.what}",
                where=fault.where,
                expected=fault.expected,
                nearest=fault.nearest,
            )
            for fault in faults
        )


def _fault(code: str, what: str, patch: Patch, **more: object) -> Fault:
    return Fault(code, what, where=Where(file=f"{patch.name}.toml"), **more)  # type: ignore[arg-type]


def _apply_change(frames: Frames, change: Change, patch: Patch) -> None:
    if change.table not in TABLES:
        raise _fault(
            "P105", f"no table {change.table!r}", patch, nearest=nearest(change.table, TABLES)
        )
    table = TABLES[change.table]
    frame = frames[change.table]
    if change.verb == "add" and not change.where:
        frames[change.table] = _append(frame, table, change.add or {}, patch)
        return
    mask = matching(frame, change, patch)
    if change.verb == "drop":
        _drop(frames, change.table, mask)
        return
    frames[change.table] = _write(frame, change, mask, table=table, patch=patch)
    _record(frames, change, mask, patch=patch)


def matching(frame: pl.DataFrame, change: Change, patch: Patch) -> pl.Series:
    """Which rows a change is about.

    Errors: P103 when there is none, P105 for an unknown column.
    """
    mask = pl.repeat(value=True, n=frame.height, eager=True)
    for name, wanted in change.where.items():
        if name not in frame.columns:
            raise _fault(
                "P105",
                f"table {change.table} has no column {name!r}",
                patch,
                nearest=nearest(name, frame.columns),
            )
        values = [_word(value) for value in (wanted if isinstance(wanted, list) else [wanted])]
        words = frame[name].cast(pl.String)
        hit = words.is_in(values).fill_null(value=False)
        if not hit.any():
            raise _fault(
                "P103",
                f"no row of {change.table} has {name} = {' or '.join(values)}",
                patch,
                nearest=nearest(values[0], words.drop_nulls().unique().sort().to_list()),
                hint=f"transcaspian show {change.table}",
            )
        mask = mask & hit
    if not mask.any():
        raise _fault(
            "P103",
            f"no row of {change.table} has {_condition(change)} together",
            patch,
            hint=f"transcaspian show {change.table}",
        )
    return mask


def _condition(change: Change) -> str:
    return " and ".join(f"{name} = {value}" for name, value in change.where.items())


def _word(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _append(frame: pl.DataFrame, table: Table, row: dict[str, Value], patch: Patch) -> pl.DataFrame:
    unknown = [name for name in row if name not in table.names]
    if unknown:
        raise _fault(
            "P105",
            f"table {table.name} has no column {unknown[0]!r}",
            patch,
            nearest=nearest(unknown[0], table.names),
        )
    full = {column.name: row.get(column.name, column.default) for column in table.all_columns}
    if table.sourced:
        full["source"] = row.get("source", patch.source)
        full["status"] = row.get("status", "derived")
    try:
        new = pl.DataFrame([full], schema=schema_of(table))
    except (TypeError, pl.exceptions.PolarsError) as error:
        raise _fault("P105", f"a row of {table.name}: {error}", patch) from error
    return pl.concat([frame, new])


def _write(
    frame: pl.DataFrame, change: Change, mask: pl.Series, *, table: Table, patch: Patch
) -> pl.DataFrame:
    updates: list[pl.Series] = []
    for name, amount in (change.set or change.scale or change.add or {}).items():
        if name not in table.names:
            raise _fault(
                "P105",
                f"table {table.name} has no column {name!r}",
                patch,
                nearest=nearest(name, table.names),
            )
        column = table.column(name)
        if change.verb != "set" and column.type not in {"int", "float"}:
            raise _fault("P105", f"{change.verb} of {name!r}, which holds no numbers", patch)
        updates.append(
            _updated(frame[name], mask, change.verb, amount=amount)
            .cast(DTYPES[column.type])
            .alias(name)
        )
    return frame.with_columns(updates)


def _updated(values: pl.Series, mask: pl.Series, verb: str, *, amount: Value | None) -> pl.Series:
    if verb == "set":
        new = pl.repeat(amount, n=len(values), eager=True)
    elif verb == "scale":
        new = values * amount  # type: ignore[operator]  # numeric columns only
        new = new.round(0) if values.dtype.is_integer() else new
    else:
        new = values + amount  # type: ignore[operator]  # as above
    return new.cast(values.dtype).zip_with(mask, values)


def _drop(frames: Frames, name: str, mask: pl.Series) -> None:
    frame = frames[name]
    gone = keys(frame, TABLES[name]).filter(mask).to_list()
    frames[name] = frame.filter(~mask)
    known = (pl.col("table") == name) & pl.col("key").is_in(gone)
    frames["provenance"] = frames["provenance"].filter(~known)


def _record(frames: Frames, change: Change, mask: pl.Series, *, patch: Patch) -> None:
    """Nothing; the provenance of each cited cell that changed now names the patch."""
    table = TABLES[change.table]
    frame = frames[change.table].filter(mask)
    keyed = keys(frame, table)
    columns = [
        name
        for name in (change.set or change.scale or change.add or {})
        if table.column(name).cited
    ]
    for name in columns:
        rows = pl.DataFrame(
            {
                "table": change.table,
                "key": keyed,
                "column": name,
                "status": patch.status,
                "low": frame[name].cast(pl.Float64),
                "high": frame[name].cast(pl.Float64),
                "source": patch.source,
                "note": f"set by {patch.name}",
            },
            schema=schema_of(TABLES["provenance"]),
        )
        old = frames["provenance"].filter(
            ~(
                (pl.col("table") == change.table)
                & (pl.col("column") == name)
                & pl.col("key").is_in(keyed.to_list())
            )
        )
        frames["provenance"] = pl.concat([old, rows])


def _apply_draw(frames: Frames, patch: Patch, draw: int) -> None:
    draws = patch.draws
    if draws is None or not 0 <= draw < draws.height:
        count = 0 if draws is None else draws.height
        raise _fault("P105", f"no draw {draw}; there are {count}", patch)
    for cell, value in draws.row(draw, named=True).items():
        name, key, column = (
            cell.split("/", 1)[0],
            "/".join(cell.split("/")[1:-1]),
            cell.split("/")[-1],
        )
        table = TABLES[name]
        mask = keys(frames[name], table) == key
        if not mask.any():
            raise _fault("P103", f"no row of {name} has the key {key!r}", patch)
        values = _updated(frames[name][column], mask, "set", amount=value)
        frames[name] = frames[name].with_columns(values.alias(column))


def conflicts(corridor: Corridor, *patches: Patch) -> pl.DataFrame:
    """Cells that more than one patch writes.

    Shape: table, key, column, patches (joined by a semicolon).
    """
    seen: dict[tuple[str, str, str], Counter[str]] = {}
    for patch in patches:
        for change in changes(patch):
            if change.verb == "add" and not change.where:
                continue
            table = TABLES[change.table]
            mask = matching(corridor.table(change.table), change, patch)
            for key in keys(corridor.table(change.table), table).filter(mask):
                for column in (
                    change.set or change.scale or change.add or dict.fromkeys(table.names)
                ):
                    seen.setdefault((change.table, key, column), Counter())[patch.name] += 1
    rows = [(*cell, ";".join(names)) for cell, names in seen.items() if len(names) > 1]
    return pl.DataFrame(rows, schema=["table", "key", "column", "patches"], orient="row")
