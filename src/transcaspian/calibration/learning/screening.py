"""Which groups of parameters move which figures: a screening after Morris, by SALib."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from transcaspian.calibration.learning.design import Runs
from transcaspian.calibration.parameters import Parameters
from transcaspian.calibration.tables import SCREENING
from transcaspian.corridor.corridor import Corridor
from transcaspian.errors import Fault, Where
from transcaspian.tables.parse import schema_of

Array = NDArray[np.float64]
LEVELS = 4
EDGES = (0.1, 0.9)
"""The quantiles of the priors between which a group is moved."""
LEAST = 0.03
"""The mean effect on a figure's logarithm below which a group is not kept for it."""
MEMBERS = ("member", "feeder")
OTHERS = "others"


def groups(corridor: Corridor, parameters: Parameters) -> list[str]:
    """The group of each parameter: its prior, and its country where that is of the corridor."""
    known = corridor.table("countries").filter(pl.col("role").is_in(list(MEMBERS)))["country"]
    return [
        prior if not country else f"{prior}/{country if country in known else OTHERS}"
        for prior, country in parameters.frame.select("prior", "country").iter_rows()
    ]


def trajectories(names: list[str], count: int, *, seed: int) -> Array:
    """Scores of a design that moves one group at a time.

    Shape: a row a run, a column a parameter.
    Errors: K103 when SALib is not installed.
    Source: Morris 1991; of groups, Campolongo, Cariboni and Saltelli 2007.
    """
    sample, _ = _salib()
    problem = _problem(names)
    return ndtri(np.asarray(sample.sample(problem, count, num_levels=LEVELS, seed=seed)))


def screened(names: list[str], runs: Runs) -> pl.DataFrame:
    """The mean size of each group's effects on the logarithm of each figure.

    Figures that some run of the design lacks, as one in which yards locked, are left out.

    Shape: as SCREENING.
    Errors: K103 when SALib is not installed.
    """
    _, analyze = _salib()
    problem = _problem(names)
    inputs = np.clip(ndtr(runs.scores), *EDGES)
    rows: list[dict[str, object]] = []
    known = runs.figures.filter(pl.col("value") > 0)
    for (figure,), frame in known.group_by("figure", maintain_order=True):
        if frame.height != len(runs.scores):
            continue
        values = np.log(frame.sort("run")["value"].to_numpy())
        found = analyze.analyze(problem, inputs, values, num_levels=LEVELS, seed=1)
        for name, effect, spread in zip(
            found["names"], found["mu_star"], found["sigma"], strict=True
        ):
            mean = float(effect)
            sigma = float(spread) if np.isfinite(spread) else None
            rows.append(
                {
                    "figure": figure,
                    "factor": str(name),
                    "effect": mean,
                    "spread": sigma,
                    "kept": mean > LEAST,
                }
            )
    return pl.DataFrame(rows, schema=schema_of(SCREENING))


def _problem(names: list[str]) -> dict[str, Any]:
    count = len(names)
    return {
        "num_vars": count,
        "names": [f"p{at}" for at in range(count)],
        "groups": names,
        "bounds": [list(EDGES)] * count,
    }


def _salib() -> tuple[Any, Any]:
    try:
        from SALib.analyze import morris as analyze  # noqa: PLC0415  # an extra
        from SALib.sample import morris as sample  # noqa: PLC0415  # an extra
    except ImportError as error:
        raise Fault(
            "K103",
            "SALib is not installed, which screens the parameters",
            where=Where(),
            hint="pip install 'transcaspian[calibrate]'",
        ) from error
    return sample, analyze
