"""A convoy is a service on the road: trucks that name it gather and leave with the escort."""

from dataclasses import replace
from pathlib import Path

import polars as pl

from transcaspian.corridor.rules import check
from transcaspian.corridor.tables import TABLES
from transcaspian.readers.folder import read_corridor
from transcaspian.simulation import simulate
from transcaspian.tables.parse import schema_of

ANDES = read_corridor(Path(__file__).parents[1] / "corridors" / "andes")


def with_rows(corridor, **rows):
    tables = dict(corridor.tables)
    for name, added in rows.items():
        schema = schema_of(TABLES[name])
        defaults = {column.name: column.default for column in TABLES[name].all_columns}
        cells = [{**defaults, "source": "invented", "status": "derived", **row} for row in added]
        known = [{key: row.get(key) for key in schema} for row in cells]
        tables[name] = pl.concat([corridor.table(name), pl.DataFrame(known, schema=schema)])
    return replace(corridor, tables=tables)


def convoy():
    corridor = with_rows(
        ANDES,
        fleets=[{"fleet": "escorts", "name": "Escorts", "mode": "road", "number": 3,
                 "capacity": 40.0, "capacity_unit": "trucks"}],
        loading=[{"fleet": "escorts", "unit": "truck", "space": 1.0}],
        services=[{"service": "convoy", "name": "Convoy", "fleet": "escorts"}],
        calls=[
            {"service": "convoy", "order": order, "place": place, "unload_h": 0.0, "load_h": 0.0,
             "cv": 0.0, "min_load_share": 0.0, "max_wait_h": 1.0, "timetable": "mornings"}
            for order, place in ((1, "lago_sur"), (2, "meseta"))
        ],
        timetables=[{"timetable": "mornings", "days": "mon-sun", "departs_h": 7.0}],
    )  # fmt: skip
    east = pl.col("flow") == "trucks_east"
    flows = corridor.table("flows").with_columns(
        pl.when(east).then(pl.lit("convoy")).otherwise("services").alias("services"),
        pl.when(east).then(pl.lit("lago_norte;lago_sur")).otherwise("via").alias("via"),
    )
    return replace(corridor, tables={**corridor.tables, "flows": flows})


def test_trucks_leave_with_the_escort():
    corridor = convoy()
    assert not [fault for fault in check(corridor) if fault.code != "C402"]
    log = simulate(corridor, seed=1, log=True).events
    trips = log.trips.filter(pl.col("flow") == "trucks_east").select("trip")
    waits = log.steps.join(trips, on="trip").filter(
        (pl.col("activity") == "r13_escort_convoy") & (pl.col("place") == "lago_sur")
    )
    gathered = waits.filter(pl.col("ended") > pl.col("arrived"))["ended"]
    zone = corridor.table("places").filter(pl.col("place") == "lago_sur")["zone"][0]
    local = gathered.dt.convert_time_zone(zone)
    assert gathered.len() > 1000
    assert set(zip(local.dt.hour(), local.dt.minute(), strict=True)) == {(7, 0)}
    ridden = log.steps.join(trips, on="trip").filter(pl.col("place") == "lago_sur__meseta__road")
    together = ridden.group_by("ended").len()["len"]
    assert together.max() > 5


def test_others_drive_alone():
    log = simulate(convoy(), seed=1, log=True).events
    trips = log.trips.filter(pl.col("flow") == "trucks_west").select("trip")
    steps = log.steps.join(trips, on="trip")
    assert steps.filter(pl.col("activity") == "r13_escort_convoy").is_empty()
