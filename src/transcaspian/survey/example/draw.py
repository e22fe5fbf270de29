"""Whom a made-up survey meets, and the truth that its answers hide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.events.log import Events
from transcaspian.events.observe import Lens, observe

CROSSING_KINDS = ("border_post", "port", "gauge_break")
UNITS = ("truck", "reefer", "container", "wagon")
WARM_UP = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Draw:
    """The trips that a wave meets, their steps as they truly were, and the truth of everybody.

    Shape: `trips` as TRIPS with cluster; `steps` as STEPS with network, country and zone of the
    place; `truth`: place, network, direction, trips, mean_h, p50_h, p90_h of all trips of the
    period; `true_stays`: trip, place, arrived, left.
    """

    trips: pl.DataFrame
    steps: pl.DataFrame
    truth: pl.DataFrame
    true_stays: pl.DataFrame


def draw(
    log: Events, corridor: Corridor, *, trips: int, period: tuple[date, date], seed: int
) -> Draw:
    """The trips met in a period, about as many as asked for, and the truth of all in it.

    The corridor's own cargo is met four times as often as the traffic around it.
    """
    begins, ends = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in period)
    within = _within(log, (begins, ends + timedelta(days=1)))
    truth = stays_of(within.steps, within.trips, corridor)
    met = observe(within, like=_lens(within.trips, corridor, wanted=trips, seed=seed))
    known = met.trips.drop("cluster", strict=False)
    clustered = known.join(
        _clusters(met.steps, known), on="trip", how="left", maintain_order="left"
    )
    steps = met.steps.join(_places(corridor), on="place", how="left", maintain_order="left")
    true_stays = truth.filter(pl.col("trip").is_in(known["trip"].implode()))
    return Draw(clustered, steps, _summary(truth), true_stays)


def _within(log: Events, period: tuple[datetime, datetime]) -> Events:
    """The trips of units that forms are kept for, that begin and end within a period."""
    spans = log.steps.group_by("trip", maintain_order=True).agg(
        pl.col("arrived").min().alias("begins"),
        pl.col("ended").max().alias("ends"),
        pl.col("ended").last().is_null().alias("open"),
    )
    kept = spans.filter(
        (pl.col("begins") >= period[0] + WARM_UP) & (pl.col("ends") < period[1]) & ~pl.col("open")
    ).select("trip")
    trips = log.trips.filter(pl.col("unit").is_in(UNITS)).join(
        kept, on="trip", how="semi", maintain_order="left"
    )
    steps = log.steps.join(trips.select("trip"), on="trip", how="semi", maintain_order="left")
    paid = log.payments.join(trips.select("trip"), on="trip", how="semi", maintain_order="left")
    return Events(trips, steps, paid, log.readings, log.witnesses)


def _lens(trips: pl.DataFrame, corridor: Corridor, *, wanted: int, seed: int) -> Lens:
    """Shares of each flow such that about as many trips are met as are wanted."""
    own = corridor.table("flows").filter(pl.col("scope") == "corridor")["flow"]
    counts = trips.group_by("flow", maintain_order=True).agg(pl.len().alias("n"))
    rated = counts.with_columns(
        pl.when(pl.col("flow").is_in(own.implode())).then(4.0).otherwise(1.0).alias("rate")
    )
    scale = wanted / max(float((rated["n"] * rated["rate"]).sum()), 1.0)
    shares = [(flow, min(1.0, rate * scale)) for flow, _, rate in rated.sort("flow").iter_rows()]
    return Lens(sample=tuple(shares), seed=seed)


def _clusters(steps: pl.DataFrame, trips: pl.DataFrame) -> pl.DataFrame:
    """What trips by rail share their fate with: those that left with them on their first train."""
    railed = trips.filter(pl.col("unit").is_in(["wagon", "container"])).select("trip")
    first = (
        steps.filter(pl.col("activity") == "travel_rail")
        .join(railed, on="trip", how="semi", maintain_order="left")
        .group_by("trip", maintain_order=True)
        .first()
    )
    named = pl.concat_str(
        pl.col("place").str.split("__").list.first(),
        pl.col("started").dt.strftime("%y%m%d%H%M"),
        separator="-",
    )
    return first.select("trip", named.alias("cluster"))


def _places(corridor: Corridor) -> pl.DataFrame:
    """Places with kind, country, zone and position; links with their ends and network."""
    places = corridor.table("places").select(
        "place", "kind", "country", "zone", "lat_deg", "lon_deg"
    )
    links = (
        corridor.table("links")
        .join(corridor.table("modes").select("mode", "network"), on="mode")
        .select(pl.col("link").alias("place"), "origin", "destination", "network", "length_km")
    )
    return pl.concat([places, links], how="diagonal")


def stays_of(steps: pl.DataFrame, trips: pl.DataFrame, corridor: Corridor) -> pl.DataFrame:
    """The true stays at crossings: every trip, from reaching a post to leaving it.

    Shape: trip, place, country, network, direction, arrived, left, hours.
    """
    known = steps.select("trip", "step", "place", "arrived", "ended").join(
        _places(corridor).select("place", "kind", "country", "network"),
        on="place",
        how="left",
        maintain_order="left",
    )
    mine = pl.col("trip") == pl.col("trip").shift(1)
    new = (~((pl.col("place") == pl.col("place").shift(1)) & mine)).fill_null(value=True)
    runs = known.with_columns(new.cum_sum().alias("visit"), pl.col("network").alias("net"))
    visits = runs.group_by("trip", "visit", "place", maintain_order=True).agg(
        pl.col("arrived").min(),
        pl.col("ended").max().alias("left"),
        pl.col("kind").first(),
        pl.col("country").first(),
        pl.col("net").first(),
    )
    around = visits.with_columns(
        pl.col("net").shift(1).over("trip").alias("came"),
        pl.col("net").shift(-1).over("trip").alias("goes"),
    )
    at = around.filter(pl.col("kind").is_not_null())
    before = pl.col("country").shift(1).over("trip")
    after = pl.col("country").shift(-1).over("trip")
    direction = (
        pl.when((after != pl.col("country")).fill_null(value=False))
        .then(pl.lit("outbound"))
        .when((before != pl.col("country")).fill_null(value=False))
        .then(pl.lit("inbound"))
        .otherwise(pl.lit("domestic"))
    )
    hours = (pl.col("left") - pl.col("arrived")).dt.total_microseconds() / 3.6e9
    return (
        at.with_columns(
            direction.alias("direction"),
            pl.coalesce("came", "goes").fill_null("").alias("network"),
            hours.alias("hours"),
        )
        .filter(pl.col("kind").is_in(CROSSING_KINDS))
        .join(trips.select("trip", "unit"), on="trip", how="left", maintain_order="left")
        .select(
            "trip", "place", "country", "network", "direction", "arrived", "left", "hours", "unit"
        )
    )


def _summary(truth: pl.DataFrame) -> pl.DataFrame:
    """What a census of the period would have found, by post, network and direction."""
    hours = pl.col("hours")
    return (
        truth.group_by("place", "country", "network", "direction")
        .agg(
            pl.len().alias("trips"),
            hours.mean().alias("mean_h"),
            hours.median().alias("p50_h"),
            hours.quantile(0.9, "linear").alias("p90_h"),
        )
        .sort("place", "network", "direction")
    )
