"""Hours by country, speeds and distances: what a trip spent where."""

from __future__ import annotations

import narwhals as nw
import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.events.engine import Frame, added, beside, micros, on_engine
from transcaspian.network import lengths
from transcaspian.survey.estimates.stays import US_PER_H
from transcaspian.tables.vocabulary import of_class

TRIP = ("run", "trip")
SPENT = ("moving_h", "border_h", "port_h", "other_h")
BORDERS = ("border_post", "gauge_break")
PORTS = ("port", "terminal")


def people(trips: pl.DataFrame) -> pl.DataFrame:
    """Each trip with its weight and cluster (itself where it has none).

    Shape: run, trip, weight, cluster.
    """
    own = pl.concat_str(pl.lit("trip "), "trip")
    return trips.select(*TRIP, "weight", pl.coalesce("cluster", own).alias("cluster"))


def spent(visits: object, steps: object, *, trips: pl.DataFrame, corridor: Corridor) -> Frame:
    """What each trip spent in each country and on each network.

    A way belongs to the country of its link; one between two countries to that of neither.

    Shape: run, trip, country, moving_h, border_h, port_h, other_h, km, total_h, open (whether the
    length of a stay, or the way after it, is not known), weight, cluster.
    """
    known = on_engine(visits)
    stood = _stood(known, trips, corridor)
    moved = _moved(on_engine(steps), corridor)
    both = nw.concat(
        [frame.select(*TRIP, "country", *SPENT, "km", "open") for frame in (stood, moved)]
    )
    summed = added(both, (*TRIP, "country"), (*SPENT, "km"), nw.col("open").max())
    total = nw.col("moving_h") + nw.col("border_h") + nw.col("port_h") + nw.col("other_h")
    joined = summed.with_columns(total.alias("total_h")).join(
        beside(people(trips), summed), on=list(TRIP), how="inner"
    )
    return joined.filter(nw.col("country") != "")


def _stood(visits: Frame, trips: pl.DataFrame, corridor: Corridor) -> Frame:
    """The hours at places.

    A trip begins when it leaves its origin, if its first visit is there, and ends when it reaches
    its destination: what came before, or after, is none of its time.
    """
    kinds = beside(corridor.table("places").select("place", "kind"), visits)
    hours = ((nw.col("left") - nw.col("arrived")) / US_PER_H).fill_null(0.0)
    ends = beside(trips.select(*TRIP, "origin", "destination"), visits)
    known = (
        visits.join(kinds, on="place", how="left")
        .join(ends, on=list(TRIP), how="left")
        .with_columns(hours.alias("hours"))
    )
    begins = (nw.col("place") == nw.col("origin")) & nw.col("previous").is_null()
    finishes = (nw.col("place") == nw.col("destination")) & nw.col("next").is_null()
    halted = (nw.col("left").is_null() & ~finishes.fill_null(value=False)) | (
        nw.col("arrived").is_null() & ~begins.fill_null(value=False)
    )
    lost = ~nw.col("next").is_null() & ~(nw.col("arrives") >= nw.col("left")).fill_null(value=False)
    border, port = nw.col("kind").is_in(BORDERS), nw.col("kind").is_in(PORTS)
    return known.with_columns(
        nw.lit(0.0).alias("moving_h"),
        nw.when(border).then(nw.col("hours")).otherwise(nw.lit(0.0)).alias("border_h"),
        nw.when(port).then(nw.col("hours")).otherwise(nw.lit(0.0)).alias("port_h"),
        nw.when(border | port).then(nw.lit(0.0)).otherwise(nw.col("hours")).alias("other_h"),
        nw.lit(0.0).alias("km"),
        (halted | lost).cast(nw.Int64).alias("open"),
    )


def _moved(steps: Frame, corridor: Corridor) -> Frame:
    """The hours and kilometres on links, and the stops on them."""
    links = lengths(corridor).select(
        pl.col("link").alias("place"), "country", "length_km", "travel_h"
    )
    on_links = micros(
        steps.select(*TRIP, "place", "activity", "arrived", "ended"), ["arrived", "ended"]
    )
    known = on_links.join(beside(links, steps), on="place", how="inner")
    hours = (nw.col("ended") - nw.col("arrived")) / US_PER_H
    moving = nw.col("activity").is_in(of_class("moving"))
    timed = known.with_columns(hours.alias("hours"), moving.alias("moving"))
    # a link that a stop cuts in two is one length: each part has its share of the hours on it
    on_it = nw.when(nw.col("moving")).then(nw.col("hours")).otherwise(nw.lit(0.0))
    whole = added(timed.with_columns(on_it.alias("whole")), (*TRIP, "place"), ("whole",))
    whole = whole.select(*TRIP, "place", "whole")
    shared = timed.join(whole, on=[*TRIP, "place"], how="left")
    share = nw.col("hours") / nw.when(nw.col("whole") > 0).then(nw.col("whole"))
    km = nw.when(nw.col("moving")).then((share * nw.col("length_km")).fill_null(0.0))
    return shared.with_columns(
        nw.when(nw.col("moving")).then(nw.col("hours")).otherwise(nw.lit(0.0)).alias("moving_h"),
        nw.lit(0.0).alias("border_h"),
        nw.lit(0.0).alias("port_h"),
        nw.when(nw.col("moving")).then(nw.lit(0.0)).otherwise(nw.col("hours")).alias("other_h"),
        km.otherwise(nw.lit(0.0)).alias("km"),
        nw.lit(0).cast(nw.Int64).alias("open"),
    )
