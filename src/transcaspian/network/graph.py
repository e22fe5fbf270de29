"""Ways through a corridor: a graph of places by network, and the quickest path on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from transcaspian.corridor.corridor import Corridor

NETWORKS = ("rail", "road", "sea")
LEAST_H = 1e-6
Row = dict[str, Any]


class Move(NamedTuple):
    """One move of a path: along a link, by a service from call to call, or onto another network."""

    kind: str
    name: str
    origin: str
    destination: str
    network: str
    call: int = 0
    call_to: int = 0


class Way(NamedTuple):
    """What a flow may use."""

    unit: str
    good: str
    modes: tuple[str, ...]
    services: tuple[str, ...]


class Leg(NamedTuple):
    """The run of a carrier from one call to the next."""

    service: str
    order: int
    place: str
    next_place: str
    links: tuple[str, ...]
    length_km: float
    travel_h: float
    cv: float


@dataclass(slots=True)
class Book:
    """The tables of a corridor, looked up by key."""

    corridor: Corridor
    places: dict[str, Row] = field(init=False)
    links: dict[str, Row] = field(init=False)
    modes: dict[str, Row] = field(init=False)
    units: dict[str, Row] = field(init=False)
    fleets: dict[str, Row] = field(init=False)
    services: dict[str, Row] = field(init=False)
    calls: dict[str, list[Row]] = field(init=False)
    loading: set[tuple[str, str]] = field(init=False)
    procedures: Procedures = field(init=False)
    legs: dict[tuple[str, int], Leg] = field(init=False)

    def __post_init__(self) -> None:
        """Nothing; the tables are read."""
        table = self.corridor.table
        self.places = _keyed(table("places"), "place")
        self.links = _keyed(table("links"), "link")
        self.modes = _keyed(table("modes"), "mode")
        self.units = _keyed(table("units"), "unit")
        self.fleets = _keyed(table("fleets"), "fleet")
        self.services = _keyed(table("services"), "service")
        self.calls = {name: [] for name in self.services}
        for row in table("calls").sort("service", "order").iter_rows(named=True):
            self.calls[row["service"]].append(row)
        self.loading = set(table("loading").select("fleet", "unit").iter_rows())
        self.procedures = Procedures.of(self.corridor)
        self.legs = {(leg.service, leg.order): leg for leg in _legs(self)}

    def network(self, link: str) -> str:
        """The network of a link."""
        return str(self.modes[self.links[link]["mode"]]["network"])

    def boarded(self, mode: str) -> bool:
        """Whether a mode is used by boarding a service only: at sea, where a fleet is declared."""
        sea = self.modes[mode]["network"] == "sea"
        return sea and any(fleet["mode"] == mode for fleet in self.fleets.values())


def _keyed(frame: pl.DataFrame, key: str) -> dict[str, Row]:
    return {row[key]: row for row in frame.iter_rows(named=True)}


@dataclass(frozen=True, slots=True)
class Procedures:
    """Which procedure a place keeps for an event, and the hours it takes in expectation."""

    known: dict[tuple[str, str], list[Row]]
    hours: dict[str, float]

    @staticmethod
    def of(corridor: Corridor) -> Procedures:
        """The procedures of a corridor."""
        known: dict[tuple[str, str], list[Row]] = {}
        for row in corridor.table("procedures").iter_rows(named=True):
            units = frozenset((row["units"] or "").split(";")) - {""}
            known.setdefault((row["place"], row["event"]), []).append({**row, "units": units})
        hours = (
            corridor.table("stages")
            .group_by("procedure")
            .agg((pl.col("share") * pl.col("mean_h")).sum())
        )
        return Procedures(known, dict(hours.iter_rows()))

    def matching(self, place: str, event: str, *, way: tuple[str, str, str]) -> list[Row]:
        """The procedures that apply, the most specific alone; several when equally specific.

        `way` is the network of arrival, that of departure, and the unit.
        """
        came, goes, unit = way
        fit = [
            row
            for row in self.known.get((place, event), ())
            if row["mode_in"] in {None, came}
            and row["mode_out"] in {None, goes}
            and (not row["units"] or unit in row["units"])
        ]
        best = max((_specific(row) for row in fit), default=0)
        return [row for row in fit if _specific(row) == best]

    def expected_h(self, place: str, event: str, *, way: tuple[str, str, str]) -> float:
        """The hours in expectation of what applies; 0 when nothing does."""
        return sum(
            self.hours.get(row["procedure"], 0.0) for row in self.matching(place, event, way=way)
        )


def _specific(row: Row) -> int:
    return sum(bool(row[name]) for name in ("mode_in", "mode_out", "units"))


def _legs(book: Book) -> Iterator[Leg]:
    for service, calls in book.calls.items():
        fleet = book.fleets[book.services[service]["fleet"]]
        ring = [*calls, calls[0]] if calls else []
        for here, there in pairwise(ring):
            links = _chain(book, fleet["mode"], here["place"], there["place"])
            if links is None:
                continue
            rows = [book.links[link] for link in links]
            length = sum(row["length_km"] for row in rows)
            hours = sum(row["length_km"] / (fleet["speed_kmh"] or row["speed_kmh"]) for row in rows)
            spread = sum((row["time_cv"] * row["length_km"]) ** 2 for row in rows) ** 0.5 / max(
                length, 1.0
            )
            yield Leg(
                service,
                here["order"],
                here["place"],
                there["place"],
                tuple(links),
                length,
                hours,
                spread,
            )


def _chain(book: Book, mode: str, origin: str, destination: str) -> list[str] | None:
    """The shortest chain of links of one mode between two places; none when there is none."""
    reach: dict[str, tuple[float, list[str]]] = {origin: (0.0, [])}
    open_: set[str] = {origin}
    links = [row for row in book.links.values() if row["mode"] == mode and row["in_service"]]
    while open_:
        here = min(open_, key=lambda place: (reach[place][0], place))
        open_.remove(here)
        if here == destination:
            return reach[here][1]
        for row in links:
            for a, b in _ways(row):
                far = reach[here][0] + row["length_km"]
                if a == here and (b not in reach or far < reach[b][0]):
                    reach[b] = (far, [*reach[here][1], row["link"]])
                    open_.add(b)
    return None


def _ways(row: Row) -> list[tuple[str, str]]:
    both = [(row["origin"], row["destination"])]
    return both if row["one_way"] else [*both, (row["destination"], row["origin"])]


@dataclass(frozen=True, slots=True)
class Graph:
    """The states and moves open to one way of travelling."""

    states: dict[tuple[str, str], int]
    moves: dict[tuple[int, int], Move]
    matrix: csr_array

    @staticmethod
    def of(book: Book, way: Way) -> Graph:
        """The graph of what a flow may use; of two moves between the same states the quicker."""
        best: dict[tuple[tuple[str, str], tuple[str, str]], tuple[float, Move]] = {}
        for hours, a, b, move in _edges(book, way):
            if (a, b) not in best or hours < best[a, b][0]:
                best[a, b] = (hours, move)
        states = {(place, network): 0 for place in book.places for network in NETWORKS}
        states = {state: at for at, state in enumerate(states)}
        moves = {(states[a], states[b]): move for (a, b), (_, move) in best.items()}
        heads = np.array([states[a] for a, _ in best], dtype=np.int32)
        tails = np.array([states[b] for _, b in best], dtype=np.int32)
        hours = np.array([max(hours, LEAST_H) for hours, _ in best.values()])
        size = len(states)
        return Graph(states, moves, csr_array((hours, (heads, tails)), shape=(size, size)))

    def path(self, places: Sequence[str], networks: Sequence[str]) -> tuple[list[Move], str]:
        """The quickest moves through some places in order, and the place not reached, if any."""
        starts = [self.states[places[0], network] for network in networks]
        moves: list[Move] = []
        for place in places[1:]:
            times, before, _ = dijkstra(
                self.matrix, indices=starts, min_only=True, return_predecessors=True
            )
            ends = [self.states[place, network] for network in networks]
            end = min(ends, key=lambda state: times[state])
            if not np.isfinite(times[end]):
                return moves, place
            moves += self._back(end, before)
            starts = [end]
        return moves, ""

    def _back(self, end: int, before: np.ndarray) -> list[Move]:
        moves: list[Move] = []
        while before[end] >= 0:
            moves.append(self.moves[int(before[end]), end])
            end = int(before[end])
        return moves[::-1]


Edge = tuple[float, tuple[str, str], tuple[str, str], Move]


def _edges(book: Book, way: Way) -> Iterator[Edge]:
    networks = set(str(book.units[way.unit]["networks"]).split(";"))
    yield from _link_edges(book, way, networks)
    yield from _service_edges(book, way)
    for place in book.places:
        for came in networks:
            for goes in networks - {came}:
                if book.procedures.matching(place, "transfer", way=(came, goes, way.unit)):
                    hours = book.procedures.expected_h(
                        place, "transfer", way=(came, goes, way.unit)
                    )
                    yield (
                        hours,
                        (place, came),
                        (place, goes),
                        Move("transfer", "", place, place, goes),
                    )


def _link_edges(book: Book, way: Way, networks: set[str]) -> Iterator[Edge]:
    for name, row in book.links.items():
        network = book.network(name)
        if not row["in_service"] or network not in networks or book.boarded(row["mode"]):
            continue
        if way.modes and row["mode"] not in way.modes:
            continue
        hours = row["length_km"] / row["speed_kmh"]
        for a, b in _ways(row):
            border = _border_h(book, way, a, b, network)
            yield hours + border, (a, network), (b, network), Move("link", name, a, b, network)


def _border_h(book: Book, way: Way, a: str, b: str, network: str) -> float:
    """The hours in expectation of leaving one country and entering the next, and of passing."""
    both = (network, network, way.unit)
    hours = book.procedures.expected_h(b, "passage", way=both)
    if _abroad(book, a, b):
        hours += book.procedures.expected_h(a, "outbound", way=both)
        hours += book.procedures.expected_h(b, "inbound", way=both)
    return hours


def _abroad(book: Book, a: str, b: str) -> bool:
    here, there = book.places[a]["country"], book.places[b]["country"]
    return bool(here) and bool(there) and here != there


def _service_edges(book: Book, way: Way) -> Iterator[Edge]:
    for service, calls in book.calls.items():
        row = book.services[service]
        fleet = book.fleets[row["fleet"]]
        network = str(book.modes[fleet["mode"]]["network"])
        goods = (row["goods"] or "").split(";")
        barred = (
            (row["fleet"], way.unit) not in book.loading
            or (way.services and service not in way.services)
            or (way.modes and fleet["mode"] not in way.modes)
            or (goods != [""] and way.good not in goods)
            or (network == "rail" and service not in way.services)
        )
        if not barred:
            yield from _rides(book, service, calls, network)


def _rides(book: Book, service: str, calls: list[Row], network: str) -> Iterator[Edge]:
    for i, start in enumerate(calls):
        hours = start["max_wait_h"] / 2 + start["load_h"]
        for step in range(1, len(calls)):
            here, there = calls[(i + step - 1) % len(calls)], calls[(i + step) % len(calls)]
            leg = book.legs.get((service, here["order"]))
            if leg is None or there["place"] == start["place"]:
                break
            hours += leg.travel_h + there["unload_h"]
            move = Move(
                "service",
                service,
                start["place"],
                there["place"],
                network,
                start["order"],
                there["order"],
            )
            yield hours, (start["place"], network), (there["place"], network), move
