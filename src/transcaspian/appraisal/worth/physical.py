"""An outcome as arrays: what the trips of each flow did in each run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from transcaspian.appraisal.evaluate.outcome import Outcome
from transcaspian.corridor.corridor import Corridor
from transcaspian.indicators.cost import tariff_rows

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Physical:
    """What the trips of F flows did in R runs, on M modes.

    Shape: `trips`, `tonnes`, `mean_h`, `sd_h`, `fees_usd`, `tariff_usd` and `base_tariff_usd` (what
    the same trips cost at the rates without measures) are R x F; `vkm` and `tkm` R x F x M.
    """

    trips: Array
    tonnes: Array
    mean_h: Array
    sd_h: Array
    fees_usd: Array
    tariff_usd: Array
    base_tariff_usd: Array
    vkm: Array
    tkm: Array

    @property
    def price(self) -> Array:
        """What is paid for a tonne, tariffs and fees together (R x F, USD/t); 0 where none went."""
        paid = self.fees_usd + self.tariff_usd
        return np.divide(paid, self.tonnes, out=np.zeros_like(paid), where=self.tonnes > 0)


@dataclass(frozen=True, slots=True)
class Frame:
    """What the arrays are of: names of runs and flows in their order, and of modes."""

    runs: tuple[str, ...]
    flows: tuple[str, ...]
    modes: tuple[str, ...]


def physical(
    outcome: Outcome, frame: Frame, *, corridor: Corridor, tariffs: Mapping[str, Corridor]
) -> Physical:
    """The arrays of an outcome, in the order of a frame; what is not there is 0.

    `corridor` is the one without measures; `tariffs` leads from a run to the corridor whose rates
    hold in it, where they are others.
    """
    trips = outcome.trips.with_columns(
        (pl.col("total_h") / pl.col("n")).fill_nan(0.0).alias("mean_h"),
        (pl.col("total_h2") / pl.col("n")).fill_nan(0.0).alias("square"),
    ).with_columns(
        (pl.col("square") - pl.col("mean_h") ** 2).clip(0.0).sqrt().alias("sd_h"),
    )
    fees = outcome.fees.group_by("run", "flow", maintain_order=True).agg(pl.col("usd").sum())
    moves = priced(outcome.moves, corridor, tariffs=tariffs)
    paid = moves.group_by("run", "flow", maintain_order=True).agg(
        pl.col("tariff_usd", "base_tariff_usd").sum()
    )
    by_mode = moves.group_by("run", "flow", "mode", maintain_order=True).agg(
        pl.col("km", "tkm").sum()
    )
    return Physical(
        trips=_grid(trips, "n", frame),
        tonnes=_grid(trips, "tonnes", frame),
        mean_h=_grid(trips, "mean_h", frame),
        sd_h=_grid(trips, "sd_h", frame),
        fees_usd=_grid(fees, "usd", frame),
        tariff_usd=_grid(paid, "tariff_usd", frame),
        base_tariff_usd=_grid(paid, "base_tariff_usd", frame),
        vkm=_cube(by_mode, "km", frame),
        tkm=_cube(by_mode, "tkm", frame),
    )


def priced(
    moves: pl.DataFrame, corridor: Corridor, *, tariffs: Mapping[str, Corridor]
) -> pl.DataFrame:
    """Moves with their tonne-kilometres and what they cost, at the rates of each run and at those
    without measures.

    Shape: as given, with unit, tonnes (a trip), tkm, tariff_usd, base_tariff_usd.
    """
    flows = corridor.table("flows").select(
        "flow", "unit", pl.col("tonnes_per_trip").alias("tonnes")
    )
    rows = moves.join(flows, on="flow", how="left", maintain_order="left").with_columns(
        (pl.col("km") * pl.col("tonnes")).alias("tkm")
    )
    base = _paid(rows, corridor, name="base_tariff_usd")
    if not tariffs:
        return base.with_columns(pl.col("base_tariff_usd").alias("tariff_usd"))
    runs = base["run"].unique(maintain_order=True).to_list()
    return pl.concat(
        [
            _paid(base.filter(pl.col("run") == run), tariffs.get(run, corridor), name="tariff_usd")
            for run in runs
        ]
    )


def _paid(rows: pl.DataFrame, corridor: Corridor, *, name: str) -> pl.DataFrame:
    usd = pl.col("tkm") * pl.col("usd_per_t_km") + pl.col("n") * pl.col("usd_per_trip")
    return (
        tariff_rows(corridor, rows)
        .with_columns(usd.alias(name))
        .drop("usd_per_t_km", "usd_per_trip")
    )


def _grid(rows: pl.DataFrame, column: str, frame: Frame) -> Array:
    found = np.zeros((len(frame.runs), len(frame.flows)))
    run, flow = _places(rows, "run", frame.runs), _places(rows, "flow", frame.flows)
    found[run, flow] = rows[column].to_numpy()
    return found


def _cube(rows: pl.DataFrame, column: str, frame: Frame) -> Array:
    found = np.zeros((len(frame.runs), len(frame.flows), len(frame.modes)))
    run, flow = _places(rows, "run", frame.runs), _places(rows, "flow", frame.flows)
    found[run, flow, _places(rows, "mode", frame.modes)] = rows[column].to_numpy()
    return found


def _places(rows: pl.DataFrame, column: str, names: Sequence[str]) -> NDArray[np.int64]:
    at = {name: number for number, name in enumerate(names)}
    return np.array([at[name] for name in rows[column].to_list()], dtype=np.int64)
