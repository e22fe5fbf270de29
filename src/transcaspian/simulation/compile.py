"""A corridor as arrays: the only place where words become numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.errors import Fault, Faults, Where
from transcaspian.network.itineraries import Itineraries, itineraries, visit_directions
from transcaspian.simulation import arrays as a
from transcaspian.simulation.program import Draws, Program
from transcaspian.simulation.rotations import Fleet, rotations
from transcaspian.simulation.timeline import (
    Horizon,
    boundaries,
    capacities,
    duty,
    horizon_of,
    thinned,
    traffic,
)

WARMUP_DAYS = 45
COOLDOWN_DAYS = 30
PATIENCE_DAYS = 120
MOVING = ("travel", "rest", "ride")
HANDOVERS = {"finish": a.FINISH, "overlap": a.OVERLAP}


@dataclass(frozen=True, slots=True)
class Timeline:
    """The capacity of one resource before weather."""

    times: np.ndarray
    servers: np.ndarray


@dataclass(frozen=True, slots=True)
class Model:
    """A compiled corridor.

    Shape: rows is the itineraries' frame with the number of each row in `steps`, and `reached`, the
    share of trips that come to it; visits is place, network and direction by class of visit.
    """

    corridor: Corridor
    horizon: Horizon
    rows: pl.DataFrame
    flows: pl.DataFrame
    resources: pl.DataFrame
    visits: pl.DataFrame
    fleet: Fleet
    timelines: tuple[Timeline, ...]
    steps: np.ndarray
    luck: np.ndarray
    cells: tuple[np.ndarray, np.ndarray]
    marks: np.ndarray
    classes: np.ndarray
    flow_table: np.ndarray
    seasons: np.ndarray


def compile_model(
    corridor: Corridor,
    *,
    ways: Itineraries | None = None,
    warmup_days: float = WARMUP_DAYS,
    cooldown_days: float = COOLDOWN_DAYS,
    patience_days: float = PATIENCE_DAYS,
) -> Model:
    """The corridor as arrays.

    The counted year is the corridor's base year. Traffic runs for a warm-up before it and a
    cool-down after it; the run stops when every trip of the year is out, or has had patience.

    Errors: S101, S102, C504, and those of the itineraries.
    """
    horizon = horizon_of(
        corridor.about.base_year,
        warmup_days=warmup_days,
        cooldown_days=cooldown_days,
        patience_days=patience_days,
    )
    ways = itineraries(corridor) if ways is None else ways
    flows = _flows(corridor, ways.frame)
    if flows.is_empty() or ways.frame.is_empty():
        raise Fault(
            "S102", "no flow moves", where=Where(file="flows.csv"), expected="one flow or more"
        )
    rows = _prepared(corridor, ways.frame, flows)
    resources = _resources(corridor)
    draws = Draws()
    program = Program(rows, draws, resources)
    fleet = rotations(corridor, ways.legs, first_row=len(program.steps), draw=draws.add)
    program.aboard(fleet)
    season_names = flows["season"].unique(maintain_order=True).to_list()
    return Model(
        corridor,
        horizon,
        program.numbered(),
        flows,
        resources,
        program.visits,
        fleet,
        timelines=_timelines(corridor, resources, horizon),
        steps=np.concatenate([program.steps, fleet.steps]),
        luck=draws.table(),
        cells=program.cells(),
        marks=program.marks(len(fleet.steps)),
        classes=program.classes,
        flow_table=program.flow_table(flows, season_names),
        seasons=_seasons(corridor, season_names, horizon),
    )


def _flows(corridor: Corridor, frame: pl.DataFrame) -> pl.DataFrame:
    goods = corridor.table("goods").select("good", "value_usd_per_t")
    moving = corridor.table("flows").filter(pl.col("flow").is_in(frame["flow"].unique().implode()))
    return moving.join(goods, on="good", how="left", maintain_order="left").with_row_index(
        "flow_at"
    )


def _prepared(corridor: Corridor, frame: pl.DataFrame, flows: pl.DataFrame) -> pl.DataFrame:
    """The itineraries with what compiling needs beside each row, sorted by flow and order."""
    known = flows.select("flow", pl.col("flow_at").cast(pl.Int64), "unit", "lot")
    rows = visit_directions(frame, corridor.table("places")).join(known, on="flow", how="inner")
    rows = rows.sort("flow_at", "order").with_columns(
        pl.col("procedure").fill_null(""),
        pl.col("stage").fill_null(""),
        pl.col("share").fill_null(1.0),
        pl.col("mean_h").fill_null(0.0),
        pl.col("cv").fill_null(0.0),
        pl.when(pl.col("op").is_in(MOVING)).then(pl.col("network")).alias("surface"),
    )
    came = pl.col("surface").forward_fill().over("flow_at")
    goes = pl.col("surface").backward_fill().over("flow_at")
    block = (pl.struct("flow_at", "procedure", "place").rle_id()).alias("block")
    rows = rows.with_columns(
        pl.coalesce(came, goes, pl.col("network")).alias("surface"),
        block,
        (
            pl.col("mean_h") * pl.when(pl.col("basis") == "unit").then(pl.col("lot")).otherwise(1)
        ).alias("hours"),
    )
    return _visited(rows)


def _visited(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the words of their luck: how often the trip met the same stage before."""
    first = pl.col("block") != pl.col("block").shift(1).over("flow_at", "procedure", "place")
    rows = rows.with_columns(
        first.fill_null(value=True)
        .cast(pl.Int64)
        .cum_sum()
        .over("flow_at", "procedure", "place")
        .alias("occurrence")
    )
    subject = pl.when(pl.col("procedure") != "").then("procedure").otherwise("place")
    again = pl.int_range(pl.len()).over("flow_at", "block", "stage", "op")
    return rows.with_columns(subject.alias("subject"), again.alias("again")).with_columns(
        pl.concat_str(["op", "subject", "stage", "occurrence", "again"], separator="/").alias(
            "time_key"
        ),
        pl.concat_str(
            [
                pl.lit("share"),
                "subject",
                pl.coalesce("choice", pl.concat_str(["stage", "again"], separator="/")),
                "occurrence",
            ],
            separator="/",
        ).alias("share_key"),
    )


