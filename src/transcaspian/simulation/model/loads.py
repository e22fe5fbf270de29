"""How hard each resource and fleet is asked to work: offered work over what a year can hold."""

from __future__ import annotations

from typing import Any

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.errors import Fault, Where
from transcaspian.simulation import arrays as a
from transcaspian.simulation.model.compile import Model, compile_model
from transcaspian.simulation.model.timeline import integral

HOUR = float(a.HOUR)
DAYS = 365.0
Row = dict[str, Any]


def loads(model: Model) -> pl.DataFrame:
    """The load of every resource and every service, in a year without queues.

    A quota is loaded with the permits asked for against those it gives, counted as hours; a space
    has no load of its own, since how long it is held hangs on what is ahead. A berth is loaded with
    the sailings that the cargo needs at least, so its load is a lower bound; a service with the
    space booked on its fullest leg against what its carriers can sail.

    Shape: resource, place, stage, offered_h, capacity_h, load, grows_per_day (trips by which the
    queue grows where load is above 1).
    """
    services = _services(model)
    offered = (
        pl.concat([_trips(model), _berths(model, services)])
        .group_by("resource")
        .agg(pl.col("offered_h").sum(), pl.col("trips").sum())
    )
    frame = model.resources.select(
        "resource",
        "place",
        "stage",
        pl.Series("capacity_h", _capacity(model), dtype=pl.Float64),
    ).join(offered, on="resource", how="left", maintain_order="left")
    columns = ["resource", "place", "stage", "offered_h", "capacity_h", "trips"]
    both = pl.concat(
        [
            frame.with_columns(pl.col("offered_h", "trips").fill_null(0.0)).select(columns),
            pl.DataFrame(services, schema=_SERVICES).select(columns),
        ]
    )
    load = pl.col("offered_h") / pl.col("capacity_h")
    return (
        both.with_columns(load.alias("load"))
        .with_columns(
            (pl.col("trips") / DAYS * (1 - 1 / pl.col("load")))
            .clip(0)
            .fill_nan(0)
            .alias("grows_per_day")
        )
        .drop("trips")
    )


_SERVICES = {
    "resource": pl.String,
    "place": pl.String,
    "stage": pl.String,
    "offered_h": pl.Float64,
    "capacity_h": pl.Float64,
    "trips": pl.Float64,
    "sailings": pl.Float64,
}


def overloads(corridor: Corridor) -> list[Fault]:
    """A fault for each resource or service that is asked for more than it can do in a year."""
    frame = (
        loads(compile_model(corridor)).filter(pl.col("load") > 1.0).sort("load", descending=True)
    )
    rows = {name: at for at, name in enumerate(corridor.table("resources")["resource"], start=1)}
    return [_overload(row, rows.get(row["resource"])) for row in frame.iter_rows(named=True)]


def _overload(row: Row, at: int | None) -> Fault:
    file = "services.csv" if at is None else "resources.csv"
    what = (
        f"{row['resource']} ({row['stage']} at {row['place']}) is unstable: it is asked for "
        f"{row['load']:.0%} of what it can do, and its queue grows by "
        f"{row['grows_per_day']:.1f} trips a day"
    )
    return Fault(
        "C508",
        what,
        where=Where(file=file, row=at, column="servers" if at else ""),
        expected="a load below 1",
        hint="more servers, longer hours, less traffic or shorter stages",
    )


def _trips(model: Model) -> pl.DataFrame:
    """Hours that trips ask of each resource in a year."""
    flows = model.flows.select("flow", "trips_per_y")
    rows = model.rows.filter(pl.col("resource").is_not_null()).join(flows, on="flow")
    trips = pl.col("trips_per_y") * pl.col("reached")
    permits = pl.col("resource").is_in(_quotas(model))
    hours = pl.when(permits).then(1.0).otherwise(pl.col("hours"))
    return rows.select("resource", (trips * hours).alias("offered_h"), trips.alias("trips"))


def _quotas(model: Model) -> list[str]:
    return model.resources.filter(pl.col("kind") == "quota")["resource"].to_list()


