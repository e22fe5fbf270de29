"""A corridor as arrays: the only place where words become numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.errors import Fault, Faults, Where
from transcaspian.network.itineraries import Itineraries, itineraries, visit_directions
from transcaspian.simulation import arrays as a
from transcaspian.simulation.luck import key, parameters
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
ABOARD = {
    "depart": a.DEPART,
    "hold": a.HOLD,
    "ride": a.RIDE,
    "stay": a.STAY,
    "berth": a.BERTH,
    "unload": a.UNLOADED,
}
MOVING = ("travel", "rest", "ride")
HANDOVERS = {"finish": a.FINISH, "overlap": a.OVERLAP}
PATTERNS = {"poisson": a.POISSON, "regular": a.REGULAR}


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
    draws = _Draws()
    program = _Program(rows, draws, resources)
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


class _Draws:
    """The table of draws: one row for each stage and distribution that differ."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int, float, float], int] = {}

    def add(self, words: str, shape: str, mean: float, cv: float) -> int:
        """The row of a draw whose mean is in microseconds."""
        cell = (key(words), *parameters(shape, mean, cv))
        return self._known.setdefault(cell, len(self._known))

    def table(self) -> np.ndarray:
        """All rows, as one block of memory."""
        block = np.zeros((max(len(self._known), 1), 4), dtype=np.int64)
        unsigned, floating = block.view(np.uint64), block.view(np.float64)
        for at, (words, shape, first, second) in enumerate(self._known):
            unsigned[at, 0], block[at, 1] = np.uint64(words), shape
            floating[at, 2], floating[at, 3] = first, second
        return block


class _Program:
    """The rows of all flows as steps: an arrival, branches before what not all go through, an exit."""

    def __init__(self, rows: pl.DataFrame, draws: _Draws, resources: pl.DataFrame) -> None:
        self.rows = rows
        self._draws = draws
        flow = rows["flow_at"].to_numpy()
        self._first = np.concatenate([[True], flow[1:] != flow[:-1]])
        self._last = np.concatenate([flow[1:] != flow[:-1], [True]])
        self._run = _runs(rows)
        self._branch = (rows["share"].to_numpy() < 1.0) & rows["choice"].is_null().to_numpy() | (
            self._run["starts"]
        )
        size = 1 + self._branch + self._first + self._last
        end = np.cumsum(size)
        self.enter = end - size + self._first  # the branch of a row, or the row itself
        self.at = self.enter + self._branch
        self.steps = np.zeros((int(end[-1]), 4), dtype=np.int32)
        self._cell_upto: list[float] = []
        self._cell_to: list[int] = []
        self._flows = flow
        self._write(dict(resources.select("resource", "resource_at").iter_rows()))
        self._visits()

    def _write(self, resources: dict[str, int]) -> None:
        """Nothing; arrivals, exits, services and delays are written, then the branches."""
        follow = np.where(self._last, self.at + 1, np.roll(self.enter, -1))
        self._follow = follow
        begins = self.enter[self._first] - 1
        self.steps[begins] = np.stack(
            [
                np.full_like(begins, a.ARRIVE),
                np.zeros_like(begins),
                begins + 1,
                np.zeros_like(begins),
            ],
            axis=1,
        )
        self.steps[self.at[self._last] + 1, a.OP] = a.EXIT
        names = self.rows["resource"].to_list()
        ops = self.rows["op"].to_list()
        luck = _lucks(self.rows, self._draws)
        self.steps[self.at, a.NEXT] = follow
        self.steps[self.at, a.LUCK] = luck
        for at, op, name in zip(self.at.tolist(), ops, names, strict=True):
            if op in ABOARD:
                self.steps[at, a.OP] = ABOARD[op]
            elif op == "board":
                self.steps[at, a.OP] = a.BOARD
            elif name is None:
                self.steps[at, a.OP] = a.TRAVEL
            else:
                self.steps[at, :2] = a.SERVE, resources[name]
        self._write_branches()

    def _write_branches(self) -> None:
        shares, keys = self.rows["share"].to_list(), self.rows["share_key"].to_list()
        runs = self._run
        for at in np.flatnonzero(self._branch).tolist():
            step = self.steps[self.enter[at]]
            step[:] = (
                a.BRANCH,
                len(self._cell_upto),
                self.at[at],
                self._draws.add(keys[at], "constant", 0.0, 0.0),
            )
            if runs["starts"][at]:
                self._write_choice(at)
            else:
                self._cells([(shares[at], self.at[at]), (2.0, self._follow[at])])

    def _write_choice(self, at: int) -> None:
        """Nothing; one branch leads to each alternative of a run, and each of them past the run."""
        members = self._run["members"][at]
        inside = self._run["inside"][at]
        after = int(self._follow[inside[-1]])
        shares = np.cumsum([self.rows["share"][each] for each in members])
        self._cells(
            [
                (share, self.at[each] if each in inside else after)
                for share, each in zip(shares, members, strict=True)
            ]
        )
        self._cell_upto[-1] = 2.0
        self.steps[self.at[inside], a.NEXT] = after

    def _cells(self, cells: list[tuple[float, Any]]) -> None:
        self._cell_upto += [float(upto) for upto, _ in cells]
        self._cell_to += [int(to) for _, to in cells]

    def cells(self) -> tuple[np.ndarray, np.ndarray]:
        """The cumulative shares and the targets of all branches."""
        return np.array([*self._cell_upto, 2.0]), np.array([*self._cell_to, 0], dtype=np.int32)

    def aboard(self, fleet: Fleet) -> None:
        """Nothing; boarding and unloading know their call and the deck space they take."""
        part = self.rows.with_columns(pl.Series("at", self.at)).filter(
            pl.col("op").is_in(["board", "unload"])
        )
        for row in part.iter_rows(named=True):
            call = fleet.call(row["service"], row["call"])
            space = fleet.space(row["service"], row["unit"], lot=row["lot"], flow=row["flow"])
            self.steps[row["at"], a.ARG] = call
            self.steps[row["at"], a.LUCK] = space
            if row["op"] == "board":
                fleet.boards(call, space)

    def _visits(self) -> None:
        pair = ["flow_at", "visit"]
        stays = (
            self.rows.filter(pl.col("visit").is_not_null())
            .group_by(pair, maintain_order=True)
            .agg(pl.col("place", "direction").first(), pl.col("surface").first().alias("network"))
            .with_row_index("stay")
        )
        numbers = self.rows.join(stays, on=pair, how="left", maintain_order="left")["stay"]
        self._stay = numbers.cast(pl.Int64).fill_null(-1).to_numpy()
        words = ["place", "network", "direction"]
        self.visits = stays.select(words).unique(maintain_order=True)
        numbered = self.visits.with_row_index("class")
        self.classes = (
            stays.join(numbered, on=words, how="left", maintain_order="left")["class"]
            .cast(pl.Int32)
            .to_numpy()
        )

    def marks(self, more: int) -> np.ndarray:
        """What the statistics must know of each step: its visit; at arrival and exit the flow."""
        marks = np.full((len(self.steps) + more, 2), -1, dtype=np.int32)
        marks[self.at, 0] = self._stay
        marks[self.enter[self._first] - 1] = np.stack(
            [np.full(self._first.sum(), -2), self._flows[self._first]], axis=1
        )
        marks[self.at[self._last] + 1] = np.stack(
            [np.full(self._last.sum(), -3), self._flows[self._last]], axis=1
        )
        return marks

    def numbered(self) -> pl.DataFrame:
        """The rows with their number among the steps and the share of trips that reach them."""
        return self.rows.with_columns(
            pl.Series("at", self.at, dtype=pl.Int64), pl.col("share").alias("reached")
        )

    def flow_table(self, flows: pl.DataFrame, seasons: list[str]) -> np.ndarray:
        """First step, pattern and season of each flow; a flow without rows never begins."""
        table = np.zeros((flows.height, 6), dtype=np.int64)
        table[:, a.FIRST] = -1
        table[self._flows[self._first], a.FIRST] = self.enter[self._first] - 1
        table[:, a.PATTERN] = [PATTERNS[word or "poisson"] for word in flows["pattern"]]
        table[:, a.SEASON] = [seasons.index(word) for word in flows["season"]]
        return table


