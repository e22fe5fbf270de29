"""What knowing an unpublished fact would be worth: the share of the answers' doubt it holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from transcaspian.calibration.fitting.fit import Fit
from transcaspian.calibration.fitting.rows import Rows
from transcaspian.calibration.tables import WORTH
from transcaspian.corridor.corridor import Corridor
from transcaspian.tables.parse import schema_of

Array = NDArray[np.float64]
LEAST = 1e-4
BESIDE = re.compile(r", (?:beside|over)\b|;")
"""Where a prior's note goes on to say what its factor is beside."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that nobody publishes.

    Shape: `members` are numbers of parameters.
    """

    words: str
    members: NDArray[np.int64]


def worth(fitted: Fit, rows: Rows, corridor: Corridor, *, scores: Array) -> pl.DataFrame:
    """By how much each fact would narrow the answers, most first.

    The answers are the times from door to door and of each country's borders; a fact's share is
    how much of an answer's variance over the draws goes with it, taken by itself, as it bends.

    Shape: `scores` a row a draw; the result as WORTH.
    Source: expected value of partial perfect information, in variance: Oakley and O'Hagan 2004.
    """
    mine = _answers(rows)
    asked = rows.of(mine)
    values = fitted.emulator.at(scores, asked)
    words = [_said(row, corridor) for row in asked.frame.iter_rows(named=True)]
    found: list[dict[str, object]] = []
    for fact in _facts(fitted, corridor):
        shares = _explained(scores[:, fact.members], values)
        best = int(np.argmax(shares))
        if shares.mean() < LEAST:
            continue
        found.append(
            {
                "fact": fact.words,
                "parameters": ";".join(
                    str(fitted.parameters.frame["parameter"][int(at)]) for at in fact.members
                ),
                "answer": words[best],
                "share": float(shares.mean()),
                "most": float(shares[best]),
            }
        )
    frame = pl.DataFrame(found, schema=schema_of(WORTH))
    return frame.sort("share", "fact", descending=[True, False])


def _answers(rows: Rows) -> NDArray[np.bool_]:
    """One row for each time from door to door, and for each country's mean on a surface; where
    neither was published, for each post.
    """
    frame = rows.frame.with_row_index("at")
    doors = frame.filter(pl.Series(~rows.border))
    means = frame.filter(
        pl.Series(rows.border) & pl.col("place").is_null() & pl.col("direction").is_null()
    )
    if not doors.height + means.height:
        means = frame
    kept = [each.unique("cell", keep="last", maintain_order=True)["at"] for each in (doors, means)]
    mask = np.zeros(len(rows.y), dtype=np.bool_)
    for at in kept:
        mask[at.to_numpy()] = True
    return mask


def _said(row: dict[str, object], corridor: Corridor) -> str:
    """What an answer is of."""
    names = dict(corridor.table("places").select("place", "name").iter_rows())
    countries = dict(corridor.table("countries").select("country", "name").iter_rows())
    if row["ends"] and row["ends"] != ">":
        first, last = str(row["ends"]).split(">")
        return f"{names.get(first, first)} to {names.get(last, last)}"
    where = names.get(str(row["place"]), "") or countries.get(str(row["country"]), "")
    return f"border time of {where} by {row['network']}"


def _facts(fitted: Fit, corridor: Corridor) -> Iterator[Fact]:
    """What the parameters of one prior say of one place, or of one country, or of all."""
    names = dict(corridor.table("places").select("place", "name").iter_rows())
    countries = dict(corridor.table("countries").select("country", "name").iter_rows())
    notes = dict(corridor.table("priors").select("prior", "note").iter_rows())
    frame = fitted.parameters.frame.with_row_index("at")
    for (prior, country, place), rows in frame.group_by(
        "prior", "country", "place", maintain_order=True
    ):
        what = BESIDE.split(str(notes[prior] or str(prior).replace("_", " ")))[0]
        where = names.get(place, "") or countries.get(country, "")
        surface = rows["network"][0]
        words = ": ".join(
            part for part in (what, ", ".join(w for w in (where, surface) if w)) if part
        )
        yield Fact(words, rows["at"].to_numpy().astype(np.int64))


def _explained(columns: Array, values: Array) -> Array:
    """The share of each value's variance that a square of some columns takes up, fairly counted.

    Shape: one a column of values.
    """
    space = np.column_stack([np.ones(len(columns)), columns, columns * columns])
    weights, *_ = np.linalg.lstsq(space, values, rcond=None)
    left = ((values - space @ weights) ** 2).sum(axis=0) / (len(values) - space.shape[1])
    whole = values.var(axis=0, ddof=1)
    share = 1 - np.divide(left, whole, out=np.ones_like(left), where=whole > 0)
    return np.asarray(np.maximum(share, 0.0))
