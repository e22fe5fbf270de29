"""Indicators on tallies small enough to work by hand; the expected value is the arithmetic."""

from pathlib import Path

import polars as pl
import pytest

from transcaspian.events.tally import SCHEMAS, Tally, empty_tally
from transcaspian.indicators import INDICATORS
from transcaspian.indicators.ledger import classed
from transcaspian.indicators.runs import over_runs, student
from transcaspian.readers.folder import read_corridor
from transcaspian.simulation import simulate

ANDES = read_corridor(Path(__file__).parents[1] / "corridors" / "andes")
SEA, RAIL = "puerto_alto__orilla__ferry", "orilla__meseta__rail"


def frame(name, *rows):
    return pl.DataFrame(rows, schema=SCHEMAS[name], orient="row")


def tally(**frames):
    known = {name: getattr(empty_tally(), name) for name in SCHEMAS}
    return Tally(**(known | frames))


STEPS = [
    ("goods_in", 1, "puerto_alto", "p04_wait_vessel", 10.0, 30.0, 0.0, 0.0),
    ("goods_in", 2, SEA, "sail", 10.0, 0.0, 80.0, 1500.0),
    ("goods_in", 3, "orilla", "r02_customs", 10.0, 20.0, 10.0, 0.0),
    ("goods_in", 4, RAIL, "travel_rail", 10.0, 0.0, 100.0, 3800.0),
]


def two_runs():
    steps = frame(
        "steps",
        *(("r1", *row) for row in STEPS),
        *(("r2", *row[:5], row[5] * 2, row[6], row[7]) for row in STEPS),
    )
    trips = frame(
        "trips",
        ("r1", "goods_in", 10.0, 240.0, 6000.0, 180.0, 0, 0),
        ("r2", "goods_in", 10.0, 290.0, 8600.0, 180.0, 0, 0),
    )
    return tally(steps=steps, trips=trips)


def test_the_interval_is_student_s():
    runs = pl.DataFrame({"run": ["a", "b", "c"], "key": "k", "x": [1.0, 2.0, 6.0]})
    row = over_runs(runs, "x", by=["key"]).row(0, named=True)
    half = 2.919986 * (7.0**0.5) / 3**0.5
    assert row["value"] == 3.0
    assert row["low"] == pytest.approx(3 - half, rel=1e-6)
    assert row["high"] == pytest.approx(3 + half, rel=1e-6)
    assert student(2) == pytest.approx(6.313752, rel=1e-6)


def test_one_run_has_no_interval():
    row = over_runs(pl.DataFrame({"run": ["a"], "key": "k", "x": [1.0]}), "x", by=["key"])
    assert row["low"].to_list() == [None]


def test_every_hour_goes_to_one_class_and_none_is_lost():
    rows = classed(two_runs())
    hours = dict(
        rows.filter(pl.col("run") == "r1").group_by("class").agg(pl.col("hours").sum()).iter_rows()
    )
    assert hours == {"carrier": 30.0, "moving": 180.0, "clearance": 10.0, "queueing": 20.0}
    total = two_runs().steps.select(pl.col("wait_h").sum() + pl.col("service_h").sum()).item()
    assert rows["hours"].sum() == pytest.approx(total)


def test_hours_by_country_are_hours_of_one_trip_and_the_sea_has_no_country():
    table = INDICATORS["hours_by_country"](ANDES, two_runs())
    found = {(row["country"], row["class"]): row["value"] for row in table.iter_rows(named=True)}
    assert found["PE", "carrier"] == pytest.approx((30 + 60) / 2 / 10)
    assert found["", "moving"] == pytest.approx(80 / 10)
    assert found["BO", "moving"] == pytest.approx(100 / 10)
    assert found["BO", "queueing"] == pytest.approx((20 + 40) / 2 / 10)


def test_speed_without_delay_is_never_below_speed_with_delay():
    table = INDICATORS["speed"](ANDES, two_runs()).pivot(
        on="measure", index=["country", "network"], values="value"
    )
    rail = table.filter((pl.col("country") == "BO") & (pl.col("network") == "rail")).row(
        0, named=True
    )
    assert rail["without_delay"] == pytest.approx(3800 / 100)
    assert rail["with_delay"] <= rail["without_delay"]


def test_the_waiting_share_is_waiting_over_all_hours():
    value = INDICATORS["waiting_share"](ANDES, two_runs())["value"].item()
    assert value == pytest.approx(((30 + 20) / 240 + (60 + 40) / 290) / 2)


def test_the_cost_of_a_corridor_section_is_the_tariff_where_nothing_else_is_paid():
    table = INDICATORS["corridor_cost"](ANDES, two_runs())
    rail = table.filter((pl.col("country") == "BO") & (pl.col("network") == "rail"))
    assert rail["value"].item() == pytest.approx(0.04 * 500 * 20)


SIMULATED = simulate(ANDES, replications=2, seed=3, log=True)


@pytest.mark.parametrize("name", INDICATORS)
def test_every_indicator_has_value_and_interval_and_bears_an_empty_tally(name):
    table = INDICATORS[name](ANDES, SIMULATED.tally)
    assert {"value", "low", "high", "runs"} <= set(table.columns)
    assert table.height > 0
    known = table.drop_nulls(["low", "high"])
    assert (known["low"] <= known["value"] + 1e-9).all()
    assert (known["value"] <= known["high"] + 1e-9).all()
    empty = INDICATORS[name](ANDES, empty_tally())
    assert empty.is_empty()
    assert empty.columns == table.columns
    assert INDICATORS[name].meaning.endswith((".", ",", "in"))


@pytest.mark.parametrize(
    "name", ["border_hours", "hours_by_country", "door_to_door", "worst_places"]
)
def test_a_log_and_its_drained_tally_give_the_same_indicator(name):
    keys = [
        column
        for column in INDICATORS[name](ANDES, SIMULATED.tally).columns
        if column in {"place", "network", "direction", "flow", "country", "class"}
    ]
    drained = INDICATORS[name](ANDES, SIMULATED.tally).sort(keys)
    logged = INDICATORS[name](ANDES, SIMULATED.events).sort(keys)
    assert drained.select(keys).equals(logged.select(keys))
    for a, b in zip(drained["value"], logged["value"], strict=True):
        assert a == pytest.approx(b, rel=1e-6)
