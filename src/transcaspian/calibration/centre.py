"""Where cells stand before any figure is heard: staff and places by rule, and when full."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from transcaspian.calibration.cells import PACE, SIDE, cell_names, meant, resources
from transcaspian.corridor.apply import apply
from transcaspian.corridor.corridor import Corridor
from transcaspian.corridor.patch import Patch
from transcaspian.indicators.border import border_hours
from transcaspian.network import itineraries
from transcaspian.network.itineraries import Paths
from transcaspian.simulation import Model, compile_model, run_model
from transcaspian.simulation.model.loads import loads
from transcaspian.simulation.model.timeline import integral

FULL = 0.97
"""The load beyond which no side is taken to have worked for years."""
HOURS_A_YEAR = 8760.0
CELLS = {
    "cell": pl.String,
    "base": pl.Float64,
    "parameter": pl.Int64,
    "pace": pl.Int64,
    "still": pl.Float64,
    "whole": pl.Boolean,
}
"""The columns of Parameters.cells."""


def compiled(corridor: Corridor, paths: Paths) -> Model:
    """The corridor compiled, its flows on given ways."""
    return compile_model(corridor, ways=itineraries(corridor, paths=paths))


def roomy(corridor: Corridor, moved: pl.DataFrame) -> pl.DataFrame:
    """Every cell at its centre, with room for all inside the posts.

    Shape: cell, base.
    """
    inside = corridor.table("priors").filter(centre="inside")["prior"].implode()
    limited = pl.col("parameter").str.split("/").list.first().is_in(inside)
    base = pl.when(limited).then(pl.col("base") * ROOM).otherwise("base")
    return moved.select("cell", base.alias("base"))


def at(corridor: Corridor, values: pl.DataFrame, paths: Paths) -> Model:
    """The corridor with some cells at some values, compiled."""
    patch = Patch(
        name="centre",
        title="Every cell at its centre",
        role="edition",
        source=corridor.table("priors")["source"][0],
        status="estimated",
        draws=pl.DataFrame({cell: [base] for cell, base in values.iter_rows()}),
    )
    return compiled(apply(corridor, patch, draw=0), paths)


ROOM = 10.0


def paces_of(frame: pl.DataFrame) -> dict[str, int]:
    """The number of the pace of each side (place/network/direction)."""
    paces = _paced(frame.with_row_index("number"))
    return {side: int(number) for side, number in paces.select("side", "number").iter_rows()}


def _paced(frame: pl.DataFrame) -> pl.DataFrame:
    """The parameters that are the pace of a side.

    Shape: the columns of the parameters, and side (place/network/direction).
    """
    side = pl.concat_str(*SIDE, separator="/").alias("side")
    return frame.filter(pl.col("prior").str.ends_with(PACE)).with_columns(side)


def staff(
    corridor: Corridor, middle: pl.DataFrame, paths: Paths, paces: Mapping[str, int]
) -> tuple[pl.DataFrame, Model]:
    """The servers that the work of each side needs at its load, and the corridor with them.

    A roster need not hold servers in proportion, so that one is added until they suffice, at
    present too. `paces` are the numbers of the paces of the sides (place/network/direction).

    Shape: the columns of Parameters.cells.
    """
    ruled = [
        resources(corridor)
        .filter(*meant(prior))
        .with_columns(usual=pl.lit(prior["low"]), paced=pl.lit(prior["centre"] == "paced"))
        for prior in corridor.table("priors").iter_rows(named=True)
        if prior["centre"] in RULED
    ]
    model = at(corridor, middle, paths)
    if not ruled:
        return pl.DataFrame(schema=CELLS), model
    rows = pl.concat(ruled).filter(pl.col("servers") > 0)
    side = pl.concat_str(*SIDE, separator="/").replace_strict(
        paces, default=None, return_dtype=pl.Int64
    )
    known = rows.select(
        "resource",
        cell_names(rows, "resources", "servers"),
        "servers",
        "usual",
        pl.when("paced").then(side).alias("pace"),
    )
    asked = loads(model).filter(pl.col("offered_h") > 0).select("resource", "load")
    least = (pl.col("servers") * pl.col("load") / pl.col("usual")).floor().clip(1)
    staff = known.join(asked, on="resource", maintain_order="left").with_columns(base=least)
    for _ in range(ROUNDS):
        values = pl.concat([middle, staff.select("cell", "base")])
        model = at(corridor, values, paths)
        now = staff.drop("load").join(_loads(model), on="resource", maintain_order="left")
        short = (now["load"] > now["usual"]) | (now["present"] > HEAVY)
        if not short.any():
            break
        staff = now.drop("present").with_columns(pl.col("base") + short.cast(pl.Float64))
    none = pl.lit(None, pl.Int64).alias("parameter")
    fixed = pl.lit(0.0).alias("still"), pl.lit(value=True).alias("whole")
    return staff.select("cell", "base", none, "pace", *fixed), model


def _loads(model: Model) -> pl.DataFrame:
    """The load of each resource in the base year, and at present.

    Shape: resource, load, present.
    """
    corridor = model.corridor
    name = corridor.about.present
    base = loads(model).select("resource", "load")
    if not name:
        return base.with_columns(present=pl.lit(0.0))
    now = compile_model(apply(corridor, corridor.editions[name]))
    return base.join(
        loads(now).select("resource", present="load"), on="resource", how="left"
    ).with_columns(pl.col("present").fill_null(0.0))


HEAVY = 0.9
"""The load at present beyond which a side would not have gone on as it is."""
RULED = ("load", "paced")
"""The centres of servers."""
ROUNDS = 8
"""How often a server is added at most."""


def caps(
    corridor: Corridor, model: Model, moved: pl.DataFrame, staffed: pl.DataFrame
) -> dict[str, float]:
    """The factor on each parameter at which what serves its stages would be full, in the base year
    or at present; servers that are as many more as the pace is slow do not fill.
    """
    stages = corridor.table("stages")
    own = corridor.table("resources")
    growing = staffed.filter(pl.col("pace").is_not_null())["cell"].implode()
    fixed = own.filter(~cell_names(own, "resources", "servers").is_in(growing))["resource"]
    served = stages.select(cell_names(stages, "stages", "mean_h"), "resource").filter(
        pl.col("resource").is_in(fixed.implode())
    )
    full = (
        moved.join(served, on="cell", how="inner")
        .join(_loads(model), on="resource", how="inner")
        .with_columns(heaviest=pl.max_horizontal("load", "present"))
        .filter(pl.col("heaviest") > 0)
        .group_by("parameter", maintain_order=True)
        .agg((FULL / pl.col("heaviest").max()).alias("cap"))
    )
    return dict(full.iter_rows())


def inside(corridor: Corridor, model: Model, frame: pl.DataFrame) -> pl.DataFrame:
    """How many trips are inside each post with limited places while it is open, with every cell at
    its centre; and the part of their time there that its pace does not move.

    Shape: cell, trips_inside, still.
    """
    held = border_hours(model.corridor, run_model(model).tally)
    stages = corridor.table("priors").filter(centre="class").select("stage", "network")
    paced = stages.with_columns(pl.col("stage").str.split(";"), paced=pl.lit(value=True))
    trips = model.flows.select("flow", "trips_per_y")
    work = pl.col("trips_per_y") * pl.col("reached") * pl.col("hours")
    unmoved = work.filter(pl.col("paced").is_null())
    served = (
        model.rows.filter(pl.col("op") == "serve")
        .join(trips, on="flow", how="inner")
        .join(paced.explode("stage"), on=["stage", "network"], how="left")
        .group_by(SIDE)
        .agg(
            (unmoved.sum() / work.sum()).alias("still"),
            pl.col("resource").drop_nulls().unique().alias("served_by"),
        )
    )
    spaces = (
        resources(corridor)
        .filter(pl.col("kind") == "space")
        .join(_paced(frame), on=list(SIDE), how="semi")
        .join(held, on=list(SIDE), how="inner")
        .join(served, on=list(SIDE), how="inner")
    )
    open_share = _open(model)
    shares = [max(open_share[name] for name in names) for names in spaces["served_by"]]
    there = pl.col("trips") * pl.col("value")
    return spaces.select(
        cell_names(spaces, "resources", "servers"),
        (there / HOURS_A_YEAR / pl.Series(shares)).alias("trips_inside"),
        "still",
    )


def _open(model: Model) -> dict[str, float]:
    """The share of the counted year in which each resource has somebody on duty."""
    begin, end = model.horizon.begin, model.horizon.end
    return {
        name: integral(line.times, (line.servers > 0).astype(np.int64), begin, end) / (end - begin)
        for name, line in zip(model.resources["resource"], model.timelines, strict=True)
    }