def _capacity(model: Model) -> list[float]:
    """Server-hours of a year by resource, less the hours that weather takes in expectation."""
    shut: dict[str, float] = {}
    for row in model.corridor.table("closures").iter_rows(named=True):
        shut[row["place"]] = shut.get(row["place"], 0.0) + row["spells"] * row["mean_h"] / 24 / DAYS
    begin, end = model.horizon.begin, model.horizon.end
    quotas = set(_quotas(model))
    hours = [
        float(line.servers[(line.times >= begin) & (line.times < end)].sum())
        if name in quotas
        else integral(line.times, line.servers, begin, end) / HOUR
        for name, line in zip(model.resources["resource"], model.timelines, strict=True)
    ]
    return [
        value * max(1.0 - (shut.get(row["place"], 0.0) if row["weather"] else 0.0), 0.01)
        for value, row in zip(hours, model.resources.iter_rows(named=True), strict=True)
    ]


def _services(model: Model) -> list[Row]:
    """The fullest leg of each service: the space booked a year, and what its carriers can sail."""
    calls = model.fleet.calls.to_dicts()
    legs = {
        (row["service"], row["order"]): row["travel_h"]
        for row in model.fleet.legs.iter_rows(named=True)
    }
    number = dict(
        pl.Series("service", [name.split("/")[0] for name in model.fleet.carrier_names])
        .value_counts()
        .iter_rows()
    )
    decks = dict(model.fleet.decks())
    booked = _booked(model)
    found: list[Row] = []
    for service in dict.fromkeys(row["service"] for row in calls):
        ring = [row for row in calls if row["service"] == service]
        cycle = sum(
            row["load_h"] + row["unload_h"] + legs.get((service, row["order"]), 0.0) for row in ring
        )
        worst = max(ring, key=lambda row: booked.get((row["service"], row["order"]), (0.0, 0.0))[0])
        space, trips = booked.get((service, worst["order"]), (0.0, 0.0))
        rounds = number.get(service, 0) * 24 * DAYS / max(cycle, 1e-6)
        needed = space / decks[service]
        found.append(
            {
                "resource": service,
                "place": worst["place"],
                "stage": "deck",
                "offered_h": needed * cycle,
                "capacity_h": rounds * cycle,
                "trips": trips,
                "sailings": min(needed, rounds),
            }
        )
    return found


def _booked(model: Model) -> dict[tuple[str, int], tuple[float, float]]:
    """Space and trips a year on each leg of each service."""
    trips = dict(model.flows.select("flow", "trips_per_y").iter_rows())
    orders: dict[str, list[int]] = {}
    for service, order in model.fleet.calls.select("service", "order").iter_rows():
        orders.setdefault(service, []).append(order)
    booked: dict[tuple[str, int], tuple[float, float]] = {}
    for row in model.rows.filter(pl.col("op") == "board").iter_rows(named=True):
        ring = orders[row["service"]]
        at = ring.index(row["call"])
        while ring[at % len(ring)] != row["call_to"]:
            leg = (row["service"], ring[at % len(ring)])
            space, count = booked.get(leg, (0.0, 0.0))
            taken = (
                model.fleet.space(row["service"], row["unit"], lot=row["lot"], flow=row["flow"])
                / a.SPACE
            )
            booked[leg] = (space + trips[row["flow"]] * taken, count + trips[row["flow"]])
            at += 1
    return booked


def _berths(model: Model, services: list[Row]) -> pl.DataFrame:
    """Hours that carriers ask of each berth in a year, at the sailings that the cargo needs."""
    sailings = {row["resource"]: row["sailings"] for row in services}
    rows = [
        {
            "resource": row["berth"],
            "trips": sailings[row["service"]],
            "offered_h": sailings[row["service"]] * (row["load_h"] + row["unload_h"]),
        }
        for row in model.fleet.calls.iter_rows(named=True)
        if row["berth"] is not None
    ]
    return pl.DataFrame(
        rows, schema={"resource": pl.String, "offered_h": pl.Float64, "trips": pl.Float64}
    )
