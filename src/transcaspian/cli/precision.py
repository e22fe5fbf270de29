"""`simulate --until` and `simulate --steady`: figures as sure as was asked for."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from transcaspian.cli.inspect import changed, load
from transcaspian.cli.output import emit
from transcaspian.cli.progress import Progress
from transcaspian.errors import Fault, Where, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from transcaspian.cli.job import Job
    from transcaspian.events.log import Events


def until_job(
    job: Job, words: str, *, measures: Sequence[str], edition: str, most: int, as_json: bool
) -> None:
    """Nothing; the corridor is simulated until a figure is as sure as its goal, and shown."""
    from transcaspian.appraisal.again import Settings
    from transcaspian.appraisal.precision import parse_goal, run_until
    from transcaspian.indicators import INDICATORS

    goal = parse_goal(words)
    corridor = changed(load(job.corridor), measures, edition=edition)
    with Progress("simulating") as progress:
        reached = run_until(
            corridor,
            goal,
            settings=Settings(seed=job.seed, threads=job.threads),
            most=most,
            progress=progress,
        )
    table = INDICATORS[goal.indicator](corridor, reached.tally)
    emit(table, as_json=as_json, out=job.out, title=reached.sentence(goal))
    if not reached.met:
        sys.stderr.write(reached.sentence(goal) + "\n")


def steady_job(
    job: Job, words: str, *, measures: Sequence[str], edition: str, most: int, as_json: bool
) -> None:
    """Nothing; the hours of the trips of one flow are shown once they have forgotten the start."""
    import polars as pl

    from transcaspian.appraisal.precision.steady import steady_state
    from transcaspian.simulation import compile_model, run_model

    del most  # one long run answers
    corridor = changed(load(job.corridor), measures, edition=edition)
    flows = corridor.table("flows")["flow"].to_list()
    if words not in flows:
        raise Fault(
            "O107",
            f"no flow {words!r}",
            where=Where(),
            expected="a flow of flows.csv",
            nearest=nearest(words, flows),
            hint="transcaspian show flows",
        )
    model = compile_model(corridor, warmup_days=0.0)
    with Progress("simulating") as progress:
        run = run_model(model, seed=job.seed, threads=job.threads, log=True, progress=progress)
    series = _hours(run.events, words) if run.events is not None else pl.Series()
    found = steady_state(series.to_numpy())
    table = pl.DataFrame(
        {
            "flow": [words],
            "value": [found.mean],
            "low": [found.mean - found.half],
            "high": [found.mean + found.half],
            "trips": [found.length],
            "cut": [found.cut],
            "settled": [found.settled],
        }
    )
    title = f"Hours of a trip in the steady state, {words}: from empty, the start cut by MSER-5"
    emit(table, as_json=as_json, out=job.out, title=title)
    if not found.settled:
        sys.stderr.write(
            "not settled: half of the trips or more would have to be cut; the traffic has a "
            "season, or a queue that grows\n"
        )


def _hours(events: Events, flow: str) -> pl.Series:
    """The hours of the trips of a flow, in the order in which they set out."""
    import polars as pl

    trips = events.trips.filter(pl.col("flow") == flow).select("trip")
    spans = (
        events.steps.join(trips, on="trip", how="inner")
        .group_by("trip")
        .agg(pl.col("arrived").min(), pl.col("ended").max())
        .sort("arrived", "trip")
    )
    hours = (pl.col("ended") - pl.col("arrived")).dt.total_microseconds() / 3.6e9
    return spans.select(hours.alias("hours"))["hours"]
