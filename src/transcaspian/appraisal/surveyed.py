"""A survey beside the simulation, both through the same eye."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.errors import Fault, Where
from transcaspian.events.log import Events
from transcaspian.events.observe import lens_of, observe
from transcaspian.events.reduce import tally
from transcaspian.indicators import border_hours
from transcaspian.readers.log import read_events
from transcaspian.simulation import simulate

LOG, MANIFEST = "restricted/log", "manifest.json"
CELL = ("place", "country", "network", "direction")
FEWEST = 10


def read_survey(release: Path) -> tuple[Events, dict[str, object]]:
    """The log of a survey's release, and what its manifest says of the wave.

    Errors: R101 when the folder is no release.
    """
    manifest = release / MANIFEST
    if not manifest.is_file() or not (release / LOG).is_dir():
        raise Fault(
            "R101",
            f"{release} is no release of a survey",
            where=Where(file=str(release)),
            expected=f"{MANIFEST} and {LOG}/",
            hint="transcaspian survey release WAVE --out DIR makes one",
        )
    wave = json.loads(manifest.read_text(encoding="utf-8"))["wave"]
    return read_events(release / LOG), wave


def surveyed_beside(corridor: Corridor, survey: Events, *, seed: int) -> pl.DataFrame:
    """The hours of each crossing as the survey saw them, beside those of a simulated year seen in
    the same way.

    The simulated log is blurred to what the survey could see (`observe`): its activities, its grid,
    its blanks, whom it met. Both are then counted by the same indicator. Only cells with ten
    surveyed trips are told. Open stays are in neither.

    Shape: place, country, network, direction, trips, surveyed_h, surveyed_p50_h, simulated_h,
    simulated_p50_h, ratio (simulated over surveyed).
    """
    log = simulate(corridor, replications=1, seed=seed, log=True).events
    if log is None:
        message = "the log was asked for and not kept"
        raise RuntimeError(message)
    seen = observe(log, like=lens_of(survey))
    theirs, ours = (_hours(corridor, events) for events in (survey, seen))
    visits = _visits(survey)
    joined = theirs.join(ours, on=list(CELL), how="inner", suffix="_ours", maintain_order="left")
    shown = joined.join(visits, on="place", how="left", maintain_order="left")
    return (
        shown.filter(pl.col("met") >= FEWEST)
        .select(
            *CELL,
            "trips",
            pl.col("value").alias("surveyed_h"),
            pl.col("p50").alias("surveyed_p50_h"),
            pl.col("value_ours").alias("simulated_h"),
            pl.col("p50_ours").alias("simulated_p50_h"),
            (pl.col("value_ours") / pl.col("value")).alias("ratio"),
        )
        .sort("trips", "place", descending=[True, False])
    )


def _hours(corridor: Corridor, events: Events) -> pl.DataFrame:
    found = tally(
        events,
        places=corridor.table("places"),
        links=corridor.table("links"),
        modes=corridor.table("modes"),
    )
    return border_hours(corridor, found)


def _visits(survey: Events) -> pl.DataFrame:
    """How many trips the survey met at each place."""
    return survey.steps.group_by("place").agg(pl.col("trip").n_unique().alias("met"))
