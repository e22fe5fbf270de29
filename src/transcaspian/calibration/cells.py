"""The cells that priors move: where they are, which move together, and where they stand first."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.corridor.tables import TABLES, keys
from transcaspian.network import sides

PACE = "_pace"
"""How the names of priors on the pace of a side end."""
SIDE = ("place", "network", "direction")
PLACED = ("country", *SIDE)
CROSSING = ("outbound", "inbound")
SPLITS = {
    "side": PLACED,
    "post": ("country", "place", "network"),
    "country": ("country", "network"),
    "all": (),
}
FRAME = ("parameter", "prior", *PLACED, "low", "high", "traffic")
Row = Mapping[str, object]


def cells_of(corridor: Corridor, prior: Row) -> pl.DataFrame:
    """The cells of a prior with the parameter that each has.

    Shape: cell, base, whole, mate (a second parameter, or null), and FRAME.
    """
    return _named(_cells(corridor, prior), prior)


def _named(rows: pl.DataFrame, prior: Row) -> pl.DataFrame:
    """The cells of a prior with the parameter that each has, by how the prior is split."""
    split = SPLITS[str(prior["split"])]
    kept = [pl.col(name) if name in split else pl.lit("").alias(name) for name in PLACED]
    word = pl.concat_str(pl.lit(str(prior["prior"])), *kept, separator="/").str.strip_chars_end("/")
    return rows.with_columns(
        word.alias("parameter"),
        _mate(prior).alias("mate"),
        *kept,
        pl.lit(prior["prior"]).alias("prior"),
        pl.lit(prior["low"]).alias("low"),
        pl.lit(prior["high"]).alias("high"),
        pl.lit(prior["table"] == "flows").alias("traffic"),
    )


def _mate(prior: Row) -> pl.Expr:
    """The name of the pace that the trips inside a post, and so the places for them, move with."""
    if prior["centre"] != "inside":
        return pl.lit(None, pl.String)
    return pl.concat_str(pl.lit(f"{prior['network']}_pace"), *PLACED, separator="/")


def _cells(corridor: Corridor, prior: Row) -> pl.DataFrame:
    """The cells of a prior, with where they are and the value at their centre.

    Shape: cell, base, whole, PLACED.
    """
    find = {"stages": _stages, "resources": resources, "flows": _flows, "links": _links}
    table, column = str(prior["table"]), str(prior["column"])
    frame = find[table](corridor)
    rows = frame.filter(*meant(prior))
    if prior["split"] == "side" and table == "stages":
        rows = rows.filter(pl.col("direction").is_in(list(CROSSING)))
    usual = pl.col(column).cast(pl.Float64)
    base = usual.median().over("activity", "network") if prior["centre"] == "class" else usual
    blank = [pl.lit("").alias(name) for name in PLACED if name not in rows.columns]
    return (
        rows.with_columns(cell_names(rows, table, column), base.alias("base"), *blank)
        .with_columns(
            *(pl.col(name).fill_null("") for name in PLACED),
            pl.lit(TABLES[table].column(column).type == "int").alias("whole"),
        )
        .filter(pl.col("base") > 0)
        .select("cell", "base", "whole", *PLACED)
    )


def cell_names(rows: pl.DataFrame, table: str, column: str) -> pl.Series:
    """The names of cells, as a patch's draws have them."""
    names = [f"{table}/{key}/{column}" for key in keys(rows, TABLES[table])]
    return pl.Series("cell", names, dtype=pl.String)


def meant(prior: Row) -> list[pl.Expr]:
    """The conditions on stage, network and scope."""
    found: list[pl.Expr] = []
    if prior["stage"]:
        found.append(pl.col("stage").is_in(str(prior["stage"]).split(";")))
    return found + [
        pl.col(name) == pl.lit(str(prior[name])) for name in ("network", "scope") if prior[name]
    ]


def _stages(corridor: Corridor) -> pl.DataFrame:
    """The stages with the side that each is of; those of no crossing have no direction."""
    return corridor.table("stages").join(
        sides(corridor), on="procedure", how="left", maintain_order="left"
    )


def resources(corridor: Corridor) -> pl.DataFrame:
    """The resources with the country and the surface of each."""
    places = corridor.table("places").select("place", "country")
    modes = corridor.table("modes").select("mode", "network")
    return (
        corridor.table("resources")
        .join(places, on="place", how="left", maintain_order="left")
        .join(modes, on="mode", how="left", maintain_order="left")
        .with_columns(pl.coalesce("network", "mode").alias("network"))
    )


def _flows(corridor: Corridor) -> pl.DataFrame:
    return corridor.table("flows").drop("direction")


def _links(corridor: Corridor) -> pl.DataFrame:
    modes = corridor.table("modes").select("mode", "network")
    places = corridor.table("places").select(pl.col("place").alias("origin"), "country")
    return (
        corridor.table("links")
        .join(modes, on="mode", how="left", maintain_order="left")
        .join(places, on="origin", how="left", maintain_order="left")
    )
