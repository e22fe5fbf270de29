"""Replications until a figure is as sure as was asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from transcaspian.appraisal.again import Settings
from transcaspian.appraisal.compare import figures_by_run
from transcaspian.appraisal.precision.goal import Goal
from transcaspian.appraisal.precision.intervals import Interval, controlled, plain
from transcaspian.corridor.apply import apply
from transcaspian.corridor.corridor import Corridor
from transcaspian.events.tally import Tally, concat
from transcaspian.simulation import Model, compile_model, run_model

FIRST, LOOK_AHEAD, MOST = 5, 5, 500
Progress = Callable[[int, int], None]
Sample = tuple[np.ndarray, np.ndarray, np.ndarray]  # values, controls, expectations of these


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a sequential run stopped: the tally of all replications, and the figure asked for.

    `met` says whether the interval is as narrow as asked, now and for the last few replications.
    """

    tally: Tally
    row: str
    replications: int
    interval: Interval
    target: float
    met: bool

    def sentence(self, goal: Goal) -> str:
        """What was reached, in words."""
        what = f"{goal.indicator} {goal.column} of {self.row}"
        sure = "90 %, of the mean over draws" if self.tally.drawn else "90 %"
        said = (
            f"{what}: {self.interval.mean:.4g} ± {self.interval.half:.3g} ({sure}) after "
            f"{self.replications} replications; ± {self.target:.3g} was asked for"
        )
        if self.interval.left < 1.0:
            said += f"; controls left {self.interval.left:.0%} of the variance"
        return said + ("" if self.met else ". NOT REACHED: the most replications were run")


def run_until(
    corridor: Corridor,
    goal: Goal,
    *,
    settings: Settings | None = None,
    most: int = MOST,
    progress: Progress | None = None,
) -> Reached:
    """A corridor simulated until a figure is as sure as its goal asks.

    The replications are those of a plain run of as many, in the same order. An interval that is
    narrow by the luck of few replications does not stop the run: it must stay so for five more.
    It is the interval of the mean, of a fitted corridor over its draws too, and so narrows with
    more of them; that of one more draw, which tables show, does not.

    Errors: O107, and those of the simulation.
    """
    how = settings or Settings()
    model = compile_model(corridor)
    parts: list[Tally] = []
    named = [""]

    def sample(block: range) -> Sample:
        run = run_model(model, replications=block, seed=how.seed, threads=how.threads)
        parts.append(run.tally)
        tally = concat(parts)
        named[0], values = goal.values(corridor, tally)
        return np.array(values), *controls_of(model, tally)

    done, interval, met = _until(sample, goal.target, most=most, progress=progress)
    return Reached(concat(parts), named[0], done, interval, goal.target(interval.mean), met)


def effect_until(
    corridor: Corridor,
    measure: str,
    *,
    half: float,
    figure: str = "waiting of all traffic",
    settings: Settings | None = None,
    most: int = MOST,
) -> tuple[int, Interval, bool]:
    """The effect of a measure on a figure, with minus without on common luck, once its interval is
    as narrow as asked: replications, interval, and whether it is.

    Unit: half is in the unit of the figure, one of those of `compare`.
    """
    how = settings or Settings()
    changed = apply(corridor, corridor.measures[measure])
    sides = [(each, compile_model(each)) for each in (corridor, changed)]
    found: list[float] = []

    def sample(block: range) -> Sample:
        values: list[list[float]] = []
        for each, model in sides:
            run = run_model(model, replications=block, seed=how.seed, threads=how.threads)
            figures = figures_by_run(each, run.tally).filter(pl.col("figure") == figure)
            values.append(figures.sort("run")["value"].to_list())
        found.extend(after - before for before, after in zip(*values, strict=True))
        return np.array(found), np.zeros((len(found), 0)), np.zeros(0)

    return _until(sample, lambda _: half, most=most, progress=None)


def _until(
    sample: Callable[[range], Sample],
    target: Callable[[float], float],
    *,
    most: int,
    progress: Progress | None,
) -> tuple[int, Interval, bool]:
    """How many replications were run, the interval then, and whether it is as narrow as asked."""
    done, met_at = 0, None
    interval = Interval(float("nan"), float("inf"))
    following = min(FIRST, most)
    while following > 0:
        values, controls, expected = sample(range(done, done + following))
        done += following
        interval, met_at = _judged(target, values, (controls, expected), met_at)
        if met_at is not None and done >= met_at + LOOK_AHEAD:
            break
        wanted = _following(done, interval.half, target(interval.mean), met_at=met_at)
        following = min(wanted, most - done)
        if progress is not None:
            progress(done, done + max(following, 0))
    return done, interval, met_at is not None and done >= met_at + LOOK_AHEAD


def _judged(
    target: Callable[[float], float],
    values: np.ndarray,
    controls: tuple[np.ndarray, np.ndarray],
    met_at: int | None,
) -> tuple[Interval, int | None]:
    """The interval now, and since how many replications it has been narrow without a break."""
    since = met_at
    interval = plain(values)
    first = FIRST if met_at is None else met_at
    for count in range(min(first, len(values)), len(values) + 1):
        interval = controlled(values[:count], controls[0][:count], controls[1])
        narrow = interval.half <= target(interval.mean)
        since = (since or count) if narrow else None
    return interval, since


def _following(done: int, half: float, target: float, *, met_at: int | None) -> int:
    """How many replications to run next: what the spread so far asks for, at most as many again."""
    if met_at is not None:
        return met_at + LOOK_AHEAD - done
    wanted = done * (half / target) ** 2 if target > 0.0 else 2.0 * done
    return int(min(max(wanted - done, 1.0), float(done))) + 1


def controls_of(model: Model, tally: Tally) -> tuple[np.ndarray, np.ndarray]:
    """Controls and their expectations: how many trips of each scope arrived in each replication.

    There are none where replications are of other draws, which may have other traffic each.

    Shape: replication by control; control.
    """
    if tally.drawn:
        return np.zeros((tally.trips["run"].n_unique(), 0)), np.zeros(0)
    flows = model.flows.select("flow", "scope", "trips_per_y")
    came = (
        tally.trips.join(flows, on="flow")
        .with_columns(pl.sum_horizontal("n", "lost", "unfinished").alias("came"))
        .group_by("run", "scope")
        .agg(pl.col("came").sum())
        .sort("run", "scope")
    )
    scopes = sorted(came["scope"].unique())
    runs = sorted(came["run"].unique())
    table = came.pivot(on="scope", index="run", values="came").sort("run").fill_null(0.0)
    expected = dict(flows.group_by("scope").agg(pl.col("trips_per_y").sum()).iter_rows())
    counts = table.select(scopes).to_numpy() if runs else np.zeros((0, len(scopes)))
    return counts, np.array([expected[scope] for scope in scopes])
