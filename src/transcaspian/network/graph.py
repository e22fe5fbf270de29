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
OPEN = ""
SHUT = "shut"
SURFACE = "surface"
LOADING = "loading"
TRANSFER = "transfer"
MODE = "mode"
SERVICE = "service"


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
    """What a flow may use: its unit, the modes (all when empty) and the services it may board."""

    unit: str
    modes: tuple[str, ...]
    services: tuple[str, ...]


class Edge(NamedTuple):
    """A move between two states, the hours it takes in expectation, and what bars it, if so."""

    head: int
    tail: int
    hours: float
    mode: str
    bar: str
    move: Move


@dataclass(frozen=True, slots=True)
class Edges:
    """All edges of one unit, sorted by head, tail and hours."""

    numbers: dict[str, int]
    moves: list[Move]
    head: np.ndarray
    tail: np.ndarray
    hours: np.ndarray
    mode: np.ndarray
    service: np.ndarray
    bar: np.ndarray

    @staticmethod
    def of(book: Book, unit: str, *, barred: bool = False) -> Edges:
        """The edges of a unit; with those that are barred when asked for, to say why."""
        numbers = {place: at for at, place in enumerate(book.places)}
        found = [edge for edge in _edges(book, unit, numbers, barred=barred)]
        found.sort(key=lambda edge: edge[:3])
        moves = [edge.move for edge in found]
        return Edges(
            numbers,
            moves,
            np.array([edge.head for edge in found], dtype=np.int32),
            np.array([edge.tail for edge in found], dtype=np.int32),
            np.array([max(edge.hours, LEAST_H) for edge in found]),
            np.array([edge.mode for edge in found], dtype=np.str_),
            np.array([m.name if m.kind == "service" else "" for m in moves], dtype=np.str_),
            np.array([edge.bar for edge in found], dtype=np.str_),
        )

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
        for hours, came, mode, bar, move in some:
            if barred or bar == OPEN:
                head = state(move.origin, came)
                yield Edge(head, state(move.destination, move.network), hours, mode, bar, move)


Found = tuple[float, str, str, str, Move]


def _along(book: Book, unit: str) -> Iterator[Found]:
    """The moves along links; a driver's rests are spread over the hours that he drives."""
    networks = book.networks(unit)
    for name, row in book.links.items():
        mode = book.modes[row["mode"]]
        network = mode["network"]
        if row["mode"] in book.boarded:
            continue
        bar = SHUT if not row["in_service"] else OPEN if network in networks else SURFACE
        resting = (mode["rest_h"] or 0.0) / mode["drive_limit_h"] if mode["drive_limit_h"] else 0.0
        hours = row["length_km"] / row["speed_kmh"] * (1 + resting)
        for a, b in ways(row):
            move = Move("link", name, a, b, network)
            yield hours + _at_ends(book, move, unit), network, row["mode"], bar, move


def _at_ends(book: Book, move: Move, unit: str) -> float:
    """The hours in expectation of passing the end of a move, and of the border it crosses."""
    both = (move.network, move.network, unit)
    known = book.procedures
    hours = known.expected_h(move.destination, "passage", way=both) or 0.0
    if book.abroad(move.origin, move.destination):
        hours += known.leaving_h(move.origin, move.network, unit=unit)
        hours += known.entering_h(move.destination, move.network, unit=unit)
    return hours


def _aboard(book: Book, unit: str) -> Iterator[Found]:
    """The rides with services, between any two calls in the order of the rotation."""
    networks = book.networks(unit)
    for service, calls in book.calls.items():
        mode, network = book.carrier(service)
        taken = (book.services[service]["fleet"], unit) in book.loading
        bar = LOADING if not taken else OPEN if network in networks else SURFACE
        for hours, move in _rides(book, service, calls, network):
            yield hours + _at_ends(book, move, unit), network, mode, bar, move


