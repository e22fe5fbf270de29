"""Parameters out of priors: which cells move together, from where, and how far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtri

from transcaspian.corridor.apply import apply
from transcaspian.corridor.corridor import Corridor
from transcaspian.corridor.patch import Patch
from transcaspian.corridor.tables import TABLES, keys
from transcaspian.indicators.border import border_hours
from transcaspian.network import sides
from transcaspian.simulation import Model, compile_model, run_model
from transcaspian.simulation.model.loads import loads

Z90 = float(ndtri(0.95))
"""Half the width of the middle nine tenths of a normal law."""
FULL = 0.97
"""The load beyond which no side is taken to have worked for years."""
BEND = 8.0
HOURS_A_YEAR = 8760.0
PACE = "_pace"
"""How the names of priors on the pace of a side end."""
SIDE = ("place", "network", "direction")
PLACED = ("country", *SIDE)
SPLITS = {
    "side": PLACED,
    "post": ("country", "place", "network"),
    "country": ("country", "network"),
    "all": (),
}
Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of a calibration and the cells that they move.

    A parameter is a factor on its cells, of a lognormal law whose middle nine tenths are its range.
    One that would fill a resource beyond FULL bends away from that: `cap` is the factor at which it
    would. Some cells stand apart from the shipped corridor without a parameter of their own: staff
    is set by rule, since the shipped staff was set with the published border times in view.

    Shape: `frame` one row a parameter: parameter, prior, place, country, network, direction (blank
    where it is of several), low, high, cap (null where there is none), traffic (whether it scales
    traffic); `cells` one row a cell: cell (table/key/column), base, parameter (its number, null
    where it stands still), pace (the number of a second factor), still (the part that the second
    does not move), whole (whether it is a number of things); `source` of the priors.
    """

    frame: pl.DataFrame
    cells: pl.DataFrame
    source: str

    @property
    def count(self) -> int:
        """How many parameters there are."""
        return self.frame.height

    def factors(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """The factor that each score stands for.

        Shape: a row a draw, a column a parameter; scores are standard normal before any figure is
        heard.
        """
        low, high = (self.frame[end].to_numpy() for end in ("low", "high"))
        middle, spread = np.log(low * high) / 2, np.log(high / low) / (2 * Z90)
        raw = np.exp(middle + spread * scores)
        return raw / (1 + (self.filling(raw) / FULL) ** BEND) ** (1 / BEND)

    def traffic(self, factors: NDArray[np.float64]) -> NDArray[np.float64]:
        """The most that any traffic is scaled up by, 1 where none is.

        Shape: a column, a row a draw.
        """
        scaled = factors[:, self.frame["traffic"].to_numpy()]
        return scaled.max(axis=1, initial=1.0, keepdims=True)

    def filling(self, factors: NDArray[np.float64]) -> NDArray[np.float64]:
        """How full each parameter makes what its cells are served by; 0 where nothing limits it.

        Shape: as `factors`.
        """
        cap = self.frame["cap"].fill_null(np.inf).to_numpy()
        return FULL * factors * self.traffic(factors) / cap

    def draws(self, scores: NDArray[np.float64]) -> pl.DataFrame:
        """The values of the cells, as a patch carries them.

        Shape: a row a draw, a column a cell.
        """
        factor = self.factors(np.atleast_2d(scores))
        padded = np.column_stack([factor, np.ones(len(factor))])
        values = np.tile(self.cells["base"].to_numpy(), (len(factor), 1))
        own, pace = (
            padded[:, self.cells[name].fill_null(self.count).to_numpy()]
            for name in ("parameter", "pace")
        )
        still = self.cells["still"].to_numpy()
        values = values * own * (still + (1 - still) * pace)
        whole = self.cells["whole"].to_numpy()
        values[:, whole] = np.maximum(np.round(values[:, whole]), 1.0)
        return pl.DataFrame(dict(zip(self.cells["cell"], values.T, strict=True)))

    def patch(self, scores: NDArray[np.float64], *, name: str, title: str) -> Patch:
        """A patch that holds settings of the parameters as its draws."""
        return Patch(
            name=name,
            title=title,
            role="edition",
            source=self.source,
            status="estimated",
            draws=self.draws(scores),
        )


def parameters(corridor: Corridor) -> Parameters:
    """The parameters that the priors of a corridor declare."""
    priors = corridor.table("priors")
    source = ";".join(priors["source"].unique().sort())
    every = [
        (prior, _cells(corridor, prior))
        for prior in priors.filter(pl.col("centre") != "load").iter_rows(named=True)
    ]
    named = [_named(rows, prior) for prior, rows in every]
    frame = pl.concat([rows.select(FRAME) for rows in named]).unique(
        "parameter", maintain_order=True
    )
    number = {str(name): at for at, name in enumerate(frame["parameter"])}
    moved = pl.concat([rows.select("cell", "base", "parameter", "mate", "whole") for rows in named])
    middle = _roomy(corridor, moved)
    staff, caps = _staff(corridor, _at(corridor, middle), frame)
    inside = _inside(
        corridor, _at(corridor, pl.concat([middle, staff.select("cell", "base")])), frame
    )
    cells = (
        moved.join(inside, on="cell", how="left", maintain_order="left")
        .with_columns(pl.coalesce("trips_inside", "base").alias("base"))
        .select(
            "cell",
            "base",
            pl.col("parameter").replace_strict(number, return_dtype=pl.Int64),
            pl.col("mate")
            .replace_strict(number, default=None, return_dtype=pl.Int64)
            .alias("pace"),
            pl.col("still").fill_null(0.0),
            "whole",
        )
    )
    capped = frame.with_columns(
        pl.col("parameter").replace_strict(caps, default=None, return_dtype=pl.Float64).alias("cap")
    )
    return Parameters(capped, pl.concat([cells, staff]), source)


CELLS = {
    "cell": pl.String,
    "base": pl.Float64,
    "parameter": pl.Int64,
    "pace": pl.Int64,
    "still": pl.Float64,
    "whole": pl.Boolean,
}
FRAME = ("parameter", "prior", *PLACED, "low", "high", "traffic")


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
    find = {"stages": _stages, "resources": _resources, "flows": _flows, "links": _links}
    table, column = str(prior["table"]), str(prior["column"])
    frame = find[table](corridor)
    rows = frame.filter(*_meant(prior))
    usual = pl.col(column).cast(pl.Float64)
    base = usual.median().over("activity", "network") if prior["centre"] == "class" else usual
    blank = [pl.lit("").alias(name) for name in PLACED if name not in rows.columns]
    return (
        rows.with_columns(_cell(rows, table, column), base.alias("base"), *blank)
        .with_columns(
            *(pl.col(name).fill_null("") for name in PLACED),
            pl.lit(TABLES[table].column(column).type == "int").alias("whole"),
        )
        .filter(pl.col("base") > 0)
        .select("cell", "base", "whole", *PLACED)
    )


def _cell(rows: pl.DataFrame, table: str, column: str) -> pl.Series:
    """The names of cells, as a patch's draws have them."""
    names = [f"{table}/{key}/{column}" for key in keys(rows, TABLES[table])]
    return pl.Series("cell", names, dtype=pl.String)


def _meant(prior: Row) -> list[pl.Expr]:
    """The conditions on stage, network and scope."""
    found: list[pl.Expr] = []
    if prior["stage"]:
        found.append(pl.col("stage").is_in(str(prior["stage"]).split(";")))
    return found + [
        pl.col(name) == pl.lit(str(prior[name])) for name in ("network", "scope") if prior[name]
    ]


def _stages(corridor: Corridor) -> pl.DataFrame:
    return corridor.table("stages").join(
        sides(corridor), on="procedure", how="left", maintain_order="left"
    )


def _resources(corridor: Corridor) -> pl.DataFrame:
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


def _roomy(corridor: Corridor, moved: pl.DataFrame) -> pl.DataFrame:
    """Every cell at its centre, with room for all inside the posts.

    Shape: cell, base.
    """
    inside = corridor.table("priors").filter(centre="inside")["prior"].implode()
    limited = pl.col("parameter").str.split("/").list.first().is_in(inside)
    base = pl.when(limited).then(pl.col("base") * ROOM).otherwise("base")
    return moved.select("cell", base.alias("base"))


def _at(corridor: Corridor, values: pl.DataFrame) -> Model:
    """The corridor with some cells at some values, compiled."""
    patch = Patch(
        name="centre",
        title="Every cell at its centre",
        role="edition",
        source=corridor.table("priors")["source"][0],
        status="estimated",
        draws=pl.DataFrame({cell: [base] for cell, base in values.iter_rows()}),
    )
    return compile_model(apply(corridor, patch, draw=0))


ROOM = 10.0


def _paced(frame: pl.DataFrame) -> pl.DataFrame:
    """The parameters that are the pace of a side.

    Shape: the columns of the parameters, and side (place/network/direction).
    """
    side = pl.concat_str(*SIDE, separator="/").alias("side")
    return frame.filter(pl.col("prior").str.ends_with(PACE)).with_columns(side)


def _staff(
    corridor: Corridor, model: Model, frame: pl.DataFrame
) -> tuple[pl.DataFrame, dict[str, float]]:
    """The servers that the work of each side needs at its load, and the factor on each pace at
    which they would be full.

    Shape: the columns of Parameters.cells.
    """
    asked = loads(model).select("resource", "offered_h", "capacity_h")
    parts: list[pl.DataFrame] = []
    caps: dict[str, float] = {}
    paces = dict(_paced(frame).select("side", "parameter").iter_rows())
    for prior in corridor.table("priors").filter(centre="load").iter_rows(named=True):
        each = pl.col("capacity_h") / pl.col("servers")
        rows = (
            _resources(corridor)
            .filter(*_meant(prior))
            .join(asked, on="resource", how="inner", maintain_order="left")
            .filter((pl.col("offered_h") > 0) & (pl.col("servers") > 0))
            .with_columns(each.alias("each_h"))
            .with_columns(
                (pl.col("offered_h") / (pl.col("each_h") * prior["low"])).ceil().alias("base")
            )
        )
        for row in rows.iter_rows(named=True):
            pace = paces.get("/".join(str(row[name]) for name in SIDE))
            if pace is not None:
                full = FULL * row["base"] * row["each_h"] / row["offered_h"]
                caps[pace] = min(caps.get(pace, np.inf), full)
        none = [pl.lit(None, pl.Int64).alias(name) for name in ("parameter", "pace")]
        parts.append(
            rows.select(
                _cell(rows, "resources", "servers"),
                "base",
                *none,
                pl.lit(0.0).alias("still"),
                pl.lit(value=True).alias("whole"),
            )
        )
    return pl.concat(parts) if parts else pl.DataFrame(schema=CELLS), caps


def _inside(corridor: Corridor, model: Model, frame: pl.DataFrame) -> pl.DataFrame:
    """How many trips are inside each post with limited places, on average and with every cell at
    its centre, and the part of their time there that its pace does not move.

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
        .agg((unmoved.sum() / work.sum()).alias("still"))
    )
    spaces = (
        _resources(corridor)
        .filter(pl.col("kind") == "space")
        .join(_paced(frame), on=list(SIDE), how="semi")
        .join(held, on=list(SIDE), how="inner")
        .join(served, on=list(SIDE), how="inner")
    )
    return spaces.select(
        _cell(spaces, "resources", "servers"),
        (pl.col("trips") * pl.col("value") / HOURS_A_YEAR).alias("trips_inside"),
        "still",
    )
