"""Figures left out, foretold by a fit that never saw them, beside the naive rule for each kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtr

from transcaspian.calibration.fitting.fit import Fit, fit, foretell
from transcaspian.calibration.fitting.rows import Rows
from transcaspian.calibration.tables import LEFT_OUT, SCORES
from transcaspian.tables.parse import schema_of

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Progress = Callable[[int, int], None]
Z80 = 1.2816
AIM = 0.75
"""The share of the naive rule's miss that ours should not pass."""
AIM_DOOR = 0.25
"""The median miss that ours should not pass where there is no naive rule."""
LAST_SEEN = 2
"""How many years before the base year the split in time is."""
LEAST_FIGURES = 8
RULES = {
    "figure": "the same cell in its nearest year",
    "crossing": "its country's mean of that year, which holds it",
    "country": "the other countries of its surface in that year",
    "year": "the same cell in its nearest year",
    "later": "the same cell in the last year seen",
    "door": "none",
}
OTHERS = "the other crossings of its country in that year"
"""A rule for crossings that has not seen the crossing."""


@dataclass(frozen=True, slots=True)
class Case:
    """Some figures to foretell, and what must not be seen for that.

    Shape: both one flag a row.
    """

    split: str
    held: Mask
    gone: Mask


def cases(rows: Rows, base_year: int) -> Iterator[Case]:
    """The leave-outs: each without its editions, its sibling directions, and means that hold it."""
    frame = rows.frame
    cell, region, year = (frame[name].to_numpy() for name in ("cell", "region", "year"))
    place, country = frame["place"].fill_null("").to_numpy(), frame["country"].to_numpy()
    scored = rows.surveyed
    for at in np.flatnonzero(scored):
        gone = (cell == cell[at]) & (year == year[at])
        if place[at]:
            gone |= (place == "") & (region == region[at]) & (year == year[at]) & rows.border
        yield Case("figure", _one(len(cell), int(at)), gone)
    for post in np.unique(place[scored & (place != "")]):
        held = scored & (place == post)
        means = (place == "") & rows.border
        within = np.isin(region, region[held]) & np.isin(year, year[held])
        yield Case("crossing", held, held | (place == post) | (means & within))
    for each in np.unique(country[scored]):
        yield Case("country", scored & (country == each), rows.border & (country == each))
    for each in np.unique(year[scored]):
        held = scored & (year == each)
        if held.sum() >= LEAST_FIGURES:
            yield Case("year", held, rows.border & (year == each))
    later = year > base_year - LAST_SEEN
    yield Case("later", scored & later, later)
    used = frame["use"].is_in(["fitted", "bound", "range"]).to_numpy()
    for at in np.flatnonzero(~rows.border & used):
        yield Case("door", _one(len(cell), int(at)), ~rows.border & (cell == cell[at]))


def _one(count: int, at: int) -> Mask:
    return np.arange(count) == at


