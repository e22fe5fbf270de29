"""The surveyed log: what all witnesses of a wave come to, trip by trip."""

from __future__ import annotations

from dataclasses import dataclass

import narwhals as nw
import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.events.declarations import STEPS, TRIPS, WITNESSES
from transcaspian.events.engine import (
    Frame,
    beside,
    counted,
    gathered,
    grouped,
    here,
    instants,
    on_engine,
    settled,
)
from transcaspian.events.log import Events
from transcaspian.network import chains
from transcaspian.survey.trips.acts import laid_out, stated_lengths, stay_activities, timed_acts
from transcaspian.survey.trips.decide import decided, disagreements
from transcaspian.survey.trips.doubts import doubles
from transcaspian.survey.trips.lay import (
    STEP,
    TRIP,
    legs,
    middles,
    neighbours,
    stay_steps,
    way_steps,
)
from transcaspian.survey.trips.match import PIECES, matched
from transcaspian.survey.trips.visits import VISIT, backwards, numbered, told_visits
from transcaspian.tables.parse import empty

SEA = "sea"
ALL_NETWORKS = "rail;road;sea"
US_PER_H = 3_600_000_000
INSTANTS = ("arrived", "started", "ended")


@dataclass(frozen=True, slots=True)
class Reconciled:
    """A wave after its witnesses have been heard.

    `events`: the log, whose witnesses have the number of the trip they were found to speak of;
    `visits`: one row a visit, with the bounds of its ends; `told`: the same as each source told
    it; `upset`: what a source told with the departure before the arrival, which is not used;
    `disagreements` between sources;
    `doubles`: form trips that another form had told, and that are left out.

    Shape: `visits` as `decide.decided` gives them, with arrived and left (the middles, in
    microseconds), network and direction.
    """

    events: Events
    visits: Frame
    told: Frame
    upset: Frame
    disagreements: Frame
    doubles: pl.DataFrame


def reconcile(
    witnesses: object,
    trips: pl.DataFrame,
    *,
    identities: pl.DataFrame,
    payments: pl.DataFrame,
    corridor: Corridor,
) -> Reconciled:
    """The log of a wave, out of what its sources said.

    Everything that touches each witness runs on the engine that the witnesses live on.
    """
    said = on_engine(witnesses)
    names = beside(identities, said)
    heard = settled(matched(nw.to_native(said), nw.to_native(names)))
    rows = settled(numbered(heard))
    every = settled(told_visits(rows))
    told, upset = every.filter(~backwards()), every.filter(backwards())
    twice = doubles(told, names)
    heard, rows, told = (settled(_without(frame, twice)) for frame in (heard, rows, told))
    final = _trips(told, trips)
    units = beside(_networks(final, corridor), said)
    known = settled(middles(decided(told)))
    around = settled(neighbours(known, units))
    onward = around.filter(~nw.col("next").is_null())
    pairs = gathered(grouped(onward, ("place", "next", "networks"), nw.len().alias("n")))
    ways = _chains(corridor, pairs)
    visits = settled(_placed(around, ways, corridor))
    steps = _steps(heard, rows, visits=visits, ways=ways, corridor=corridor)
    events = Events(
        final,
        nw.to_native(steps.select(*STEPS.names)),
        _payments(payments, steps, heard=heard, rows=rows),
        empty_readings(),
        nw.to_native(_shaped(heard)),
    )
    return Reconciled(events, visits, told, upset, disagreements(told), twice)


def empty_readings() -> pl.DataFrame:
    """Readings of instruments: none are taken from forms, tracks or messages so far."""
    from transcaspian.events.declarations import READINGS  # noqa: PLC0415  # one declaration

    return empty(READINGS)


def _without(frame: Frame, twice: pl.DataFrame) -> Frame:
    """The rows of trips that are not told twice."""
    gone = beside(twice.select(*TRIP), frame)
    return frame.join(gone, on=list(TRIP), how="anti")


