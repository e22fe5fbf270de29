"""What a fit says of itself: its parameters, and the figures before and after it saw them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from transcaspian.calibration.fitting.fit import Fit, beside
from transcaspian.calibration.fitting.kin import LEAST_SLOPE
from transcaspian.calibration.fitting.rows import Rows
from transcaspian.calibration.parameters import Z90
from transcaspian.calibration.tables import FIGURES, PARAMETERS
from transcaspian.tables.parse import schema_of

Array = NDArray[np.float64]
TOLD = 0.1
"""The share of a parameter's variance that figures must take away to have told it anything."""
ENTWINED = 0.6
"""The correlation with another from which on the two are told together only."""
Z80 = 1.2816


def parameters_table(fitted: Fit, first: Array, after: Array) -> pl.DataFrame:
    """The parameters before and after the fit, and how far the figures tell them.

    Shape: `first` and `after` a row a draw, before and after figures are heard; the result as
    PARAMETERS.
    """
    known = fitted.parameters
    factors = np.quantile(known.factors(after), [0.05, 0.5, 0.95], axis=0)
    ends = [known.factors(np.full((1, known.count), z))[0] for z in (-Z90, Z90)]
    told = 1 - after.var(axis=0) / first.var(axis=0)
    moved = np.count_nonzero(np.abs(fitted.slope) > LEAST_SLOPE, axis=0)
    alike = np.asarray(np.corrcoef(after, rowvar=False))
    np.fill_diagonal(alike, 0.0)
    alike[:, moved == 0] = 0.0
    kin = np.argmax(np.abs(alike), axis=1)
    names = known.frame["parameter"].to_list()
    rows: list[dict[str, object]] = []
    for at, row in enumerate(known.frame.iter_rows(named=True)):
        with_ = float(alike[at, kin[at]])
        rows.append(
            {
                **{
                    name: row[name] or None for name in ("place", "country", "network", "direction")
                },
                "parameter": row["parameter"],
                "prior": row["prior"],
                "low": float(ends[0][at]),
                "high": float(ends[1][at]),
                "fitted_low": float(factors[0, at]),
                "fitted": float(factors[1, at]),
                "fitted_high": float(factors[2, at]),
                "told": max(float(told[at]), 0.0),
                "targets": int(moved[at]),
                "standing": _standing(float(told[at]), with_),
                "kin": names[kin[at]] if with_ else None,
                "correlation": with_ or None,
            }
        )
    return pl.DataFrame(rows, schema=schema_of(PARAMETERS))


def _standing(told: float, correlation: float) -> str:
    if told < TOLD:
        return "untold"
    return "together" if abs(correlation) >= ENTWINED else "told"


def figures_table(fitted: Fit, rows: Rows, tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Every target as the draws give it when simulated, and as a fit foretells it unseen.

    Of earlier years, what the draws give is that of the base year and what its year adds. The
    interval is that of a figure published anew: the spread of the draws, and the law's of what sets
    figures apart from the model.

    Shape: as FIGURES.
    """
    spread = dict(zip(rows.frame["figure"], beside(fitted, rows), strict=True))
    added = dict(zip(rows.frame["figure"], rows.offset, strict=True))
    base = fitted.base_year
    drawn = {
        name: np.log(frame["value"].to_numpy())
        for (name,), frame in tables["runs"]
        .filter(pl.col("value") > 0)
        .group_by("figure", maintain_order=True)
    }
    left = tables["left_out"].filter(pl.col("split").is_in(["figure", "door"]))
    unseen = {row["figure"]: row for row in left.iter_rows(named=True)}
    found: list[dict[str, object]] = []
    for row in tables["targets"].iter_rows(named=True):
        name = row["figure"]
        values = drawn.get(name)
        one: dict[str, object] = {"figure": name, "use": row["use"]}
        if values is not None and len(values) > 1:
            values = values + (added.get(name, 0.0) if row["year"] < base else 0.0)
            one["simulated"] = float(np.exp(np.median(values)))
            if name in spread:
                one |= _interval(values, spread[name], float(row["published"]))
        if name in unseen:
            one |= _unseen(unseen[name])
        found.append(one)
    return pl.DataFrame(found, schema=schema_of(FIGURES))


def _interval(values: Array, beside_: float, published: float) -> dict[str, object]:
    middle = float(values.mean())
    half = Z90 * float(np.hypot(values.std(ddof=1), beside_))
    low, high = float(np.exp(middle - half)), float(np.exp(middle + half))
    return {"low": low, "high": high, "inside": low <= published <= high}


def _unseen(row: Mapping[str, float]) -> dict[str, object]:
    middle = np.log(row["predicted"])
    half = (np.log(row["high"]) - middle) * Z90 / Z80
    return {
        "unseen": row["predicted"],
        "unseen_low": float(np.exp(middle - half)),
        "unseen_high": float(np.exp(middle + half)),
    }
