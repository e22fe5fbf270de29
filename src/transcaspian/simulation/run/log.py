"""The whole log of one run, out of its records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from transcaspian.events.declarations import PAYMENTS
from transcaspian.events.log import Events, events_of
from transcaspian.simulation.kernel.drain import count_steps, place_steps
from transcaspian.simulation.model.compile import Model
from transcaspian.tables.parse import empty, schema_of

INSTANT = pl.Datetime("us", "UTC")


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of the trips counted, trip by trip in order."""

    flow: np.ndarray
    lost: np.ndarray
    trip: np.ndarray
    row: np.ndarray
    arrived: np.ndarray
    started: np.ndarray
    ended: np.ndarray


def steps_of(model: Model, blocks: Sequence[np.ndarray], entities: int) -> Steps:
    """Records sorted into trips, numbered from 1 in order of arrival."""
    begin, end = model.horizon.begin, model.horizon.end
    current = np.full(entities, -1, dtype=np.int64)
    sizes = np.zeros(sum(len(block) for block in blocks) + 1, dtype=np.int32)
    trips = 0
    for block in blocks:
        trips = count_steps(block, model.marks, current, (begin, end, trips), sizes)
    first = np.concatenate([[0], np.cumsum(sizes[:trips], dtype=np.int64)])
    total = int(first[-1])
    flow, lost = np.zeros(trips, dtype=np.int32), np.zeros(trips, dtype=np.bool_)
    rows = np.zeros(total, dtype=np.int32)
    trip = np.zeros(total, dtype=np.int64)
    times = [np.zeros(total, dtype=np.int64) for _ in range(3)]
    place = np.full((entities, 3), -1, dtype=np.int64)
    placed = 0
    for block in blocks:
        placed = place_steps(
            block, model.marks, place, (begin, end, placed), (first, flow, lost, trip, rows, *times)
        )
    return Steps(flow, lost, trip + 1, rows, *times)


def events_of_run(model: Model, steps: Steps, *, run: str) -> Events:
    """The log: trips, steps and what was paid."""
    row_of = np.zeros(len(model.steps), dtype=np.int32)
    row_of[model.rows["at"].to_numpy()] = np.arange(model.rows.height)
    rows = row_of[steps.row]
    return events_of(
        _trips(model, steps, run),
        _steps(model, steps, rows, run=run),
        payments=_payments(model, steps, rows, run=run),
    )


def _trips(model: Model, steps: Steps, run: str) -> pl.DataFrame:
    flows = model.flows.select(
        "flow",
        pl.col("good").alias("goods"),
        "unit",
        "origin",
        "destination",
        "direction",
        pl.col("tonnes_per_trip").alias("tonnes"),
        (pl.col("tonnes_per_trip") * pl.col("value_usd_per_t")).alias("value_usd"),
    )
    frame = flows[steps.flow].with_columns(
        pl.lit(run).alias("run"),
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("trip"),
        *(pl.lit(None, dtype=pl.String).alias(name) for name in ("name", "carrier", "cluster")),
        pl.lit(1.0).alias("weight"),
        pl.Series("lost", steps.lost),
    )
    return frame.select(
        "run",
        "trip",
        "name",
        "flow",
        "goods",
        "unit",
        "origin",
        "destination",
        "direction",
        "tonnes",
        "value_usd",
        "weight",
        "lost",
        "carrier",
        "cluster",
    )


def _steps(model: Model, steps: Steps, rows: np.ndarray, *, run: str) -> pl.DataFrame:
    words = model.rows.select("order", "place", "activity")[rows]
    instants = [
        pl.Series(name, values).cast(INSTANT)
        for name, values in (
            ("arrived", steps.arrived),
            ("started", steps.started),
            ("ended", steps.ended),
        )
    ]
    return words.select(
        pl.lit(run).alias("run"),
        pl.Series("trip", steps.trip),
        pl.col("order").alias("step"),
        "place",
        "activity",
        *instants,
        pl.lit(None, dtype=pl.Float64).alias("slack_h"),
        pl.lit("simulated").alias("quality"),
        pl.lit(None, dtype=pl.String).alias("grade"),
    )


def _payments(model: Model, steps: Steps, rows: np.ndarray, *, run: str) -> pl.DataFrame:
    fees = model.rows["fee_usd"].fill_null(0.0).to_numpy()
    paid = np.flatnonzero(fees[rows] > 0.0) if (fees > 0.0).any() else np.zeros(0, dtype=np.int64)
    if len(paid) == 0:
        return empty(PAYMENTS)
    frame = model.rows.select(pl.col("order").alias("step"), pl.col("fee_usd").alias("amount"))[
        rows[paid]
    ]
    return frame.select(
        pl.lit(run).alias("run"),
        pl.Series("trip", steps.trip[paid]),
        "step",
        pl.lit("official").alias("kind"),
        "amount",
        pl.lit("USD").alias("currency"),
    ).cast(dict(schema_of(PAYMENTS)))  # pyright: ignore[reportArgumentType]  # names to types