def _trips(told: Frame, trips: pl.DataFrame) -> pl.DataFrame:
    """One row a trip: what its form says; of others, the name in their source and their ends."""
    first = grouped(
        told.with_columns(nw.coalesce(nw.col("in_hi"), nw.col("out_lo")).alias("at")),
        TRIP,
        nw.col("at").min().alias("begins"),
        nw.col("at").max().alias("ends"),
    )
    timed = told.with_columns(nw.coalesce(nw.col("in_hi"), nw.col("out_lo")).alias("at"))
    joined = timed.join(first, on=list(TRIP), how="inner")
    ends = grouped(
        joined.with_columns(
            nw.when(nw.col("at") == nw.col("begins")).then(nw.col("place")).alias("first"),
            nw.when(nw.col("at") == nw.col("ends")).then(nw.col("place")).alias("last"),
        ),
        TRIP,
        nw.col("first", "last").min(),
    )
    found = gathered(ends).sort(*TRIP).with_columns((pl.col("trip") // PIECES).alias("told"))
    known = trips.rename({"trip": "told"})
    rows = found.join(known, on=["run", "told"], how="left", maintain_order="left")
    blank = (pl.col(name).fill_null("") == "" for name in ("origin", "destination"))
    own = [
        pl.when(missing).then(pl.col(other)).otherwise(pl.col(name)).alias(name)
        for missing, name, other in zip(
            blank, ("origin", "destination"), ("first", "last"), strict=True
        )
    ]
    return rows.with_columns(*own).select(TRIPS.names)


def _networks(trips: pl.DataFrame, corridor: Corridor) -> pl.DataFrame:
    """The networks that each trip may use, by what moved.

    Shape: run, trip, networks.
    """
    known = corridor.table("units").select("unit", "networks")
    rows = trips.select(*TRIP, "unit").join(known, on="unit", how="left")
    return rows.select(*TRIP, pl.col("networks").fill_null(ALL_NETWORKS))


def _chains(corridor: Corridor, pairs: pl.DataFrame) -> pl.DataFrame:
    """The links between the places that follow on each other, with what moving on them is.

    Between two ports they are those of the sea, where it joins them.
    """
    modes = (
        corridor.table("links")
        .select("link", "mode")
        .join(corridor.table("modes").select("mode", "network", "activity"), on="mode")
    )
    asked = [
        (str(one), str(other), str(networks))
        for one, other, networks in pairs.select("place", "next", "networks").iter_rows()
    ]
    ports = set(corridor.table("places").filter(kind="port")["place"])
    left, parts = set(asked), list[pl.DataFrame]()
    for prefer in (_by_sea, _first_land):
        better = {pair: prefer(pair, ports) for pair in left}
        found = chains(corridor, [(*pair[:2], way) for pair, way in better.items() if way])
        parts.append(_as_asked(found, better))
        left -= set(parts[-1].select("origin", "destination", "networks").iter_rows())
    parts.append(chains(corridor, left))
    return pl.concat(parts).join(modes.drop("mode"), on="link", how="left", maintain_order="left")


Pair = tuple[str, str, str]


def _by_sea(pair: Pair, ports: set[str]) -> str:
    """The sea, for two ports."""
    return SEA if {pair[0], pair[1]} <= ports and SEA in pair[2].split(";") else ""


def _first_land(pair: Pair, _: set[str]) -> str:
    """The first of several surfaces on land, and the sea: what a unit is most at home on."""
    networks = pair[2].split(";")
    land = [name for name in networks if name != SEA]
    return ";".join([land[0], *(name for name in networks if name == SEA)]) if len(land) > 1 else ""


def _as_asked(found: pl.DataFrame, better: dict[Pair, str]) -> pl.DataFrame:
    """Chains on preferred surfaces, under the surfaces that were asked for."""
    names = ("origin", "destination", "as_asked", "networks")
    rows = sorted((*pair, way) for pair, way in better.items() if way)
    known = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    joined = found.join(
        known, on=["origin", "destination", "networks"], how="inner", maintain_order="left"
    )
    return joined.with_columns(pl.col("as_asked").alias("networks")).select(found.columns)


def _placed(around: Frame, ways: pl.DataFrame, corridor: Corridor) -> Frame:
    """The visits with their network and their direction, seen from the country of the place.

    Of a trip that was seen at one place alone, the direction is not known and is empty.
    """
    ends = ways.group_by("origin", "destination", "networks", maintain_order=True).agg(
        pl.col("network").first().alias("goes"), pl.col("network").last().alias("came")
    )
    came = ends.select(
        pl.col("origin").alias("previous"),
        pl.col("destination").alias("place"),
        pl.col("networks").alias("networks_in"),
        "came",
    )
    goes = ends.select(
        pl.col("origin").alias("place"), pl.col("destination").alias("next"), "networks", "goes"
    )
    homes = corridor.table("places").select(
        "place", pl.col("country").fill_null("").alias("country")
    )
    known = (
        around.join(beside(came, around), on=["previous", "place", "networks_in"], how="left")
        .join(beside(goes, around), on=["place", "next", "networks"], how="left")
        .join(beside(homes, around), on="place", how="left")
    )
    for name, column in (("previous", "country_before"), ("next", "country_after")):
        there = beside(homes.rename({"place": name, "country": column}), around)
        known = known.join(there, on=name, how="left")
    leaves = (nw.col("country_after") != nw.col("country")).fill_null(value=False)
    enters = (nw.col("country_before") != nw.col("country")).fill_null(value=False)
    alone = nw.col("previous").is_null() & nw.col("next").is_null()
    direction = (
        nw.when(leaves)
        .then(nw.lit("outbound"))
        .otherwise(
            nw.when(enters)
            .then(nw.lit("inbound"))
            .otherwise(nw.when(alone).then(nw.lit("")).otherwise(nw.lit("domestic")))
        )
    )
    network = nw.coalesce(nw.col("said"), nw.col("came"), nw.col("goes"), nw.lit(""))
    return known.with_columns(direction.alias("direction"), network.alias("network")).drop(
        "came", "goes", "country_before", "country_after", "said", "said_next", "networks_in"
    )


def _steps(
    heard: Frame, rows: Frame, *, visits: Frame, ways: pl.DataFrame, corridor: Corridor
) -> Frame:
    """The steps of all trips in order, as STEPS declares them, and the ordinal of their visit."""
    timed = timed_acts(rows).with_columns(
        nw.lit(0).cast(nw.Int64).alias("turn"),
        nw.when(nw.col("source") == "form")
        .then(nw.lit("reported"))
        .otherwise(nw.lit("observed"))
        .alias("quality"),
    )
    lengths = laid_out(visits, stated_lengths(heard, rows)).with_columns(
        nw.coalesce(nw.col("dwell") // 2, nw.lit(0)).cast(nw.Int64).alias("half"),
        nw.lit("reported").alias("quality"),
    )
    lengths = lengths.join(timed.select(*VISIT, "activity"), on=[*VISIT, "activity"], how="anti")
    columns = (*VISIT, "activity", "started", "ended", "half", "quality", "turn")
    acts = settled(nw.concat([frame.select(*columns) for frame in (timed, lengths)]))
    places = on_engine(corridor.table("places"))
    at_places = settled(stay_steps(visits, acts, stay_activities(places, heard)))
    stops = _stops(heard)
    on_ways = settled(way_steps(settled(legs(visits)), settled(stops), ways))
    every = nw.concat([frame.select(*STEP) for frame in (at_places, on_ways)])
    step = counted(TRIP, order=["at", "rank", "place"])
    numbered_steps = every.with_columns(
        step.alias("step"), (nw.col("half") / US_PER_H).alias("slack_h")
    )
    found = settled(instants(numbered_steps, INSTANTS))
    return found.sort(*TRIP, "step") if here(found) else found


def _stops(heard: Frame) -> Frame:
    """The stops on the way that trackers saw: their two ends as one row."""
    ends = heard.filter(nw.col("place").is_null() & ~nw.col("at").is_null())
    return grouped(
        ends,
        (*TRIP, "told", "label"),
        nw.col("at").min().alias("since"),
        nw.col("at").max().alias("until"),
    ).select(*TRIP, "since", "until")


def _payments(payments: pl.DataFrame, steps: Frame, *, heard: Frame, rows: Frame) -> pl.DataFrame:
    """The payments, at the first step of the visit of which their row speaks."""
    if payments.is_empty():
        return payments
    paid = beside(payments.rename({"trip": "told", "step": "witness"}), heard)
    rowed = paid.join(
        heard.select("run", "told", "witness", "trip", "place", "row_hash"),
        on=["run", "told", "witness"],
        how="inner",
    )
    at = grouped(rows, ("run", "trip", "told", "place", "row_hash"), nw.col("ordinal").min())
    placed = rowed.join(
        at, on=["run", "trip", "told", "place", "row_hash"], how="left"
    ).with_columns(nw.coalesce(nw.col("ordinal"), nw.lit(1)).cast(nw.Int64).alias("ordinal"))
    first = grouped(steps, VISIT, nw.col("step").min())
    summed = grouped(
        placed.join(first, on=list(VISIT), how="inner"),
        (*TRIP, "step", "kind", "currency"),
        nw.col("amount").sum(),
    )
    return gathered(summed).select(payments.columns).sort(*TRIP, "step", "kind")


def _shaped(heard: Frame) -> Frame:
    """The witnesses under the numbers of their trips, as WITNESSES declares them."""
    order = counted(TRIP, order=["told", "witness"])
    renumbered = instants(heard.with_columns(order.alias("witness")), ("earliest", "latest"))
    found = renumbered.select(*WITNESSES.names)
    return found.sort(*TRIP, "witness") if here(found) else found
