"""The corridor of other years and editions, and the runs of draws there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from transcaspian.calibration.centre import compiled
from transcaspian.calibration.fitting.targets import TOTAL
from transcaspian.calibration.learning.design import LOCKED
from transcaspian.calibration.parameters import Parameters
from transcaspian.corridor.apply import apply
from transcaspian.corridor.corridor import Corridor
from transcaspian.corridor.patch import Change, Patch
from transcaspian.errors import Fault
from transcaspian.indicators.published import simulated_figures
from transcaspian.network import itineraries
from transcaspian.simulation import run_model

Array = NDArray[np.float64]
Progress = Callable[[int, int], None]
SCOPE = "corridor"


@dataclass(frozen=True, slots=True)
class Year:
    """What sets the corridor of a year, or of the present, apart from that of the base year.

    Shape: `years` are the years whose figures are held against it.
    """

    patches: tuple[Patch, ...]
    years: frozenset[int]


def years_of(corridor: Corridor, years: Iterable[int]) -> list[Year]:
    """The corridor's own year first, then those before it with their traffic, then the present.

    A year before the base year has the traffic of the corridor's cargo that was published for it;
    one without such a figure is held against the base year, as one after it is against the present.
    """
    base = corridor.about.base_year
    totals = _totals(corridor)
    every = set(years)
    earlier = sorted(year for year in every if year < base and year in totals and base in totals)
    later = {year for year in every if year > base} if corridor.about.present else set[int]()
    found = [Year((), frozenset(every - set(earlier) - later))]
    found += [
        Year((_volume(corridor, year, totals[year] / totals[base]),), frozenset({year}))
        for year in earlier
    ]
    if later:
        found.append(Year((corridor.editions[corridor.about.present],), frozenset(later)))
    return found


def _totals(corridor: Corridor) -> dict[int, float]:
    """The tonnes of each year that were published of the totals that the flows belong to."""
    frame = corridor.table("published").filter(
        (pl.col("quantity") == TOTAL) & (pl.col("kind") == "count")
    )
    own = set(corridor.table("flows")["total"].drop_nulls())
    words = {name.rsplit("_", 1)[0] for name in own}
    return {
        row["year"]: row["value"]
        for row in frame.iter_rows(named=True)
        if row["figure"].rsplit("_", 1)[0] in words
    }


def _volume(corridor: Corridor, year: int, factor: float) -> Patch:
    source = corridor.table("published").filter(
        (pl.col("quantity") == TOTAL) & (pl.col("year") == year)
    )["source"][0]
    return Patch(
        name=f"traffic_{year}",
        title=f"The corridor's traffic of {year}",
        role="edition",
        change=(Change(table="flows", where={"scope": SCOPE}, scale={"trips_per_y": factor}),),
        source=source,
        status="published",
    )


def offsets(
    corridor: Corridor,
    parameters: Parameters,
    scores: Array,
    *,
    figures: pl.DataFrame,
    seed: int,
) -> dict[str, float]:
    """What a figure's year adds to its logarithm, at one setting, on common luck.

    Shape: `figures` has figure and year.
    """
    years = years_of(corridor, figures["year"].to_list())
    found = [
        drawn_figures(
            corridor, parameters, np.repeat(scores[None, :], LUCKS, axis=0), year=year, seed=seed
        )
        for year in years
    ]
    means = [
        dict(
            frame.group_by("figure", maintain_order=True)
            .agg(pl.col("value").log().mean())
            .iter_rows()
        )
        for frame in found
    ]
    of_year = {year: at for at, each in enumerate(years) for year in each.years}
    return {
        figure: means[of_year[year]][figure] - means[0][figure]
        for figure, year in figures.select("figure", "year").iter_rows()
        if figure in means[0] and figure in means[of_year[year]]
    }


LUCKS = 4
"""How many years of luck an offset is the mean of."""


def drawn_figures(
    corridor: Corridor,
    parameters: Parameters,
    scores: Array,
    *,
    year: Year,
    seed: int,
    progress: Progress | None = None,
) -> pl.DataFrame:
    """The figures of each setting in a year, the k-th on the k-th luck.

    A setting in which yards lock has none.

    Shape: figure, draw, value.
    """
    patch = parameters.patch(scores, name="draws", title="Some settings of the parameters")
    paths = itineraries(apply(corridor, *year.patches)).paths if year.patches else parameters.paths

    def one(number: int) -> pl.DataFrame:
        changed = apply(corridor, patch, *year.patches, draw=number)
        model = compiled(changed, paths)
        try:
            tally = run_model(
                model, replications=range(number, number + 1), seed=seed, threads=1
            ).tally
        except Fault as fault:
            if fault.code != LOCKED:
                raise
            return pl.DataFrame(schema=SCHEMA)
        found = simulated_figures(changed, tally, ways=model.rows)
        return found.select("figure", pl.lit(number).cast(pl.Int64).alias("draw"), "value")

    rows: list[pl.DataFrame] = []
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        for at, frame in enumerate(pool.map(one, range(len(scores))), start=1):
            rows.append(frame)
            if progress is not None:
                progress(at, len(scores))
    return pl.concat(rows)


SCHEMA = {"figure": pl.String, "draw": pl.Int64, "value": pl.Float64}
