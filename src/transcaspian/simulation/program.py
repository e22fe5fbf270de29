"""The rows of all itineraries as steps: arrivals, branches, services, exits."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from transcaspian.simulation import arrays as a
from transcaspian.simulation.luck import key, parameters
from transcaspian.simulation.rotations import Fleet

ABOARD = {
    "depart": a.DEPART,
    "hold": a.HOLD,
    "ride": a.RIDE,
    "stay": a.STAY,
    "berth": a.BERTH,
    "unload": a.UNLOADED,
}
PATTERNS = {"poisson": a.POISSON, "regular": a.REGULAR}


class Draws:
    """The table of draws: one row for each stage and distribution that differ."""

    def __init__(self) -> None:
        """No draws yet."""
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


class Program:
    """The rows of all flows as steps: arrival, branches before what not all go through, exit."""

    def __init__(self, rows: pl.DataFrame, draws: Draws, resources: pl.DataFrame) -> None:
        """The steps of prepared rows."""
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


def _lucks(rows: pl.DataFrame, draws: Draws) -> np.ndarray:
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
