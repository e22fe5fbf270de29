"""The graph of a corridor: states are a place and the network one stands on there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from transcaspian.network.book import Book, ways
from transcaspian.network.procedures import NETWORKS, Row

LEAST_H = 1e-6
RELUCTANCE_H = 1e6
PREFERENCE = 0.5
OPEN, SHUT, SURFACE, LOADING, TRANSFER, MODE, SERVICE = 0, 1, 2, 4, 8, 16, 32


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
    """What a flow may use: its unit, the modes (all when empty) and the services it may board.

    Services that it names itself are preferred: its waits for them do not count in the search,
    and its hours on the move with them count half.
    """

    unit: str
    modes: tuple[str, ...]
    services: tuple[str, ...]
    named: bool = False


class Wish(NamedTuple):
    """What a flow asks for: the places it passes in order, and how it may travel."""

    places: tuple[str, ...]
    way: Way


class Edge(NamedTuple):
    """A move between two states, its hours in expectation and in motion, and the bars across it."""

    head: int
    tail: int
    hours: float
    moving: float
    mode: str
    bars: int
    move: Move


@dataclass(frozen=True, slots=True)
class Edges:
    """All edges of one unit, sorted by head, tail and hours."""

    numbers: dict[str, int]
    moves: list[Move]
    head: np.ndarray
    tail: np.ndarray
    hours: np.ndarray
    moving: np.ndarray
    mode: np.ndarray
    service: np.ndarray
    bars: np.ndarray

    @staticmethod
    def of(book: Book, unit: str, *, barred: bool = False) -> Edges:
        """The edges of a unit; with those that are barred when asked for, to say why."""
        numbers = {place: at for at, place in enumerate(book.places)}
        found = list(_edges(book, unit, numbers, barred=barred))
        found.sort(key=lambda edge: edge[:3])
        moves = [edge.move for edge in found]
        return Edges(
            numbers,
            moves,
            np.array([edge.head for edge in found], dtype=np.int32),
            np.array([edge.tail for edge in found], dtype=np.int32),
            np.array([max(edge.hours, LEAST_H) for edge in found]),
            np.array([max(edge.moving, LEAST_H) for edge in found]),
            np.array([edge.mode for edge in found], dtype=np.str_),
            np.array([m.name if m.kind == "service" else "" for m in moves], dtype=np.str_),
            np.array([edge.bars for edge in found], dtype=np.int64),
        )

    def barred(self, way: Way) -> np.ndarray:
        """The bars across each edge for those who travel in some way."""
        bars = self.bars.copy()
        if way.modes:
            bars[~np.isin(self.mode, [*way.modes, ""])] |= MODE
        bars[~np.isin(self.service, [*way.services, ""])] |= SERVICE
        return bars

    def states(self, place: str) -> list[int]:
        """The states of a place, one a network."""
        first = self.numbers[place] * len(NETWORKS)
        return list(range(first, first + len(NETWORKS)))


def _edges(book: Book, unit: str, numbers: dict[str, int], *, barred: bool) -> Iterator[Edge]:
    surfaces = {network: at for at, network in enumerate(NETWORKS)}

    def state(place: str, network: str) -> int:
        return numbers[place] * len(NETWORKS) + surfaces[network]

    found = (_along(book, unit), _aboard(book, unit), _across(book, unit, every=barred))
    for some in found:
        for hours, moving, came, mode, bars, move in some:
            if barred or bars == OPEN:
                head = state(move.origin, came)
                tail = state(move.destination, move.network)
                yield Edge(head, tail, hours, moving, mode, bars, move)


Found = tuple[float, float, str, str, int, Move]


def _along(book: Book, unit: str) -> Iterator[Found]:
    """The moves along links; a driver's rests are spread over the hours that he drives."""
    networks = book.networks(unit)
    for name, row in book.links.items():
        mode = book.modes[row["mode"]]
        network = mode["network"]
        if row["mode"] in book.boarded:
            continue
        bars = SHUT * (not row["in_service"]) | SURFACE * (network not in networks)
        resting = (mode["rest_h"] or 0.0) / mode["drive_limit_h"] if mode["drive_limit_h"] else 0.0
        hours = row["length_km"] / row["speed_kmh"] * (1 + resting)
        for a, b in ways(row):
            move = Move("link", name, a, b, network)
            passing = book.procedures.expected_h(b, "passage", way=(network, network, unit)) or 0.0
            border = _border_h(book, move, unit)
            yield hours + passing + border, hours, network, row["mode"], bars, move


def _border_h(book: Book, move: Move, unit: str) -> float:
    """The hours in expectation of the border that a move crosses, on both its sides."""
    if not book.abroad(move.origin, move.destination):
        return 0.0
    leaving = book.procedures.leaving_h(move.origin, move.network, unit=unit)
    return leaving + book.procedures.entering_h(move.destination, move.network, unit=unit)


def _aboard(book: Book, unit: str) -> Iterator[Found]:
    """The rides with services, between any two calls in the order of the rotation."""
    networks = book.networks(unit)
    for service, calls in book.calls.items():
        mode, network = book.carrier(service)
        taken = (book.services[service]["fleet"], unit) in book.loading
        bars = LOADING * (not taken) | SURFACE * (network not in networks)
        for hours, moving, move in _rides(book, service, calls, network):
            yield hours + _border_h(book, move, unit), moving, network, mode, bars, move


