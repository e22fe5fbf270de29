"""The sides of posts and ports: which procedure is kept on which surface, in which direction."""

from __future__ import annotations

import polars as pl

from transcaspian.corridor.corridor import Corridor


def sides(corridor: Corridor) -> pl.DataFrame:
    """The procedures with the side that each is of, the direction seen from the place's country.

    A procedure says the mode, or the surface, by which it is come to; blank is any.

    Shape: procedure, place, country, network, direction.
    """
    modes = corridor.table("modes").select(pl.col("mode").alias("mode_in"), "network")
    places = corridor.table("places").select("place", "country")
    return (
        corridor.table("procedures")
        .join(modes, on="mode_in", how="left", maintain_order="left")
        .join(places, on="place", how="left", maintain_order="left")
        .select(
            "procedure",
            "place",
            "country",
            pl.coalesce("network", "mode_in").alias("network"),
            pl.col("event").alias("direction"),
        )
    )
