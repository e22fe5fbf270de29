"""The ledger: every hour of every step put to one class."""

from __future__ import annotations

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.events.tally import Tally, summed
from transcaspian.indicators.registry import indicator
from transcaspian.indicators.runs import over_runs, ratio
from transcaspian.tables.vocabulary import vocabulary

CLASSES = ("moving", "queueing", "handling", "clearance", "weather", "carrier", "rest")
WAITING = ("queueing", "weather", "carrier")
WHOLE = ("queueing", "weather", "carrier", "rest")


def classed(tally: Tally) -> pl.DataFrame:
    """The hours of each step by class.

    The wait before a service is queueing, the service is what the activity is; where the activity
    is itself a wait or a rest, both are of its class.

    Shape: run, flow, order, place, activity, class, hours, n.
    """
    ledger = vocabulary("activities").select(
        pl.col("code").alias("activity"), pl.col("ledger").alias("class")
    )
    known = tally.steps.join(ledger, on="activity", how="left", maintain_order="left").with_columns(
        pl.col("class").fill_null("queueing")
    )
    whole = pl.col("class").is_in(list(WHOLE))
    base = ["run", "flow", "order", "place", "activity"]
    services = known.select(
        *base,
        "class",
        (pl.col("service_h") + pl.when(whole).then(pl.col("wait_h")).otherwise(0.0)).alias("hours"),
        "n",
    )
    waits = known.filter(~whole & (pl.col("wait_h") > 0)).select(
        *base, pl.lit("queueing").alias("class"), pl.col("wait_h").alias("hours"), "n"
    )
    return pl.concat([services, waits])


def step_countries(corridor: Corridor) -> pl.DataFrame:
    """The country whose time a step takes: of a place its own, of a link on land that of its ends.

    A link between two countries belongs to the country of its origin; at sea to none.

    Shape: place (also a link), country.
    """
    places = corridor.table("places").select("place", pl.col("country").fill_null(""))
    home = dict(places.iter_rows())
    networks = dict(corridor.table("modes").select("mode", "network").iter_rows())
    rows = [
        (
            row["link"],
            _link_country(
                home[row["origin"]], home[row["destination"]], at_sea=networks[row["mode"]] == "sea"
            ),
        )
        for row in corridor.table("links").iter_rows(named=True)
    ]
    links = pl.DataFrame(rows, schema=["place", "country"], orient="row")
    return pl.concat([places, links.cast({"place": pl.String, "country": pl.String})])


def _link_country(origin: str, destination: str, *, at_sea: bool) -> str:
    if origin == destination:
        return origin
    return "" if at_sea else origin or destination


@indicator(unit="h", axis="flow, country and class")
def hours_by_country(corridor: Corridor, tally: Tally) -> pl.DataFrame:
    """Mean hours of a trip in each country, by class of the ledger.

    Shape: flow, country (blank at sea), class, value, low, high, runs.
    Unit: hours a trip of the flow that arrived in the year.
    """
    hours = (
        classed(tally)
        .join(step_countries(corridor), on="place", how="left", maintain_order="left")
        .with_columns(pl.col("country").fill_null(""))
        .group_by("run", "flow", "country", "class", maintain_order=True)
        .agg(summed("hours"))
    )
    trips = tally.trips.with_columns((pl.col("n") + pl.col("unfinished")).alias("trips"))
    each = hours.join(
        trips.select("run", "flow", "trips"), on=["run", "flow"], how="inner", maintain_order="left"
    ).filter(pl.col("trips") > 0)
    return over_runs(
        each.with_columns(pl.col("hours") / pl.col("trips")),
        "hours",
        by=["flow", "country", "class"],
        drawn=tally.drawn,
    )


@indicator(unit="h/y", axis="place and class")
def ledger(_corridor: Corridor, tally: Tally) -> pl.DataFrame:
    """Hours a year that all traffic spends at each place and on each link, by class.

    Shape: place, class, value, low, high, runs.
    """
    hours = (
        classed(tally).group_by("run", "place", "class", maintain_order=True).agg(summed("hours"))
    )
    return over_runs(hours, "hours", by=["place", "class"], drawn=tally.drawn).sort(
        "value", descending=True
    )


@indicator(unit="h", axis="place")
def worst_places(corridor: Corridor, tally: Tally) -> pl.DataFrame:
    """Places by the hours a year that the corridor's cargo waits there, worst first.

    Shape: place, country, trips, wait_h (a trip that passes), leading (the class that takes most),
    value, low, high, runs. Unit: hours a year.
    """
    cargo = corridor.table("flows").filter(pl.col("scope") == "corridor")["flow"].implode()
    rows = classed(tally).filter(pl.col("flow").is_in(cargo) & pl.col("class").is_in(list(WAITING)))
    hours = rows.group_by("run", "place", maintain_order=True).agg(summed("hours"))
    leading = (
        rows.group_by("place", "class", maintain_order=True)
        .agg(summed("hours"))
        .sort("hours", descending=True)
        .group_by("place", maintain_order=True)
        .agg(pl.col("class").first().alias("leading"))
    )
    runs = max(tally.trips["run"].n_unique(), 1)
    passing = (
        tally.steps.filter(pl.col("flow").is_in(cargo))
        .group_by("run", "flow", "place", maintain_order=True)
        .agg(pl.col("n").max())
        .group_by("place", maintain_order=True)
        .agg((pl.col("n").sum() / runs).alias("trips"))
    )
    home = step_countries(corridor)
    return (
        over_runs(hours, "hours", by=["place"], drawn=tally.drawn)
        .join(passing, on="place", how="left", maintain_order="left")
        .join(leading, on="place", how="left", maintain_order="left")
        .join(home, on="place", how="left", maintain_order="left")
        .with_columns((pl.col("value") / pl.col("trips")).alias("wait_h"))
        .select("place", "country", "trips", "wait_h", "leading", "value", "low", "high", "runs")
        .sort("value", "place", descending=[True, False])
    )


@indicator(unit="1", axis="flow")
def waiting_share(_corridor: Corridor, tally: Tally) -> pl.DataFrame:
    """Share of a trip's hours that it waits: in queues, for weather, for a carrier.

    Shape: flow, value, low, high, runs.
    """
    waits = pl.col("class").is_in(list(WAITING))
    hours = classed(tally).with_columns(
        pl.when(waits).then(pl.col("hours")).otherwise(0.0).alias("waited")
    )
    return ratio(hours, "waited", "hours", by=["flow"], drawn=tally.drawn)
