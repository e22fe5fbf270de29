"""What the provenance says of cells that a patch has touched.

Of frames without a provenance nothing is kept.
"""

from __future__ import annotations

import polars as pl

from transcaspian.corridor.patch import Change, Patch
from transcaspian.corridor.provenance import recorded
from transcaspian.corridor.tables import TABLES, keys
from transcaspian.tables.schema import Table

Frames = dict[str, pl.DataFrame]


def _kept(frames: Frames) -> bool:
    """Whether what is known of cells is kept."""
    return "provenance" in frames


def forget(frames: Frames, table: Table, *, gone: pl.Series) -> None:
    """Nothing; the provenance of rows that are dropped goes with them."""
    if _kept(frames):
        known = (pl.col("table") == table.name) & pl.col("key").is_in(gone.implode())
        frames["provenance"] = frames["provenance"].filter(~known)


def rename(frames: Frames, table: Table, *, after: pl.DataFrame) -> None:
    """Nothing; the provenance of rows whose key changed follows them."""
    if not _kept(frames):
        return
    names = pl.DataFrame(
        {"key": keys(frames[table.name], table), "new": keys(after, table)}
    ).filter(pl.col("key") != pl.col("new"))
    provenance = frames["provenance"].join(names, on="key", how="left", maintain_order="left")
    own = (pl.col("table") == table.name) & pl.col("new").is_not_null()
    frames["provenance"] = provenance.with_columns(
        pl.when(own).then("new").otherwise("key").alias("key")
    ).drop("new")


def record(frames: Frames, change: Change, *, mask: pl.Series, patch: Patch) -> None:
    """Nothing; the provenance of each cited cell that changed now names the patch.

    A range moves with the cell that is scaled or added to; a cell that is set is its own range.
    """
    for name, amount in change.amounts.items() if _kept(frames) else ():
        by = None if change.verb == "set" else (change.verb, float(str(amount)))
        record_column(frames, TABLES[change.table], name=name, mask=mask, patch=patch, by=by)


def record_column(
    frames: Frames,
    table: Table,
    *,
    name: str,
    mask: pl.Series,
    patch: Patch,
    by: tuple[str, float] | None = None,
) -> None:
    """Nothing; the provenance of cells of one column names the patch, if it is a cited one.

    `by`: the verb that moved the cells, and how far; none where they were set.
    """
    if not _kept(frames) or not table.column(name).cited:
        return
    rows = _ranged(frames, table, name=name, mask=mask, patch=patch)
    rows = _moved(rows, *by) if by else _alone(rows)
    frames["provenance"] = recorded(frames["provenance"], rows.drop("value"))


def _ranged(
    frames: Frames, table: Table, *, name: str, mask: pl.Series, patch: Patch
) -> pl.DataFrame:
    """The provenance that cells get from a patch, with their values and the ranges they had."""
    frame = frames[table.name].filter(mask)
    had = frames["provenance"].filter((pl.col("table") == table.name) & (pl.col("column") == name))
    rows = pl.DataFrame({"key": keys(frame, table), "value": frame[name].cast(pl.Float64)})
    return (
        rows.drop_nulls("value")
        .join(had.select("key", "low", "high"), on="key", how="left", maintain_order="left")
        .with_columns(
            table=pl.lit(table.name),
            column=pl.lit(name),
            status=pl.lit(patch.status),
            source=pl.lit(patch.source),
            note=pl.lit(f"by {patch.name}"),
        )
    )


def _moved(rows: pl.DataFrame, verb: str, amount: float) -> pl.DataFrame:
    bounds = [pl.col("low"), pl.col("high")]
    moved = [bound * amount if verb == "scale" else bound + amount for bound in bounds]
    return rows.with_columns(
        low=pl.min_horizontal(*moved, "value"), high=pl.max_horizontal(*moved, "value")
    )


def _alone(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with each value as its own range."""
    return rows.with_columns(low="value", high="value")


def record_row(frames: Frames, table: Table, *, patch: Patch) -> None:
    """Nothing; the cited cells of a row just added are their own ranges when it is estimated."""
    row = frames[table.name].tail(1)
    if not _kept(frames) or not table.sourced or row["status"].item() != "estimated":
        return
    here = pl.repeat(value=True, n=1, eager=True)
    for column in table.columns:
        if column.cited:
            alone = {**frames, table.name: row}
            rows = _ranged(alone, table, name=column.name, mask=here, patch=patch)
            rows = _alone(rows).with_columns(source=pl.lit(row["source"].item()))
            frames["provenance"] = recorded(frames["provenance"], rows.drop("value"))
