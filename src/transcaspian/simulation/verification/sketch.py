"""Small corridors made by hand: tables, and the itineraries that the network would make of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import polars as pl

from transcaspian.corridor.corridor import About, Corridor, corridor_of
from transcaspian.corridor.tables import TABLES
from transcaspian.network.itineraries import LEGS, SCHEMA, Itineraries
from transcaspian.simulation.model.compile import Model, compile_model
from transcaspian.tables.parse import schema_of

YEAR = 2023
HOURS = 8760.0
FLAT = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
Row = dict[str, Any]


@dataclass(slots=True)
class Sketch:
    """Rows that are added one by one, with defaults for what a test does not care about."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    steps: list[Row] = field(default_factory=list)
    legs: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        """What every small corridor has: one country, one good, one unit, an even year."""
        self.put("countries", country="AA", name="A", role="member")
        self.put("goods", good="grain", name="Grain", value_usd_per_t=300.0)
        self.put("units", unit="wagon", name="Wagon", networks="rail", teu=0.0)
        self.put("modes", mode="rail", network="rail", activity="travel_rail")
        self.put("modes", mode="ferry", network="sea", activity="sail")
        for month, days in enumerate(FLAT, start=1):
            self.put("seasons", season="flat", month=month, share=days / 365)
        self.put(
            "calendars", calendar="always", days="mon-sun", opens_h=0.0, closes_h=24.0, share=1.0
        )
        self.put("sources", source="us", title="Made for a test")

    def put(self, table: str, **cells: Any) -> None:
        """Nothing; a row is added, with the defaults of its table."""
        if TABLES[table].sourced:
            cells = {"source": "us", "status": "derived", **cells}
        defaults = {c.name: c.default for c in TABLES[table].all_columns}
        self.rows.setdefault(table, []).append({**defaults, **cells})

    def place(
        self, name: str, *, country: str = "AA", zone: str = "UTC", kind: str = "station"
    ) -> None:
        """Nothing; a place is added."""
        self.put(
            "places",
            place=name,
            name=name,
            country=country,
            kind=kind,
            lat_deg=0.0,
            lon_deg=0.0,
            zone=zone,
        )

    def resource(
        self,
        name: str,
        servers: int,
        *,
        place: str = "post",
        calendar: str = "always",
        **cells: Any,
    ) -> None:
        """Nothing; a resource is added."""
        self.put(
            "resources",
            resource=name,
            place=place,
            stage=name,
            servers=servers,
            calendar=calendar,
            **cells,
        )

    def flow(self, name: str, per_hour: float, *, lot: int = 1, **cells: Any) -> None:
        """Nothing; a flow is added, so many trips an hour all year."""
        row = {
            "scope": "corridor",
            "good": "grain",
            "unit": "wagon",
            "origin": "post",
            "destination": "post",
            "direction": "westbound",
            "tonnes_per_trip": 60.0,
            "season": "flat",
            "pattern": "poisson",
            "lot": lot,
            "trips_per_y": per_hour * HOURS,
        }
        self.put("flows", flow=name, **{**row, **cells})

    def step(self, flow: str, op: str, *, place: str = "post", **cells: Any) -> None:
        """Nothing; a step is added to the itinerary of a flow."""
        row = {
            "op": op,
            "place": place,
            "network": "rail",
            "mode": "rail",
            "direction": "",
            "activity": cells.pop("activity", "r02_customs"),
            "stage": op,
            "procedure": "",
            "share": 1.0,
            "mean_h": 0.0,
            "cv": 1.0,
            "shape": "exponential",
            "basis": "trip",
            "patience_shape": "exponential",
            "otherwise": "skip",
            "km": 0.0,
            "country": "AA",
        }
        order = sum(step["flow"] == flow for step in self.steps) + 1
        self.steps.append({**row, "flow": flow, "order": order, **cells})

    def serve(self, flow: str, resource: str | None, mean_h: float, **cells: Any) -> None:
        """Nothing; a stage is added to an itinerary; without a resource nobody waits for it."""
        stage = cells.pop("stage", resource or "alone")
        self.step(
            flow,
            "serve",
            resource=resource,
            mean_h=mean_h,
            stage=stage,
            procedure=cells.pop("procedure", "control"),
            **cells,
        )

    def take(self, flow: str, resource: str, *, procedure: str, place: str = "post") -> None:
        """Nothing; a step is added that takes space or a permit."""
        self.step(flow, "take", resource=resource, procedure=procedure, place=place, stage="take",
                  shape="constant", cv=0.0, activity="wait_space")  # fmt: skip

    def travel(
        self, flow: str, link: str, mean_h: float, *, shape: str = "lognormal", **cells: Any
    ) -> None:
        """Nothing; a journey is added to an itinerary."""
        self.step(
            flow,
            "travel",
            place=link,
            mean_h=mean_h,
            shape=shape,
            activity="travel_rail",
            km=cells.pop("km", 100.0),
            **cells,
        )

    def ferry(
        self,
        *,
        number: int,
        capacity: float,
        travel_h: float,
        ends: tuple[str, str] = ("east", "west"),
        **cells: Any,
    ) -> None:
        """A shuttle between two ports, with the carriers that run it."""
        self.put(
            "fleets",
            fleet="ferries",
            name="Ferries",
            mode="ferry",
            number=number,
            capacity=capacity,
            capacity_unit="wagons",
        )
        self.put("loading", fleet="ferries", unit="wagon", space=1.0)
        self.put("services", service="shuttle", name="Shuttle", fleet="ferries")
        row = {
            "berth": None,
            "unload_h": 0.0,
            "load_h": 0.0,
            "cv": 0.0,
            "min_load_share": 1.0,
            "max_wait_h": 1e6,
            **cells,
        }
        cv = row.pop("travel_cv", 0.0)
        for order, (place, after) in enumerate(
            zip(ends, ends[1:] + ends[:1], strict=True), start=1
        ):
            self.put("calls", service="shuttle", order=order, place=place, **row)
            self.legs.append(
                {
                    "service": "shuttle",
                    "order": order,
                    "place": place,
                    "next_place": after,
                    "links": f"{place}__{after}",
                    "length_km": 300.0,
                    "travel_h": travel_h,
                    "cv": cv,
                    "link_h": [travel_h],
                    "link_cv": [cv],
                }
            )

    def ride(self, flow: str, origin: str, destination: str, *, call: int, call_to: int) -> None:
        """Nothing; a ride on the shuttle is added to an itinerary, from one call to another."""
        sea = {
            "network": "sea",
            "mode": "ferry",
            "service": "shuttle",
            "call": call,
            "call_to": call_to,
            "shape": "constant",
        }
        for op, place, activity in (
            ("board", origin, "p04_wait_vessel"),
            ("depart", origin, "p08_load_vessel"),
            ("hold", origin, "p05_weather_closed"),
            ("ride", f"{origin}__{destination}", "sail"),
            ("berth", destination, "wait_berth"),
            ("unload", destination, "p09_discharge"),
        ):
            self.step(flow, op, place=place, activity=activity, **sea)

    def frames(self) -> dict[str, pl.DataFrame]:
        """The tables so far."""
        return {
            name: pl.DataFrame(rows, schema=schema_of(TABLES[name]), orient="row")
            for name, rows in self.rows.items()
        }

    def corridor(self) -> Corridor:
        """The corridor so far."""
        return corridor_of(About("sketch", "Sketch", YEAR), self.frames())

    def ways(self) -> Itineraries:
        """The itineraries so far."""
        return Itineraries(
            pl.DataFrame(self.steps, schema=SCHEMA, orient="row"),
            pl.DataFrame(self.legs, schema=LEGS, orient="row"),
            {},
        )

    def model(self, **horizon: float) -> Model:
        """The corridor so far, compiled."""
        return compile_model(self.corridor(), ways=self.ways(), **horizon)


def queue(  # one station
    per_hour: float, servers: int, mean_h: float, *, shape: str = "exponential", cv: float = 1.0
) -> Sketch:
    """One station where everybody waits in one line."""
    sketch = Sketch()
    sketch.place("post")
    sketch.resource("desk", servers)
    sketch.flow("all", per_hour)
    sketch.serve("all", "desk", mean_h, shape=shape, cv=cv)
    return sketch


def tandem(per_hour: float, servers: int, mean_h: float, stations: int) -> Sketch:
    """Stations one after another, each with its own line."""
    sketch = Sketch()
    sketch.place("post")
    sketch.flow("all", per_hour)
    for number in range(stations):
        sketch.resource(f"desk{number}", servers)
        sketch.serve("all", f"desk{number}", mean_h)
    return sketch
