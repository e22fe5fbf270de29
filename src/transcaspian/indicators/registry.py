"""The registry of indicators: functions from a corridor and a tally, or a log, to a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from transcaspian.corridor.corridor import Corridor
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
    """The tally itself, or that of a log."""
    if isinstance(seen, Tally):
        return seen
    return tally(
        seen,
        places=corridor.table("places"),
        links=corridor.table("links"),
        modes=corridor.table("modes"),
    )


def indicator(*, unit: str, axis: str) -> Callable[[Function], Indicator]:
    """What registers a function under its own name."""

    def register(function: Function) -> Indicator:
        name = function.__name__
        meaning = (function.__doc__ or "").strip().split("\n")[0]
        INDICATORS[name] = Indicator(name, unit, axis, meaning, function)
        return INDICATORS[name]

    return register
