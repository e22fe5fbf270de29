"""What one set of measures does in each run, in physical units: no price or value is in it yet.

Worth is counted from these tables, so that another price asks for no other run.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from io import BytesIO

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.errors import Fault, Where
from transcaspian.events.tally import Tally, summed
from transcaspian.indicators.cost import moved
from transcaspian.indicators.ledger import WAITING, classed, step_countries

RUN_FLOW = {"run": pl.String, "flow": pl.String}
SCHEMAS: dict[str, pl.Schema] = {
    "trips": pl.Schema(
        {
            **RUN_FLOW,
            "n": pl.Float64,
            "tonnes": pl.Float64,
            "total_h": pl.Float64,
            "total_h2": pl.Float64,
            "left_over": pl.Float64,
        }
    ),
    "bins": pl.Schema({**RUN_FLOW, "bin": pl.Int64, "n": pl.Float64}),
    "moves": pl.Schema(
        {
            **RUN_FLOW,
            "place": pl.String,
            "mode": pl.String,
            "country": pl.String,
            "n": pl.Float64,
            "km": pl.Float64,
        }
    ),
    "fees": pl.Schema({**RUN_FLOW, "country": pl.String, "kind": pl.String, "usd": pl.Float64}),
    "stays": pl.Schema(
        {**RUN_FLOW, "country": pl.String, "hours": pl.Float64, "waits": pl.Float64}
    ),
    "waits": pl.Schema({**RUN_FLOW, "place": pl.String, "hours": pl.Float64}),
    "busy": pl.Schema(
        {
            "run": pl.String,
            "resource": pl.String,
            "busy_h": pl.Float64,
            "capacity_h": pl.Float64,
        }
    ),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Sums of a year, run by run.

    Shape: `trips` by flow (finished trips, their tonnes, the sum of their hours and of its square,
    trips not finished or lost); `bins` their histogram; `moves` by flow and link (trips over it
    and their kilometres); `fees` by flow, country and kind; `stays` the hours of a flow in
    each country, and those of them waited; `waits` the hours waited at each place;
    `busy` the hours of servers that served anyone.
    """

    trips: pl.DataFrame
    bins: pl.DataFrame
    moves: pl.DataFrame
    fees: pl.DataFrame
    stays: pl.DataFrame
    waits: pl.DataFrame
    busy: pl.DataFrame

    def of(self, flows: Collection[str], *, resources: Collection[str]) -> Outcome:
        """What is told of some flows and resources, each run by itself."""
        keep = {"flow": list(flows), "resource": list(resources)}
        frames: dict[str, pl.DataFrame] = {}
        for name, schema in SCHEMAS.items():
            column = "flow" if "flow" in schema else "resource"
            frames[name] = getattr(self, name).filter(pl.col(column).is_in(keep[column]))
        return Outcome(**frames)

    def in_run(self, run: str) -> Outcome:
        """What is told of one run."""
        mine = pl.col("run") == run
        return Outcome(**{name: getattr(self, name).filter(mine) for name in SCHEMAS})


def outcome_of(corridor: Corridor, tally: Tally) -> Outcome:
    """The outcome of a tally.

    Unit: a year of the model.
    """
    key = ["run", "flow"]
    trips = tally.trips.select(
        *key,
        "n",
        "tonnes",
        "total_h",
        "total_h2",
        (pl.col("unfinished") + pl.col("lost")).cast(pl.Float64).alias("left_over"),
    )
    return Outcome(
        trips,
        tally.trip_bins.select(*key, "bin", "n"),
        _moves(corridor, tally),
        _fees(corridor, tally),
        _stays(corridor, tally),
        _waits(tally),
        tally.resources.filter(pl.col("busy_h") > 0).select(
            "run", "resource", "busy_h", "capacity_h"
        ),
    )


def _moves(corridor: Corridor, tally: Tally) -> pl.DataFrame:
    return (
        moved(corridor, tally)
        .group_by("run", "flow", "place", "mode", "country", maintain_order=True)
        .agg(summed("n"), summed("km"))
    )


def _fees(corridor: Corridor, tally: Tally) -> pl.DataFrame:
    return (
        tally.payments.join(step_countries(corridor), on="place", how="left", maintain_order="left")
        .with_columns(pl.col("country").fill_null(""))
        .group_by("run", "flow", "country", "kind", maintain_order=True)
        .agg(summed("usd"))
    )


def _stays(corridor: Corridor, tally: Tally) -> pl.DataFrame:
    waiting = pl.col("class").is_in(list(WAITING))
    return (
        classed(tally)
        .join(step_countries(corridor), on="place", how="left", maintain_order="left")
        .with_columns(
            pl.col("country").fill_null(""),
            pl.when(waiting).then(pl.col("hours")).otherwise(0.0).alias("waits"),
        )
        .group_by("run", "flow", "country", maintain_order=True)
        .agg(summed("hours"), summed("waits"))
    )


def _waits(tally: Tally) -> pl.DataFrame:
    return (
        classed(tally)
        .filter(pl.col("class").is_in(list(WAITING)))
        .group_by("run", "flow", "place", maintain_order=True)
        .agg(summed("hours"))
    )


def joined(outcomes: Sequence[Outcome]) -> Outcome:
    """Parts of one corridor, or runs of it, as a whole; in one order whatever theirs was."""
    frames: dict[str, pl.DataFrame] = {}
    for name, schema in SCHEMAS.items():
        keys = [column for column, kind in schema.items() if kind != pl.Float64]
        rows = [getattr(each, name) for each in outcomes] or [pl.DataFrame(schema=schema)]
        frames[name] = pl.concat(rows).sort(keys)
    return Outcome(**frames)


def packed(outcome: Outcome) -> bytes:
    """An outcome as bytes, the same for the same outcome."""
    parts: list[bytes] = []
    for name in SCHEMAS:
        buffer = BytesIO()
        getattr(outcome, name).write_ipc(buffer, compression="zstd")
        parts.append(buffer.getvalue())
    sizes = json.dumps([len(part) for part in parts]).encode()
    return sizes + b"\n" + b"".join(parts)


def unpacked(data: bytes) -> Outcome:
    """The outcome of some bytes.

    Errors: A207 when they are not one.
    """
    head, _, body = data.partition(b"\n")
    try:
        sizes = [int(size) for size in json.loads(head)]
        starts = [sum(sizes[:number]) for number in range(len(sizes))]
        frames = {
            name: pl.read_ipc(BytesIO(body[start : start + size]))
            for name, start, size in zip(SCHEMAS, starts, sizes, strict=True)
        }
    except (ValueError, TypeError, OSError, pl.exceptions.PolarsError) as error:
        raise _unreadable() from error
    if any(frames[name].schema != schema for name, schema in SCHEMAS.items()):
        raise _unreadable()
    return Outcome(**frames)


def _unreadable() -> Fault:
    return Fault(
        "A207",
        "a kept evaluation is not readable",
        where=Where(),
        hint="name another file with --findings; evaluations are made anew",
    )
