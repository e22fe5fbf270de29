"""Itineraries: what each flow goes through, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.errors import Fault, Faults, Where
from transcaspian.network.graph import NETWORKS, Book, Graph, Leg, Move, Way

Row = dict[str, Any]
SCHEMA = {
    "flow": pl.String,
    "order": pl.Int64,
    "place": pl.String,
    "country": pl.String,
    "op": pl.String,
    "network": pl.String,
    "mode": pl.String,
    "direction": pl.String,
    "activity": pl.String,
    "stage": pl.String,
    "procedure": pl.String,
    "resource": pl.String,
    "share": pl.Float64,
    "choice": pl.String,
    "mean_h": pl.Float64,
    "cv": pl.Float64,
    "shape": pl.String,
    "basis": pl.String,
    "fee_usd": pl.Float64,
    "service": pl.String,
    "call": pl.Int64,
    "call_to": pl.Int64,
    "km": pl.Float64,
}
LEGS = {
    "service": pl.String,
    "order": pl.Int64,
    "place": pl.String,
    "next_place": pl.String,
    "links": pl.String,
    "length_km": pl.Float64,
    "travel_h": pl.Float64,
    "cv": pl.Float64,
}
REST_CV = 0.1


@dataclass(frozen=True, slots=True)
class Itineraries:
    """The steps of every flow, and the legs of every service.

    Shape: frame as in SCHEMA, one row a step in order; legs as in LEGS, one row a call.
    """

    frame: pl.DataFrame
    legs: pl.DataFrame


class Stop(NamedTuple):
    """A place on the way: how the trip comes, how it goes on, and the countries around it."""

    place: str
    came: str
    goes: str
    before: str
    after: str


def itineraries(corridor: Corridor) -> Itineraries:
    """The itinerary of every flow, by the quickest way in expectation that it may use.

    Errors: N101 for a flow without a route, N102 where two procedures fit one event alike.
    """
    book = Book(corridor)
    stages = _stages(corridor)
    graphs: dict[Way, Graph] = {}
    paths: dict[tuple[Way, tuple[str, ...]], list[Move]] = {}
    rows: list[tuple[Any, ...]] = []
    faults: list[Fault] = []
    for at, flow in enumerate(corridor.table("flows").iter_rows(named=True)):
        way, places = _asked(flow)
        if way not in graphs:
            graphs[way] = Graph.of(book, way)
        if (way, places) not in paths:
            networks = str(book.units[way.unit]["networks"]).split(";")
            moves, missed = graphs[way].path(places, networks)
            if missed or not moves:
                faults.append(
                    _no_route(book, flow, way, moves=moves, missed=missed or places[-1], row=at)
                )
                continue
            paths[way, places] = moves
        try:
            steps = list(_steps(book, stages, paths[way, places], unit=way.unit))
        except Fault as fault:
            faults.append(fault)
            continue
        rows += [(flow["flow"], order, *step) for order, step in enumerate(steps, start=1)]
    if faults:
        raise Faults(faults)
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    return Itineraries(frame, _leg_frame(book.legs.values()))


def _asked(flow: Row) -> tuple[Way, tuple[str, ...]]:
    def listed(name: str) -> tuple[str, ...]:
        return tuple(word.strip() for word in (flow[name] or "").split(";") if word.strip())

    way = Way(flow["unit"], flow["good"], listed("modes"), listed("services"))
    return way, (flow["origin"], *listed("via"), flow["destination"])


def _stages(corridor: Corridor) -> dict[str, list[Row]]:
    stages: dict[str, list[Row]] = {}
    for row in corridor.table("stages").sort("procedure", "order").iter_rows(named=True):
        stages.setdefault(row["procedure"], []).append(row)
    return stages


def _leg_frame(legs: Any) -> pl.DataFrame:  # noqa: ANN401  # an iterable of legs
    rows = [leg._replace(links=";".join(leg.links)) for leg in legs]
    return pl.DataFrame(rows, schema=LEGS, orient="row")


def _no_route(  # what the fault tells
    book: Book, flow: Row, way: Way, *, moves: list[Move], missed: str, row: int
) -> Fault:
    came = moves[-1].destination if moves else flow["origin"]
    modes = ", ".join(way.modes) or f"any mode of a {way.unit}"
    near = sorted(
        name for name, link in book.links.items() if missed in {link["origin"], link["destination"]}
    )
    shut = [name for name in near if not book.links[name]["in_service"]]
    closed = f"; not in service: {', '.join(shut)}" if shut else ""
    what = (
        f"{flow['flow']}: no way from {came} to {missed} by {modes}; "
        f"links at {missed}: {', '.join(near) or 'none'}{closed}"
    )
    return Fault(
        "N101",
        what,
        where=Where(file="flows.csv", row=row + 1, column="destination"),
        expected="a chain of links, services and transfers",
        hint="a change of network needs a transfer procedure; a ferry needs a service that takes the unit",
    )


def _steps(
    book: Book, stages: dict[str, list[Row]], moves: list[Move], *, unit: str
) -> Iterator[tuple[Any, ...]]:
    driven = 0.0
    for stop, move in _visits(book, moves):
        yield from _procedures(book, stages, stop, unit=unit)
        if move is None or move.kind == "transfer":
            continue
        if move.kind == "service":
            yield from _ride(book, move)
            driven = 0.0
            continue
        link = book.links[move.name]
        yield _travel(book, move)
        driven += link["length_km"] / link["speed_kmh"]
        limit, rest = book.modes[link["mode"]]["drive_limit_h"], book.modes[link["mode"]]["rest_h"]
        if limit and rest and driven >= limit:
            times, driven = divmod(driven, limit)
            yield _rest(book, move, rest * times)


def _visits(book: Book, moves: list[Move]) -> Iterator[tuple[Stop, Move | None]]:
    """Each place on the way with the move that leaves it; a transfer is part of its place."""
    ways = [move for move in moves if move.kind != "transfer"]
    countries = [book.places[move.origin]["country"] for move in ways]
    countries.append(book.places[ways[-1].destination]["country"])
    for at, move in enumerate([*ways, None]):
        place = move.origin if move else ways[-1].destination
        came = ways[at - 1].network if at else ""
        goes = move.network if move else ""
        before = next((name for name in reversed(countries[:at]) if name), "")
        after = next((name for name in countries[at + 1 :] if name), "")
        yield Stop(place, came, goes, before, after), move


def _procedures(
    book: Book, stages: dict[str, list[Row]], stop: Stop, *, unit: str
) -> Iterator[tuple[Any, ...]]:
    here = book.places[stop.place]["country"]
    leaves = bool(here and stop.after and stop.after != here)
    enters = bool(here and stop.before and stop.before != here)
    direction = "outbound" if leaves else "inbound" if enters else "domestic"
    events = [
        ("origin", not stop.came),
        ("inbound", enters),
        ("transfer", bool(stop.came and stop.goes and stop.came != stop.goes)),
        ("passage", bool(stop.came and stop.came == stop.goes)),
        ("outbound", leaves),
        ("destination", not stop.goes),
    ]
    way = (stop.came or stop.goes, stop.goes or stop.came, unit)
    for event, happens in events:
        if not happens:
            continue
        found = book.procedures.matching(stop.place, event, way=way)
        if len(found) > 1:
            names = ", ".join(row["procedure"] for row in found)
            raise Fault(
                "N102",
                f"{names} fit {event} at {stop.place} alike",
                where=Where(file="procedures.csv"),
                expected="one that is more specific",
            )
        for row in found:
            for stage in stages.get(row["procedure"], ()):
                yield _serve(
                    stop, here or "", stage, direction=direction, network=stop.came or stop.goes
                )


def _serve(
    stop: Stop, country: str, stage: Row, *, direction: str, network: str
) -> tuple[Any, ...]:
    return (
        stop.place,
        country,
        "serve",
        network,
        "",
        direction,
        stage["activity"],
        stage["stage"],
        stage["procedure"],
        stage["resource"],
        stage["share"],
        stage["choice"],
        stage["mean_h"],
        stage["cv"],
        stage["shape"],
        stage["basis"],
        stage["fee_usd"],
        None,
        None,
        None,
        0.0,
    )


def _link_country(book: Book, move: Move) -> str:
    """The country whose time a link takes: its own, on land that of the side left, at sea none."""
    here, there = book.places[move.origin]["country"], book.places[move.destination]["country"]
    if here == there:
        return here or ""
    return "" if move.network == "sea" else here or there or ""


def _travel(book: Book, move: Move) -> tuple[Any, ...]:
    row = book.links[move.name]
    mode = book.modes[row["mode"]]
    return (
        move.name,
        _link_country(book, move),
        "travel",
        move.network,
        row["mode"],
        "",
        mode["activity"],
        "travel",
        "",
        None,
        1.0,
        None,
        row["length_km"] / row["speed_kmh"],
        row["time_cv"],
        "lognormal",
        "trip",
        None,
        None,
        None,
        None,
        row["length_km"],
    )


def _rest(book: Book, move: Move, hours: float) -> tuple[Any, ...]:
    row = book.links[move.name]
    return (
        move.name,
        _link_country(book, move),
        "rest",
        move.network,
        row["mode"],
        "",
        "r17_rest",
        "rest",
        "",
        None,
        1.0,
        None,
        hours,
        REST_CV,
        "lognormal",
        "trip",
        None,
        None,
        None,
        None,
        0.0,
    )


RAIL = {"board": "t16_wait_train", "depart": "t07_wagon_pickup", "unload": "t07_wagon_pickup"}
SEA = {"board": "p04_wait_vessel", "depart": "p08_load_vessel", "unload": "p09_discharge"}


def _ride(book: Book, move: Move) -> Iterator[tuple[Any, ...]]:
    """The steps of a ride: board, be loaded, wait for weather, ride, wait for a berth, unload."""
    words = SEA if move.network == "sea" else RAIL
    legs = list(_between(book, move))
    start, end = book.places[move.origin], book.places[move.destination]
    mode = book.fleets[book.services[move.name]["fleet"]]["mode"]
    for op in ("board", "depart", "hold"):
        activity = words.get(op, "p05_weather_closed")
        yield _aboard(move, move.origin, start["country"], op, activity=activity, mode=mode)
    for number, leg in enumerate(legs):
        place = leg.links[0] if len(leg.links) == 1 else leg.links[len(leg.links) // 2]
        across = move._replace(origin=leg.place, destination=leg.next_place)
        country = _link_country(book, across)
        activity = book.modes[mode]["activity"]
        yield _aboard(move, place, country, "ride", activity=activity, mode=mode, km=leg.length_km)
        if number < len(legs) - 1:
            there = book.places[leg.next_place]["country"]
            yield _aboard(move, leg.next_place, there, "stay", activity=words["unload"], mode=mode)
    yield _aboard(move, move.destination, end["country"], "berth", activity="wait_berth", mode=mode)
    yield _aboard(
        move, move.destination, end["country"], "unload", activity=words["unload"], mode=mode
    )


def _between(book: Book, move: Move) -> Iterator[Leg]:
    calls = book.calls[move.name]
    at = next(number for number, call in enumerate(calls) if call["order"] == move.call)
    while True:
        leg = book.legs[move.name, calls[at % len(calls)]["order"]]
        yield leg
        at += 1
        if calls[at % len(calls)]["order"] == move.call_to:
            return


def _aboard(  # noqa: PLR0913  # the cells that differ
    move: Move,
    place: str,
    country: str | None,
    op: str,
    *,
    activity: str,
    mode: str,
    km: float = 0.0,
) -> tuple[Any, ...]:
    direction = ""
    return (
        place,
        country or "",
        op,
        move.network,
        mode,
        direction,
        activity,
        op,
        "",
        None,
        1.0,
        None,
        0.0,
        0.0,
        "constant",
        "trip",
        None,
        move.name,
        move.call,
        move.call_to,
        km,
    )


def visit_directions(frame: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """The itinerary with the direction of each visit of a place, and the number of the visit.

    Consecutive rows at one place are one visit: outbound when the next place lies in another
    country, else inbound when the one before does, else domestic. Rows on links have no visit.

    Shape: the frame with direction and visit (null on links).
    """
    known = places.select("place", pl.col("country").alias("home"))
    rows = frame.drop("direction").join(known, on="place", how="left", maintain_order="left")
    at_place = rows.filter(pl.col("place").is_in(known["place"].implode()))
    new = (pl.col("place") != pl.col("place").shift(1).over("flow")).fill_null(value=True)
    numbered = at_place.with_columns(new.cast(pl.Int64).cum_sum().over("flow").alias("visit"))
    visits = numbered.group_by("flow", "visit", maintain_order=True).agg(pl.col("home").first())
    before = pl.col("home").shift(1).forward_fill().over("flow")
    after = pl.col("home").shift(-1).backward_fill().over("flow")
    directed = visits.with_columns(
        pl.when(after.is_not_null() & pl.col("home").is_not_null() & (after != pl.col("home")))
        .then(pl.lit("outbound"))
        .when(before.is_not_null() & pl.col("home").is_not_null() & (before != pl.col("home")))
        .then(pl.lit("inbound"))
        .otherwise(pl.lit("domestic"))
        .alias("direction")
    )
    labelled = numbered.select("flow", "order", "visit").join(
        directed, on=["flow", "visit"], how="left"
    )
    return rows.drop("home").join(
        labelled.drop("home"), on=["flow", "order"], how="left", maintain_order="left"
    )


__all__ = ["NETWORKS", "Itineraries", "itineraries", "visit_directions"]
