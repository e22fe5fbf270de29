"""No route, because: what keeps a flow from getting where it should."""

from __future__ import annotations

from collections.abc import Iterable
from math import asin, cos, radians, sin, sqrt

import numpy as np

from transcaspian.errors import Fault, Where
from transcaspian.network.book import Book
from transcaspian.network.graph import (
    LOADING,
    MODE,
    OPEN,
    SERVICE,
    SHUT,
    SURFACE,
    TRANSFER,
    Edges,
    Graph,
    Way,
    Wish,
)
from transcaspian.network.procedures import NETWORKS

EARTH_KM = 6371.0
BARS = (SHUT, MODE, SERVICE, TRANSFER, LOADING, SURFACE)
EVERY = SHUT | MODE | SERVICE | TRANSFER | LOADING | SURFACE


def no_route(book: Book, wish: Wish, *, flow: str, missed: str, row: int) -> Fault:
    """The fault of a flow without a route: how far it gets, and what would let it go on."""
    last = missed == wish.places[-1] and missed not in wish.places[1:-1]
    places = wish.places if last else wish.places[: wish.places.index(missed, 1) + 1]
    by = " or ".join(wish.way.modes) or "any mode"
    edges = Edges.of(book, wish.way.unit, barred=True)
    if places[-2] == missed:
        reason = f"it begins and ends at {missed}"
    else:
        reason = _reason(edges, wish.way, places) or _short(book, edges, wish.way, places=places)
    return Fault(
        "N101",
        f"{flow}: no route for a {wish.way.unit} from {places[-2]} to {missed} by {by}, "
        f"because {reason}",
        where=Where(file="flows.csv", row=row + 1, column="destination" if last else "via"),
        expected="a chain of links, services and changes of network",
        hint=f"transcaspian show flows --where flow={flow}",
    )


def _reason(edges: Edges, way: Way, places: tuple[str, ...]) -> str:
    """What keeps the last place out of reach: the one thing that does, or all that do together."""
    bars = edges.barred(way)
    for lifted in (*BARS, EVERY):
        found = Graph.of(edges, way, lifted=lifted).reach(places[:-1]).path(places, NETWORKS)
        if not isinstance(found, str):
            barred = [at for at in found if bars[at] != OPEN]
            told = (_told(edges, way, [at for at in barred if bars[at] & bar], bar) for bar in BARS)
            return _and(words for words in told if words)
    return ""


def _told(edges: Edges, way: Way, crossed: list[int], bar: int) -> str:
    """One bar in words; empty when it crosses none of the edges."""
    names = _and(edges.moves[at].name for at in crossed)
    words = {
        SHUT: f"{names} {'is' if len(crossed) == 1 else 'are'} not in service",
        MODE: f"it may not go by {_and(str(edges.mode[at]) for at in crossed)}",
        SERVICE: f"it may not board {names}",
        LOADING: f"{names} takes no {way.unit}",
        SURFACE: f"a {way.unit} does not move by "
        + _and(edges.moves[at].network for at in crossed),
        TRANSFER: _and(
            f"{edges.moves[at].origin} keeps no procedure for a transfer from "
            f"{NETWORKS[int(edges.head[at]) % len(NETWORKS)]} to {edges.moves[at].network}"
            for at in crossed
        ),
    }
    return words[bar] if crossed else ""


def _and(words: Iterable[str]) -> str:
    """The different words as a list in a sentence."""
    *first, last = dict.fromkeys(words) or ("",)
    return f"{', '.join(first)} and {last}" if first else last


def _short(book: Book, edges: Edges, way: Way, *, places: tuple[str, ...]) -> str:
    """How near one comes to a place that nothing leads to."""
    reach = Graph.of(edges, way).reach(places[:-1])
    starts = reach.arrivals(places[:-1], book.networks(way.unit))
    rows = [reach.rows[state] for state in starts]
    reached = [
        place
        for place in book.places
        if np.isfinite(reach.hours[np.ix_(rows, edges.states(place))]).any()
    ]
    far, near = min((_apart_km(book, place, places[-1]), place) for place in reached)
    return f"nothing leads there; the nearest place reached is {near}, {far:.0f} km off"


def _apart_km(book: Book, a: str, b: str) -> float:
    """The great-circle distance of two places."""
    here, there = book.places[a], book.places[b]
    lats = radians(here["lat_deg"]), radians(there["lat_deg"])
    east = radians(there["lon_deg"] - here["lon_deg"])
    square = sin((lats[1] - lats[0]) / 2) ** 2 + cos(lats[0]) * cos(lats[1]) * sin(east / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(square))
