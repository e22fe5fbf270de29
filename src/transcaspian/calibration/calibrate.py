"""A calibration from end to end: screen, learn, fit, draw, and say how well it foretells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from transcaspian.calibration.fitting.drawn import before, draws
from transcaspian.calibration.fitting.fit import Fit, fit
from transcaspian.calibration.fitting.left_out import left_out
from transcaspian.calibration.fitting.refit import refits
from transcaspian.calibration.fitting.rows import Emulator, Rows, rows_of
from transcaspian.calibration.fitting.said import figures_table, parameters_table
from transcaspian.calibration.fitting.targets import BORDER, STILL, targets
from transcaspian.calibration.fitting.worth import worth
from transcaspian.calibration.kept import PATCH, Calibration, heard
from transcaspian.calibration.learning.answers import answers
from transcaspian.calibration.learning.design import Runs, latin, run_design
from transcaspian.calibration.learning.emulate import sides
from transcaspian.calibration.learning.screening import groups, screened, trajectories
from transcaspian.calibration.parameters import Parameters, parameters
from transcaspian.calibration.tables import LEFT_OUT, REFITS, RUNS, SCORES, TARGETS
from transcaspian.calibration.years import drawn_figures, offsets, years_of
from transcaspian.corridor.corridor import Corridor
from transcaspian.errors import Fault, Where
from transcaspian.tables.parse import empty

Array = NDArray[np.float64]
Progress = Callable[[str, int, int], None]
SPARE = 1.25
"""How many more settings are drawn than kept: in some, yards may lock."""
MANY = 4000
LEARNED = ("fitted", "bound", "range", "shown")


@dataclass(frozen=True, slots=True)
class Plan:
    """How a corridor is calibrated: how many runs, draws and leave-outs done in full."""

    seed: int = 1
    trajectories: int = 4
    runs: int = 256
    second: int = 64
    draws: int = 32
    sample: int = 256
    validate: bool = True
    refits: int = 6


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned of a corridor before it was fitted."""

    parameters: Parameters
    runs: Runs
    screening: pl.DataFrame
    targets: pl.DataFrame
    emulator: Emulator


def calibrate(
    corridor: Corridor,
    *,
    folder: Path,
    plan: Plan | None = None,
    progress: Progress | None = None,
) -> Calibration:
    """A corridor's calibration: a patch with draws, and the tables that speak of it.

    Runs are kept in the folder: one that was interrupted goes on where it stopped.

    Errors: K102 for a corridor without priors, K103 without SALib, K104 for one that has no
    surveyed border time to be fitted to; those of simulating.
    """
    how = plan or Plan()
    told = progress or _silent
    known = _learned(corridor, how, folder=folder, progress=told)
    rows = rows_of(corridor, known.targets, known.emulator)
    if not rows.surveyed.any():
        raise Fault(
            "K104",
            f"no border time was published of {corridor.about.name}",
            where=Where(file="published.csv"),
            expected="a figure of quantity border_h and kind survey, of a post that trips pass",
        )
    first = _fitted(corridor, known, rows)
    known, first = _again(corridor, known, first, how=how, folder=folder, progress=told)
    told("years", 0, 1)
    added = offsets(corridor, known.parameters, first.scores, figures=known.targets, seed=how.seed)
    rows = rows_of(corridor, known.targets, known.emulator, offsets=added)
    last = _fitted(corridor, known, rows)
    told("drawing", 0, 1)
    sample = draws(last, max(how.sample, int(how.draws * SPARE)), seed=how.seed)
    scores, seen = _drawn(corridor, known, sample, how=how, progress=told)
    tables = {
        "targets": known.targets.select(TARGETS.names),
        "runs": seen,
        "parameters": parameters_table(last, before(last, MANY, seed=how.seed), sample),
        "worth": worth(last, rows, corridor, scores=sample),
        "screening": known.screening,
    }
    tables |= _validated(corridor, last, rows, how=how, progress=told)
    tables["figures"] = figures_table(last, rows, tables)
    patch = known.parameters.patch(scores, name=PATCH, title="Fitted to published figures")
    return Calibration(heard(corridor), how.seed, len(known.runs.scores), patch, tables)


def _silent(_what: str, _done: int, _of: int) -> None:
    """Nothing."""


def _learned(corridor: Corridor, how: Plan, *, folder: Path, progress: Progress) -> Learned:
    """The corridor screened and simulated at a design of settings."""
    known = parameters(corridor)
    names = groups(corridor, known)
    screen = run_design(
        corridor,
        known,
        trajectories(names, how.trajectories, seed=how.seed),
        folder=folder,
        seed=how.seed,
        progress=lambda done, of: progress("screening", done, of),
    )
    runs = run_design(
        corridor,
        known,
        latin(how.runs, known, seed=how.seed),
        folder=folder,
        seed=how.seed,
        progress=lambda done, of: progress("learning", done, of),
    )
    return learned(corridor, known, runs, screened(names, screen))


