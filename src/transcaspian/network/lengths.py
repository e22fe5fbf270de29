"""Lengths of links, and how far two places are apart along them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import polars as pl
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from transcaspian.corridor.corridor import Corridor
from transcaspian.errors import Fault, Where, nearest


def lengths(corridor: Corridor) -> pl.DataFrame:
    """The links with the network and the country they are told under.

    A link between two countries is told under none.

    Shape: link, origin, destination, mode, network, country, length_km, travel_h, in_service.
    """
    modes = corridor.table("modes").select("mode", "network")
    home = corridor.table("places").select("place", "country")
    at_origin = home.rename({"place": "origin", "country": "here"})
    at_end = home.rename({"place": "destination", "country": "there"})
    return (
        corridor.table("links")
        .join(modes, on="mode", how="left", maintain_order="left")
        .join(at_origin, on="origin", how="left", maintain_order="left")
        .join(at_end, on="destination", how="left", maintain_order="left")
        .select(
            "link",
            "origin",
            "destination",
            "mode",
            "network",
            pl.when(pl.col("here") == pl.col("there"))
            .then(pl.col("here"))
            .otherwise(pl.lit(""))
            .alias("country"),
            "length_km",
            (pl.col("length_km") / pl.col("speed_kmh")).alias("travel_h"),
            "in_service",
        )
    )


def distance(
    corridor: Corridor,
    origin: str,
    *,
    destination: str,
    via: Sequence[str] = (),
    networks: Sequence[str] = ("rail", "road", "sea"),
) -> float:
    """The length in km of the shortest chain of links in service through some places.

    What may change from network to network where is left aside: this is a length, not an itinerary.

    Errors: N101 when there is no such chain, C302 for an unknown place.
    """
    places = corridor.table("places")["place"].to_list()
    asked = [origin, *via, destination]
    for place in asked:
        if place not in places:
            raise Fault("C302", f"no place {place!r}", nearest=nearest(place, places))
    numbers = {place: at for at, place in enumerate(places)}
    matrix = _matrix(corridor, numbers, networks=networks)
    starts = [numbers[place] for place in asked[:-1]]
    far = dijkstra(matrix, indices=starts)
    total = 0.0
    for at, (here, there) in enumerate(pairwise(asked)):
        km = float(far[at, numbers[there]])
        if not np.isfinite(km):
            raise Fault(
                "N101",
                f"no chain of links by {', '.join(networks)} from {here} to {there}",
                where=Where(file="links.csv"),
            )
        total += km
    return total


def _matrix(corridor: Corridor, numbers: dict[str, int], *, networks: Sequence[str]) -> csr_array:
    """The shortest link in service between any two places."""
    frame = lengths(corridor).join(corridor.table("links").select("link", "one_way"), on="link")
    open_ = frame.filter(pl.col("in_service") & pl.col("network").is_in(list(networks)))
    ends = ("origin", "destination", "length_km")
    there = open_.select(ends)
    back = open_.filter(~pl.col("one_way")).select(
        pl.col("destination").alias("origin"), pl.col("origin").alias("destination"), "length_km"
    )
    best = pl.concat([there, back]).group_by("origin", "destination").agg(pl.col("length_km").min())
    heads = [numbers[place] for place in best["origin"]]
    tails = [numbers[place] for place in best["destination"]]
    cells = (best["length_km"].to_numpy(), (heads, tails))
    return csr_array(cells, shape=(len(numbers), len(numbers)))
