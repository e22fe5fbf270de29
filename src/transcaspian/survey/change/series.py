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
"""Slack and limit of the cumulative sums, in deviations, where level and deviation are known."""
WIDER = 24.0
"""What the limit grows by, over the months of the base, for not knowing them: by simulation."""
BASE = 12
"""A shorter base tells too little of level and deviation to raise an alarm on."""
CUT = 10.0
"""The least penalty of a cut, in variances, where these come of the series: by simulation."""
SHORTEST = 2
LEAST = 1e-6
"""The least deviation of a month on the logarithm."""


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

    The series is cut where that lowers the squared deviations by more than a penalty: three times
    the logarithm of the number of months, at least ten, times the variance from month to month; and
    at least three times that logarithm times the square of `error`, the error of one month on the
    logarithm. Of series of white noise, of six months or more, at most 5 % show a break. A break
    within a month of a known event bears its name.

    Source: Jackson et al. 2005 (optimal partitioning); penalties calibrated by simulation.
    """
    logs = np.log(np.asarray(medians, dtype=np.float64))
    least = 3 * float(np.log(max(len(logs), 2)))
    cuts = partition(logs, penalty=max(max(least, CUT) * noise(logs) ** 2, least * error**2))
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
    """The deviation from month to month, which a change of level raises little: from the mean step.

    Source: the mean moving range of a chart of individual values, over 1.128 (ISO 7870-2).
    """
    steps = np.abs(np.diff(values))
    return max(float(steps.mean()) / 1.128, LEAST) if steps.size else LEAST


def partition(values: NDArray[np.float64], *, penalty: float) -> list[int]:
    """The places at which to cut a series into pieces of one level each, two months or longer.

    No other pieces have a lower sum of squared deviations from their levels and penalties of cuts.
    """
    count = len(values)
    first = np.concatenate([[0.0], np.cumsum(values)])
    second = np.concatenate([[0.0], np.cumsum(values**2)])
    best = np.full(count + 1, np.inf)
    best[0] = -penalty
    came = np.zeros(count + 1, dtype=np.int64)
    for end in range(SHORTEST, count + 1):
        start = np.arange(end - SHORTEST + 1)
        squares = second[end] - second[start] - (first[end] - first[start]) ** 2 / (end - start)
        costs = best[start] + squares + penalty
        came[end] = costs.argmin()
        best[end] = costs[came[end]]
    cuts: list[int] = []
    at = int(came[count])
    while at > 0:
        cuts.append(at)
        at = int(came[at])
    return cuts[::-1]


def alarms(values: ArrayLike, *, base: Sequence[float], error: float = 0.0) -> list[int]:
    """The months at which a cumulative sum of logarithms leaves what the base months allow.

    A month deviates from the middle of the base by what its months do from one to the next, and at
    least by `error`, that of one month. Of white noise twice as long as its base, there is at most
    one false alarm in 170 months. A base of fewer than twelve months raises none.

    Source: Page 1954; the middle that of Hodges and Lehmann 1963.
    """
    if len(base) < BASE:
        return []
    logs, quiet = np.log(np.asarray(values, dtype=np.float64)), np.log(np.asarray(base))
    middle = float(np.median(np.add.outer(quiet, quiet) / 2))
    deviation = max(noise(quiet), error)
    limit = LIMIT + WIDER / len(base)
    up = down = 0.0
    found: list[int] = []
    for month, value in enumerate(logs):
        step = (float(value) - middle) / deviation
        up, down = max(0.0, up + step - SLACK), max(0.0, down - step - SLACK)
        if max(up, down) > limit:
            found.append(month)
            up = down = 0.0
    return found


FEWEST = 6
"""A series of fewer months is not looked through for breaks."""
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
    half of the series, twelve months at least, allows: a shorter series has none. A month is as
    sure as the intervals of the medians are wide. `known`: events by month, as 2022-02.

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
        base = [float(value) for value in medians[: max(group.height // 2, BASE)]]
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
