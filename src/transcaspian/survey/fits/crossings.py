"""Which family the stays at each crossing are of: plain, shifted by opening hours, a ferry's."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from transcaspian.corridor.corridor import Corridor
from transcaspian.survey.fits.calendars import (
    Ferry,
    Shifted,
    ferry_left,
    fit_ferry,
    fit_shifted,
    wait_to_open,
)
from transcaspian.survey.fits.choose import FOLDS, SIMPLE, choose, crps, score
from transcaspian.survey.fits.families import Array
from transcaspian.survey.fits.spells import CannotFit, Spells, spells

CELL = ("place", "country", "network", "direction")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DIRECTIONS = ("outbound", "inbound")
MOSTLY = 0.5
SERVICE = "lognormal"
"""The family of the service behind opening hours."""
Hours = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Stays:
    """The stays of one crossing: their lengths, and the local hour of the week of each arrival."""

    lengths: Spells
    arrived: Array
    open: int


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
    calendars = opening_hours(corridor)
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
        by_sea = (str(key[0]), str(key[3])) in sea
        tried = sorted(_tried(known, calendars, by_sea=by_sea, seed=seed), key=_order_of)
        best = tried[0]["crps_h"] if tried else 0.0
        tried.sort(
            key=lambda row: (_worse(row, best), row["aic" if not _worse(row, best) else "crps_h"])
        )
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


def _order_of(row: Row) -> float:
    return float(str(row["crps_h"]))


def _worse(row: Row, best: object) -> bool:
    return _order_of(row) > float(str(best)) * 1.01


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


def _tried(
    known: Stays, calendars: Mapping[str, Hours], *, by_sea: bool, seed: int
) -> list[dict[str, object]]:
    """Each family with its figures."""
    rows: list[dict[str, object]] = []
    try:
        plain = choose(known.lengths, families=SIMPLE, seed=seed)
    except CannotFit:
        plain = []
    rows.extend(
        {
            "family": one.family,
            "loglik": one.fit.loglik,
            "aic": one.aic,
            "crps_h": one.crps_h,
            "pit_p": one.pit_p,
            "mean_h": one.fit.mean_h,
            "cv": one.fit.cv,
            "parameters": _json(one.fit.parameters),
        }
        for one in plain
    )
    fold = np.random.default_rng(seed).permutation(len(known.arrived)) % FOLDS
    for name, opens in calendars.items():
        rows += _shifted_row(known, name, opens=opens, fold=fold)
    if by_sea:
        rows += _ferry_row(known, fold)
    return rows


def _json(parameters: Mapping[str, float]) -> str:
    return json.dumps({name: round(value, 6) for name, value in parameters.items()})


def _left_out(
    known: Stays, fold: NDArray[np.int64], scored: Callable[[Stays, Stays], float]
) -> float:
    """The mean score on the stays of each fold, of what is fitted to the others."""
    total = 0.0
    for number in range(FOLDS):
        parts = [
            Stays(known.lengths.part(chosen), known.arrived[chosen], 0)
            for chosen in (fold != number, fold == number)
        ]
        total += scored(parts[0], parts[1])
    return total / known.lengths.size


def _shifted_row(
    known: Stays, name: str, *, opens: Hours, fold: NDArray[np.int64]
) -> list[dict[str, object]]:
    """The stays as the wait for the opening and a service after it."""

    def fitted(of: Stays) -> Shifted:
        return fit_shifted(of.lengths, of.arrived, opens=opens, family=SERVICE)

    def scored(others: Stays, left: Stays) -> float:
        service = fitted(others).service
        wait = wait_to_open(left.arrived, opens)
        middle = left.lengths.middle() - wait
        rest = Spells(
            np.maximum(left.lengths.low - wait, 1e-3),
            np.maximum(left.lengths.high - wait, 1e-3),
            left.lengths.weight,
            np.zeros(len(wait)),
        )
        return float(left.lengths.weight @ (crps(service, rest) + np.maximum(-middle, 0)))

    try:
        whole = fitted(known)
        apart = _left_out(known, fold, scored)
    except (CannotFit, np.linalg.LinAlgError):
        return []
    wait = wait_to_open(known.arrived, opens)
    weight = known.lengths.weight
    mean = float(weight @ wait / weight.sum()) + whole.service.mean_h
    return [
        {
            "family": f"opening hours, then {SERVICE}",
            "calendar": name,
            "loglik": whole.loglik,
            "aic": 2 * (whole.service.free + 1) - 2 * whole.loglik,
            "crps_h": apart,
            "mean_h": mean,
            "parameters": _json({**whole.service.parameters, "strays": float(whole.strays)}),
        }
    ]


def _ferry_row(known: Stays, fold: NDArray[np.int64]) -> list[dict[str, object]]:
    """The stays as handling and the wait for the next sailing with room."""

    def cdf(ferry: Ferry) -> Callable[[Array], Array]:
        given = {"headway_h": ferry.headway_h, "room": ferry.room, "least_h": ferry.least_h}
        return lambda x: np.where(x < ferry.least_h, 0.0, 1 - ferry_left(x, **given))

    def scored(others: Stays, left: Stays) -> float:
        ferry = fit_ferry(others.lengths)
        top = ferry.mean_h + 12 * ferry.headway_h / ferry.room
        return float(left.lengths.weight @ score(cdf(ferry), left.lengths, top=top))

    try:
        whole = fit_ferry(known.lengths)
        apart = _left_out(known, fold, scored)
    except CannotFit:
        return []
    given = {"headway_h": whole.headway_h, "room": whole.room, "least_h": whole.least_h}
    return [
        {
            "family": "next sailing with room",
            "loglik": whole.loglik,
            "aic": 2 * len(given) - 2 * whole.loglik,
            "crps_h": apart,
            "mean_h": whole.mean_h,
            "parameters": _json(given),
        }
    ]
