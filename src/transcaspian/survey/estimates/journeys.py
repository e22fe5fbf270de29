"""Hours by country, speeds and distances: what a trip spent where."""

from __future__ import annotations

import narwhals as nw
import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.events.engine import Frame, added, beside, grouped, micros, on_engine, settled
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

    A way belongs to the country of its link; one between two countries to that of neither, and its
    country is empty.

    Shape: run, trip, country, moving_h, border_h, port_h, other_h, km, total_h, open (whether the
    length of a stay, or the way after it, is not known), gap (whether the way after a stay has no
    known length), weight, cluster.
    """
    known = on_engine(visits)
    moved = settled(_moved(_on_ways(on_engine(steps), known, corridor)))
    stood = _stood(_onward(known, moved), trips, corridor)
    both = nw.concat(
        [frame.select(*TRIP, "country", *SPENT, "km", "open", "gap") for frame in (stood, moved)]
    )
    summed = added(both, (*TRIP, "country"), (*SPENT, "km"), nw.col("open", "gap").max())
    total = nw.col("moving_h") + nw.col("border_h") + nw.col("port_h") + nw.col("other_h")
    return summed.with_columns(total.alias("total_h")).join(
        beside(people(trips), summed), on=list(TRIP), how="inner"
    )


def across(onward: Frame) -> Frame:
    """What each trip spent as a whole, the ways between two countries with it.

    Shape: the columns of `spent` but the country; open and gap of the trip are those of any part.
    """
    keys = (*TRIP, "weight", "cluster")
    return added(onward, keys, (*SPENT, "km", "total_h"), nw.col("open", "gap").max())


def measured(onward: Frame) -> Frame:
    """The rows of which all hours and all kilometres are known, and some of these."""
    return onward.filter((nw.col("open") == 0) & (nw.col("gap") == 0) & (nw.col("km") > 0))


def _onward(visits: Frame, moved: Frame) -> Frame:
    """The visits, with whether the way to the next is lost or has no length.

    A way on no link, as where none joins the two places, has no length (gap); it is lost too unless
    it took no time at all.

    Shape: the columns of `visits`, and lost, gap.
    """
    passed = grouped(moved, (*TRIP, "leg"), nw.len().alias("parts"))
    known = visits.join(passed, on=[*TRIP, "leg"], how="left")
    gap = ~nw.col("next").is_null() & nw.col("parts").is_null()
    at_once = (nw.col("arrives") == nw.col("left")).fill_null(value=False)
    return known.with_columns(gap.alias("gap"), (gap & ~at_once).alias("lost"))


def _stood(visits: Frame, trips: pl.DataFrame, corridor: Corridor) -> Frame:
    """The hours at places.

    A trip begins when it leaves its origin, if its first visit is there, and ends when it reaches
    its destination: what came before, or after, is none of its time.
    """
    kinds = beside(corridor.table("places").select("place", "kind"), visits)
    ends = beside(trips.select(*TRIP, "origin", "destination"), visits)
    known = visits.join(kinds, on="place", how="left").join(ends, on=list(TRIP), how="left")
    at_origin = (nw.col("place") == nw.col("origin")).fill_null(value=False)
    at_end = (nw.col("place") == nw.col("destination")).fill_null(value=False)
    begins = at_origin & nw.col("previous").is_null()
    finishes = at_end & nw.col("next").is_null()
    halted = (nw.col("left").is_null() & ~finishes) | (nw.col("arrived").is_null() & ~begins)
    lasted = ((nw.col("left") - nw.col("arrived")) / US_PER_H).fill_null(0.0)
    hours = nw.when(begins | finishes).then(nw.lit(0.0)).otherwise(lasted)
    border, port = nw.col("kind").is_in(BORDERS), nw.col("kind").is_in(PORTS)
    return known.with_columns(hours.alias("hours")).with_columns(
        nw.lit(0.0).alias("moving_h"),
        nw.when(border).then(nw.col("hours")).otherwise(nw.lit(0.0)).alias("border_h"),
        nw.when(port).then(nw.col("hours")).otherwise(nw.lit(0.0)).alias("port_h"),
        nw.when(border | port).then(nw.lit(0.0)).otherwise(nw.col("hours")).alias("other_h"),
        nw.lit(0.0).alias("km"),
        (halted | nw.col("lost")).cast(nw.Int64).alias("open"),
        nw.col("gap").cast(nw.Int64),
    )


def _on_ways(steps: Frame, visits: Frame, corridor: Corridor) -> Frame:
    """The steps on links with the number of the way that they are of: that of the visit before it.

    Shape: run, trip, leg, place (the link), country, length_km, activity, arrived, ended
    (microseconds).
    """
    links = lengths(corridor).select(pl.col("link").alias("place"), "country", "length_km")
    ways = visits.filter(nw.col("arrives") >= nw.col("left")).select(
        *TRIP, "leg", nw.col("left").alias("departs"), "arrives"
    )
    timed = micros(
        steps.select(*TRIP, "place", "activity", "arrived", "ended"), ["arrived", "ended"]
    )
    on_links = timed.join(beside(links, steps), on="place", how="inner")
    within = (nw.col("arrived") >= nw.col("departs")) & (nw.col("ended") <= nw.col("arrives"))
    return on_links.join(ways, on=list(TRIP), how="inner").filter(within)


def _moved(on_ways: Frame) -> Frame:
    """The hours and kilometres on links, and the stops on them.

    A link that stops cut into parts is one length for each way that passes it: a part has its share
    of the hours in motion.
    """
    passage = (*TRIP, "leg", "place")
    hours = (nw.col("ended") - nw.col("arrived")) / US_PER_H
    moving = nw.col("activity").is_in(of_class("moving"))
    timed = on_ways.with_columns(
        nw.when(moving).then(hours).otherwise(nw.lit(0.0)).alias("moving_h"),
        nw.when(moving).then(nw.lit(0.0)).otherwise(hours).alias("other_h"),
    )
    whole = added(timed.with_columns(nw.col("moving_h").alias("whole")), passage, ("whole",))
    shared = timed.join(whole.select(*passage, "whole"), on=list(passage), how="left")
    share = nw.col("moving_h") / nw.when(nw.col("whole") > 0).then(nw.col("whole"))
    return shared.with_columns(
        nw.lit(0.0).alias("border_h"),
        nw.lit(0.0).alias("port_h"),
        (share * nw.col("length_km")).fill_null(0.0).alias("km"),
        nw.lit(0).cast(nw.Int64).alias("open"),
        nw.lit(0).cast(nw.Int64).alias("gap"),
    )
