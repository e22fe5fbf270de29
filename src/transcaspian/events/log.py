"""The log: what happened to trips, surveyed or simulated."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from transcaspian.errors import Fault, Where
from transcaspian.events.declarations import LOG, PAYMENTS, READINGS, STEPS, TRIPS, WITNESSES
from transcaspian.tables.check import check_frame
from transcaspian.tables.parse import empty


@dataclass(frozen=True, slots=True)
class Events:
    """One log; `steps` may be a frame of another engine that Narwhals knows."""

    trips: pl.DataFrame
    steps: pl.DataFrame
    payments: pl.DataFrame
    readings: pl.DataFrame
    witnesses: pl.DataFrame


def events_of(
    trips: pl.DataFrame, steps: pl.DataFrame, *, payments: pl.DataFrame | None = None
) -> Events:
    """The log of some frames; what is left out is empty."""
    paid = empty(PAYMENTS) if payments is None else payments
    return Events(trips, steps, paid, empty(READINGS), empty(WITNESSES))


def check(events: Events) -> list[Fault]:
    """Every fault of a log: its tables, instants out of order, steps without an instant or a trip.

    Errors: C-codes of the tables, R102, R103, R104.
    """
    frames = {name: getattr(events, name) for name in LOG}
    faults = [
        fault
        for name, table in LOG.items()
        for fault in check_frame(frames[name], table, file=name)
    ]
    return [*faults, *_instants(events.steps), *_orphans(events)]


def _instants(steps: pl.DataFrame) -> list[Fault]:
    rows = steps.with_row_index("row")
    none = rows.filter(pl.all_horizontal(pl.col("arrived", "started", "ended").is_null()))
    backward = rows.filter(
        (pl.col("started") < pl.col("arrived"))
        | (pl.col("ended") < pl.col("started"))
        | (pl.col("ended") < pl.col("arrived"))
    )
    return [
        *(
            _fault("R104", row, "no instant at all", "arrived, started or ended")
            for row in none["row"].head(20)
        ),
        *(
            _fault("R102", row, "instants out of order", "arrived <= started <= ended")
            for row in backward["row"].head(20)
        ),
    ]


def _orphans(events: Events) -> list[Fault]:
    lost = events.steps.with_row_index("row").join(
        events.trips.select("run", "trip"), on=["run", "trip"], how="anti", maintain_order="left"
    )
    return [
        _fault("R103", row, "its trip is not in trips", TRIPS.meaning)
        for row in lost["row"].head(20)
    ]


def _fault(code: str, row: int, what: str, expected: str) -> Fault:
    return Fault(code, what, where=Where(file=STEPS.name, row=row + 1), expected=expected)