def _resources(corridor: Corridor) -> pl.DataFrame:
    frame = corridor.table("resources").with_row_index("resource_at")
    unknown = frame.filter(~pl.col("handover").is_in(list(HANDOVERS)))
    if not unknown.is_empty():
        raise Faults(
            Fault(
                "S101",
                f"{row['resource']} hands over by {row['handover']}",
                where=Where(file="resources.csv", row=row["resource_at"] + 1, column="handover"),
                expected="finish or overlap",
            )
            for row in unknown.iter_rows(named=True)
        )
    return frame


def _timelines(
    corridor: Corridor, resources: pl.DataFrame, horizon: Horizon
) -> tuple[Timeline, ...]:
    calendars = {
        str(name): part.to_dicts()
        for (name,), part in corridor.table("calendars").group_by("calendar", maintain_order=True)
    }
    zones = dict(corridor.table("places").select("place", "zone").iter_rows())
    known: dict[tuple[str, str], tuple[np.ndarray, np.ndarray]] = {}
    found: list[Timeline] = []
    for row in resources.iter_rows(named=True):
        which = (row["calendar"], zones[row["place"]])
        if which not in known:
            known[which] = duty(calendars[which[0]], which[1], horizon)
        times, shares = known[which]
        servers = capacities(shares, row["servers"])
        kept = (times, servers) if row["handover"] == "overlap" else thinned(times, servers)
        found.append(Timeline(*kept))
    return tuple(found)


def _seasons(corridor: Corridor, names: list[str], horizon: Horizon) -> np.ndarray:
    shares: dict[str, dict[int, float]] = {}
    for season, month, share in (
        corridor.table("seasons").select("season", "month", "share").iter_rows()
    ):
        shares.setdefault(season, {})[month] = share
    rows = [traffic(shares.get(name, {}), horizon) for name in names]
    return np.array(rows).reshape(len(names), len(boundaries(horizon)))
