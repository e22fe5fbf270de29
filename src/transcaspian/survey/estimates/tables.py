"""All tables of a wave: every figure with its sample, its interval and its grade."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw
import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.events.engine import Frame, added, beside, gathered, on_engine, settled
from transcaspian.events.log import Events
from transcaspian.readers.wave import Wave
from transcaspian.survey.estimates.cells import LEVEL, SCHEMA, Sample, cells, samples
from transcaspian.survey.estimates.costs import costs, payments_in_usd
from transcaspian.survey.estimates.inference.pooling import POOLED, pooled, ranked
from transcaspian.survey.estimates.inference.ratios import above, ratios, sums
from transcaspian.survey.estimates.inference.resample import longer_mean
from transcaspian.survey.estimates.journeys import SPENT, across, measured, people, spent
from transcaspian.survey.estimates.stages import activities, told_visits_of
from transcaspian.survey.estimates.stays import CELL, TRIP, US_PER_H, spells, stays
from transcaspian.survey.estimates.totals import GROUPS, strata, totals
from transcaspian.survey.estimates.waits.ports import berth_times, port_stages
from transcaspian.survey.trips.heaps import heaping

SIZES = (
    "n",
    "open",
    "clusters",
    "weight",
    "deff_weight",
    "deff_cluster",
    "deff_blur",
    "rho",
    "n_eff",
)
BORDER = "border_post"
SPEED = ("km", "total_h", "moving_h")
GOODS = (*CELL, "goods")
SPELL = ("cluster", "hours", "half_h", "open")
SPELLS = "spells"
PAIR = ("crossing", "direction_in", "network")


def tables(  # the parts of a wave that was heard
    events: Events,
    visits: object,
    *,
    wave: Wave,
    counts: pl.DataFrame,
    rates: pl.DataFrame,
    corridor: Corridor,
) -> dict[str, pl.DataFrame]:
    """The tables of a wave by their names: crossings, both_sides, by_goods, countries,
    country_hours, speeds, activities, ports, payments, costs, totals, strata, league, heaping; and
    SPELLS, every stay by its length, goods and cluster, which is not for publication.

    Everything that touches each row runs on the engine that the visits and steps live on; what is
    gathered are counts by cell, cluster and length.
    """
    found = settled(stays(visits, events.trips, corridor))
    floor = wave.publish_from
    stood = gathered(spells(found, by=GOODS)).sort("run", *CELL, *SPELL, "goods")
    whole = pooled(cells(stood, publish_from=floor), level=LEVEL)
    onward = settled(spent(visits, events.steps, trips=events.trips, corridor=corridor))
    done = settled(activities(visits, events.steps, trips=events.trips))
    berths = settled(berth_times(events.witnesses, visits, corridor))
    in_usd = payments_in_usd(events, rates)
    return {
        SPELLS: stood,
        "crossings": masked(whole),
        "both_sides": masked(
            cells(
                gathered(spells(pairs(visits, events.trips, corridor), by=PAIR)),
                publish_from=floor,
                by=PAIR,
                below=False,
            )
        ),
        "by_goods": _by_goods(stood, floor),
        "countries": masked(_countries(onward, wave)),
        "country_hours": _country_hours(onward, floor),
        "speeds": _speeds(onward, floor),
        "activities": _activities(done, floor),
        "ports": masked(
            port_stages(done, found, berths=berths, corridor=corridor, publish_from=floor)
        ),
        **costs(events, visits, in_usd=in_usd, wave=wave, corridor=corridor),
        "totals": pl.concat([_total(whole, counts, by) for by in GROUPS]),
        "strata": strata(whole, counts),
        "heaping": heaping(events.witnesses, publish_from=floor),
        "league": masked(ranked(whole, level=LEVEL, seed=wave.seed)),
    }


def masked(found: pl.DataFrame) -> pl.DataFrame:
    """The cells as they may be published: of withheld ones sizes alone.

    The pooled median of a withheld cell and its weight would give its own median away.
    """
    kept = {*SIZES, "grade", "withheld"}
    hidden = [name for name in found.columns if name not in kept and name in {*SCHEMA, *POOLED}]
    return found.with_columns(
        pl.when(~pl.col("withheld")).then(pl.col(name)).alias(name) for name in hidden
    )


def _by_goods(stood: pl.DataFrame, floor: int) -> pl.DataFrame:
    """The cells by what was carried; goods that nobody names are a kind of their own, empty.

    Where the goods withheld at a crossing are together still below the floor, the least of those
    that are not is withheld with them: else they were the whole less the rest.

    Shape: as `cells`, by CELL and goods.
    """
    whole = cells(stood, publish_from=floor, by=GOODS, below=False)
    parts = [
        covered(group, floor) for _, group in whole.group_by("run", *CELL, maintain_order=True)
    ]
    return masked(pl.concat(parts) if parts else whole)


def covered(group: pl.DataFrame, floor: int) -> pl.DataFrame:
    """The cells of a crossing, of which as many are withheld as hide those below the floor."""
    while True:
        hidden, shown = group.filter("withheld"), group.filter(~pl.col("withheld"))
        sizes = hidden.select(pl.min_horizontal(pl.col("n_eff", "clusters").sum())).item()
        if hidden.is_empty() or shown.is_empty() or sizes >= floor:
            return group
        least = shown.sort("n_eff", "goods")["goods"][0]
        also = pl.col("goods") == least
        group = group.with_columns(
            pl.col("withheld") | also,
            pl.when(also).then(pl.lit("D")).otherwise("grade").alias("grade"),
        )


def pairs(visits: object, trips: pl.DataFrame, corridor: Corridor) -> Frame:
    """The crossings of a border as a whole: from reaching the post of one country to leaving that
    of the other, which a link joins.

    Shape: as `stays`, with crossing (both posts), direction_in (the country entered) and network.
    """
    known = on_engine(visits)
    posts = corridor.table("places").filter(kind=BORDER).select("place", "country")
    there = posts.select(pl.col("place").alias("next"), pl.col("country").alias("direction_in"))
    both = known.join(beside(posts.select("place"), known), on="place", how="semi").join(
        beside(there, known), on="next", how="inner"
    )
    faced = both.join(beside(_facing(corridor), known), on=["place", "next"], how="semi")
    across = faced.filter(nw.col("direction_in") != nw.col("country"))
    ends = known.select(
        *TRIP,
        (nw.col("leg") - 1).alias("leg"),
        nw.col("left").alias("left_there"),
        nw.col("out_lo").alias("last_there"),
        (nw.col("out_hi") - nw.col("out_lo")).alias("width_there"),
        nw.col("grade").alias("grade_end"),
    )
    joined = across.join(ends, on=[*TRIP, "leg"], how="inner").join(
        beside(people(trips), known), on=list(TRIP), how="inner"
    )
    open_ = nw.col("left_there").is_null() | nw.col("arrived").is_null()
    seen = (nw.col("last_there") - nw.col("in_hi")) / US_PER_H
    hours = (
        nw.when(open_).then(seen).otherwise((nw.col("left_there") - nw.col("arrived")) / US_PER_H)
    )
    first = nw.min_horizontal(nw.col("place"), nw.col("next"))
    last = nw.max_horizontal(nw.col("place"), nw.col("next"))
    named = nw.concat_str(first, nw.lit(" - "), last)
    return joined.with_columns(
        named.alias("crossing"),
        nw.max_horizontal(hours, nw.lit(0.0)).alias("hours"),
        open_.alias("open"),
        nw.when(open_)
        .then(nw.lit(0.0))
        .otherwise((nw.col("in_hi") - nw.col("in_lo") + nw.col("width_there")) / (2 * US_PER_H))
        .alias("half_h"),
        ((nw.col("grade") == "A") & (nw.col("grade_end") == "A")).cast(nw.Int64).alias("good"),
    ).filter(~nw.col("hours").is_null())


def _facing(corridor: Corridor) -> pl.DataFrame:
    """The places that a link joins, either way round.

    Shape: place, next.
    """
    links = corridor.table("links")
    ways = [("origin", "destination"), ("destination", "origin")]
    return pl.concat(
        [links.select(pl.col(a).alias("place"), pl.col(b).alias("next")) for a, b in ways]
    ).unique(maintain_order=True)


def _countries(onward: Frame, wave: Wave) -> pl.DataFrame:
    """The whole hours in each country, trips that are not known to their end counted as longer.

    Ways of many kinds meet in a country, and no family holds them: the mean is the area under the
    curve, its interval that of clusters drawn anew.
    """
    shaped = _in_countries(onward).with_columns(
        nw.col("total_h").alias("hours"),
        (nw.col("open") > 0).alias("open"),
        nw.lit(0.0).alias("half_h"),
        nw.lit(0).cast(nw.Int64).alias("good"),
    )
    by = ("country",)
    stood = gathered(spells(shaped, by=by))
    rows = [(*key, *_longer(sample, wave.seed)) for key, sample in samples(stood, ["run", *by])]
    names = ("mean_h", "mean_low", "mean_high")
    schema = {"run": pl.String, "country": pl.String, **dict.fromkeys(names, pl.Float64)}
    means = pl.DataFrame(rows, schema=schema, orient="row")
    found = cells(stood, publish_from=wave.publish_from, by=by, means=False).drop(names)
    return found.join(means, on=["run", *by], how="left", maintain_order="left").select(
        "run", *by, *SCHEMA
    )


def _longer(sample: Sample, seed: int) -> tuple[float | None, ...]:
    if sample.open.all():
        return None, None, None
    return longer_mean(
        sample.hours,
        sample.open,
        weight=sample.weight,
        cluster=sample.cluster,
        level=LEVEL,
        seed=seed,
    )


def _country_hours(onward: Frame, floor: int) -> pl.DataFrame:
    """The mean hours of each kind in each country, a trip and per 100 km, of trips that spent any
    there and are known in full.

    Shape: run, country, kind, per (trip or 100 km), n, clusters, value, low, high.
    """
    known = _in_countries(onward).filter(nw.col("open") == 0)
    parts: list[pl.DataFrame] = []
    for kind in (*SPENT, "total_h"):
        for per, below in (("trip", nw.lit(1.0)), ("100 km", nw.col("km") / 100)):
            rows = known.with_columns(nw.col(kind).alias("y"), below.alias("x"))
            found = ratios(sums(rows, by=("country",)), by=("country",), level=LEVEL)
            parts.append(
                found.with_columns(
                    pl.lit(kind.removesuffix("_h")).alias("kind"), pl.lit(per).alias("per")
                )
            )
    whole = pl.concat(parts).filter(pl.col("value").is_finite())
    return (
        above(whole, floor)
        .select("run", "country", "kind", "per", "n", "clusters", "value", "low", "high")
        .sort("run", "country", "per", "kind")
    )


def _in_countries(onward: Frame) -> Frame:
    """The hours of trips in countries, without those between two of them."""
    return onward.filter((nw.col("country") != "") & (nw.col("total_h") > 0))


def _speeds(onward: Frame, floor: int) -> pl.DataFrame:
    """Speed with and without delay by country and of whole trips, as ratios of sums; the weighted
    mean of the trips' own ratios beside it.

    A whole trip, with the ways between two countries, stands under an empty country. The delay
    share is the part of all hours that was not in motion, which is 1 - swd / swod.

    Shape: run, country, indicator (swd, swod, delay_share), unit (km/h, or 1 of the share), n,
    clusters, value, low, high, mean_of_ratios.
    Source: CPMM, indicator 4.
    """
    keys, columns = ("run", "country"), ("run", "country", *SPEED, "weight", "cluster")
    whole = measured(across(onward)).with_columns(nw.lit("").alias("country"))
    apart = measured(onward).filter(nw.col("country") != "")
    both = nw.concat([frame.select(*columns) for frame in (whole, apart)])
    known = both.filter(nw.col("moving_h") > 0)
    parts: list[pl.DataFrame] = []
    km, whole_h, moving = (nw.col(name) for name in SPEED)
    for name, over, below, unit in (
        ("swd", km, whole_h, "km/h"),
        ("swod", km, moving, "km/h"),
        ("delay_share", whole_h - moving, whole_h, "1"),
    ):
        rows = known.with_columns(over.alias("y"), below.alias("x"))
        own = known.with_columns((over / below).alias("y"), nw.lit(1.0).alias("x"))
        found, mean = (
            ratios(sums(each, by=("country",)), by=("country",), level=LEVEL)
            for each in (rows, own)
        )
        beside_it = mean.select(*keys, pl.col("value").alias("mean_of_ratios"))
        parts.append(
            found.join(beside_it, on=keys, how="left").with_columns(
                pl.lit(name).alias("indicator"),
                pl.lit(unit).alias("unit"),
                pl.col("high").clip(upper_bound=1.0 if unit == "1" else None),
            )
        )
    return (
        above(pl.concat(parts), floor, also=("mean_of_ratios",))
        .select(
            *(*keys, "indicator", "unit", "n", "clusters", "value", "low", "high"), "mean_of_ratios"
        )
        .sort(*keys, "indicator")
    )


def _activities(done: Frame, floor: int) -> pl.DataFrame:
    """The mean hours of each activity at each crossing, of stays of which any activity is told, and
    its share of the length of those of which that is known.

    An activity that fewer clusters than the floor tell of is withheld, whatever the stays.

    Shape: run, place, country, network, direction, activity, n, clusters, value, low, high, share,
    work_h (the part of value that is not queueing for it).
    """
    known = ~nw.col("stay_h").is_null()
    visits = told_visits_of(done).with_columns(
        nw.col("weight").alias("w"),
        nw.when(known).then(nw.col("stay_h") * nw.col("weight")).otherwise(nw.lit(0.0)).alias("s"),
    )
    whole = gathered(
        added(visits, ("run", *CELL, "cluster"), ("w", "s"), nw.len().cast(nw.Int64).alias("n"))
    )
    hours = (nw.col("wait_h") + nw.col("work_h")) * nw.col("weight")
    each = done.with_columns(
        hours.alias("y"),
        (nw.col("work_h") * nw.col("weight")).alias("work"),
        nw.when(known).then(hours).otherwise(nw.lit(0.0)).alias("in_stay"),
    )
    by = gathered(added(each, ("run", *CELL, "activity", "cluster"), ("y", "work", "in_stay")))
    keys = ["run", *CELL, "activity"]
    every = (
        by.select(keys)
        .unique()
        .join(whole, on=["run", *CELL], how="inner")
        .join(by, on=[*keys, "cluster"], how="left")
        .sort(*keys, "cluster")
    )
    shaped = every.select(*keys, "cluster", "n", pl.col("y").fill_null(0.0), pl.col("w").alias("x"))
    table = ratios(shaped, by=(*CELL, "activity"), level=LEVEL)
    more = every.group_by(keys).agg(
        (pl.col("work").sum() / pl.col("w").sum()).alias("work_h"),
        (pl.col("in_stay").sum() / pl.col("s").sum()).alias("share"),
        (pl.col("y") > 0).sum().alias("telling"),
    )
    also = ("share", "work_h")
    shown = above(table.join(more, on=keys, how="left"), floor, behind="telling", also=also)
    return shown.select(*keys, "n", "clusters", "value", "low", "high", *also).sort(keys)


def _total(whole: pl.DataFrame, counts: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """The totals by some columns; the others are blank."""
    found = totals(whole, counts, by=by, level=LEVEL)
    blank = [
        pl.lit("").alias(name) for name in ("country", "network", "direction") if name not in by
    ]
    return found.with_columns(*blank).select(
        "run",
        "country",
        "network",
        "direction",
        pl.exclude("run", "country", "network", "direction"),
    )
