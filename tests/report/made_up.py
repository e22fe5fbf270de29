"""A made-up corridor of four places, its tally and its log, small enough to count by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from transcaspian.corridor.corridor import About, Corridor, corridor_of
from transcaspian.events.log import Events, events_of
from transcaspian.events.tally import SCHEMAS, Tally

START = datetime(2023, 3, 1, tzinfo=UTC)


def frame(names: str, *rows: tuple) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=names.split(), orient="row", infer_schema_length=None)


def made_up_corridor(*, folder: str = "") -> Corridor:
    return corridor_of(
        About("made_up", "The Made-up Road", 2023, "now", origin="north", destination="isle"),
        {
            "countries": frame(
                "country name role",
                ("AA", "Aland", "member"), ("BB", "Bland", "member"),
            ),
            "modes": frame(
                "mode network activity",
                ("train", "rail", "travel_rail"), ("ship", "sea", "sail"),
            ),
            "places": frame(
                "place name country kind lat_deg lon_deg",
                ("north", "Northport", "AA", "city", 3.0, 1.0),
                ("gate", "Gate", "BB", "border_post", 5.0, 6.0),
                ("quay", "Quay", "BB", "port", 4.0, 9.0),
                ("isle", "Isle", None, "port", 9.0, 14.0),
                ("cape", "Cape", None, "passage", -20.0, 3.0),
            ),
            "links": frame(
                "link origin destination mode length_km in_service",
                ("gate__north__train", "gate", "north", "train", 500.0, True),
                ("gate__quay__train", "gate", "quay", "train", 300.0, True),
                ("quay__isle__ship", "quay", "isle", "ship", 200.0, True),
                ("north__cape__ship", "north", "cape", "ship", 3000.0, True),
                ("cape__isle__ship", "cape", "isle", "ship", 4000.0, True),
                ("planned", "north", "quay", "train", 700.0, False),
            ),
            "goods": frame("good name", ("ore", "Ore")),
            "units": frame("unit name", ("box", "Container")),
            "flows": frame(
                "flow scope origin destination via modes trips_per_y",
                ("ore_west", "corridor", "north", "isle", None, None, 100.0),
                ("ocean", "alternative", "north", "isle", "cape", "ship", 900.0),
            ).with_columns(
                good=pl.lit("ore"), unit=pl.lit("box"), direction=pl.lit("westbound"),
                tonnes_per_trip=pl.lit(20.0),
            ),
        },
        folder=folder,
    )  # fmt: skip


STEPS = (
    (1, "gate__north__train", "travel_rail", 0.0, 10.0),
    (2, "gate", "r02_customs", 6.0, 2.0),
    (3, "gate__quay__train", "travel_rail", 0.0, 6.0),
    (4, "quay", "p04_wait_vessel", 0.0, 40.0),
    (5, "quay", "p05_weather_closed", 0.0, 8.0),
    (6, "quay__isle__ship", "sail", 0.0, 10.0),
)
KM = {"gate__north__train": 500.0, "gate__quay__train": 300.0, "quay__isle__ship": 200.0}


def made_up_tally() -> Tally:
    steps = [
        (
            run, "ore_west", order, place, activity, 100,
            100 * wait * load, 100 * service * load, 100 * KM.get(place, 0.0),
        )
        for run, load in (("r0001", 0.9), ("r0002", 1.1))
        for order, place, activity, wait, service in STEPS
    ]  # fmt: skip
    steps += [
        (run, "ocean", order, place, "sail", 900, 0.0, 900 * hours, 900.0 * 3000)
        for run in ("r0001", "r0002")
        for order, place, hours in ((1, "north__cape__ship", 200.0), (2, "cape__isle__ship", 300.0))
    ]
    trips = [
        (run, flow, n, n * hours, n * hours**2, 20.0 * n, 0, 0)
        for run, load in (("r0001", 0.9), ("r0002", 1.1))
        for flow, n, hours in (("ore_west", 100, 82 * load), ("ocean", 900, 500.0))
    ]
    rows = {"steps": steps, "trips": trips}
    return Tally(
        **{
            name: pl.DataFrame(rows.get(name, []), schema=schema, orient="row")
            for name, schema in SCHEMAS.items()
        }
    )


def made_up_events(*, count: int = 3, apart_d: float = 1.0) -> Events:
    steps: list[tuple] = []
    for trip in range(count):
        clock = START + timedelta(days=apart_d * trip)
        for order, place, activity, wait, service in STEPS:
            started = clock + timedelta(hours=wait)
            ended = started + timedelta(hours=service)
            steps.append(("r0001", trip, order, place, activity, clock, started, ended))
            clock = ended
    trips = [("r0001", trip, "ore_west") for trip in range(count)]
    return events_of(
        frame("run trip flow", *trips),
        frame("run trip step place activity arrived started ended", *steps),
    )
