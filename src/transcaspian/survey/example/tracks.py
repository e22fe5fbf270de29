"""Tracks as devices send them: regular pings with noise, jumps, silences, and late starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby, pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from transcaspian.survey.example.people import FAULTS
from transcaspian.tables.vocabulary import of_class

NOISE_DEG = 0.0003
US_PER_H = 3_600_000_000
LOST_H = 12.0
DOWN_THE_ROAD_DEG = 0.06
"""Who rests at the end of a link rests this far down the road, not at the post."""
Ends = Mapping[str, tuple[float, float]]


def fixes_of(
    trips: pl.DataFrame, steps: pl.DataFrame, *, ends: Ends, rng: np.random.Generator
) -> pl.DataFrame:
    """The fixes of the trips that carry a tracker: they stand at places, and go straight between.

    `ends`: the latitude and longitude of each place.

    Shape: tracker, vehicle, equipment, instant, lat_deg, lon_deg.
    """
    groups = steps.partition_by("trip", as_dict=True, maintain_order=True)
    parts: list[pl.DataFrame] = []
    for trip in trips.filter(pl.col("track")).iter_rows(named=True):
        own = groups.get((trip["trip"],))
        if own is not None:
            part = _track(trip, own, ends=ends, rng=rng)
            if part is not None:
                parts.append(part)
    return pl.concat(parts)


def _track(
    trip: Mapping[str, object], steps: pl.DataFrame, *, ends: Ends, rng: np.random.Generator
) -> pl.DataFrame | None:
    known = steps.filter(pl.col("ended") > pl.col("arrived"))
    if known.is_empty():
        return None
    begins = known["arrived"].dt.epoch("us").to_numpy().astype(np.int64)
    stops = known["ended"].dt.epoch("us").to_numpy().astype(np.int64)
    positions = np.array(_lines(known, ends))
    ping = float(str(trip["ping_h"])) * US_PER_H
    first, last = float(begins[0]), float(stops[-1])
    if rng.random() < FAULTS.half_track:
        cut = first + (last - first) * rng.random()
        first, last = (cut, last) if rng.random() < 0.5 else (first, cut)  # noqa: PLR2004  # either half
    at = np.arange(first + rng.random() * ping, last, ping)
    if rng.random() < FAULTS.silent and len(at):
        begin = rng.choice(at)
        at = at[(at < begin) | (at > begin + LOST_H * US_PER_H)]
    if not len(at):
        return None
    return _fixes(trip, at.astype(np.int64), begins=begins, stops=stops, lines=positions, rng=rng)


def _lines(steps: pl.DataFrame, ends: Ends) -> list[tuple[float, float, float, float]]:
    """Where each step begins and ends: still at a place or resting, straight along a link."""
    moving = set(of_class("moving"))
    rows = steps.select("place", "origin", "destination", "activity", "arrived", "ended").rows()
    found: list[tuple[float, float, float, float]] = []
    before = ""
    for place, group in groupby(rows, key=lambda row: row[0]):
        own = list(group)
        if own[0][1] is None:
            found += [(*ends[place], *ends[place])] * len(own)
            before = place
            continue
        start, end = (own[0][2], own[0][1]) if before == own[0][2] else (own[0][1], own[0][2])
        spans = [(row[5] - row[4]).total_seconds() * (row[3] in moving) for row in own]
        found += _shares(ends.get(start), ends.get(end), spans)
        before = end
    return found


def _shares(
    start: tuple[float, float] | None, end: tuple[float, float] | None, spans: Sequence[float]
) -> list[tuple[float, float, float, float]]:
    """The parts of a straight line that steps of some lengths cover, one after the other."""
    first, last = np.array(start or end or (0.0, 0.0)), np.array(end or start or (0.0, 0.0))
    upto = np.concatenate([[0.0], np.cumsum(spans)]) / (sum(spans) or 1.0)
    aside = min(DOWN_THE_ROAD_DEG / max(float(np.hypot(*(last - first))), 1e-6), 0.5)
    upto = np.clip(upto, aside if spans[0] == 0 else 0, 1 - aside if spans[-1] == 0 else 1)
    points = first + upto[:, None] * (last - first)
    return [(*here, *there) for here, there in pairwise(points.tolist())]


def _fixes(  # a track's arrays
    trip: Mapping[str, object],
    at: NDArray[np.int64],
    *,
    begins: NDArray[np.int64],
    stops: NDArray[np.int64],
    lines: NDArray[np.float64],
    rng: np.random.Generator,
) -> pl.DataFrame:
    step = np.clip(np.searchsorted(begins, at, side="right") - 1, 0, len(begins) - 1)
    share = np.clip((at - begins[step]) / (stops[step] - begins[step]), 0, 1)[:, None]
    where = lines[step, :2] + share * (lines[step, 2:] - lines[step, :2])
    where = where + rng.normal(0, NOISE_DEG, where.shape)
    jumps = rng.random(len(at)) < FAULTS.jump
    where[jumps] += rng.uniform(5, 15, (int(jumps.sum()), 2))
    return pl.DataFrame(
        {
            "tracker": f"gps-{trip['name']}",
            "vehicle": trip["vehicle"],
            "equipment": trip["equipment"],
            "instant": pl.Series(at).cast(pl.Datetime("us", "UTC")).dt.truncate("1s"),
            "lat_deg": where[:, 0].round(5),
            "lon_deg": where[:, 1].round(5),
        },
        schema_overrides={"vehicle": pl.String, "equipment": pl.String},
    )
