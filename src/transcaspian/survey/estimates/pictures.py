"""What the charts of a wave need: curves, hours of the week, months, time over distance."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import narwhals as nw
import numpy as np
import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.events.engine import Frame, beside, gathered, grouped, on_engine
from transcaspian.survey.estimates.cells import cells, curve_of, samples
from transcaspian.survey.estimates.stays import CELL, TRIP, US_PER_H, spells
from transcaspian.survey.estimates.tables import masked

POINTS = 60
BESIDE = 3
"""Stays that stand beyond either end of a published curve."""
BLOCK_H = 3
FEWEST_VISITS = 4
DAY_H = 24
DAY_US = DAY_H * US_PER_H
TOLD = ("p50_h", "p50_low", "p50_high")


def curves(gathered_spells: pl.DataFrame, published: pl.DataFrame) -> pl.DataFrame:
    """The share that had left by each of some times, for published cells, with the open stays.

    The times are quantiles of the curve, sixty at most, and three stays lie beyond either end of
    them, so that the shortest and the longest are not told. There is none where too few were seen
    to end.

    Shape: run, place, country, network, direction, hours, ended, open_until (how many open stays
    were last seen up to then).
    """
    keys = ["run", *CELL]
    shown = published.filter(~pl.col("withheld")).select(keys)
    rows: list[tuple[object, ...]] = []
    for key, sample in samples(gathered_spells.join(shown, on=keys, how="semi"), keys):
        line = curve_of(sample)
        if not len(line.ended) or line.ended[-1] * sample.count <= 2 * BESIDE:
            continue
        most = min(POINTS, max(sample.count // 2, 2))
        margin = BESIDE / sample.count
        for share in np.linspace(margin, float(line.ended[-1]) - margin, most):
            hours = line.at(float(share)) or 0.0
            seen = float(sample.n[sample.open & (sample.hours <= hours)].sum())
            rows.append((*key, hours, float(share), seen))
    schema = {
        **dict.fromkeys(keys, pl.String),
        **dict.fromkeys(("hours", "ended", "open_until"), pl.Float64),
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def hours_of_week(found: Frame, corridor: Corridor, *, publish_from: int) -> pl.DataFrame:
    """The median stay by the local hour of the week at which it began, in blocks of three hours.

    Shape: run, network, day (1 is Monday), hour, n, p50_h with limits; blank below the floor.
    """
    zones = corridor.table("places").select("place", "zone")
    known = found.filter(~nw.col("arrived").is_null())
    # the offset of a zone is taken at noon of each day: one row a zone and day
    day = nw.col("arrived") // DAY_US
    daily = known.with_columns(day.alias("day_number")).join(
        beside(zones, known), on="place", how="left"
    )
    offsets = gathered(grouped(daily, ("zone", "day_number"), nw.len().alias("n")))
    shifted = daily.join(
        beside(_offsets(offsets), known), on=["zone", "day_number"], how="left"
    ).with_columns((nw.col("arrived") + nw.col("offset")).alias("local"))
    hour = nw.col("local") // US_PER_H
    placed = shifted.with_columns(
        (hour // 24 + 3).alias("weekday"), ((hour % 24) // BLOCK_H * BLOCK_H).alias("hour")
    ).with_columns((nw.col("weekday") % 7 + 1).alias("day"))
    block = (nw.col("day") * DAY_H + nw.col("hour")).cast(nw.Int64).cast(nw.String)
    by = ("network", "block")
    told = spells(placed.with_columns(block.alias("block")), by=by)
    table = masked(cells(gathered(told), publish_from=publish_from, by=by, means=False))
    at = pl.col("block").cast(pl.Int64)
    return table.select(
        "run", "network", (at // DAY_H).alias("day"), (at % DAY_H).alias("hour"), "n", *TOLD
    ).sort("run", "network", "day", "hour")


def _offsets(days: pl.DataFrame) -> pl.DataFrame:
    """How far the clock of each zone is ahead of UTC on each day, in microseconds."""
    rows: list[tuple[str, int, int]] = []
    for zone, number in days.select("zone", "day_number").sort("zone", "day_number").iter_rows():
        noon = datetime(1970, 1, 1, 12, tzinfo=UTC) + timedelta(days=int(number))
        ahead = noon.astimezone(ZoneInfo(zone or "UTC")).utcoffset() or timedelta(0)
        rows.append((zone, int(number), round(ahead.total_seconds() * 1e6)))
    schema = {"zone": pl.String, "day_number": pl.Int64, "offset": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def months(found: Frame, *, publish_from: int) -> pl.DataFrame:
    """The median stay of each crossing in each month, with its 95 % interval.

    What is below the floor is left out.

    Shape: `found` as `stays` gives it; run, CELL, month (2024-05, of UTC), n, n_eff, p50_h with
    limits.
    """
    known = found.filter(~nw.col("arrived").is_null()).with_columns(
        (nw.col("arrived") // DAY_US).alias("day")
    )
    days = gathered(grouped(known, ("day",), nw.len().alias("n")))["day"].sort()
    named = [_month(day) for day in days]
    calendar = pl.DataFrame({"day": days, "month": pl.Series(named, dtype=pl.String)})
    placed = known.join(beside(calendar, known), on="day", how="inner")
    by = (*CELL, "month")
    whole = cells(gathered(spells(placed, by=by)), publish_from=publish_from, by=by, means=False)
    return whole.filter(~pl.col("withheld")).select("run", *by, "n", "n_eff", *TOLD)


def _month(day: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=int(day))).strftime("%Y-%m")


def time_distance(
    visits: object, trips: pl.DataFrame, *, corridor: Corridor, publish_from: int
) -> pl.DataFrame:
    """Hours since departure against distance, on the way that most trips of many stops share.

    Shape: run, origin, destination, order, place, country, km, n, and for arrival and departure the
    hours that a tenth, half and nine tenths of the trips had needed: arrived_p10 .. left_p90.
    """
    known = on_engine(visits).filter(~nw.col("arrived").is_null() & ~nw.col("left").is_null())
    ends = trips.select(*TRIP, "origin", "destination")
    joined = known.join(beside(ends, known), on=list(TRIP), how="inner")
    sizes = grouped(joined, (*TRIP, "origin", "destination"), nw.len().alias("visits"))
    counts = gathered(
        grouped(
            sizes.filter(nw.col("visits") >= FEWEST_VISITS),
            ("run", "origin", "destination"),
            nw.len().alias("n"),
            nw.col("visits").mean(),
        )
    )
    enough = counts.filter(pl.col("n") >= publish_from)
    if enough.is_empty():
        return pl.DataFrame(schema=TIME_DISTANCE)
    best = enough.sort(
        pl.col("visits") * pl.col("n").log(2),
        "origin",
        "destination",
        descending=[True, False, False],
    ).head(1)
    on_way = joined.join(
        beside(best.select("run", "origin", "destination"), known),
        on=["run", "origin", "destination"],
        how="inner",
    )
    start = grouped(on_way, TRIP, nw.col("left").min().alias("began"))
    timed = on_way.join(start, on=list(TRIP), how="inner")
    rows = gathered(
        timed.select(
            "run",
            "origin",
            "destination",
            "trip",
            "place",
            ((nw.col("arrived") - nw.col("began")) / US_PER_H).alias("arrived"),
            ((nw.col("left") - nw.col("began")) / US_PER_H).alias("left"),
        )
    )
    return _steps(rows, corridor, publish_from)


TIME_DISTANCE = {
    "run": pl.String,
    "origin": pl.String,
    "destination": pl.String,
    "order": pl.Int64,
    "place": pl.String,
    "country": pl.String,
    "km": pl.Float64,
    "n": pl.Int64,
    **{f"{end}_{q}": pl.Float64 for end in ("arrived", "left") for q in ("p10", "p50", "p90")},
}


def _steps(rows: pl.DataFrame, corridor: Corridor, publish_from: int) -> pl.DataFrame:
    """The quantiles at the places that enough trips passed, in the order in which they did."""
    from transcaspian.network import distance  # noqa: PLC0415  # used here alone

    quantiles = [
        pl.col(end).quantile(share, "linear").alias(f"{end}_{name}")
        for end in ("arrived", "left")
        for name, share in (("p10", 0.1), ("p50", 0.5), ("p90", 0.9))
    ]
    places = (
        rows.group_by("run", "origin", "destination", "place")
        .agg(pl.len().alias("n"), *quantiles)
        .filter((pl.col("n") >= publish_from) & (pl.col("n") * 2 > rows["trip"].n_unique()))
        .sort("arrived_p50", "place")
        .join(
            corridor.table("places").select("place", pl.col("country").fill_null("")),
            on="place",
            how="left",
            maintain_order="left",
        )
    )
    km = [0.0]
    names = places["place"].to_list()
    for one, other in pairwise(names):
        km.append(km[-1] + distance(corridor, one, destination=other))
    return places.with_columns(
        pl.Series("km", km[: len(names)], dtype=pl.Float64),
        pl.int_range(1, pl.len() + 1).alias("order"),
        pl.col("n").cast(pl.Int64),
    ).select(pl.col(name).cast(kind) for name, kind in TIME_DISTANCE.items())
