"""What one release says otherwise than another."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl


def restated(
    before: pl.DataFrame, after: pl.DataFrame, *, keys: Sequence[str], table: str
) -> pl.DataFrame:
    """Every figure that is new, gone, or another than before.

    A figure that was printed and is blank now is withdrawn; one that was blank is filled.

    Shape: table, key, column, what (new row, gone row, changed, withdrawn, filled), before, after
    (as text), change (after over before less one, for numbers).
    """
    names = [name for name in after.columns if name in before.columns and name not in keys]
    old = before.select(*keys, *names).unique(list(keys), maintain_order=True)
    new = after.select(*keys, *names).unique(list(keys), maintain_order=True)
    key = pl.concat_str(
        [pl.col(name).cast(pl.String).fill_null("") for name in keys], separator="/"
    )
    gone = old.join(new, on=list(keys), how="anti").select(key.alias("key"))
    come = new.join(old, on=list(keys), how="anti").select(key.alias("key"))
    both = new.join(old, on=list(keys), how="inner", suffix=" before")
    parts = [
        _rows(gone.with_columns(pl.lit("gone row").alias("what")), table),
        _rows(come.with_columns(pl.lit("new row").alias("what")), table),
        *(_changed(both, name, key=key, table=table) for name in names),
    ]
    return pl.concat(parts).sort("key", "column")


SHAPE = {
    "table": pl.String,
    "key": pl.String,
    "column": pl.String,
    "what": pl.String,
    "before": pl.String,
    "after": pl.String,
    "change": pl.Float64,
}


def _rows(found: pl.DataFrame, table: str) -> pl.DataFrame:
    """Whole rows that are new or gone."""
    return found.select(
        pl.lit(table).alias("table"),
        "key",
        pl.lit("").alias("column"),
        "what",
        pl.lit(None, pl.String).alias("before"),
        pl.lit(None, pl.String).alias("after"),
        pl.lit(None, pl.Float64).alias("change"),
    )


def _changed(both: pl.DataFrame, name: str, *, key: pl.Expr, table: str) -> pl.DataFrame:
    """The cells of one column that are not what they were."""
    new, old = pl.col(name), pl.col(f"{name} before")
    what = (
        pl.when(new.is_null())
        .then(pl.lit("withdrawn"))
        .when(old.is_null())
        .then(pl.lit("filled"))
        .otherwise(pl.lit("changed"))
    )
    number = both.schema[name].is_numeric()
    change = (new / old - 1).cast(pl.Float64) if number else pl.lit(None, pl.Float64)
    return both.filter(~new.eq_missing(old)).select(
        pl.lit(table).alias("table"),
        key.alias("key"),
        pl.lit(name).alias("column"),
        what.alias("what"),
        old.cast(pl.String).alias("before"),
        new.cast(pl.String).alias("after"),
        pl.when(change.is_finite()).then(change).alias("change"),
    )


__all__ = ["SHAPE", "restated"]
