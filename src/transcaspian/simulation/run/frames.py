"""The tally of one run, out of its running statistics."""

from __future__ import annotations

import numpy as np
import polars as pl

from transcaspian.events.tally import SCHEMAS, Tally
from transcaspian.simulation import arrays as a
from transcaspian.simulation.arrays import State, Sums
from transcaspian.simulation.model.compile import Model

HOUR = float(a.HOUR)


def tally_of(
    model: Model, state: State, sums: Sums, *, run: str, capacity: np.ndarray, drawn: bool = False
) -> Tally:
    """The tally of the trips that arrived in the counted year; `drawn` as the tally says it.

    Resources and carriers count what began in that year, whoever's trip it was.
    """
    steps = _steps(model, sums)
    frames = {
        "steps": steps,
        "visits": _visits(model, sums),
        "visit_bins": _bins(sums.visit_bins, model.visits),
        "trips": _trips(model, sums),
        "trip_bins": _bins(sums.flow_bins, model.flows.select("flow")),
        "payments": _payments(model, sums),
        "resources": _resources(model, state, capacity),
        "carriers": _carriers(model, state, sums),
    }
    return Tally(
        **{
            name: frame.with_columns(pl.lit(run).alias("run")).select(
                pl.col(column).cast(dtype) for column, dtype in SCHEMAS[name].items()
            )
            for name, frame in frames.items()
        },
        drawn=drawn,
    )


def _counted(model: Model, sums: Sums) -> pl.DataFrame:
    at = model.rows["at"].to_numpy()
    count, wait, service = sums.steps[at].T
    return model.rows.select(
        "flow", "order", "place", "activity", "km", "fee_usd", "op", "at"
    ).with_columns(
        pl.Series("n", count),
        pl.Series("wait_h", wait / HOUR),
        pl.Series("service_h", service / HOUR),
    )


def _steps(model: Model, sums: Sums) -> pl.DataFrame:
    counted = _counted(model, sums).filter(pl.col("n") > 0)
    return counted.with_columns(pl.col("km").fill_null(0.0) * pl.col("n"))


def _payments(model: Model, sums: Sums) -> pl.DataFrame:
    paid = _counted(model, sums).filter((pl.col("n") > 0) & (pl.col("fee_usd") > 0))
    return paid.group_by("flow", "place", "activity", maintain_order=True).agg(
        pl.lit("official").alias("kind"),
        pl.col("n").sum(),
        (pl.col("fee_usd") * pl.col("n")).sum().alias("usd"),
    )


def _visits(model: Model, sums: Sums) -> pl.DataFrame:
    return model.visits.with_columns(
        pl.Series("n", sums.visits[:, 0]),
        pl.Series("dwell_h", sums.visits[:, 1] / HOUR),
        pl.Series("dwell_h2", sums.visit_squares),
    ).filter(pl.col("n") > 0)


def _bins(bins: np.ndarray, names: pl.DataFrame) -> pl.DataFrame:
    row, column = np.nonzero(bins)
    return names[row].with_columns(pl.Series("bin", column), pl.Series("n", bins[row, column]))


def _trips(model: Model, sums: Sums) -> pl.DataFrame:
    begun, ended, total, lost = sums.flows.T
    return model.flows.select(
        "flow",
        pl.Series("n", ended),
        pl.Series("total_h", total / HOUR),
        pl.Series("total_h2", sums.flow_squares),
        (pl.col("tonnes_per_trip") * pl.Series(ended)).alias("tonnes"),
        pl.Series("unfinished", begun - ended - lost),
        pl.Series("lost", lost),
    ).filter(pl.col("n") + pl.col("unfinished") + pl.col("lost") > 0)


def _resources(model: Model, state: State, capacity: np.ndarray) -> pl.DataFrame:
    served = state.served
    return model.resources.select(
        "resource",
        pl.Series("served", served[:, a.SERVED]),
        pl.when(pl.col("kind") == "quota")
        .then(0.0)
        .otherwise(pl.Series(served[:, a.BUSY_TIME] / HOUR))
        .alias("busy_h"),
        pl.Series("capacity_h", capacity / HOUR),
        pl.Series("wait_h", served[:, a.WAITED] / HOUR),
        pl.Series("longest_h", served[:, a.LONGEST] / HOUR),
    )


def _carriers(model: Model, state: State, sums: Sums) -> pl.DataFrame:
    """Sailings, and the deck in them, by call; the waiting is that of the trips counted."""
    calls = model.fleet.calls
    deck = {row[0]: row[1] for row in model.fleet.decks()}
    boarding = _counted(model, sums).filter(pl.col("op") == "board")
    waited = np.zeros(calls.height)
    np.add.at(
        waited, model.steps[boarding["at"].to_numpy(), a.ARG], boarding["service_h"].to_numpy()
    )
    loaded = state.calls[:, a.LOADED] / a.SPACE
    full = np.array([deck[name] for name in calls["service"]]) if calls.height else np.ones(0)
    return calls.select(
        "service",
        "order",
        pl.Series("sailings", state.calls[:, a.SAILINGS]),
        pl.Series("load", loaded / full),
        pl.Series("waiting_h", waited),
    )
