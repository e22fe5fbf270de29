"""A wave heard: its sources reconciled, with all that should be known of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import narwhals as nw
import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.events.engine import Frame, gathered, grouped
from transcaspian.events.log import Events
from transcaspian.events.testimony import NOTICES
from transcaspian.readers.forms.form import identity
from transcaspian.readers.wave import Sources, Wave
from transcaspian.survey.estimates.costs import rated
from transcaspian.survey.tracks.witness import EXTRAS, tracked
from transcaspian.survey.trips.doubts import copies
from transcaspian.survey.trips.lay import backward
from transcaspian.survey.trips.reconcile import Reconciled, reconcile
from transcaspian.survey.trips.trains import by_train
from transcaspian.tables.parse import schema_of

FORMS = "forms"


@dataclass(frozen=True, slots=True)
class Heard:
    """A wave after its sources have been reconciled.

    Shape: `visits` and `disagreements` as in Reconciled, as Polars frames; `pings`: run, trip (of
    the tracker), label, pings, gap for each stay that a tracker saw; `rejects` and `notices` as
    declared in `events.testimony`.
    """

    wave: Wave
    events: Events
    visits: pl.DataFrame
    disagreements: pl.DataFrame
    doubles: pl.DataFrame
    pings: pl.DataFrame
    rejects: pl.DataFrame
    notices: pl.DataFrame
    counts: pl.DataFrame
    rates: pl.DataFrame
    drawn_zones: bool
    files: tuple[str, ...]


def hear(sources: Sources, corridor: Corridor) -> Heard:
    """The wave with its sources reconciled into one log."""
    said = sources.testimony
    wave = sources.wave
    seen = tracked(
        said.fixes,
        sources.zones,
        places=corridor.table("places"),
        hold_m=wave.hold_m,
        gap_h=wave.gap_h,
    )
    known = reconcile(
        pl.concat([said.witnesses, seen.drop(*EXTRAS)]),
        known_units(weighted(said.trips, said.identities, sources.sample), said.identities),
        identities=said.identities,
        payments=said.payments,
        corridor=corridor,
    )
    visits = gathered(known.visits).sort("run", "trip", "leg")
    return Heard(
        wave,
        replace(known.events, trips=by_train(known.events.trips, visits)),
        visits,
        gathered(known.disagreements).sort(
            "run", "trip", "place", "ordinal", "end", "one", "other"
        ),
        known.doubles,
        _pings(seen, known),
        said.rejects,
        pl.concat([said.notices, _notices(known, sources.rates)]),
        sources.counts,
        sources.rates,
        sources.drawn_zones,
        sources.files,
    )


def _pings(seen: pl.DataFrame, known: Reconciled) -> pl.DataFrame:
    """The stays that trackers saw, with the surface and direction of the visit they are of."""
    begun = seen.filter((pl.col("lifecycle") == "start") & pl.col("place").is_not_null())
    where = known.events.witnesses.filter(
        (pl.col("source") == "tracker") & (pl.col("lifecycle") == "start")
    ).select("run", "row_hash", pl.col("trip").alias("number"))
    once = gathered(known.visits).select(
        "run",
        pl.col("trip").alias("number"),
        *("place", "country", "network", "direction"),
    )
    single = once.filter(~once.select("run", "number", "place").is_duplicated())
    return (
        begun.select("run", "place", "row_hash", *EXTRAS)
        .join(where.unique(["run", "row_hash"], maintain_order=True), on=["run", "row_hash"])
        .join(single, on=["run", "number", "place"])
        .select("run", "place", "country", "network", "direction", *EXTRAS)
        .sort("run", "place", "network", "direction", *EXTRAS)
    )


def weighted(trips: pl.DataFrame, identities: pl.DataFrame, sample: pl.DataFrame) -> pl.DataFrame:
    """The trips with the design weight of what bears their name; 1 where it is not enrolled."""
    if sample.is_empty():
        return trips
    named = sample.with_columns(
        pl.col("name").map_elements(identity, return_dtype=pl.String),
        pl.col("weight").alias("by_design"),
    )
    known = (
        identities.join(named.drop("weight"), on=["kind", "name"], how="inner")
        .group_by("run", "trip")
        .agg(pl.col("by_design").max())
    )
    joined = trips.join(known, on=["run", "trip"], how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("by_design", "weight").alias("weight")).drop("by_design")


def known_units(trips: pl.DataFrame, identities: pl.DataFrame) -> pl.DataFrame:
    """The trips with what moved where nobody says it, by its name: a vehicle is a truck, four
    letters and seven digits a container, eight digits a wagon.
    """
    name = pl.col("name")
    unit = (
        pl.when(pl.col("kind") == "vehicle")
        .then(pl.lit("truck"))
        .when((pl.col("kind") == "equipment") & name.str.contains(r"^[A-Z]{4}\d{7}$"))
        .then(pl.lit("container"))
        .when((pl.col("kind") == "equipment") & name.str.contains(r"^\d{8}$"))
        .then(pl.lit("wagon"))
    )
    named = identities.select("run", "trip", unit.alias("by_name")).drop_nulls()
    known = named.group_by("run", "trip").agg(pl.col("by_name").min())
    joined = trips.join(known, on=["run", "trip"], how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("unit", "by_name").alias("unit")).drop("by_name")


def _notices(known: Reconciled, rates: pl.DataFrame) -> pl.DataFrame:
    """What the reconciliation found that should be known."""
    late = _count(backward(known.visits))
    upset = _count(known.upset)
    twice = known.doubles.height
    told = (
        ("V201", upset, "visits whose departure was told to be before their arrival; not used"),
        (
            "V203",
            late,
            "visits that ended after the next began: a clock is wrong; the way between is left out",
        ),
        ("V204", twice, "trips that another form had told; left out"),
    )
    rows: list[tuple[object, ...]] = [
        (FORMS, code, count, what) for code, count, what in told if count
    ]
    for carrier, trips, stays in (
        copies(known.told, known.events.trips).select("carrier", "trips", "stays").iter_rows()
    ):
        what = f"trips of {carrier} repeat {stays} stays of other trips to the minute"
        rows.append((FORMS, "V205", trips, what))
    paid = known.events.payments.join(rated(rates), on="currency", how="anti")
    for currency, sums in paid.group_by("currency").len().sort("currency").iter_rows():
        what = f"sums in {currency}, for which rates.csv has no rate; they are in no indicator"
        rows.append((FORMS, "V119", sums, what))
    return pl.DataFrame(rows, schema=schema_of(NOTICES), orient="row")


def _count(frame: Frame) -> int:
    found = gathered(grouped(frame, ("run",), nw.len().alias("n")))
    return int(found["n"].sum())