def _rides(
    book: Book, service: str, calls: list[Row], network: str
) -> Iterator[tuple[float, float, Move]]:
    """Each ride with its hours: half the longest wait, then handling and sailing, call by call."""
    for i, start in enumerate(calls):
        hours, moving = start["max_wait_h"] / 2 + start["load_h"], 0.0
        for step in range(1, len(calls)):
            here, there = calls[(i + step - 1) % len(calls)], calls[(i + step) % len(calls)]
            leg = book.legs.get((service, here["order"]))
            if leg is None or there["place"] == start["place"]:
                break
            hours, moving = hours + leg.travel_h + there["unload_h"], moving + leg.travel_h
            ends = (start["place"], there["place"])
            move = Move("service", service, *ends, network, start["order"], there["order"])
            yield hours, moving, move
            hours += there["load_h"]


def _across(book: Book, unit: str, *, every: bool) -> Iterator[Found]:
    """The changes from one network to another; only where a procedure for it is kept."""
    own = book.networks(unit)
    networks = NETWORKS if every else own
    for place in book.places:
        if not every and (place, "transfer") not in book.procedures.known:
            continue
        for came in networks:
            for goes in networks:
                if came != goes:
                    hours = book.procedures.expected_h(place, "transfer", way=(came, goes, unit))
                    bars = TRANSFER * (hours is None) | SURFACE * (not {came, goes} <= {*own})
                    yield (
                        hours or 0.0,
                        0.0,
                        came,
                        "",
                        bars,
                        Move("transfer", "", place, place, goes),
                    )


@dataclass(frozen=True, slots=True)
class Graph:
    """The edges open to one way of travelling, and the quickest paths on them."""

    edges: Edges
    chosen: np.ndarray
    pairs: np.ndarray
    matrix: csr_array

    @staticmethod
    def of(edges: Edges, way: Way, *, lifted: int = OPEN) -> Graph:
        """The graph of what a flow may use; of two moves between the same states the quicker.

        Moves whose bars are all lifted are used too, but only for want of others.
        """
        bars = edges.barred(way)
        chosen = np.flatnonzero(bars & ~lifted == OPEN)
        hours = edges.hours[chosen] + RELUCTANCE_H * (bars[chosen] != OPEN)
        if way.named:
            preferred = np.isin(edges.service[chosen], way.services) & (bars[chosen] == OPEN)
            hours[preferred] = edges.moving[chosen][preferred] * PREFERENCE
        size = len(edges.numbers) * len(NETWORKS)
        pairs = edges.head[chosen].astype(np.int64) * size + edges.tail[chosen]
        order = np.lexsort((hours, pairs))
        chosen, pairs, hours = chosen[order], pairs[order], hours[order]
        first = np.ones(len(chosen), dtype=bool)
        first[1:] = pairs[1:] != pairs[:-1]
        chosen, pairs = chosen[first], pairs[first]
        cells = (hours[first], (edges.head[chosen], edges.tail[chosen]))
        return Graph(edges, chosen, pairs, csr_array(cells, shape=(size, size)))

    def reach(self, places: Iterable[str]) -> Reach:
        """How far everything is from some places, from each network there."""
        starts = np.array(
            sorted({state for place in places for state in self.edges.states(place)}),
            dtype=np.int32,
        )
        hours, before = dijkstra(self.matrix, indices=starts, return_predecessors=True)
        rows = {state: at for at, state in enumerate(starts.tolist())}
        return Reach(self, rows, hours, before)

    def along(self, states: list[int]) -> list[int]:
        """The numbers of the edges from state to state."""
        size = len(self.edges.numbers) * len(NETWORKS)
        wanted = np.array(states[:-1], dtype=np.int64) * size + np.array(states[1:], dtype=np.int64)
        return [int(at) for at in self.chosen[np.searchsorted(self.pairs, wanted)]]


Arrivals = dict[int, tuple[float, list[int]]]


@dataclass(frozen=True, slots=True)
class Reach:
    """The hours to every state from some, and the state before each on the way."""

    graph: Graph
    rows: dict[int, int]
    hours: np.ndarray
    before: np.ndarray

    def path(self, places: tuple[str, ...], networks: tuple[str, ...]) -> list[int] | str:
        """The edges of the quickest path through places in order, on whatever network at each.

        The first place that cannot be reached is the answer when there is no such path.
        """
        reached = self._starts(places[0], networks)
        for place in places[1:]:
            reached = self._onward(reached, self._ends(place, networks))
            if not reached:
                return place
        return self.graph.along(min(reached.values())[1]) or places[-1]

    def arrivals(self, places: tuple[str, ...], networks: tuple[str, ...]) -> Arrivals:
        """Hours and states of the quickest way through places to each state of the last."""
        reached = self._starts(places[0], networks)
        for place in places[1:]:
            reached = self._onward(reached, self._ends(place, networks))
        return reached

    def _ends(self, place: str, networks: tuple[str, ...]) -> list[int]:
        states = self.graph.edges.states(place)
        return [states[NETWORKS.index(network)] for network in networks]

    def _starts(self, place: str, networks: tuple[str, ...]) -> Arrivals:
        return {start: (0.0, [start]) for start in self._ends(place, networks)}

    def _onward(self, reached: Arrivals, ends: list[int]) -> Arrivals:
        """The quickest way to each of the next states by those reached before."""
        found: Arrivals = {}
        for end in ends if reached else ():
            known = [
                (so_far + float(self.hours[self.rows[start], end]), start)
                for start, (so_far, _) in reached.items()
            ]
            hours, start = min(known)
            if np.isfinite(hours):
                found[end] = (hours, reached[start][1] + self._between(start, end))
        return found

    def _between(self, start: int, end: int) -> list[int]:
        """The states after the first up to the last."""
        before: Any = self.before[self.rows[start]]
        states: list[int] = []
        while end != start:
            states.append(end)
            end = int(before[end])
        return states[::-1]
