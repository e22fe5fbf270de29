"""Some leave-outs done again in full: fitted from the beginning, and simulated."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from transcaspian.calibration.fitting.drawn import draws
from transcaspian.calibration.fitting.fit import Fit, fit, foretell
from transcaspian.calibration.fitting.left_out import Case, cases, fitted_without
from transcaspian.calibration.fitting.rows import Rows
from transcaspian.calibration.tables import REFITS
from transcaspian.calibration.years import Year, drawn_figures
from transcaspian.corridor.corridor import Corridor
from transcaspian.tables.parse import schema_of

Array = NDArray[np.float64]
Progress = Callable[[int, int], None]
SPLITS = ("figure", "crossing", "country")
DRAWS = 8


def refits(
    corridor: Corridor,
    whole: Fit,
    rows: Rows,
    *,
    count: int,
    seed: int,
    progress: Progress | None = None,
) -> pl.DataFrame:
    """Some leave-outs as the one emulator foretells them, and as a fit from the beginning does
    whose draws are simulated: what setting out from the whole fit and the emulator cost.

    Shape: as REFITS.
    """
    chosen = _chosen(rows, whole.base_year, count)
    found: list[dict[str, object]] = []
    for number, case in enumerate(chosen):
        at = int(np.flatnonzero(case.held)[0])
        mine = rows.of(np.arange(len(rows.y)) == at)
        warm = foretell(fitted_without(whole, rows, case), mine).middle[0]
        cold = fit(
            whole.emulator,
            rows.of(~case.gone),
            base_year=whole.base_year,
            regions=whole.regions,
        )
        scores = draws(cold, DRAWS, seed=seed)
        emulated = (whole.emulator.at(scores, mine) - mine.offset)[:, 0]
        simulated = drawn_figures(
            corridor, whole.parameters, scores, year=Year((), frozenset()), seed=seed
        ).filter(pl.col("figure") == mine.frame["figure"][0])
        ran = simulated["draw"].to_numpy()
        gap = float(np.mean(np.log(simulated["value"].to_numpy()) - emulated[ran]))
        refitted = float(foretell(cold, mine).middle[0]) + gap
        found.append(
            {
                "split": case.split,
                "figure": mine.frame["figure"][0],
                "published": float(np.exp(mine.y[0])),
                "predicted": float(np.exp(warm)),
                "refitted": float(np.exp(refitted)),
                "gap": refitted - float(warm),
            }
        )
        if progress is not None:
            progress(number + 1, len(chosen))
    return pl.DataFrame(found, schema=schema_of(REFITS))


def _chosen(rows: Rows, base_year: int, count: int) -> list[Case]:
    """So many leave-outs, as many of each split, evenly over each; the first figure of each."""
    every = list(cases(rows, base_year))
    each = max(count // len(SPLITS), 1)
    found: list[Case] = []
    for split in SPLITS:
        mine = [case for case in every if case.split == split]
        steps = np.linspace(0, len(mine) - 1, each + 2)[1:-1] if mine else []
        found += [mine[round(step)] for step in steps]
    return found[:count]
