"""What every expert of the route knows, asked of the shipped corridor."""

from datetime import UTC, datetime, timedelta
from statistics import mean

import polars as pl
import pytest

from transcaspian.corridor.apply import apply
from transcaspian.corridor.patch import Change, Patch
from transcaspian.indicators import border_hours
from transcaspian.readers.folder import read_corridor
from transcaspian.simulation import compile_model, simulate
from transcaspian.simulation.model.loads import loads

SEED = 3
PORT = "aktau_port"
WAITS = ["p04_wait_vessel", "p05_weather_closed"]
NEAR_FULL = (0.93, 0.97)


@pytest.fixture(scope="module")
def shipped():
    return read_corridor()


@pytest.fixture(scope="module")
def usual(shipped):
    return simulate(shipped, seed=SEED, log=True)


def waiting(run, place):
    """How many trips wait for a vessel, or for the port to open, at noon of each day."""
    held = run.events.steps.filter(pl.col("activity").is_in(WAITS), place=place)
    first = datetime(2023, 1, 1, 12, tzinfo=UTC)
    noons = [first + timedelta(days=day) for day in range(365)]
    return [held.filter(pl.col("arrived") <= noon, pl.col("ended") > noon).height for noon in noons]


def hours(run, place, direction, *, network="road"):
    table = border_hours(run.model.corridor, run.tally)
    return table.filter(place=place, direction=direction, network=network)["value"].item()


def test_a_week_without_the_caspian_takes_weeks_to_clear(shipped):
    """Over four years, since a vessel more or less in a day moves a hundred wagons."""
    closed = apply(shipped, shipped.shocks["caspian_week"])
    runs = [simulate(each, replications=4, seed=SEED, log=True) for each in (shipped, closed)]
    usual, held = (waiting(run, PORT) for run in runs)
    more = [after - before for before, after in zip(usual, held, strict=True)]
    peak, shut = max(more), more.index(max(more))
    assert peak > mean(usual)
    assert 31 <= shut <= 70  # the closure is of February
    assert mean(more[shut + 7 : shut + 14]) > 0.05 * peak  # a week later it is still felt
    assert abs(mean(more[shut + 60 : shut + 120])) < 0.05 * peak  # two months on it is over


def test_a_faster_counter_does_little_where_the_other_side_sets_the_pace(shipped, usual):
    """The Red Bridge (CPMM 2023): papers take minutes, the wait is for the other side."""
    was = hours(usual, "tsiteli_khidi", "outbound")
    found = {
        name: hours(simulate(apply(shipped, shipped.measures[name]), seed=SEED), *SIDE)
        for name in ("red_bridge_counter", "red_bridge_intake")
    }
    assert was - found["red_bridge_counter"] < 0.1 * (was - found["red_bridge_intake"])
    assert found["red_bridge_intake"] < 0.5 * was


SIDE = ("tsiteli_khidi", "outbound")


def test_another_crane_without_another_vessel_does_nothing(shipped, usual):
    """Cranes at Aktau are far from busy: what cargo waits for there is a vessel."""
    crane = simulate(apply(shipped, shipped.measures["aktau_equipment"]), seed=SEED, log=True)
    vessels = simulate(apply(shipped, shipped.measures["caspian_vessels"]), seed=SEED, log=True)
    waits = [sum(waiting(run, PORT)) for run in (usual, crane, vessels)]
    assert waits[2] < 0.95 * waits[0]
    assert abs(waits[1] - waits[0]) < 0.3 * (waits[0] - waits[2])


def test_a_third_more_traffic_explodes_where_a_stage_is_nearly_full(shipped, usual):
    asked = loads(compile_model(shipped))
    full = asked.filter(pl.col("load").is_between(*NEAR_FULL) & (pl.col("stage") == "documents"))
    assert full.height
    busy = full.sort("load", descending=True)["place"][0]
    flows = usual.model.rows.filter(place=busy)["flow"].unique().to_list()
    more = Patch(
        name="more",
        title="A third more traffic",
        role="shock",
        source="Q06",
        change=(Change(table="flows", where={"flow": flows}, scale={"trips_per_y": 1.3}),),
    )
    run = simulate(apply(shipped, more), seed=SEED)
    key = ["place", "network", "direction"]
    both = border_hours(shipped, usual.tally).join(
        border_hours(shipped, run.tally), on=key, suffix="_more"
    )
    grown = both.filter(place=busy).select((pl.col("value_more") / pl.col("value")).max()).item()
    assert grown > 5
    empty = asked.group_by("place").agg(pl.col("load").max())
    calm = both.join(empty.filter(pl.col("load") < 0.5), on="place").filter(pl.col("trips") > 1000)
    assert calm.height
    assert calm.select((pl.col("value_more") / pl.col("value")).max()).item() < 1.5


def test_winter_is_worse_than_summer_at_kuryk(usual):
    held = waiting(usual, "kuryk_port")
    winter, summer = held[:59] + held[305:], held[151:243]
    assert mean(winter) > 1.5 * mean(summer)
