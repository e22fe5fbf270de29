"""A changed corridor simulated again: only the parts that the change touches."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from transcaspian.corridor.apply import only
from transcaspian.corridor.corridor import Corridor
from transcaspian.events.tally import Tally
from transcaspian.network import itineraries
from transcaspian.simulation import Cluster, Model, compile_model, run_model
from transcaspian.simulation.model.parts import VISIT, Touched, touched

ORDERED = ("order", "bin")  # keys that are numbers
MOST_SHARE = 0.95  # beyond this share of the trips, all of it is simulated


@dataclass(frozen=True, slots=True)
class Settings:
    """How a comparison is simulated."""

    replications: int = 10
    seed: int = 1
    threads: int | Cluster | None = None


@dataclass(frozen=True, slots=True)
class Before:
    """A corridor as it was simulated: compiled, and its tally."""

    model: Model
    tally: Tally


def run_tally(corridor: Corridor, how: Settings, before: Before | None = None) -> Tally:
    """The tally of a corridor simulated with some settings.

    Where it was simulated before a change with the same settings, the parts that the change leaves
    alone are taken from there: they would come out the same.
    """
    model = compile_model(corridor)
    if before is None:
        return _run(model, how)
    change = touched(before.model, model)
    if change.share > MOST_SHARE:
        return _run(model, how)
    part = only(corridor, change.flows)
    if part.table("flows").is_empty():
        return before.tally
    ways = itineraries(part, paths=model.paths)
    return _joined(before.tally, _run(compile_model(part, ways=ways), how), change)


def _run(model: Model, how: Settings) -> Tally:
    return run_model(model, replications=how.replications, seed=how.seed, threads=how.threads).tally


def _joined(before: Tally, after: Tally, change: Touched) -> Tally:
    """The tally before, with what the change touches taken from after."""
    by = {
        "steps": ("flow", change.flows),
        "trips": ("flow", change.flows),
        "trip_bins": ("flow", change.flows),
        "payments": ("flow", change.flows),
        "resources": ("resource", change.resources),
        "carriers": ("service", change.services),
    }
    frames: dict[str, pl.DataFrame] = {}
    for name, (column, mine) in by.items():
        inside = pl.col(column).is_in(list(mine))
        old, new = getattr(before, name), getattr(after, name)
        frames[name] = pl.concat([old.filter(~inside), new.filter(inside)])
    for name in ("visits", "visit_bins"):
        old, new = getattr(before, name), getattr(after, name)
        kept = old.join(change.visits, on=VISIT, how="anti", maintain_order="left")
        fresh = new.join(change.visits, on=VISIT, how="semi", maintain_order="left")
        frames[name] = pl.concat([kept, fresh])
    return Tally(
        **{name: _as_before(frame, getattr(before, name)) for name, frame in frames.items()},
        drawn=before.drawn,
    )


def _as_before(frame: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """The rows in the order in which they stood before, so that sums come out alike to the bit."""
    keys = [name for name, kind in frame.schema.items() if kind == pl.String or name in ORDERED]
    places = before.select(keys).with_row_index("place_before")
    ordered = frame.join(places, on=keys, how="left", maintain_order="left")
    return ordered.sort("place_before", nulls_last=True, maintain_order=True).drop("place_before")
