"""The links between any two places, one after the other, the quickest way."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from transcaspian.corridor.corridor import Corridor
from transcaspian.network.lengths import lengths

SCHEMA = {
    "origin": pl.String,
    "destination": pl.String,
    "networks": pl.String,
    "order": pl.Int64,
    "link": pl.String,
    "length_km": pl.Float64,
    "from_share": pl.Float64,
    "share": pl.Float64,
}


def chains(corridor: Corridor, pairs: Iterable[tuple[str, str, str]]) -> pl.DataFrame:
    """The links of the quickest chain between each pair of places on some networks.

    `pairs`: origin, destination, and the networks as words joined by semicolons. What cannot be
    joined is left out.

    Shape: origin, destination, networks, order from 1, link, length_km, and what share of the hours
    in motion lies before the link and on it.
    """
    links = lengths(corridor).join(corridor.table("links").select("link", "one_way"), on="link")
    asked = sorted(set(pairs))
    places = corridor.table("places")["place"].to_list()
    rows: list[tuple[object, ...]] = []
    for networks in sorted({pair[2] for pair in asked}):
        wanted = [(one, other) for one, other, same in asked if same == networks]
        found = _between(links, places, networks=networks, pairs=wanted)
        for origin, destination in wanted:
            rows += _row(found, (origin, destination, networks))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


Found = dict[tuple[str, str], list[tuple[str, float, float]]]


def _row(found: Found, pair: tuple[str, str, str]) -> Iterable[tuple[object, ...]]:
    chain = found.get(pair[:2], [])
    hours = sum(each[2] for each in chain) or 1.0
    before = 0.0
    for order, (link, km, length_h) in enumerate(chain, start=1):
        yield (*pair, order, link, km, before / hours, length_h / hours)
        before += length_h


def _between(
    links: pl.DataFrame, places: list[str], *, networks: str, pairs: list[tuple[str, str]]
) -> Found:
    """The chain of each pair of places that can be joined."""
    open_ = links.filter(pl.col("in_service") & pl.col("network").is_in(networks.split(";")))
    there = open_.select("origin", "destination", "link", "length_km", "travel_h")
    back = open_.filter(~pl.col("one_way")).select(
        pl.col("destination").alias("origin"),
        pl.col("origin").alias("destination"),
        "link",
        "length_km",
        "travel_h",
    )
    best = (
        pl.concat([there, back])
        .sort("travel_h", "link")
        .unique(["origin", "destination"], keep="first", maintain_order=True)
    )
    numbers = {place: at for at, place in enumerate(places)}
    heads = [numbers[place] for place in best["origin"]]
    tails = [numbers[place] for place in best["destination"]]
    size = (len(places), len(places))
    matrix = csr_array((best["travel_h"].to_numpy(), (heads, tails)), shape=size)
    _, before = dijkstra(matrix, return_predecessors=True)
    known = {
        (head, tail): (link, km, hours)
        for head, tail, (link, km, hours) in zip(
            heads, tails, best.select("link", "length_km", "travel_h").iter_rows(), strict=True
        )
    }
    ends = {(one, other): (numbers[one], numbers[other]) for one, other in pairs}
    return {pair: _walk(before[at[0]], at, known) for pair, at in ends.items() if before[at] >= 0}


def _walk(
    before: np.ndarray,
    ends: tuple[int, int],
    known: dict[tuple[int, int], tuple[str, float, float]],
) -> list[tuple[str, float, float]]:
    start, at = ends
    found: list[tuple[str, float, float]] = []
    while at != start:
        came = int(before[at])
        found.append(known[(came, at)])
        at = came
    return found[::-1]
