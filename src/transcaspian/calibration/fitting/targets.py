"""Published figures as targets: what the fit makes of each, by what sort of statement it is."""

from __future__ import annotations

import math
from collections.abc import Mapping

import polars as pl

from transcaspian.calibration.tables import TARGETS
from transcaspian.corridor.corridor import Corridor
from transcaspian.tables.parse import schema_of

Z90 = 1.6449
BORDER = "border_h"
TOTAL = "tonnes_kt"
STILL = 0.03
"""Least deviation of the logarithm over the priors of a figure that parameters move."""
ROUGH = 0.10
"""Deviation of a statement's logarithm where nothing is printed of it."""
COUNTED = 0.02
"""The same of a count."""
Row = Mapping[str, object]
WORDS = {
    "survey": ("fitted", "a survey's mean"),
    "schedule": ("bound", "a schedule is the least that it takes"),
    "guidance": ("range", "guidance is a range"),
    "claim": ("shown", "a claim, without end points or conditions that could be checked"),
    "target": ("shown", "a target, not a measurement"),
    "count": ("input", "traffic that the corridor was drawn up with"),
}


def targets(corridor: Corridor, spread: Mapping[str, float]) -> pl.DataFrame:
    """The published figures that the model speaks to, and what the fit makes of each.

    `spread` is how far the logarithm of each simulated figure spreads over the priors.

    Shape: as TARGETS.
    """
    rows = [
        _target(row, spread[row["figure"]])
        for row in corridor.table("published").iter_rows(named=True)
        if row["figure"] in spread
    ]
    return pl.DataFrame(rows, schema=schema_of(TARGETS))


def _target(row: Row, spread: float) -> dict[str, object]:
    use, why = WORDS[str(row["kind"])]
    if use in {"fitted", "bound", "range"} and (spread < STILL or row["unit"] != "h"):
        use, why = "shown", "no parameter is meant to move it"
    told = {"published": row["value"], "use": use, "error": _error(row, use), "why": why}
    same = {name: row[name] for name in TARGETS.names if name in row and name not in told}
    return same | told


def _error(row: Row, use: str) -> float | None:
    """How far a statement's logarithm may be off by itself; a border survey's is fitted."""
    if use == "shown" or (use == "fitted" and row["quantity"] == BORDER):
        return None
    if use == "input":
        return COUNTED
    low, high = row["low"], row["high"]
    if use == "fitted" and isinstance(low, float) and isinstance(high, float) and high > low > 0:
        return max(math.log(high / low) / (2 * Z90), ROUGH)
    return ROUGH
