"""The registry of indicators: functions from a corridor and a tally, or a log, to a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.events.engine import here, on_engine
from transcaspian.events.log import Events
from transcaspian.events.reduce import tally
from transcaspian.events.tally import Tally

Function = Callable[[Corridor, Tally], pl.DataFrame]
INDICATORS: dict[str, Indicator] = {}


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator: what it measures, in which unit, by what."""

    name: str
    unit: str
    axis: str
    meaning: str
    compute: Function

    def __call__(self, corridor: Corridor, seen: Tally | Events) -> pl.DataFrame:
        """The table of the indicator; a log is reduced to its tally on the way."""
        return self.compute(corridor, tallied(corridor, seen))


def tallied(corridor: Corridor, seen: Tally | Events) -> Tally:
    """The tally itself, or that of a log; one simulated of a fitted corridor was drawn."""
    if isinstance(seen, Tally):
        return seen
    found = tally(
        seen,
        places=corridor.table("places"),
        links=corridor.table("links"),
        modes=corridor.table("modes"),
    )
    return replace(found, drawn=corridor.fitted is not None and _simulated(seen))


def _simulated(log: Events) -> bool:
    """Whether all of a log was simulated; one on another engine is of a survey."""
    steps = on_engine(log.steps)
    return here(steps) and bool((steps["quality"] == "simulated").all())


def indicator(*, unit: str, axis: str) -> Callable[[Function], Indicator]:
    """What registers a function under its own name."""

    def register(function: Function) -> Indicator:
        name = function.__name__
        meaning = (function.__doc__ or "").strip().split("\n")[0]
        INDICATORS[name] = Indicator(name, unit, axis, meaning, function)
        return INDICATORS[name]

    return register
