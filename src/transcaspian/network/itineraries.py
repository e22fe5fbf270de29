"""Itineraries: what each flow goes through, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.errors import Fault, Faults
from transcaspian.network.book import Book
from transcaspian.network.explain import no_route
from transcaspian.network.graph import Edges, Graph, Move, Way, Wish
from transcaspian.network.procedures import Row
from transcaspian.network.steps import Steps

FLOW = {"flow": pl.String, "order": pl.Int64}
STEP = {
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
    "fork": pl.String,
    "track": pl.String,
    "balk_at": pl.Int64,
    "patience_h": pl.Float64,
    "patience_shape": pl.String,
    "otherwise": pl.String,
}
SCHEMA = {**FLOW, **STEP}
LEGS = {
    "service": pl.String,
    "order": pl.Int64,
    "place": pl.String,
    "next_place": pl.String,
    "links": pl.String,
    "length_km": pl.Float64,
    "travel_h": pl.Float64,
    "cv": pl.Float64,
    "link_h": pl.List(pl.Float64),
    "link_cv": pl.List(pl.Float64),
}
Paths = Mapping[Wish, list[Move] | str]
"""The moves of each wish, or the place that it cannot reach."""


@dataclass(frozen=True, slots=True)
class Itineraries:
    """The steps of every flow, and the legs of every service.

    Shape: frame as in SCHEMA, one row a step in order; legs as in LEGS, one row a call, with the
    hours and the coefficient of variation of each of its links; paths the moves by which each wish
    of a flow is met.
    """

    frame: pl.DataFrame
    legs: pl.DataFrame
    paths: Paths


def itineraries(corridor: Corridor, *, paths: Paths | None = None) -> Itineraries:
    """The itinerary of every flow, by the quickest way in expectation that it may use.

    With `paths`, those of a corridor with other hours and the same places, nothing is searched.

    The quickest way counts hours in motion, a driver's rests, the procedures on the way and half
    the longest wait of a service; never queues, which are what the simulation is for. A flow that
    names services boards them rather than go by another way that may be quicker.

    Errors: N101 for a flow without a route, N102 where two procedures fit one event alike.
    """
    book = Book.of(corridor)
    flows = corridor.table("flows")
    wishes = [_wish(book, flow) for flow in flows.iter_rows(named=True)]
    found = _paths(book, wishes) if paths is None else paths
    steps = Steps(book)
    numbers: dict[Wish, list[int]] = {}
    faults: list[Fault] = []
    for at, (flow, wish) in enumerate(zip(flows["flow"], wishes, strict=True)):
        moves = found[wish]
        if isinstance(moves, str):
            faults.append(no_route(book, wish, flow=flow, missed=moves, row=at))
            continue
        if wish not in numbers:
            try:
                numbers[wish] = steps.along(moves, unit=wish.way.unit)
            except Fault as fault:
                faults.append(fault)
                numbers[wish] = []
    if faults:
        raise Faults(faults)
    every = [numbers[wish] for wish in wishes]
    return Itineraries(_frame(flows["flow"].to_list(), every, steps), _legs(book), found)


def _wish(book: Book, flow: Row) -> Wish:
    unit, modes = flow["unit"], tuple(sorted(_listed(flow["modes"])))
    named = _listed(flow["services"])
    way = Way(unit, modes, _boardable(book, flow["good"], named), named=bool(named))
    return Wish((flow["origin"], *_listed(flow["via"]), flow["destination"]), way)


def _listed(words: str | None) -> tuple[str, ...]:
    return tuple(word.strip() for word in (words or "").split(";") if word.strip())


def _boardable(book: Book, good: str, named: tuple[str, ...]) -> tuple[str, ...]:
    """The services a flow may board: those it names, else all at sea; none that bars its goods.

    A train or a convoy is boarded by those who name it only; others go by the wagonload, and alone.
    """
    return tuple(
        name
        for name, row in book.services.items()
        if good in (_listed(row["goods"]) or (good,))
        and (name in named if named else book.carrier(name)[1] == "sea")
    )


def _paths(book: Book, wishes: list[Wish]) -> Paths:
    """The path of each different wish, or the place it cannot reach; searched once for each way."""
    units = sorted({wish.way.unit for wish in wishes})
    edges = {unit: Edges.of(book, unit) for unit in units}
    groups: dict[Way, dict[tuple[str, ...], None]] = {}
    for places, way in wishes:
        groups.setdefault(way, {})[places] = None
    paths: dict[Wish, list[Move] | str] = {}
    for way, asked in groups.items():
        moves = edges[way.unit].moves
        reach = Graph.of(edges[way.unit], way).reach(
            place for places in asked for place in places[:-1]
        )
        for places in asked:
            path = reach.path(places, book.networks(way.unit))
            found = path if isinstance(path, str) else [moves[number] for number in path]
            paths[Wish(places, way)] = found
    return paths


def _frame(flows: list[str], numbers: list[list[int]], steps: Steps) -> pl.DataFrame:
    """The steps of all flows: each different step is made once and then taken by its number."""
    known = pl.DataFrame(list(steps.known), schema=STEP, orient="row")
    lengths = [len(each) for each in numbers]
    taken = pl.Series("at", [at for each in numbers for at in each], dtype=pl.UInt32)
    orders = [order for length in lengths for order in range(1, length + 1)]
    names = pl.Series("flow", flows, dtype=pl.String).gather(
        pl.Series([at for at, length in enumerate(lengths) for _ in range(length)], dtype=pl.UInt32)
    )
    head = pl.DataFrame([names, pl.Series("order", orders, dtype=pl.Int64)])
    return pl.concat([head, known[taken]], how="horizontal")


def _legs(book: Book) -> pl.DataFrame:
    rows = [leg._replace(links=";".join(leg.links))._asdict() for leg in book.legs.values()]  # type: ignore[arg-type]  # as words
    return pl.DataFrame(rows, schema=LEGS)


def visit_directions(frame: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """The itinerary with the direction of each visit of a place, and the number of the visit.

    Consecutive rows at one place are one visit: outbound when the next place lies in another
    country, else inbound when the one before does, else domestic. Rows on links have no visit.
    Only places where something happens count, because a log shows no others.

    Shape: the frame with direction and visit (null on links).
    """
    known = places.select("place", pl.col("country").alias("home"))
    rows = frame.drop("direction").join(known, on="place", how="left", maintain_order="left")
    at_place = rows.filter(pl.col("place").is_in(known["place"].implode()))
    new = (pl.col("place") != pl.col("place").shift(1).over("flow")).fill_null(value=True)
    numbered = at_place.with_columns(new.cast(pl.Int64).cum_sum().over("flow").alias("visit"))
    visits = numbered.group_by("flow", "visit", maintain_order=True).agg(pl.col("home").first())
    labelled = numbered.select("flow", "order", "visit").join(
        _directed(visits).drop("home"), on=["flow", "visit"], how="left"
    )
    return rows.drop("home").join(labelled, on=["flow", "order"], how="left", maintain_order="left")


def _directed(visits: pl.DataFrame) -> pl.DataFrame:
    home = pl.col("home")
    before = home.shift(1).forward_fill().over("flow")
    after = home.shift(-1).backward_fill().over("flow")
    direction = (
        pl.when(after.is_not_null() & home.is_not_null() & (after != home))
        .then(pl.lit("outbound"))
        .when(before.is_not_null() & home.is_not_null() & (before != home))
        .then(pl.lit("inbound"))
        .otherwise(pl.lit("domestic"))
    )
    return visits.with_columns(direction.alias("direction"))


__all__ = ["LEGS", "SCHEMA", "Itineraries", "itineraries", "visit_directions"]
