"""A design of runs: the corridor simulated at many settings of its parameters, on common luck."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import qmc

from transcaspian.calibration.parameters import Parameters
from transcaspian.corridor.corridor import Corridor
from transcaspian.corridor.tables import UNHEARD
from transcaspian.errors import Fault
from transcaspian.indicators.border import border_hours
from transcaspian.indicators.published import simulated_figures
from transcaspian.simulation import run_model
from transcaspian.tables.store import content_hash, write_whole

Progress = Callable[[int, int], None]
BLOCK = 16
EDGE = 1e-3
LOCKED = "S104"
"""The code of yards that wait for each other."""


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs of a design.

    Shape: `scores` a row a run, a column a parameter; `sides` run, place, network, direction,
    trips, value (hours); `figures` run, figure, value.
    """

    scores: NDArray[np.float64]
    sides: pl.DataFrame
    figures: pl.DataFrame


def latin(count: int, parameters: Parameters, *, seed: int) -> NDArray[np.float64]:
    """Scores spread over the prior: each parameter takes each of its quantiles once.

    Source: McKay, Beckman and Conover 1979.
    """
    sampler = qmc.LatinHypercube(d=parameters.count, rng=np.random.default_rng(seed))
    return ndtri(np.clip(sampler.random(count), EDGE, 1 - EDGE))


def run_design(
    corridor: Corridor,
    parameters: Parameters,
    scores: NDArray[np.float64],
    *,
    folder: Path,
    seed: int = 1,
    progress: Progress | None = None,
) -> Runs:
    """The runs of a design; those that the folder holds already are taken from there.

    A setting that breaks a rule of the corridor, as one whose yards lock, has no rows.

    Blocks of runs are kept under a hash of the corridor, the cells set and the luck, so that a
    design that was interrupted goes on where it stopped.
    """
    folder.mkdir(parents=True, exist_ok=True)
    blocks = [range(at, min(at + BLOCK, len(scores))) for at in range(0, len(scores), BLOCK)]
    parts: list[tuple[pl.DataFrame, pl.DataFrame]] = []
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        for block in blocks:
            name = _named(corridor, parameters, scores[block.start : block.stop], seed)
            known = folder / f"{name}.sides.parquet", folder / f"{name}.figures.parquet"
            if not all(path.exists() for path in known):
                found = list(
                    pool.map(
                        lambda number: _one(corridor, parameters, scores[number], seed=seed),
                        block,
                    )
                )
                for path, at in zip(known, (0, 1), strict=True):
                    rows = [_numbered(each[at], start) for start, each in enumerate(found)]
                    _keep(pl.concat(rows), path)
            parts.append(
                tuple(  # type: ignore[arg-type]  # two frames
                    pl.read_parquet(path).with_columns(pl.col("run") + block.start)
                    for path in known
                )
            )
            if progress is not None:
                progress(block.stop, len(scores))
    sides, figures = (pl.concat(each) for each in zip(*parts, strict=True))
    return Runs(scores, sides, figures)


def _named(
    corridor: Corridor, parameters: Parameters, scores: NDArray[np.float64], seed: int
) -> str:
    cells = content_hash(parameters.draws(scores))
    return hashlib.sha256(f"{corridor.hash_without(UNHEARD)} {cells} {seed}".encode()).hexdigest()[
        :20
    ]


def _one(
    corridor: Corridor, parameters: Parameters, scores: NDArray[np.float64], *, seed: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What one setting comes to."""
    model = parameters.model(corridor, scores)
    one = model.corridor
    try:
        tally = run_model(model, seed=seed, threads=1).tally
    except Fault as fault:
        if fault.code != LOCKED:
            raise
        return NOTHING
    sides = border_hours(one, tally).select("place", "network", "direction", "trips", "value")
    return sides, simulated_figures(one, tally, ways=model.rows)


NOTHING = (
    pl.DataFrame(
        schema={
            "place": pl.String,
            "network": pl.String,
            "direction": pl.String,
            "trips": pl.Float64,
            "value": pl.Float64,
        }
    ),
    pl.DataFrame(schema={"figure": pl.String, "value": pl.Float64}),
)


def _numbered(frame: pl.DataFrame, number: int) -> pl.DataFrame:
    return frame.select(pl.lit(number).cast(pl.Int64).alias("run"), pl.all())


def _keep(frame: pl.DataFrame, path: Path) -> None:
    buffer = BytesIO()
    frame.write_parquet(buffer)
    write_whole(path, buffer.getvalue())
