"""Small corridors written out by hand, and one as large as a real one."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import permutations

import polars as pl

from transcaspian.corridor.corridor import About, Corridor, corridor_of
from transcaspian.corridor.tables import TABLES
from transcaspian.tables.parse import schema_of

MODES = (
    ("rail", "rail", "travel_rail", None, None),
    ("road", "road", "travel_road", 9.0, 11.0),
    ("ferry", "sea", "sail", None, None),
    ("ocean", "sea", "sail", None, None),
    ("train", "rail", "travel_rail", None, None),
)
UNITS = (("box", "rail;road;sea", 2.0), ("wagon", "rail;sea", 0.0), ("truck", "road;sea", 0.0))
Rows = Sequence[dict]


def frame(name: str, rows: Rows) -> pl.DataFrame:
    """Rows of a table; cells left out take the column's default, or are blank."""
    table = TABLES[name]
    defaults = {column.name: column.default for column in table.all_columns}
    return pl.DataFrame([{**defaults, **row} for row in rows], schema=schema_of(table))


def places(**countries: str | None) -> Rows:
    return [
        {"place": place, "country": country, "kind": "city", "lat_deg": 0.0, "lon_deg": float(at)}
        for at, (place, country) in enumerate(countries.items())
    ]


def link(origin: str, destination: str, mode: str, km: float, **more) -> dict:
    """A link at 50 km/h, named after its ends."""
    cells = {"speed_kmh": 50.0, "time_cv": 0.2, "one_way": False, "in_service": True}
    name = f"{origin}__{destination}__{mode}"
    ends = {"link": name, "origin": origin, "destination": destination}
    return {**ends, "mode": mode, "length_km": km, **cells, **more}


def procedure(place: str, event: str, mean_h: float = 1.0, **more) -> dict:
    """A procedure of one stage that takes some hours."""
    parts = [place, event, *(more[key] for key in ("mode_in", "mode_out", "units") if key in more)]
    return {"procedure": "_".join(parts), "place": place, "event": event, "mean_h": mean_h, **more}


def flow(name: str, unit: str, origin: str, destination: str, **more) -> dict:
    ends = {"flow": name, "unit": unit, "origin": origin, "destination": destination}
    return {**ends, "good": "tea", "trips_per_y": 1.0, "tonnes_per_trip": 1.0, "lot": 1, **more}


def service(name: str, mode: str, calls: Sequence[str], *, takes: Sequence[str], **more) -> dict:
    """A service of one carrier at 25 km/h; every call loads and unloads in an hour."""
    return {"service": name, "mode": mode, "calls": calls, "takes": takes, **more}


def corridor(
    *,
    at: Rows,
    links: Rows,
    flows: Rows,
    procedures: Rows = (),
    services: Rows = (),
) -> Corridor:
    """A corridor of these rows, with the modes and units above."""
    frames = {
        "places": frame("places", at),
        "links": frame("links", links),
        "flows": frame("flows", flows),
        "modes": frame(
            "modes",
            [
                dict(
                    zip(
                        ("mode", "network", "activity", "drive_limit_h", "rest_h"), row, strict=True
                    )
                )
                for row in MODES
            ],
        ),
        "units": frame(
            "units", [dict(zip(("unit", "networks", "teu"), row, strict=True)) for row in UNITS]
        ),
        "goods": frame("goods", [{"good": "tea"}, {"good": "ore"}]),
        **_procedures(procedures),
        **_services(services),
    }
    return corridor_of(About("made_up", "Made up", 2023), frames)


def _procedures(rows: Rows) -> dict[str, pl.DataFrame]:
    names = ("procedure", "place", "event", "mode_in", "mode_out", "units")
    stage = {"order": 1, "stage": "papers", "activity": "r02_customs", "share": 1.0, "cv": 0.5}
    stages = [{**stage, "procedure": r["procedure"], "mean_h": r["mean_h"]} for r in rows]
    kept = [{name: row.get(name) for name in names} for row in rows]
    return {"procedures": frame("procedures", kept), "stages": frame("stages", stages)}


def _services(rows: Rows) -> dict[str, pl.DataFrame]:
    hours = {"unload_h": 1.0, "load_h": 1.0, "cv": 0.2, "min_load_share": 0.0, "max_wait_h": 4.0}
    return {
        "services": frame(
            "services",
            [
                {"service": r["service"], "fleet": r["service"], "goods": r.get("goods")}
                for r in rows
            ],
        ),
        "fleets": frame(
            "fleets",
            [
                {"fleet": r["service"], "mode": r["mode"], "number": 1, "capacity": 10.0}
                | {"speed_kmh": 25.0}
                for r in rows
            ],
        ),
        "loading": frame(
            "loading",
            [{"fleet": r["service"], "unit": u, "space": 1.0} for r in rows for u in r["takes"]],
        ),
        "calls": frame(
            "calls",
            [
                {"service": r["service"], "order": at, "place": place, **hours}
                for r in rows
                for at, place in enumerate(r["calls"], start=1)
            ],
        ),
    }


def large(*, seed: int = 1) -> Corridor:
    """250 places in twenty countries, 580 links, 100 places with procedures, 400 flows."""
    luck = random.Random(seed)  # noqa: S311  # a made-up map, not a secret
    names = [f"p{at:03d}" for at in range(250)]
    country = {name: f"C{at * 20 // 250:02d}" for at, name in enumerate(names)}
    links = [
        link(names[at], names[at + 1], mode, luck.uniform(20, 400))
        for at in range(249)
        for mode in ("rail", "road")
        if mode == "road" or luck.random() < 0.95
    ]
    links += [link(names[at], names[at + 11], "road", 1200.0) for at in range(0, 230, 3)]
    links += [link(names[at], names[at + 30], "ferry", 450.0) for at in range(5, 200, 10)]
    procedures = [
        procedure(name, event, mode_in=network, mode_out=network)
        for at, name in enumerate(names)
        if at % 12 in {0, 11}
        for event in ("outbound", "inbound")
        for network in ("rail", "road")
    ]
    procedures += [
        procedure(names[at], "transfer", mode_in=came, mode_out=goes)
        for at in range(5, 240, 10)
        for came, goes in permutations(("rail", "road", "sea"), 2)
    ]
    services = [
        service(f"s{at:03d}", "ferry", (names[at], names[at + 30]), takes=("box", "wagon", "truck"))
        for at in range(5, 200, 10)
    ]
    flows = []
    for at in range(400):
        a, b = sorted(luck.sample(range(250), 2))
        unit = ("box", "truck", "box")[at % 3]
        via = names[(a + b) // 2] if at % 4 == 0 else None
        modes = "road;ferry" if unit == "truck" else (None, "rail;road;ferry")[at % 2]
        flows.append(flow(f"f{at:03d}", unit, names[a], names[b], via=via, modes=modes))
    return corridor(
        at=places(**country), links=links, flows=flows, procedures=procedures, services=services
    )
