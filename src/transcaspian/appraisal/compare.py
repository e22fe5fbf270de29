"""With and without: what a measure changes, on common luck."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from transcaspian.appraisal.again import Before, Settings, run_tally
from transcaspian.corridor.apply import apply
from transcaspian.corridor.corridor import Corridor
from transcaspian.corridor.diff import diff, in_words
from transcaspian.corridor.patch import Patch
from transcaspian.events.tally import Tally, quantile_from_bins, summed
from transcaspian.indicators.ledger import WAITING, classed
from transcaspian.indicators.runs import over_runs
from transcaspian.simulation import compile_model

Progress = Callable[[int, int], None]
CARGO = ("corridor",)
LEAST_SHIFT_H = 50.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """One measure with and without, on common luck.

    Shape: `effects` has one row a figure: figure, unit, without, value (with minus without), low,
    high, runs; `moved` one row a place: place, value (hours a year of waiting by all traffic, with
    minus without), low, high, runs, largest change first.
    """

    measure: Patch
    changes: str
    effects: pl.DataFrame
    moved: pl.DataFrame


def with_without(
    corridor: Corridor,
    measures: Sequence[str],
    *,
    settings: Settings | None = None,
    without: Tally | None = None,
    progress: Progress | None = None,
) -> list[Comparison]:
    """Each measure with and without, the same luck on both sides.

    `without` is the tally of the corridor as it is, when it has been simulated before with the
    same settings. Errors: those of applying and of simulating.
    """
    how = settings or Settings()
    base = run_tally(corridor, how) if without is None else without
    before = Before(compile_model(corridor), base)
    found: list[Comparison] = []
    for number, name in enumerate(measures):
        patch = corridor.measures[name]
        changed = apply(corridor, patch)
        tally = base if changed.hash == corridor.hash else run_tally(changed, how, before)
        found.append(compare(corridor, patch, with_=tally, without=base, after=changed))
        if progress is not None:
            progress(number + 1, len(measures))
    return found


def compare(
    corridor: Corridor, patch: Patch, *, with_: Tally, without: Tally, after: Corridor
) -> Comparison:
    """What a measure changes, from the two tallies."""
    figures = figures_by_run(corridor, without), figures_by_run(after, with_)
    drawn = without.drawn or with_.drawn
    effects = _paired(*figures, by=["figure", "unit"], drawn=drawn)
    waits = waiting_by_place(without), waiting_by_place(with_)
    moved = (
        _paired(*waits, by=["place"], drawn=drawn)
        .filter(pl.col("value").abs() >= LEAST_SHIFT_H)
        .sort(pl.col("value").abs(), "place", descending=[True, False])
    )
    return Comparison(patch, in_words(diff(corridor, after)), effects, moved)


def _paired(
    without: pl.DataFrame, with_: pl.DataFrame, *, by: list[str], drawn: bool
) -> pl.DataFrame:
    """The paired differences over the runs: with minus without, what is missing being 0."""
    both = (
        without.join(with_, on=["run", *by], how="full", coalesce=True, suffix="_with")
        .with_columns(pl.col("value", "value_with").fill_null(0.0))
        .with_columns((pl.col("value_with") - pl.col("value")).alias("change"))
        .sort("run", *by)
    )
    base = over_runs(both, "value", by=by).select(*by, pl.col("value").alias("without"))
    change = over_runs(both, "change", by=by, drawn=drawn)
    return base.join(change, on=by, how="left", maintain_order="left")


def figures_by_run(corridor: Corridor, tally: Tally) -> pl.DataFrame:
    """The figures that measures are compared by, in each run.

    Shape: run, figure, unit, value.
    """
    cargo = corridor.table("flows").filter(pl.col("scope").is_in(list(CARGO)))["flow"].implode()
    trips = tally.trips.filter(pl.col("flow").is_in(cargo))
    mean = trips.group_by("run", maintain_order=True).agg(
        (summed("total_h") / pl.col("n").sum()).alias("value")
    )
    bins = tally.trip_bins.filter(pl.col("flow").is_in(cargo))
    tail = quantile_from_bins(bins, 0.95, by=["run"])
    waits = _waits(tally)
    cargo_waits = waits.filter(pl.col("flow").is_in(cargo))
    parts = [
        ("door to door, mean", "h", mean),
        ("door to door, 19 in 20", "h", tail),
        ("waiting of the corridor's cargo", "h/y", _sum(cargo_waits)),
        ("waiting of all traffic", "h/y", _sum(waits)),
    ]
    return pl.concat(
        [
            frame.select("run", pl.lit(name).alias("figure"), pl.lit(unit).alias("unit"), "value")
            for name, unit, frame in parts
        ]
    ).sort("run", "figure")


def _waits(tally: Tally) -> pl.DataFrame:
    return classed(tally).filter(pl.col("class").is_in(list(WAITING)))


def _sum(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.group_by("run", maintain_order=True).agg(summed("hours").alias("value"))


def waiting_by_place(tally: Tally) -> pl.DataFrame:
    """Hours a year that all traffic waits at each place, in each run.

    Shape: run, place, value.
    """
    return (
        _waits(tally)
        .group_by("run", "place", maintain_order=True)
        .agg(summed("hours").alias("value"))
        .sort("run", "place")
    )