def _lucks(rows: pl.DataFrame, draws: _Draws) -> np.ndarray:
    """The draw of each row, asked once for rows that are alike."""
    columns = ["time_key", "shape", "hours", "cv"]
    alike = rows.select(columns).unique(maintain_order=True)
    numbers = [
        draws.add(words, shape or "constant", hours * a.HOUR, cv)
        for words, shape, hours, cv in alike.iter_rows()
    ]
    known = alike.with_columns(pl.Series("luck", numbers, dtype=pl.Int32))
    return (
        rows.select(columns)
        .join(known, on=columns, how="left", maintain_order="left", nulls_equal=True)["luck"]
        .to_numpy()
    )


def _runs(rows: pl.DataFrame) -> dict[str, Any]:
    """Where runs of alternatives start, the rows in each run, and the rows of the whole choice."""
    starts = np.zeros(rows.height, dtype=bool)
    choices: dict[tuple[int, str], list[int]] = {}
    inside: dict[int, list[int]] = {}
    part = rows.with_row_index("row").filter(pl.col("choice").is_not_null())
    before: tuple[int, str] | None = None
    row_before = start = -2
    for row, block, choice in part.select("row", "block", "choice").iter_rows():
        choices.setdefault((block, choice), []).append(row)
        if (block, choice) != before or row != row_before + 1:
            start = row
            starts[row] = True
        inside.setdefault(start, []).append(row)
        before, row_before = (block, choice), row
    named = dict(zip(part["row"], part.select("block", "choice").iter_rows(), strict=True))
    members = {row: choices[named[row]] for row in inside}
    return {"starts": starts, "inside": inside, "members": members}
