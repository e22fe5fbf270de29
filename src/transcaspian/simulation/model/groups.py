"""Rows of an itinerary that belong together: alternatives, tracks, and what is held over them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import polars as pl

Row = dict[str, Any]


def alternatives(rows: pl.DataFrame) -> Row:
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


def tracks(rows: pl.DataFrame) -> list[list[list[int]]]:
    """The rows of each track of each fork, in order."""
    found: list[list[list[int]]] = []
    before: tuple[int, str, int] | None = None
    track = ""
    part = rows.with_row_index("row").filter(pl.col("fork").is_not_null())
    for row, block, word, name in part.select("row", "block", "fork", "track").iter_rows():
        if before != (block, word, row - 1):
            found.append([[]])
        elif name != track:
            found[-1].append([])
        found[-1][-1].append(row)
        before, track = (block, word, row), name
    return found


def held(
    rows: pl.DataFrame, resources: Mapping[str, Row]
) -> Iterator[tuple[int, list[str], int | None]]:
    """After which row a trip gives back which resources, and the row whose server it keeps so long.

    A trip has the space of a procedure until its last stage; where it then takes another space, it
    has the first, and the server of that stage, until it has the other. A server is kept so after
    a stage that all trips go through.
    """
    if not (rows["op"] == "take").any():
        return
    kinds = {name: row["kind"] for name, row in resources.items()}
    columns = ["flow_at", "op", "resource", "procedure", "share", "choice", "fork", "ruled"]
    listed = list(rows.select(columns).iter_rows(named=True))
    ends = _ends(listed, kinds)
    for at, yards in ends.items():
        follows = at + 1 if at + 1 < len(listed) else at
        blocks = _takes_space(listed[follows], kinds) and _same(listed, at, follows)
        yield (follows if blocks else at), yards, None
    for at, row in enumerate(listed):
        if not _takes_space(row, kinds) or at == 0 or not _same(listed, at - 1, at):
            continue
        server = listed[at - 1]
        if server["op"] == "serve" and server["resource"] and _certain(server):
            yield at, [server["resource"]], at - 1


def _ends(listed: list[Row], kinds: Mapping[str, str]) -> dict[int, list[str]]:
    """The spaces that are done with, by the last row of their procedure."""
    ends: dict[int, list[str]] = {}
    for at, row in enumerate(listed):
        if not _takes_space(row, kinds):
            continue
        last = at
        for later in range(at + 1, len(listed)):
            if not _same(listed, at, later):
                break
            if listed[later]["procedure"] == row["procedure"]:
                last = later
            elif last > at:
                break
        ends.setdefault(last, []).append(row["resource"])
    return ends


def _takes_space(row: Row, kinds: Mapping[str, str]) -> bool:
    return row["op"] == "take" and kinds[row["resource"]] == "space"


def _same(listed: list[Row], one: int, other: int) -> bool:
    return bool(listed[one]["flow_at"] == listed[other]["flow_at"])


def _certain(row: Row) -> bool:
    """Whether every trip goes through a row to its end."""
    return row["share"] >= 1.0 and not row["choice"] and not row["fork"] and not row["ruled"]
