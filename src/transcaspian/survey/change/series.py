"""Breaks in a series of months: a cumulative sum of a quantile, and the best cut into pieces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

SLACK = 0.5
LIMIT = 4.0
"""Slack and limit of the cumulative sums, in deviations: one false alarm in some 170 months."""
SHORTEST = 2


@dataclass(frozen=True, slots=True)
class Break:
    """A place in a series where its level changed.

    `at`: the first month of the new level; `ratio`: new over old; `known`: the event at it, if any.
    """

    at: int
    ratio: float
    known: str = ""


def breaks(
    medians: ArrayLike, *, known: Mapping[int, str] | None = None, error: float = 0.0
) -> list[Break]:
    """The breaks of a series of medians, found on their logarithms.

    The series is cut where that lowers the squared deviations by more than three times the variance
    of the months times the logarithm of their number; that variance is at least the square of
    `error`, the error of one month on the logarithm. A break within a month of a known event bears
    its name.

    Source: Killick, Fearnhead and Eckley 2012 (PELT).
    """
    logs = np.log(np.asarray(medians, dtype=np.float64))
    spread = max(noise(logs), error)
    cuts = pelt(logs, penalty=3 * spread**2 * float(np.log(max(len(logs), 2))))
    ends = [0, *cuts, len(logs)]
    levels = [float(logs[a:b].mean()) for a, b in pairwise(ends)]
    events = known or {}
    return [
        Break(at, float(np.exp(levels[number + 1] - levels[number])), _event(events, at))
        for number, at in enumerate(cuts)
    ]


def _event(events: Mapping[int, str], at: int) -> str:
    near = [name for month, name in sorted(events.items()) if abs(month - at) <= 1]
    return near[0] if near else ""


def noise(values: NDArray[np.float64]) -> float:
    """The deviation from month to month, whatever the level does: from the median step."""
    steps = np.abs(np.diff(values))
    return float(np.median(steps) / 0.9539) if steps.size else 0.0


def pelt(values: NDArray[np.float64], *, penalty: float) -> list[int]:
    """The places at which to cut a series into pieces of one level each."""
    count = len(values)
    first = np.concatenate([[0.0], np.cumsum(values)])
    second = np.concatenate([[0.0], np.cumsum(values**2)])

    def cost(a: int, b: int) -> float:
        return float(second[b] - second[a] - (first[b] - first[a]) ** 2 / (b - a))

    best = np.full(count + 1, np.inf)
    best[0] = -penalty
    came = np.zeros(count + 1, dtype=np.int64)
    starts = [0]
    for end in range(SHORTEST, count + 1):
        costs = {a: best[a] + cost(a, end) + penalty for a in starts if end - a >= SHORTEST}
        if costs:
            came[end] = min(costs, key=lambda a: costs[a])
            best[end] = costs[int(came[end])]
            starts = [a for a in starts if end - a < SHORTEST or costs[a] - penalty <= best[end]]
        starts.append(end)
    cuts: list[int] = []
    at = count
    while came[at] > 0:
        at = int(came[at])
        cuts.append(at)
    return cuts[::-1]


def alarms(values: ArrayLike, *, base: Sequence[float], error: float = 0.0) -> list[int]:
    """The months at which a cumulative sum of logarithms leaves what the base months allow.

    A month deviates by what the base months do, and at least by `error`, that of one month.
    """
    logs, quiet = np.log(np.asarray(values, dtype=np.float64)), np.log(np.asarray(base))
    middle = float(np.median(quiet))
    deviation = float(np.median(np.abs(quiet - middle)) * 1.4826)
    deviation = max(deviation, error, 1e-6)
    up = down = 0.0
    found: list[int] = []
    for month, value in enumerate(logs):
        step = (float(value) - middle) / deviation
        up, down = max(0.0, up + step - SLACK), max(0.0, down - step - SLACK)
        if max(up, down) > LIMIT:
            found.append(month)
            up = down = 0.0
    return found


FEWEST = 6
"""A series of fewer months is not looked through for breaks, and no fewer are a base."""
SERIES = {
    **dict.fromkeys(("place", "country", "network", "direction"), pl.String),
    "months": pl.Int64,
    **dict.fromkeys(("what", "month"), pl.String),
    "ratio": pl.Float64,
    "known": pl.String,
}


def monthly(months: pl.DataFrame, *, known: Mapping[str, str]) -> pl.DataFrame:
    """The breaks and alarms in the medians of each crossing, over the months of all waves.

    A break is a change of level; an alarm a month at which the cumulative sum leaves what the first
    half of the series, six months at least, allows. A month is as sure as the intervals of the
    medians are wide. `known`: events by month, as 2022-02.

    Shape: `months` as `estimates.months` gives them; place, country, network, direction, months,
    what (break or alarm), month, ratio (new level over old), known.
    """
    cell = ["place", "country", "network", "direction"]
    told = months.filter(pl.col("p50_h") > 0).sort(*cell, "month", "run")
    rows: list[dict[str, object]] = []
    for key, group in told.unique([*cell, "month"], keep="last", maintain_order=True).group_by(
        cell, maintain_order=True
    ):
        if group.height < FEWEST:
            continue
        names, medians = group["month"].to_list(), group["p50_h"].to_numpy()
        events = {names.index(month): name for month, name in known.items() if month in names}
        error = _error(group)
        head: dict[str, object] = {**dict(zip(cell, key, strict=True)), "months": group.height}
        rows.extend(
            {
                **head,
                "what": "break",
                "month": names[one.at],
                "ratio": one.ratio,
                "known": one.known,
            }
            for one in breaks(medians, known=events, error=error)
        )
        base = [float(value) for value in medians[: max(group.height // 2, FEWEST)]]
        rows.extend(
            {**head, "what": "alarm", "month": names[at], "known": _event(events, at)}
            for at in alarms(medians, base=base, error=error)
        )
    return pl.DataFrame(rows, schema=SERIES, orient="row").sort(*cell, "month", "what")


def _error(months: pl.DataFrame) -> float:
    """The usual error of the logarithm of a month's median, from its 95 % interval."""
    width = (pl.col("p50_high") / pl.col("p50_low")).log() / (2 * float(ndtri(0.975)))
    found = months.filter(pl.col("p50_low") > 0).select(width.median()).item()
    return float(found) if found is not None else 0.0
