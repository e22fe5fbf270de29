"""The table: each figure beside its theory, with its interval and a verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import polars as pl

from transcaspian.simulation.run import run_model
from transcaspian.simulation.verification import cases, cases_in_time, theory
from transcaspian.simulation.verification.case import Case, Figure
from transcaspian.simulation.verification.exact import exact_rows

REPLICATIONS = 40
SEED = 7
LEVEL = 0.999
SCHEMA = {
    "case": pl.String,
    "figure": pl.String,
    "theory": pl.Float64,
    "estimate": pl.Float64,
    "half_width": pl.Float64,
    "width_share": pl.Float64,
    "verdict": pl.String,
}
GROUPS = (
    cases.lines,
    cases.classes,
    cases.losses,
    cases.yards,
    cases_in_time.calendars,
    cases_in_time.carriers,
    cases_in_time.waves,
)
Progress = Callable[[int, int], None]


def all_cases() -> list[Case]:
    """Every case of the table."""
    return [case for group in GROUPS for case in group()]


def verify(
    *, only: str = "", threads: int | None = None, progress: Progress | None = None
) -> pl.DataFrame:
    """The verification table: the cases whose name has a word, and what must hold exactly.

    Shape: as SCHEMA. The half-width is that of a 99.9 % Student interval over 40 replications; a
    row is green when the interval holds the theory and is narrow: 2 % of it, 5 % where the load is
    0.9 or the queue remembers long. An exact row has no interval.
    """
    chosen = [case for case in all_cases() if only.lower() in case.name.lower()]
    rows: list[dict[str, object]] = []
    for done, case in enumerate(chosen):
        if progress is not None:
            progress(done, len(chosen) + 1)
        rows += list(check_case(case, threads=threads))
    if not only:
        rows += exact_rows()
    if progress is not None:
        progress(len(chosen) + 1, len(chosen) + 1)
    return pl.DataFrame(rows, schema=SCHEMA)


def check_case(case: Case, *, threads: int | None = None) -> Iterator[dict[str, object]]:
    """The rows of one case."""
    run = run_model(
        case.sketch().model(), replications=REPLICATIONS, seed=SEED, threads=threads, log=case.log
    )
    for figure in case.figures:
        yield _row(case, figure, figure.estimate(run))


def _row(case: Case, figure: Figure, values: list[float]) -> dict[str, object]:
    from scipy.stats import t  # noqa: PLC0415  # heavy

    expected = figure.theory()
    quantile = float(t.ppf(0.5 + LEVEL / 2.0, len(values) - 1))
    mean, half = theory.t_interval(values, quantile)
    holds = mean - half <= expected if figure.bound else abs(mean - expected) <= half
    narrow = figure.bound or half <= figure.width * expected
    verdict = "green" if holds and narrow else "red: too wide" if holds else "red: misses"
    return {
        "case": case.name,
        "figure": figure.what,
        "theory": expected,
        "estimate": mean,
        "half_width": half,
        "width_share": half / expected,
        "verdict": verdict,
    }
