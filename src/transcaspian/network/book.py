"""The tables of a corridor looked up by key, and the legs of its services."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.network.procedures import Procedures, Row


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
    link_h: tuple[float, ...]
    link_cv: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Book:
    """The tables of a corridor, looked up by key; calls in the order of the rotation."""

    places: dict[str, Row]
    links: dict[str, Row]
    modes: dict[str, Row]
    units: dict[str, Row]
    fleets: dict[str, Row]
    services: dict[str, Row]
    calls: dict[str, list[Row]]
    loading: frozenset[tuple[str, str]]
    procedures: Procedures
    legs: dict[tuple[str, int], Leg]
    boarded: frozenset[str]

    @staticmethod
    def of(corridor: Corridor) -> Book:
        """The tables of a corridor, rows sorted by key so that their order in a file is nothing."""
        table = corridor.table
        book = Book(
            _keyed(table("places"), "place"),
            _keyed(table("links"), "link"),
            _keyed(table("modes"), "mode"),
            _keyed(table("units"), "unit"),
            _keyed(table("fleets"), "fleet"),
            _keyed(table("services"), "service"),
            _calls(corridor),
            frozenset(table("loading").select("fleet", "unit").iter_rows()),
            Procedures.of(corridor),
            legs={},
            boarded=_boarded(corridor),
        )
        book.legs.update({(leg.service, leg.order): leg for leg in _legs(book)})
        return book

    def network(self, link: str) -> str:
        """The network of a link."""
        return str(self.modes[self.links[link]["mode"]]["network"])

    def networks(self, unit: str) -> tuple[str, ...]:
        """The networks a unit can move on."""
        return tuple(word.strip() for word in self.units[unit]["networks"].split(";"))

    def carrier(self, service: str) -> tuple[str, str]:
        """The mode of a service's fleet and the network it runs on."""
        mode = str(self.fleets[self.services[service]["fleet"]]["mode"])
        return mode, str(self.modes[mode]["network"])

    def abroad(self, a: str, b: str) -> bool:
        """Whether two places lie in two countries; never when one lies on the high sea."""
        here, there = self.places[a]["country"], self.places[b]["country"]
        return bool(here) and bool(there) and here != there


def _keyed(frame: pl.DataFrame, key: str) -> dict[str, Row]:
    return {row[key]: row for row in frame.sort(key).iter_rows(named=True)}


def _calls(corridor: Corridor) -> dict[str, list[Row]]:
    calls: dict[str, list[Row]] = {
        name: [] for name in sorted(corridor.table("services")["service"])
    }
    for row in corridor.table("calls").sort("service", "order").iter_rows(named=True):
        calls[row["service"]].append(row)
    return calls


def _boarded(corridor: Corridor) -> frozenset[str]:
    """The modes that are used by boarding a service only: at sea, where a fleet is declared."""
    fleets = corridor.table("fleets").select("mode")
    modes = fleets.join(corridor.table("modes"), on="mode").filter(pl.col("network") == "sea")
    return frozenset(modes["mode"])


def _legs(book: Book) -> Iterator[Leg]:
    for service, calls in book.calls.items():
        fleet = book.fleets[book.services[service]["fleet"]]
        around = [*calls, *calls[:1]]
        ways = _neighbours(book, fleet["mode"])
        for here, there in pairwise(around):
            links = _chain(ways, here["place"], there["place"])
            if links:
                yield _leg(book, service, (here, there), links=links)


def _leg(book: Book, service: str, ends: tuple[Row, Row], *, links: tuple[str, ...]) -> Leg:
    here, there = ends
    speed_kmh = book.fleets[book.services[service]["fleet"]]["speed_kmh"]
    rows = [book.links[link] for link in links]
    hours = [row["length_km"] / (speed_kmh or row["speed_kmh"]) for row in rows]
    deviation = sum((row["time_cv"] * h) ** 2 for row, h in zip(rows, hours, strict=True)) ** 0.5
    return Leg(
        service,
        here["order"],
        here["place"],
        there["place"],
        links,
        sum(row["length_km"] for row in rows),
        sum(hours),
        deviation / sum(hours),
        tuple(hours),
        tuple(row["time_cv"] for row in rows),
    )


Neighbours = dict[str, list[tuple[str, float, str]]]


def _neighbours(book: Book, mode: str) -> Neighbours:
    """Where links of a mode that are in service lead to from each place: place, km, link."""
    found: Neighbours = {}
    for name, row in book.links.items():
        if row["mode"] == mode and row["in_service"]:
            for a, b in ways(row):
                found.setdefault(a, []).append((b, row["length_km"], name))
    return found


def ways(link: Row) -> list[tuple[str, str]]:
    """The ways a link may be used: both, or from origin to destination only."""
    there = [(link["origin"], link["destination"])]
    return there if link["one_way"] else [*there, (link["destination"], link["origin"])]


def _chain(around: Neighbours, origin: str, destination: str) -> tuple[str, ...]:
    """The shortest chain of links between two places; empty when there is none."""
    seen: set[str] = set()
    queue: list[tuple[float, str, tuple[str, ...]]] = [(0.0, origin, ())]
    while queue:
        far, here, links = heapq.heappop(queue)
        if here == destination:
            return links
        if here in seen:
            continue
        seen.add(here)
        for there, km, link in around.get(here, ()):
            if there not in seen:
                heapq.heappush(queue, (far + km, there, (*links, link)))
    return ()
