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


Held = tuple[int, list[str], int | None]


def held(rows: pl.DataFrame, resources: Mapping[str, Row]) -> Iterator[Held]:
    """After which row a trip gives back which resources, and the row whose server it keeps so long.

    A trip has the space of a procedure until its last stage; where it then takes another space, it
    has the first, and the server of that stage, until it has the other. A server is kept so after
    a stage that all trips go through.
    """
    taken = rows.with_row_index("row").filter(pl.col("op") == "take").select("row", "resource")
    spaces = {row: name for row, name in taken.iter_rows() if resources[name]["kind"] == "space"}
    if not spaces:
        return
    flows = rows["flow_at"].to_list()
    for at, yards in _ends(spaces, flows, rows["procedure"].to_list()).items():
        follows = at + 1
        blocks = follows in spaces and flows[at] == flows[follows]
        yield (follows if blocks else at), yards, None
    certain = _certain(rows)
    for at in spaces:
        if at > 0 and flows[at - 1] == flows[at] and certain[at - 1] is not None:
            yield at, [certain[at - 1]], at - 1


def _ends(
    spaces: Mapping[int, str], flows: list[int], procedures: list[str]
) -> dict[int, list[str]]:
    """The spaces that are done with, by the last row of their procedure."""
    ends: dict[int, list[str]] = {}
    for at, space in spaces.items():
        last = at
        for later in range(at + 1, len(flows)):
            if flows[later] != flows[at]:
                break
            if procedures[later] == procedures[at]:
                last = later
            elif last > at:
                break
        ends.setdefault(last, []).append(space)
    return ends


def _certain(rows: pl.DataFrame) -> list[str | None]:
    """The server of each row that every trip goes through to its end; none for other rows."""
    sure = (
        (pl.col("op") == "serve")
        & (pl.col("share") >= 1.0)
        & (pl.col("choice").fill_null("") == "")
        & (pl.col("fork").fill_null("") == "")
        & ~pl.col("ruled")
        & (pl.col("resource") != "")
    )
    return rows.select(pl.when(sure).then("resource"))["resource"].to_list()
