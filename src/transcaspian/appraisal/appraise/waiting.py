"""Where the waiting went: the queue ledger of a measure, and gains that come back elsewhere."""

from __future__ import annotations

import numpy as np
import polars as pl

from transcaspian.appraisal.evaluate.outcome import Outcome
from transcaspian.appraisal.worth.results import MOVED, Remark
from transcaspian.appraisal.worth.spread import band

LEAST_H = 50.0
COMES_BACK = 0.3
"""A gain that reappears elsewhere by more than this share of it is told."""


def moved(before: Outcome, after: Outcome, draws: int) -> pl.DataFrame:
    """Hours a year that all traffic waits at each place, with minus without.

    Shape: as MOVED, largest change first; places where less than 50 hours change are left out.
    """
    hours = {
        side: rows.group_by("run", "place", maintain_order=True).agg(pl.col("hours").sum())
        for side, rows in (("old", before.waits), ("new", after.waits))
    }
    both = hours["old"].join(
        hours["new"], on=["run", "place"], how="full", coalesce=True, suffix="_new"
    )
    both = both.with_columns(pl.col("hours", "hours_new").fill_null(0.0)).sort("place", "run")
    runs = sorted({*before.trips["run"], *after.trips["run"]})
    rows: list[dict[str, object]] = []
    for (place,), mine in both.group_by("place", maintain_order=True):
        known = pl.DataFrame({"run": runs}).join(mine, on="run", how="left", maintain_order="left")
        old, new = (known[name].fill_null(0.0).to_numpy() for name in ("hours", "hours_new"))
        found = band(np.asarray(new - old), draws)
        if abs(found.value) >= LEAST_H:
            rows.append(
                {
                    "place": place,
                    "unit": "h/y",
                    "without": float(old.mean()),
                    "value": found.value,
                    "low": found.low,
                    "high": found.high,
                }
            )
    table = pl.DataFrame(rows, schema={k: v for k, v in MOVED.items() if k != "reappears"})
    table = table.sort(pl.col("value").abs(), "place", descending=[True, False])
    most = -float(table["value"].min() or 0.0) if table.height else 0.0  # type: ignore[arg-type]
    back = (pl.col("value") > COMES_BACK * most) & (most > 0) & (pl.col("low") > 0)
    return table.with_columns(back.alias("reappears")).match_to_schema(MOVED)


def remarks(moved_: pl.DataFrame, *, names: dict[str, str]) -> list[Remark]:
    """Which gains come back, and where."""
    back = moved_.filter("reappears")
    if back.is_empty():
        return []
    best = moved_.sort("value").row(0, named=True)
    gone = -float(best["value"])
    found: list[Remark] = []
    for place, value in back.select("place", "value").iter_rows():
        told: dict[str, str | float] = {
            "place": names.get(best["place"], str(best["place"])),
            "gone": gone,
            "back": float(value),
            "share": float(value) / gone,
            "other": names.get(place, str(place)),
        }
        found.append(Remark("queue_moves", told))
    return found