def learned(corridor: Corridor, known: Parameters, runs: Runs, screening: pl.DataFrame) -> Learned:
    """The targets and the emulator that some runs give."""
    spread = dict(
        runs.figures.filter(pl.col("value") > 0)
        .group_by("figure", maintain_order=True)
        .agg(pl.col("value").log().std())
        .iter_rows()
    )
    wanted = targets(corridor, spread)
    learned_sides = sides(runs, known, corridor)
    others = wanted.filter(
        (pl.col("quantity") != BORDER)
        & pl.col("use").is_in(list(LEARNED))
        & (pl.col("figure").replace_strict(spread, return_dtype=pl.Float64) >= STILL)
    )
    found = answers(runs, learned_sides, known, figures=others["figure"])
    return Learned(known, runs, screening, wanted, Emulator(learned_sides, found))


def _fitted(corridor: Corridor, known: Learned, rows: Rows) -> Fit:
    regions = {name: at for at, name in enumerate(sorted(set(rows.frame["restless"])))}
    return fit(known.emulator, rows, base_year=corridor.about.base_year, regions=regions)


def _again(
    corridor: Corridor, known: Learned, first: Fit, *, how: Plan, folder: Path, progress: Progress
) -> tuple[Learned, Fit]:
    """Learned once more, with runs where the first fit points, and fitted once more."""
    if not how.second:
        return known, first
    more = run_design(
        corridor,
        known.parameters,
        draws(first, how.second, seed=how.seed + 1),
        folder=folder,
        seed=how.seed,
        progress=lambda done, of: progress("learning near the fit", done, of),
    )
    again = learned(corridor, known.parameters, _both(known.runs, more), known.screening)
    return again, _fitted(corridor, again, rows_of(corridor, again.targets, again.emulator))


def _both(one: Runs, other: Runs) -> Runs:
    """The runs of two designs, the second numbered on."""
    after = pl.col("run") + len(one.scores)
    return Runs(
        np.concatenate([one.scores, other.scores]),
        pl.concat([one.sides, other.sides.with_columns(after)]),
        pl.concat([one.figures, other.figures.with_columns(after)]),
    )


def _drawn(
    corridor: Corridor, known: Learned, sample: Array, *, how: Plan, progress: Progress
) -> tuple[Array, pl.DataFrame]:
    """The first settings of a sample that can be simulated, and every figure at each of them.

    Figures of later years are those of the present, as the report has them.
    """
    scores = sample[: int(how.draws * SPARE)]
    published = corridor.table("published").select("figure", "year")
    base = corridor.about.base_year
    parts: list[pl.DataFrame] = []
    for year in years_of(corridor, published["year"].to_list()):
        if year.patches and max(year.years) < base:
            continue
        found = drawn_figures(
            corridor,
            known.parameters,
            scores,
            year=year,
            seed=how.seed,
            progress=lambda done, of: progress("simulating draws", done, of),
        )
        later = bool(year.patches)
        mine = published.filter((pl.col("year") > base) if later else (pl.col("year") <= base))
        if not later and not corridor.about.present:
            mine = published
        parts.append(found.join(mine.select("figure"), on="figure", how="semi"))
    alive = _alive(parts)[: how.draws]
    number = {draw: at for at, draw in enumerate(alive)}
    seen = pl.concat(parts).filter(pl.col("draw").is_in(alive))
    seen = seen.with_columns(pl.col("draw").replace_strict(number, return_dtype=pl.Int64))
    return scores[alive], seen.select(RUNS.names).sort("figure", "draw")


def _alive(parts: Sequence[pl.DataFrame]) -> list[int]:
    """The draws that can be simulated in every year."""
    sets = [set(part["draw"].to_list()) for part in parts if part.height]
    return sorted(set[int].intersection(*sets)) if sets else []


def _validated(
    corridor: Corridor, last: Fit, rows: Rows, *, how: Plan, progress: Progress
) -> dict[str, pl.DataFrame]:
    """The leave-outs and some of them done again in full; empty when they are not asked for."""
    if not how.validate:
        return {table.name: empty(table) for table in (LEFT_OUT, SCORES, REFITS)}
    table, scores = left_out(
        last, rows, progress=lambda done, of: progress("leaving out", done, of)
    )
    again = refits(
        corridor,
        last,
        rows,
        count=how.refits,
        seed=how.seed,
        progress=lambda done, of: progress("refitting", done, of),
    )
    return {"left_out": table, "scores": scores, "refits": again}
