"""What little differs between the engines that a log may live on: Polars here, Spark beyond.

Everything else that touches every row is written once, with Narwhals expressions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import polars as pl

Frame = Any  # a Narwhals frame, eager on Polars and lazy elsewhere
TRIP = ("run", "trip")
MILLIONTH = 1_000_000
SPARK_TYPES: dict[type[pl.DataType], str] = {
    pl.String: "string",
    pl.Categorical: "string",
    pl.Int64: "bigint",
    pl.Float64: "double",
    pl.Boolean: "boolean",
    pl.Datetime: "timestamp",
}


def here(frame: Frame) -> bool:
    """Whether the frame is an eager Polars one."""
    return isinstance(frame, nw.DataFrame)


def on_engine(frame: Any) -> Frame:  # noqa: ANN401  # a native frame of any engine
    """The native frame as a Narwhals one; a lazy Polars frame is read into memory."""
    return nw.from_native(frame.collect() if isinstance(frame, pl.LazyFrame) else frame)


def beside(small: Any, big: Frame) -> Frame:  # noqa: ANN401  # a native frame of any engine
    """A small frame on the engine of a big one, so that the two can be joined."""
    if here(big) or not isinstance(small, pl.DataFrame):
        return on_engine(small)
    session = nw.to_native(big).sparkSession
    fields = (f"`{name}` {SPARK_TYPES[type(kind)]}" for name, kind in small.schema.items())
    return nw.from_native(session.createDataFrame(small.rows(), ", ".join(fields)))


def gathered(frame: Frame) -> pl.DataFrame:
    """The rows as a Polars frame; the one step that brings rows home."""
    found = frame if here(frame) else frame.collect(backend="polars")
    return nw.to_native(found)


def settled(frame: Frame) -> Frame:
    """The frame worked out where it lives, so that what follows does not work it out again.

    Beyond one machine the rows stay on the workers; nothing is brought home.
    """
    return frame if here(frame) else nw.from_native(nw.to_native(frame).localCheckpoint())


def micros(frame: Frame, columns: Sequence[str]) -> Frame:
    """The frame with its instants as whole microseconds since 1970."""
    if here(frame) or isinstance(nw.to_native(frame), pl.LazyFrame):
        return frame.with_columns(nw.col(*columns).dt.timestamp("us"))
    from pyspark.sql import functions as spark  # noqa: PLC0415  # an optional extra

    native = nw.to_native(frame)
    return nw.from_native(native.withColumns({name: spark.unix_micros(name) for name in columns}))


def instants(frame: Frame, columns: Sequence[str]) -> Frame:
    """The frame with whole microseconds since 1970 as instants."""
    if here(frame):
        return frame.with_columns(nw.col(*columns).cast(nw.Datetime("us", "UTC")))
    from pyspark.sql import functions as spark  # noqa: PLC0415  # an optional extra

    native = nw.to_native(frame)
    made = {name: spark.timestamp_micros(spark.col(name)) for name in columns}
    return nw.from_native(native.withColumns(made))


def coded(frame: Frame, columns: Sequence[str]) -> Frame:
    """The frame with its words as codes where the engine has such, which makes grouping quick."""
    return frame.with_columns(nw.col(*columns).cast(nw.Categorical)) if here(frame) else frame


def grouped(frame: Frame, by: Sequence[str], *sums: nw.Expr) -> Frame:
    """The aggregates of each group, planned as a whole: on Polars several times quicker."""
    found = frame.lazy().group_by(*by).agg(*sums)
    return found.collect(backend="polars") if here(frame) else found


def added(frame: Frame, by: Sequence[str], columns: Sequence[str], *others: nw.Expr) -> Frame:
    """The sums of some columns in each group, to the millionth, and other aggregates beside them.

    Whole numbers are summed, which add up alike in any order: the same rows give the same bytes on
    any number of threads and on any engine.
    """
    whole = [
        (nw.col(name) * MILLIONTH + 0.5).floor().cast(nw.Int64).alias(name) for name in columns
    ]
    found = grouped(frame.with_columns(*whole), by, nw.col(*columns).sum(), *others)
    return found.with_columns(*((nw.col(name) / MILLIONTH).alias(name) for name in columns))


def in_order(frame: Frame) -> Frame:
    """The rows trip by trip and step by step where the engine keeps an order."""
    if not here(frame):
        return frame
    run, trip, step = (nw.col(name) for name in (*TRIP, "step"))
    same = (run == run.shift(1)) & (trip == trip.shift(1))
    right = (same & (step > step.shift(1))) | (~same & (trip > trip.shift(1)))
    changes = frame.select((run != run.shift(1)).sum()).item()
    runs = frame.select(run.n_unique()).item()
    kept = right.fill_null(value=True) | (run != run.shift(1)).fill_null(value=True)
    if changes == max(runs - 1, 0) and frame.select(kept.all()).item():
        return frame
    return frame.sort(*TRIP, "step")


def beyond(column: str, frame: Frame, *, rows: int, by: str) -> nw.Expr:
    """What stands `rows` further back (or, if negative, on) in the same trip; null at its ends."""
    other = nw.col(column).shift(rows)
    if not here(frame):
        return other.over(*TRIP, order_by=by)
    same = nw.all_horizontal(
        *(nw.col(name) == nw.col(name).shift(rows) for name in TRIP), ignore_nulls=False
    )
    return nw.when(same).then(other)


def running(flag: str, frame: Frame, *, by: str) -> nw.Expr:
    """How many rows so far are flagged: in the trip, or in the frame where that is as good."""
    number = nw.when(nw.col(flag)).then(nw.lit(1)).otherwise(nw.lit(0)).cum_sum()
    return number if here(frame) else number.over(*TRIP, order_by=by)


def counted(by: Sequence[str], *, order: Sequence[str]) -> nw.Expr:
    """The number of each row in its group, from 1, in some order."""
    return nw.col(by[0]).cum_count().over(*by, order_by=list(order)).cast(nw.Int64)
