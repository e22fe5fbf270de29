"""A corridor as arrays: the only place where words become numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from transcaspian.corridor.apply import drawn
from transcaspian.corridor.corridor import Corridor
from transcaspian.errors import Fault, Where
from transcaspian.network.itineraries import Itineraries, Paths, itineraries, visit_directions
from transcaspian.simulation.model.groups import Held, Row, held
from transcaspian.simulation.model.program import Draws, Program
from transcaspian.simulation.model.rosters import Timeline, rosters
from transcaspian.simulation.model.rotations import Fleet, rotations
from transcaspian.simulation.model.timeline import Horizon, horizon_of
from transcaspian.simulation.model.waves import Waves, waves

WARMUP_DAYS = 45
COOLDOWN_DAYS = 30
PATIENCE_DAYS = 120
MOVING = ("travel", "rest", "ride")


@dataclass(frozen=True, slots=True)
class Model:
    """A compiled corridor.

    Shape: rows is the itineraries' frame with the number of each row in `steps`, and `reached`, the
    share of trips that come to it; paths the ways that flows take; visits is place, network and
    direction by class of visit; blocking is a step that takes space, and the yard that whoever
    waits there stands in.
    """

    corridor: Corridor
    horizon: Horizon
    paths: Paths
    rows: pl.DataFrame
    flows: pl.DataFrame
    resources: pl.DataFrame
    visits: pl.DataFrame
    fleet: Fleet
    timelines: tuple[Timeline, ...]
    steps: np.ndarray
    rules: np.ndarray
    blocking: np.ndarray
    luck: np.ndarray
    cells: tuple[np.ndarray, np.ndarray]
    marks: np.ndarray
    classes: np.ndarray
    flow_table: np.ndarray
    waves: Waves


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

    Errors: S102, S103, C504, and those of the itineraries.
    """
    horizon = horizon_of(
        corridor.about.base_year,
        warmup_days=warmup_days,
        cooldown_days=cooldown_days,
        patience_days=patience_days,
    )
    return _compiled(corridor, itineraries(corridor) if ways is None else ways, horizon)


def _compiled(corridor: Corridor, ways: Itineraries, horizon: Horizon) -> Model:
    flows = _flows(corridor, ways.frame)
    if flows.is_empty() or ways.frame.is_empty():
        raise Fault(
            "S102", "no flow moves", where=Where(file="flows.csv"), expected="one flow or more"
        )
    resources = _resources(corridor, flows)
    rows = _prepared(corridor, ways.frame, flows, resources)
    known = _known(resources)
    kept = list(held(rows, known))
    _keepable(rows, known, kept)
    draws = Draws()
    program = Program(rows, draws, known, kept=kept)
    fleet = rotations(
        corridor, ways.legs, first_row=len(program.steps), draw=draws.add, horizon=horizon
    )
    program.aboard(fleet)
    traffic = waves(corridor, flows, horizon)
    return Model(
        corridor,
        horizon,
        ways.paths,
        program.numbered(),
        flows,
        resources,
        program.visits,
        fleet,
        timelines=tuple(rosters(corridor, list(known.values()), horizon)),
        steps=np.concatenate([program.steps, fleet.steps]),
        rules=program.rules(),
        blocking=np.array(program.blocking, dtype=np.int64).reshape(-1, 2),
        luck=draws.table(),
        cells=program.cells(),
        marks=program.marks(len(fleet.steps)),
        classes=program.classes,
        flow_table=program.flow_table(flows, traffic.of_flow, traffic.first),
        waves=traffic,
    )


def drawn_model(model: Model, number: int) -> Model:
    """The model of one replication: of a fitted corridor, compiled from one of its draws.

    A draw is another guess at hours and places, not at where the traffic goes: flows keep to the
    ways of the middle.

    Errors: those of `drawn` and of `compile_model`.
    """
    if model.corridor.fitted is None:
        return model
    one = drawn(model.corridor, number)
    return _compiled(one, itineraries(one, paths=model.paths), model.horizon)


def _flows(corridor: Corridor, frame: pl.DataFrame) -> pl.DataFrame:
    goods = corridor.table("goods").select("good", "value_usd_per_t")
    moving = corridor.table("flows").filter(pl.col("flow").is_in(frame["flow"].unique().implode()))
    return moving.join(goods, on="good", how="left", maintain_order="left").with_row_index(
        "flow_at"
    )


def _prepared(
    corridor: Corridor, frame: pl.DataFrame, flows: pl.DataFrame, resources: pl.DataFrame
) -> pl.DataFrame:
    """The itineraries with what compiling needs beside each row, sorted by flow and order."""
    known = flows.select("flow", pl.col("flow_at").cast(pl.Int64), "unit", "lot", "priority")
    known = known.with_columns(
        pl.col("priority").rank("dense", descending=True).cast(pl.Int32).alias("rank")
    )
    yards = corridor.table("procedures").select("procedure", "yard")
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
    rows = rows.join(yards, on="procedure", how="left", maintain_order="left").join(
        resources.select("resource", "levels"), on="resource", how="left", maintain_order="left"
    )
    rows = rows.with_columns(
        pl.coalesce(came, goes, pl.col("network")).alias("surface"),
        block,
        (
            pl.col("mean_h") * pl.when(pl.col("basis") == "unit").then(pl.col("lot")).otherwise(1)
        ).alias("hours"),
        pl.when(pl.col("levels") > 1).then(pl.col("rank") - 1).otherwise(0).alias("level"),
        (pl.col("balk_at").is_not_null() | pl.col("patience_h").is_not_null()).alias("ruled"),
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


def _resources(corridor: Corridor, flows: pl.DataFrame) -> pl.DataFrame:
    """The resources with their number, whether work at them may be interrupted, and the priorities
    that they tell apart, highest first.
    """
    levels = sorted(set(flows["priority"]), reverse=True)
    broken = corridor.table("failures")["resource"].implode()
    interrupted = (
        (pl.col("discipline") == "preempt")
        | (pl.col("handover") == "preempt")
        | pl.col("resource").is_in(broken)
    )
    ranked = pl.when(pl.col("discipline") == "fifo").then(1).otherwise(len(levels))
    return (
        corridor.table("resources")
        .with_row_index("resource_at")
        .with_columns(
            (interrupted & (pl.col("kind") == "server")).alias("watched"), ranked.alias("levels")
        )
    )


KNOWN = ("resource", "resource_at", "place", "kind", "servers", "calendar", "handover")


def _known(resources: pl.DataFrame) -> dict[str, Row]:
    """What compiling asks of each resource, by name, in the order of the rows."""
    return {row["resource"]: row for row in resources.select(KNOWN).iter_rows(named=True)}


def _keepable(rows: pl.DataFrame, known: Mapping[str, Row], kept: Iterable[Held]) -> None:
    """Nothing; a stage that may be blocked hands over by finish, or it is a fault."""
    for at, names, keeps in kept:
        if keeps is None or known[names[0]]["handover"] == "finish":
            continue
        raise Fault(
            "S103",
            f"{names[0]} is kept until {rows['resource'][at]} has space, and hands over by "
            f"{known[names[0]]['handover']}",
            where=Where(
                file="resources.csv", row=known[names[0]]["resource_at"] + 1, column="handover"
            ),
            expected="finish, for a server that may be blocked",
        )
