"""Sample trips of the main cargoes as time-space strips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

from transcaspian.report.figures.strip import Band, Piece, Stop, Strip
from transcaspian.report.material import Sample
from transcaspian.report.reading.names import AT_SEA, Names, Row
from transcaspian.report.words import number, plural

if TYPE_CHECKING:
    from transcaspian.events.log import Events

TRIPS = 14
CALENDAR_DAYS = 24.0
DAY_S = 86400.0
HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Journey:
    """One trip of the log: when it set out and its steps in order."""

    start: datetime
    steps: list[Row]


def samples(
    events: Events | None, names: Names, *, ends: tuple[str, str] = ("", "")
) -> list[Sample]:
    """One strip for each of two directions: the cargo between the ends, else the largest."""
    if events is None or events.trips.is_empty() or events.steps.is_empty():
        return []
    made: list[Sample] = []
    for flow in _main_flows(events.trips, names, ends):
        journeys = _journeys(events, flow)
        if journeys:
            made.append(_sample(flow, journeys, names))
    return made[:2]


def _main_flows(trips: pl.DataFrame, names: Names, ends: tuple[str, str]) -> list[str]:
    """The flow with most tonnes in each direction, among the corridor's own."""
    counted = trips.filter(pl.col("flow").is_not_null()).group_by("flow", maintain_order=True).len()
    best: dict[str, tuple[float, str]] = {}
    for flow in sorted(counted["flow"].to_list()):
        row = names.flows.get(flow)
        if row is None or row["scope"] != "corridor":
            continue
        between = {row["origin"], row["destination"]} == set(ends)
        weight = row["trips_per_y"] * row["tonnes_per_trip"] + (1e12 if between else 0.0)
        best[row["direction"]] = max(best.get(row["direction"], (0.0, "")), (weight, flow))
    return [flow for _, flow in sorted(best.values(), reverse=True) if flow]


def _journeys(events: Events, flow: str) -> list[Journey]:
    chosen = events.trips.filter(pl.col("flow") == flow).select("run", "trip")
    steps = (
        events.steps.join(chosen, on=["run", "trip"], how="semi")
        .filter(pl.col("arrived").is_not_null() & pl.col("ended").is_not_null())
        .sort("run", "trip", "step")
    )
    journeys = [
        Journey(group["arrived"][0], group.to_dicts())
        for _, group in steps.group_by(["run", "trip"], maintain_order=True)
    ]
    return _nearest(sorted(journeys, key=lambda journey: journey.start))


def _nearest(journeys: list[Journey]) -> list[Journey]:
    """Those that set out closest together, in the middle of the sample where several are equal."""
    if len(journeys) <= TRIPS:
        return journeys
    spans = [
        (
            journeys[index + TRIPS - 1].start - journeys[index].start,
            abs(2 * index - len(journeys)),
            index,
        )
        for index in range(len(journeys) - TRIPS + 1)
    ]
    first = min(spans)[2]
    return journeys[first : first + TRIPS]


def _sample(flow: str, journeys: list[Journey], names: Names) -> Sample:
    span = (journeys[-1].start - journeys[0].start).total_seconds() / DAY_S
    together = span <= CALENDAR_DAYS
    zero = journeys[0].start
    trips = [_pieces(journey, zero if together else journey.start, names) for journey in journeys]
    count = plural(len(journeys), "trip")
    when = (
        f"{count.capitalize()} that set out within {number(max(span, 0.1))} days of each other."
        if together
        else f"{count.capitalize()} from different times of the year, each from its own departure."
    )
    longest = max(piece.to_d for trip in trips for piece in trip)
    since = "days since the first set out" if together else "days since setting out"
    row = names.flows[flow]
    return Sample(
        f"{row['direction'].capitalize()}: {names.flow(flow)}",
        f"{when} The last of them arrives after {number(longest)} days on this clock.",
        Strip(
            trips, _bands(journeys[0].steps, row["origin"], names), _stops(journeys, names), since
        ),
    )


def _km(step: Row, names: Names) -> float:
    """The length that a step covers: that of its link when it moves."""
    link = names.links.get(step["place"])
    moves = link is not None and names.ledger(step["activity"]) == "moving"
    return float(link["length_km"]) if moves and link is not None else 0.0


def _pieces(journey: Journey, zero: datetime, names: Names) -> list[Piece]:
    pieces: list[Piece] = []
    km = 0.0
    for step in journey.steps:
        where, what = names.place(step["place"]), names.activity(step["activity"])
        started = step["started"] or step["arrived"]
        arrived, began, ended = (
            (instant - zero).total_seconds() / DAY_S
            for instant in (step["arrived"], started, step["ended"])
        )
        if began > arrived:
            title = f"{where}: waiting for {what}, {number(24 * (began - arrived))} h"
            pieces.append(Piece(km, km, arrived, began, names.waiting(step["activity"]), title))
        ahead = km + _km(step, names)
        title = f"{where}: {what}, {number(24 * (ended - began))} h"
        if ended > began:
            pieces.append(Piece(km, ahead, began, ended, names.ledger(step["activity"]), title))
        km = ahead
    return pieces


def _bands(steps: Sequence[Row], here: str, names: Names) -> list[Band]:
    """The stretches of the way by country; a link that crosses a border is shared half and half."""
    bands: list[Band] = []
    km = 0.0
    for step in steps:
        length = _km(step, names)
        if length == 0.0:
            here = step["place"] if step["place"] in names.places else here
            continue
        ends = _ends(names.links[step["place"]], here)
        here = ends[1]
        for code, share in _countries(step["place"], ends, names):
            if bands and bands[-1].code == code:
                bands[-1] = Band(bands[-1].name, code, bands[-1].from_km, km + share * length)
            else:
                name = AT_SEA if code == AT_SEA else names.country(code)
                bands.append(Band(name, code, km, km + share * length))
            km += share * length
    return bands


def _ends(link: Row, here: str) -> tuple[str, str]:
    """The ends of a link in the order in which it is travelled from here."""
    ends = (str(link["origin"]), str(link["destination"]))
    return (ends[1], ends[0]) if here == ends[1] else ends


def _countries(link: str, ends: tuple[str, str], names: Names) -> list[tuple[str, float]]:
    if names.network(link) == "sea":
        return [(AT_SEA, 1.0)]
    first, last = (names.country_of(end) or AT_SEA for end in ends)
    return [(first, 1.0)] if first == last else [(first, 0.5), (last, 0.5)]


def _stops(journeys: Sequence[Journey], names: Names) -> list[Stop]:
    """The places along the way with the mean hours that the shown trips stand there."""
    stops: dict[str, tuple[float, float]] = {}
    for journey in journeys:
        km = 0.0
        for step in journey.steps:
            if step["place"] in names.places:
                stood = (step["ended"] - step["arrived"]).total_seconds() / HOUR_S
                _, before = stops.get(step["place"], (km, 0.0))
                stops[step["place"]] = (km, before + stood)
            km += _km(step, names)
    return [
        Stop(names.place(place), km, hours / len(journeys)) for place, (km, hours) in stops.items()
    ]