def left_out(
    whole: Fit, rows: Rows, *, progress: Progress | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Each figure foretold without it, and the scores.

    Every leave-out sets the law anew, from the likeliest setting of the whole fit on.

    Shape: as LEFT_OUT; as SCORES.
    """
    every = list(cases(rows, whole.base_year))
    found: list[dict[str, object]] = []
    for number, case in enumerate(every):
        blind = fitted_without(whole, rows, case)
        told = foretell(blind, rows.of(case.held))
        for at, middle, spread in zip(
            np.flatnonzero(case.held), told.middle, told.spread, strict=True
        ):
            naive = _naive(rows, case, int(at))
            found.append(_row(rows, case.split, int(at), (middle, spread, naive)))
        if progress is not None:
            progress(number + 1, len(every))
    table = pl.DataFrame(found, schema=schema_of(LEFT_OUT))
    return table, _scores(table, rows)


def fitted_without(whole: Fit, rows: Rows, case: Case) -> Fit:
    """The fit to what is left."""
    return fit(
        whole.emulator,
        rows.of(~case.gone),
        base_year=whole.base_year,
        regions=whole.regions,
        start=whole,
    )


def _row(
    rows: Rows, split: str, at: int, said: tuple[float, float, float | None]
) -> dict[str, object]:
    middle, spread, naive = said
    y = float(rows.y[at])
    z = (y - middle) / spread
    density = float(np.exp(-z * z / 2) / np.sqrt(2 * np.pi))
    score = spread * (z * (2 * float(ndtr(z)) - 1) + 2 * density - 1 / np.sqrt(np.pi))
    return {
        "split": split,
        "figure": rows.frame["figure"][at],
        "year": rows.frame["year"][at],
        "published": float(np.exp(y)),
        "predicted": float(np.exp(middle)),
        "low": float(np.exp(middle - Z80 * spread)),
        "high": float(np.exp(middle + Z80 * spread)),
        "inside": bool(z <= Z80 and (z >= -Z80 or rows.frame["use"][at] == "bound")),
        "miss": abs(middle - y),
        "crps": score,
        "naive": None if naive is None else float(np.exp(naive)),
        "naive_miss": None if naive is None else abs(naive - y),
    }


def _naive(rows: Rows, case: Case, at: int) -> float | None:
    """The logarithm that the naive rule foretells."""
    frame = rows.frame
    year = frame["year"].to_numpy()
    alike = (rows.ways == rows.ways[at]).all(axis=1) & rows.surveyed
    if case.split in {"figure", "year", "later"}:
        gone = year > frame["year"].max() if case.split != "later" else case.gone
        cell = (frame["cell"] == frame["cell"][at]).to_numpy()
        return _nearest(rows, cell & alike & (year != year[at]) & ~gone, at)
    then = alike & (year == year[at])
    mean = frame["place"].is_null().to_numpy()
    if case.split == "crossing":
        return _mean(rows, then & mean & (frame["region"] == frame["region"][at]).to_numpy())
    if case.split == "country":
        surface = (frame["network"] == frame["network"][at]).fill_null(value=False).to_numpy()
        return _mean(rows, then & mean & surface & ~case.gone)
    return None


def _nearest(rows: Rows, mask: Mask, at: int) -> float | None:
    """Of the rows the one whose year is nearest; of two the later."""
    if not mask.any():
        return None
    year = rows.frame["year"].to_numpy()
    order = [
        (abs(int(year[other] - year[at])), -int(year[other])) for other in np.flatnonzero(mask)
    ]
    return float(rows.y[np.flatnonzero(mask)[order.index(min(order))]])


def _mean(rows: Rows, mask: Mask) -> float | None:
    return float(rows.y[mask].mean()) if mask.any() else None


def _scores(table: pl.DataFrame, rows: Rows) -> pl.DataFrame:
    found = [
        _score(table.filter(split=split), split, rule, aim=AIM if split != "door" else AIM_DOOR)
        for split, rule in RULES.items()
        if table.filter(split=split).height
    ]
    crossing = _unknowing(table.filter(split="crossing"), rows)
    if crossing.height:
        found.insert(2, _score(crossing, "crossing", OTHERS, aim=AIM))
    return pl.DataFrame(found, schema=schema_of(SCORES))


def _unknowing(table: pl.DataFrame, rows: Rows) -> pl.DataFrame:
    """The crossings left out, beside the mean of their country's others."""
    frame = rows.frame
    number = {name: at for at, name in enumerate(frame["figure"])}
    place = frame["place"].fill_null("").to_numpy()
    year, region = frame["year"].to_numpy(), frame["region"].to_numpy()
    naive: list[float | None] = []
    for figure in table["figure"]:
        at = number[figure]
        alike = (rows.ways == rows.ways[at]).all(axis=1) & rows.surveyed & (place != "")
        mask = alike & (region == region[at]) & (year == year[at]) & (place != place[at])
        naive.append(_mean(rows, mask))
    misses = (pl.Series(naive, dtype=pl.Float64) - table["published"].log()).abs()
    return table.with_columns(misses.alias("naive_miss"))


def _score(table: pl.DataFrame, split: str, rule: str, *, aim: float) -> dict[str, object]:
    beside = table.filter(pl.col("naive_miss").is_not_null())
    beside = beside if beside.height else table
    ours, naive = (_median(beside[name]) for name in ("miss", "naive_miss"))
    ratio = ours / naive if ours is not None and naive else None
    held = ours if split == "door" else ratio
    return {
        "split": split,
        "naive_rule": rule,
        "figures": beside.height,
        "ours": ours,
        "naive": naive,
        "ratio": ratio,
        "aim": aim,
        "met": held is not None and held <= aim,
        "coverage": _average(beside["inside"]),
        "crps": _average(beside["crps"]),
    }


def _median(values: pl.Series) -> float | None:
    found = values.drop_nulls().median()
    return None if found is None else float(str(found))


def _average(values: pl.Series) -> float | None:
    found = values.cast(pl.Float64).mean()
    return None if found is None else float(str(found))
