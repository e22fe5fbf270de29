"""The rows of all itineraries as steps: arrivals, branches, services, forks, exits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import polars as pl

from transcaspian.simulation import arrays as a
from transcaspian.simulation.luck import key, parameters
from transcaspian.simulation.model.groups import Held, Row, alternatives, tracks
from transcaspian.simulation.model.rotations import Fleet

ABOARD = {
    "board": a.BOARD,
    "depart": a.DEPART,
    "hold": a.HOLD,
    "ride": a.RIDE,
    "stay": a.STAY,
    "berth": a.BERTH,
    "unload": a.UNLOADED,
}
PATTERNS = {"poisson": a.POISSON, "regular": a.REGULAR}
NONE = -1
WORDS = 1 << 15


class Draws:
    """The table of draws: one row for each stage and distribution that differ."""

    def __init__(self) -> None:
        """No draws yet."""
        self._known: dict[tuple[int, int, float, float], int] = {}

    def add(self, words: str, shape: str, mean: float, cv: float) -> int:
        """The row of a draw whose mean is in microseconds."""
        cell = (_key(words), *parameters(shape, mean, cv))
        return self._known.setdefault(cell, len(self._known))

    def table(self) -> np.ndarray:
        """All rows, as one block of memory."""
        block = np.zeros((max(len(self._known), 1), 4), dtype=np.int64)
        if self._known:
            words, shapes, first, second = zip(*self._known, strict=True)
            floating = block.view(np.float64)
            block.view(np.uint64)[:, 0], block[:, 1] = np.array(words, dtype=np.uint64), shapes
            floating[:, 2], floating[:, 3] = first, second
        return block


@lru_cache(maxsize=WORDS)
def _key(words: str) -> int:
    """The key of a draw, kept: models of one corridor have most of their words in common."""
    return key(words)


class Program:
    """The rows of all flows as steps.

    Each row has its own step, after a branch where not all trips go through it. What a trip does
    between two rows stands at the end: it gives back what it held, forks, joins, or is lost.
    """

    def __init__(
        self,
        rows: pl.DataFrame,
        draws: Draws,
        resources: Mapping[str, Row],
        *,
        kept: Sequence[Held],
    ) -> None:
        """The steps of prepared rows; `kept` is what trips hold over some of them."""
        self.rows = rows
        self._draws = draws
        self._resources = resources
        self._kept = kept
        flow = rows["flow_at"].to_numpy()
        self._first = np.concatenate([[True], flow[1:] != flow[:-1]])
        self._last = np.concatenate([flow[1:] != flow[:-1], [True]])
        self._run = alternatives(rows)
        self._branch = (rows["share"].to_numpy() < 1.0) & rows["choice"].is_null().to_numpy() | (
            self._run["starts"]
        )
        size = 1 + self._branch + self._first + self._last
        end = np.cumsum(size)
        self.enter = end - size + self._first  # the branch of a row, or the row itself
        self.at = self.enter + self._branch
        self._flows = flow
        self._own = int(end[-1])
        self._more: list[list[int]] = []
        self._marks: dict[int, tuple[int, int]] = {}
        self._lost: dict[tuple[int, int], int] = {}
        self._rules: dict[tuple[int, int], int] = {}
        self._cell_upto: list[float] = []
        self._cell_to: list[int] = []
        self._entry, self._follow = self.enter.copy(), self._onward()
        self._keep: dict[int, int] = {}
        self.blocking: list[tuple[int, int]] = []
        self._between()
        self.steps = self._written()
        self._visits()

    def _onward(self) -> np.ndarray:
        """Where each row goes on: the next row of its flow, or its exit."""
        return np.where(self._last, self.at + 1, np.roll(self.enter, -1))

    def _append(self, op: int, arg: int = 0, following: int = 0, luck: int = 0) -> int:
        """The number of a step that stands at the end."""
        self._more.append([op, arg, following, luck, 0, NONE, 0, 0])
        return self._own + len(self._more) - 1

    def _between(self) -> None:
        """Nothing; forks, joins and the giving back of what is held stand between the rows."""
        rows = self.rows
        for at, names, keeps in self._kept:
            numbers = [self._resources[name]["resource_at"] for name in names]
            for number in reversed(numbers):
                self._follow[at] = self._append(a.GIVE, number, int(self._follow[at]))
            if keeps is not None:
                self._keep[keeps] = a.HELD
            elif rows["op"][at] == "take":
                self.blocking += [(int(self.at[at]), number) for number in numbers]
        for members in tracks(rows):
            self._fork(members)

    def _fork(self, members: list[list[int]]) -> None:
        first, last = members[0][0], members[-1][-1]
        after = int(self._follow[last])
        join = self._append(a.JOIN, following=after)
        self._marks[join] = (a.JOINED, 0)
        for rows in members:
            self._follow[rows[-1]] = join
        fork = self._append(a.FORK, len(self._cell_to), join, len(members))
        self._marks[fork] = (a.FORKED, 0)
        self._cells([(2.0, int(self.enter[rows[0]])) for rows in members])
        self._entry[first] = fork
        if not self._first[first]:
            self._follow[self._follow == self.enter[first]] = fork
            for step in self._more:
                if step[a.OP] == a.GIVE and step[a.NEXT] == self.enter[first]:
                    step[a.NEXT] = fork

    def _written(self) -> np.ndarray:
        """All steps: arrivals, exits, services and delays, then the branches."""
        steps = np.zeros((self._own, a.STEP_COLUMNS), dtype=np.int32)
        steps[:, a.RULE] = NONE
        begins = self.enter[self._first] - 1
        steps[begins, a.OP] = a.ARRIVE
        steps[begins, a.NEXT] = self._entry[self._first]
        steps[self.at[self._last] + 1, a.OP] = a.EXIT
        steps[self.at, a.NEXT] = self._follow
        steps[self.at, a.LUCK] = _lucks(self.rows, self._draws)
        steps[self.at, a.LEVEL] = self.rows["level"].to_numpy()
        steps[self.at, a.OP], steps[self.at, a.ARG], steps[self.at, a.KEEP] = self._ops()
        for row, keep in self._keep.items():
            steps[self.at[row], a.KEEP] = keep
        self._write_rules(steps)
        self._write_branches(steps)
        more = np.array(self._more, dtype=np.int32).reshape(-1, a.STEP_COLUMNS)
        return np.concatenate([steps, more])

    def _ops(self) -> tuple[list[int], list[int], list[int]]:
        """What is done at each row, with which resource, and whether that is kept after."""
        ops, args, keeps = [], [], []
        columns = (self.rows[name].to_list() for name in ("op", "resource", "fork"))
        for word, name, fork in zip(*columns, strict=True):
            op, arg, keep = ABOARD.get(word, a.TRAVEL), 0, 0
            if word not in ABOARD and name is not None:
                op, arg = a.SERVE, self._resources[name]["resource_at"]
                if word == "take":
                    keep = a.USED if self._resources[name]["kind"] == "quota" else a.HELD
            elif word not in ABOARD and fork is not None:
                op, keep = a.DWELL, a.USED
            ops.append(op)
            args.append(arg)
            keeps.append(keep)
        return ops, args, keeps

    def _write_rules(self, steps: np.ndarray) -> None:
        """Nothing; stages know when a trip does not join their line, gives up, and goes where."""
        ruled = self.rows.with_row_index("row").filter(
            (pl.col("balk_at").is_not_null() | pl.col("patience_h").is_not_null())
            & pl.col("resource").is_not_null()
        )
        for row in ruled.iter_rows(named=True):
            patience = NONE
            if row["patience_h"] is not None:
                mean, shape = row["patience_h"] * a.HOUR, row["patience_shape"]
                patience = self._draws.add(f"patience/{row['time_key']}", shape, mean, 1.0)
            cell = (NONE if row["balk_at"] is None else row["balk_at"], patience)
            step = steps[self.at[row["row"]]]
            step[a.RULE] = self._rules.setdefault(cell, len(self._rules))
            step[a.ELSE] = self._otherwise(row)

    def _otherwise(self, row: dict[str, Any]) -> int:
        """The step where a trip goes that does not join the line of a row or gives up."""
        at = int(row["row"])
        if row["otherwise"] == "leave":
            return self._leave(int(row["flow_at"]), row["yard"])
        if row["otherwise"] != "skip":
            for later in range(at + 1, self.rows.height):
                other = self.rows.row(later, named=True)
                if other["block"] != row["block"]:
                    break
                if other["stage"] == row["otherwise"]:
                    return int(self.at[later])
        return int(self._follow[at])

    def _leave(self, flow: int, yard: str | None) -> int:
        """The step where a trip of a flow is lost, after it gives back the yard it stands in."""
        number = NONE if yard is None else int(self._resources[yard]["resource_at"])
        if (flow, number) not in self._lost:
            lost = self._append(a.EXIT)
            self._marks[lost] = (a.LOSS, flow)
            self._lost[flow, number] = (
                lost if number == NONE else self._append(a.GIVE, number, lost)
            )
        return self._lost[flow, number]

    def rules(self) -> np.ndarray:
        """The queue at which a newcomer turns away, and the draw of patience, by rule."""
        return np.array([*self._rules, (NONE, NONE)], dtype=np.int32)

    def _write_branches(self, steps: np.ndarray) -> None:
        shares, keys = self.rows["share"].to_list(), self.rows["share_key"].to_list()
        for at in np.flatnonzero(self._branch).tolist():
            step = steps[self.enter[at]]
            luck = self._draws.add(keys[at], "constant", 0.0, 0.0)
            step[:4] = a.BRANCH, len(self._cell_upto), self.at[at], luck
            if self._run["starts"][at]:
                self._write_choice(steps, at)
            else:
                self._cells([(shares[at], self.at[at]), (2.0, self._follow[at])])

    def _write_choice(self, steps: np.ndarray, at: int) -> None:
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
        steps[self.at[inside], a.NEXT] = after

    def _cells(self, cells: Iterable[tuple[float, Any]]) -> None:
        for upto, to in cells:
            self._cell_upto.append(float(upto))
            self._cell_to.append(int(to))

    def cells(self) -> tuple[np.ndarray, np.ndarray]:
        """The cumulative shares and the targets of all branches; the tracks of forks."""
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
        begins, ends = self.enter[self._first] - 1, self.at[self._last] + 1
        marks[begins, 0], marks[begins, 1] = a.ARRIVAL, self._flows[self._first]
        marks[ends, 0], marks[ends, 1] = a.DEPARTURE, self._flows[self._last]
        for at, mark in self._marks.items():
            marks[at] = mark
        return marks

    def numbered(self) -> pl.DataFrame:
        """The rows with their number among the steps and the share of trips that reach them."""
        return self.rows.with_columns(
            pl.Series("at", self.at, dtype=pl.Int64), pl.col("share").alias("reached")
        )

    def flow_table(self, flows: pl.DataFrame, seasons: pl.Series, first: np.ndarray) -> np.ndarray:
        """First step, pattern and season of each flow; a flow without rows never begins."""
        table = np.zeros((flows.height, 6), dtype=np.int64)
        table[:, a.FIRST] = -1
        table[self._flows[self._first], a.FIRST] = self.enter[self._first] - 1
        table[:, a.PATTERN] = [PATTERNS[word or "poisson"] for word in flows["pattern"]]
        table[:, a.SEASON] = seasons.to_numpy()
        table[:, a.SEGMENT] = first[table[:, a.SEASON]]
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
