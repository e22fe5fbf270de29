"""What a case of the verification is: a small corridor, and figures of it that theory knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from transcaspian.simulation.run import Run
from transcaspian.simulation.verification.sketch import Sketch

Estimate = Callable[[Run], list[float]]
NARROW, LOADED = 0.02, 0.05  # the most that a half-width may be, as a share of theory


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that theory knows, and how a run tells it: one value a replication.

    `bound` is for a theory that is only an upper bound; `width` for the interval's half-width.
    """

    what: str
    theory: Callable[[], float]
    estimate: Estimate
    width: float = NARROW
    bound: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """A small corridor with its figures."""

    name: str
    sketch: Callable[[], Sketch]
    figures: tuple[Figure, ...]
    log: bool = False


def wait(*orders: int) -> Estimate:
    """The mean wait in hours before some steps, one after another."""

    def estimate(run: Run) -> list[float]:
        steps = run.tally.steps.filter(pl.col("order").is_in(orders))
        means = (
            steps.group_by("run", "order")
            .agg(pl.col("wait_h").sum() / pl.col("n").sum())
            .group_by("run")
            .agg(pl.col("wait_h").sum())
        )
        return means.sort("run")["wait_h"].to_list()

    return estimate


def boarding(run: Run) -> list[float]:
    """The mean wait in hours for a carrier."""
    steps = run.tally.steps.filter(pl.col("activity") == "p04_wait_vessel")
    means = steps.group_by("run").agg(pl.col("service_h").sum() / pl.col("n").sum())
    return means.sort("run")["service_h"].to_list()


def total(flow: str = "all") -> Estimate:
    """The mean time in hours of the trips of a flow, from first to last."""

    def estimate(run: Run) -> list[float]:
        trips = run.tally.trips.filter(pl.col("flow") == flow).sort("run")
        return (trips["total_h"] / trips["n"]).to_list()

    return estimate


def lost_share(run: Run) -> list[float]:
    """The share of trips that turn away or give up."""
    trips = run.tally.trips.sort("run")
    return (trips["lost"] / (trips["lost"] + trips["n"])).to_list()


def sailings(run: Run) -> list[float]:
    """The departures an hour from the first call."""
    carriers = run.tally.carriers.filter(pl.col("order") == 1).sort("run")
    return (carriers["sailings"] / 8760.0).to_list()


def present_at(hour: int) -> Estimate:
    """The mean number of trips inside at an hour of the day, UTC."""

    def estimate(run: Run) -> list[float]:
        if run.events is None:
            return []
        found: list[float] = []
        spans = run.events.steps.group_by("run", "trip").agg(
            pl.col("arrived").min().dt.epoch("us"), pl.col("ended").max().dt.epoch("us")
        )
        day, at = 86_400_000_000, hour * 3_600_000_000
        for _, part in spans.sort("run").group_by("run", maintain_order=True):
            passed = (part["ended"] - at) // day - (part["arrived"] - at) // day
            found.append(float(passed.sum()) / 365.0)
        return found

    return estimate