def _rides(book: Book, service: str, calls: list[Row], network: str) -> Iterator[tuple[float, Move]]:
    """Each ride with its hours: half the longest wait, then handling and sailing from call to call."""
    for i, start in enumerate(calls):
        hours = start["max_wait_h"] / 2 + start["load_h"]
        for step in range(1, len(calls)):
            here, there = calls[(i + step - 1) % len(calls)], calls[(i + step) % len(calls)]
            leg = book.legs.get((service, here["order"]))
            if leg is None or there["place"] == start["place"]:
                break
            hours += leg.travel_h + there["unload_h"]
            ends = (start["place"], there["place"])
            yield hours, Move("service", service, *ends, network, start["order"], there["order"])
            hours += there["load_h"]


def _across(book: Book, unit: str, *, every: bool) -> Iterator[Found]:
    """The changes from one network to another; only where a procedure for it is kept."""
    networks = book.networks(unit)
    for place in book.places:
        if not every and (place, "transfer") not in book.procedures.known:
            continue
        for came in networks:
            for goes in networks:
                if came != goes:
                    hours = book.procedures.expected_h(place, "transfer", way=(came, goes, unit))
                    bar = TRANSFER if hours is None else OPEN
                    yield hours or 0.0, came, "", bar, Move("transfer", "", place, place, goes)


@dataclass(frozen=True, slots=True)
class Graph:
    """The edges open to one way of travelling, and the quickest paths on them."""

    edges: Edges
    chosen: np.ndarray
    pairs: np.ndarray
    matrix: csr_array

    @staticmethod
    def of(edges: Edges, way: Way, *, without: str = "") -> Graph:
        """The graph of what a flow may use; of two moves between the same states the quicker.

        `without` lifts one bar, to find out whether it is the one that matters.
        """
        open_ = edges.bar == OPEN
        if without:
            open_ |= edges.bar == without
        if way.modes and without != MODE:
            open_ &= np.isin(edges.mode, [*way.modes, ""])
        if without != SERVICE:
            open_ &= np.isin(edges.service, [*way.services, ""])
        chosen = np.flatnonzero(open_)
        size = len(edges.numbers) * len(NETWORKS)
        pairs = edges.head[chosen].astype(np.int64) * size + edges.tail[chosen]
        first = np.ones(len(chosen), dtype=bool)
        first[1:] = pairs[1:] != pairs[:-1]
        chosen, pairs = chosen[first], pairs[first]
        cells = (edges.hours[chosen], (edges.head[chosen], edges.tail[chosen]))
        return Graph(edges, chosen, pairs, csr_array(cells, shape=(size, size)))

    def reach(self, places: Iterable[str]) -> Reach:
        """How far everything is from some places, from each network there."""
        starts = np.array(
            sorted({state for place in places for state in self.edges.states(place)}), dtype=np.int32
        )
        hours, before = dijkstra(self.matrix, indices=starts, return_predecessors=True)
        rows = {state: at for at, state in enumerate(starts.tolist())}
        return Reach(self, rows, hours, before)

    def moves(self, states: list[int]) -> list[Move]:
        """The moves from state to state."""
        size = self.matrix.shape[0]
        wanted = np.array(states[:-1], dtype=np.int64) * size + np.array(states[1:], dtype=np.int64)
        at = self.chosen[np.searchsorted(self.pairs, wanted)]
        return [self.edges.moves[int(number)] for number in at]


@dataclass(frozen=True, slots=True)
class Reach:
    """The hours to every state from some, and the state before each on the way."""

    graph: Graph
    rows: dict[int, int]
    hours: np.ndarray
    before: np.ndarray

    def path(self, places: tuple[str, ...], networks: tuple[str, ...]) -> list[Move] | str:
        """The quickest moves through places in order, whatever network one stands on at each.

        The first place that cannot be reached is the answer when there is no such path.
        """
        known = [NETWORKS.index(network) for network in networks]
        states = self.graph.edges.states
        reached: dict[int, tuple[float, list[int]]] = {
            states(places[0])[at]: (0.0, [states(places[0])[at]]) for at in known
        }
        for place in places[1:]:
            ends = [states(place)[at] for at in known]
            reached = self._onward(reached, ends)
            if not reached:
                return place
        return self.graph.moves(min(reached.values())[1])

    def _onward(
        self, reached: dict[int, tuple[float, list[int]]], ends: list[int]
    ) -> dict[int, tuple[float, list[int]]]:
        """The quickest way to each of the next states by those reached before."""
        found: dict[int, tuple[float, list[int]]] = {}
        for end in ends:
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
