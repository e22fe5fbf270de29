"""Which family the stays at each crossing are of: plain, shifted by opening hours, a ferry's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.corridor.tables import TABLES, keys
from transcaspian.survey.fits.candidates import Hours, Sails, Stays, Waits, candidates
from transcaspian.survey.fits.spells import CannotFit, spells

CELL = ("place", "country", "network", "direction")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DIRECTIONS = ("outbound", "inbound")
MOSTLY = 0.5
CLOSE = 1.01
"""Scores within a hundredth of the least are as good."""


def opening_hours(corridor: Corridor) -> dict[str, Hours]:
    """The calendars of a corridor that close, as hours of the week at which they open and close."""
    found: dict[str, Hours] = {}
    rows = corridor.table("calendars").filter(pl.col("share") > 0)
    for (name,), group in rows.sort("calendar", "opens_h").group_by(
        "calendar", maintain_order=True
    ):
        spans = sorted(
            (24.0 * day + opens, 24.0 * day + closes)
            for days, opens, closes in group.select("days", "opens_h", "closes_h").iter_rows()
            for day in _days(str(days))
        )
        merged = _merged(spans)
        if sum(end - begin for begin, end in merged) < 24.0 * len(DAYS):
            found[str(name)] = merged
    return found


def kept_hours(corridor: Corridor) -> dict[str, Hours]:
    """The hours of the week at which the resource of a stage works, of those that ever close.

    Shape: by the key of the stage.
    """
    hours = opening_hours(corridor)
    stages = corridor.table("stages")
    named = stages.select("resource", key=keys(stages, TABLES["stages"]))
    joined = named.join(corridor.table("resources").select("resource", "calendar"), on="resource")
    pairs = joined.select("key", "calendar").iter_rows()
    return {str(key): hours[str(name)] for key, name in pairs if str(name) in hours}


def sailing_hours(corridor: Corridor) -> dict[str, dict[str, Sails]]:
    """The timetables of the calls at each place, as hours of the week at which they depart."""
    calls = corridor.table("calls").filter(pl.col("timetable").is_not_null())
    rows = (
        calls.select("place", "timetable")
        .unique()
        .join(corridor.table("timetables"), on="timetable")
    )
    found: dict[str, dict[str, Sails]] = {}
    for (place, name), group in rows.group_by("place", "timetable"):
        hours = sorted(
            24.0 * day + float(departs)
            for days, departs in group.select("days", "departs_h").iter_rows()
            for day in _days(str(days))
        )
        found.setdefault(str(place), {})[str(name)] = tuple(hours)
    return found


def _days(words: str) -> Iterator[int]:
    """The numbers of the days that `mon-fri` or `mon;wed` names."""
    for word in words.split(";"):
        first, _, last = word.partition("-")
        begin, end = DAYS.index(first), DAYS.index(last or first)
        yield from ((begin + step) % 7 for step in range((end - begin) % 7 + 1))


def _merged(spans: Sequence[tuple[float, float]]) -> Hours:
    """The spans with those that touch made one."""
    found: list[tuple[float, float]] = []
    for begin, end in spans:
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return tuple(found)


def sea_legs(visits: pl.DataFrame, corridor: Corridor) -> frozenset[tuple[str, str]]:
    """The places, with the direction of the visit, from which most trips went on by sea."""
    links = corridor.table("links").join(
        corridor.table("modes").select("mode", "network"), on="mode"
    )
    legs = links.filter(network="sea").select("origin", "destination")
    both = pl.concat([legs, legs.select(origin="destination", destination="origin")])
    sea = both.unique().with_columns(pl.lit(value=True).alias("sea"))
    known = visits.filter(pl.col("next").is_not_null()).join(
        sea, left_on=["place", "next"], right_on=["origin", "destination"], how="left"
    )
    shares = known.group_by("place", "direction").agg(pl.col("sea").fill_null(value=False).mean())
    most = shares.filter(pl.col("sea") > MOSTLY)
    return frozenset(
        (str(place), str(way)) for place, way in most.select("place", "direction").iter_rows()
    )


Tick = Callable[[int, int, str], None]


def crossing_fits(
    stood: pl.DataFrame,
    corridor: Corridor,
    *,
    least: int,
    sea: frozenset[tuple[str, str]],
    seed: int,
    progress: Tick | None = None,
) -> pl.DataFrame:
    """Every family tried at every crossing with enough stays, the best first.

    Families are ordered by their score on stays left out of the fit; within a hundredth of the
    least, by Akaike's criterion. Opening hours are those of the calendars that the corridor knows,
    each tried everywhere; the ferry is tried where trips went on by sea.

    Shape: `stood` has CELL, hours, half_h, open, weight, arrived (microseconds); CELL, rank,
    family, calendar, n, open, loglik, aic, crps_h, pit_p, mean_h, cv, parameters (JSON).
    """
    zones = dict(corridor.table("places").select("place", "zone").iter_rows())
    calendars, timetables = opening_hours(corridor), sailing_hours(corridor)
    rows: list[dict[str, object]] = []
    cells = [
        (key, group)
        for key, group in stood.sort(*CELL, "hours", "arrived").group_by(CELL, maintain_order=True)
        if group.height >= least and key[3] in DIRECTIONS
    ]
    for number, (key, group) in enumerate(cells):
        if progress is not None:
            progress(number, len(cells), f"fitting {key[0]}")
        try:
            known = _stays(group, str(zones[str(key[0])] or "UTC"))
        except CannotFit:
            continue
        place, by_sea = str(key[0]), (str(key[0]), str(key[3])) in sea
        waits = Waits(calendars, timetables.get(place, {}) if by_sea else {}, by_sea)
        tried = ordered(candidates(known, waits, seed=seed))
        head = {**dict(zip(CELL, key, strict=True)), "n": group.height, "open": known.open}
        rows += [{**head, "rank": rank, **row} for rank, row in enumerate(tried, start=1)]
    return pl.DataFrame(rows, schema=FITS, orient="row")


FITS = {
    **dict.fromkeys(CELL, pl.String),
    "rank": pl.Int64,
    "family": pl.String,
    "calendar": pl.String,
    "n": pl.Int64,
    "open": pl.Int64,
    **dict.fromkeys(("loglik", "aic", "crps_h", "pit_p", "mean_h", "cv"), pl.Float64),
    "parameters": pl.String,
}
Row = Mapping[str, object]


def ordered(tried: Sequence[Row]) -> list[Row]:
    """The families by their score on stays left out; those within a hundredth of the least, and
    those without a score, by Akaike's criterion.
    """
    scores = [float(str(row["crps_h"])) for row in tried if row.get("crps_h") is not None]
    best = min(scores, default=0.0) * CLOSE

    def place(row: Row) -> tuple[bool, float]:
        told = row.get("crps_h")
        worse = told is not None and float(str(told)) > best
        return worse, float(str(told if worse else row["aic"]))

    return sorted(tried, key=place)


def _stays(group: pl.DataFrame, zone: str) -> Stays:
    """The stays of a crossing.

    Errors: CannotFit.
    """
    told = group.filter(pl.col("arrived").is_not_null())
    local = (
        pl.from_epoch(pl.col("arrived"), time_unit="us")
        .dt.replace_time_zone("UTC")
        .dt.convert_time_zone(zone)
    )
    clock = told.select(
        (
            (local.dt.weekday() - 1).cast(pl.Float64) * 24
            + local.dt.hour().cast(pl.Float64)
            + local.dt.minute().cast(pl.Float64) / 60
        ).alias("hour")
    )["hour"].to_numpy()
    weight = told["weight"].to_numpy()
    lengths = spells(
        told["hours"].to_numpy(),
        half=told["half_h"].to_numpy(),
        open_=told["open"].to_numpy(),
        weight=weight * len(weight) / weight.sum(),
    )
    return Stays(lengths, clock, int(told["open"].sum()))
