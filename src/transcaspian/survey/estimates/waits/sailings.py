"""Waiting for the next sailing: how long, how many sailings were missed, how far apart they are."""

from __future__ import annotations

import narwhals as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

from transcaspian.corridor.corridor import Corridor
from transcaspian.events.engine import Frame, added, beside, on_engine
from transcaspian.survey.estimates.cells import LEVEL
from transcaspian.survey.estimates.inference.ratios import ratios
from transcaspian.survey.estimates.journeys import TRIP, people
from transcaspian.survey.estimates.stays import US_PER_H

LEG = ("place", "next")
TOGETHER_H = 3.0
"""Departures for the same port within this of each other are the same vessel's."""
NAMES = ("run", *LEG)


def waits(visits: object, trips: pl.DataFrame, corridor: Corridor) -> Frame:
    """The visits to ports from which a trip went on by sea, by whole hours.

    Shape: run, place, next, arrived_h, left_h (hours since 1970), n, weight.
    """
    known = on_engine(visits)
    links = corridor.table("links").join(
        corridor.table("modes").select("mode", "network"), on="mode"
    )
    sea = links.filter(network="sea")
    legs = pl.concat(
        [
            sea.select(pl.col(one).alias("place"), pl.col(other).alias("next"))
            for one, other in (("origin", "destination"), ("destination", "origin"))
        ]
    ).unique()
    gone = known.filter(
        ~nw.col("arrived").is_null() & ~nw.col("left").is_null() & ~nw.col("next").is_null()
    )
    by_sea = gone.join(beside(legs, known), on=list(LEG), how="semi").join(
        beside(people(trips), known), on=list(TRIP), how="inner"
    )
    return added(
        by_sea.with_columns(
            (nw.col("arrived") // US_PER_H).alias("arrived_h"),
            (nw.col("left") // US_PER_H).alias("left_h"),
        ),
        (*NAMES, "arrived_h", "left_h"),
        ("weight",),
        nw.len().alias("n"),
    )


def sailings(gathered_waits: pl.DataFrame, *, publish_from: int) -> pl.DataFrame:
    """What waiting for a vessel comes to on each leg by sea.

    A sailing is a group of departures within three hours of each other; those on which no surveyed
    trip left are not known, so that headways are at most, and sailings missed at least, what is
    told. Trips on one sailing share their fate: intervals count sailings, not trips.

    Shape: run, place, next, n, sailings, headway_p50_h, missed with limits (sailings a trip),
    misconnection_share with limits (trips that missed any).
    """
    rows = [
        {**dict(zip(NAMES, key, strict=True)), **_leg(group, publish_from)}
        for key, group in gathered_waits.sort(*NAMES, "left_h", "arrived_h").group_by(
            NAMES, maintain_order=True
        )
    ]
    found = pl.DataFrame(rows, schema=SAILINGS, orient="row")
    return found.filter(pl.col("n") >= publish_from)


SAILINGS = {
    **dict.fromkeys(NAMES, pl.String),
    "n": pl.Int64,
    "sailings": pl.Int64,
    **dict.fromkeys(
        (
            "headway_p50_h",
            "missed",
            "missed_low",
            "missed_high",
            "misconnection_share",
            "misconnection_low",
            "misconnection_high",
        ),
        pl.Float64,
    ),
}


def vessels(left_h: NDArray[np.int64]) -> NDArray[np.int64]:
    """The number of the sailing that each departure, in order of time, belongs to."""
    apart = np.diff(left_h, prepend=left_h[:1])
    return np.cumsum(apart > TOGETHER_H).astype(np.int64)


def _leg(group: pl.DataFrame, publish_from: int) -> dict[str, object]:
    left, arrived = group["left_h"].to_numpy(), group["arrived_h"].to_numpy()
    n, weight = group["n"].to_numpy(), group["weight"].to_numpy()
    number = vessels(left)
    known = int(number[-1]) + 1
    row: dict[str, object] = {"n": int(n.sum()), "sailings": known}
    if n.sum() < publish_from or known < publish_from:
        return row
    times = np.array([left[number == one].min() for one in range(known)])
    missed = number - np.searchsorted(times, arrived)
    missed = np.maximum(missed, 0)
    for name, y in (("missed", missed), ("misconnection", missed > 0)):
        found = _mean(y.astype(np.float64), weight, number)
        row |= {"missed" if name == "missed" else f"{name}_share": found[0]}
        row |= {f"{name}_low": found[1], f"{name}_high": found[2]}
    row["misconnection_high"] = min(float(str(row["misconnection_high"] or 1.0)), 1.0)
    return {**row, "headway_p50_h": float(np.median(np.diff(times)))}


def _mean(
    y: NDArray[np.float64], weight: NDArray[np.float64], cluster: NDArray[np.int64]
) -> tuple[float | None, ...]:
    """The weighted mean with its interval, sailings as clusters."""
    summed = (
        pl.DataFrame({"cluster": cluster, "y": y * weight, "x": weight})
        .group_by("cluster")
        .agg(pl.col("y", "x").sum())
        .select(pl.lit("").alias("run"), "cluster", pl.lit(1).alias("n"), "y", "x")
    )
    found = ratios(summed, by=(), level=LEVEL)
    return tuple(found.select("value", "low", "high").row(0))
