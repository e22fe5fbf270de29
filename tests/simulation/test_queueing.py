"""What makes cargo wait, each rule by itself on a corridor small enough to count."""

import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from models import Sketch, queue
from polars.testing import assert_frame_equal

from transcaspian.errors import Faults, render
from transcaspian.events.log import check
from transcaspian.events.reduce import tally
from transcaspian.events.tally import SCHEMAS
from transcaspian.simulation import Luck, run_model
from transcaspian.simulation.model.loads import loads

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from test_bad_input import hold

SUMS = ("steps", "visits", "visit_bins", "trips", "trip_bins", "payments")
H = 3_600_000_000


def everything(*, rate=2.0):
    """A post and a port with every rule at once."""
    sketch = Sketch()
    sketch.put("countries", country="BB", name="B", role="member")
    sketch.put("calendars", calendar="days", days="mon-sun", opens_h=7.0, closes_h=19.0, share=1.0)
    sketch.put("timetables", timetable="noon", days="mon-sun", departs_h=12.0)
    sketch.place("inland", zone="Asia/Almaty")
    sketch.place("east", kind="port", zone="Asia/Aqtau")
    sketch.place("west", kind="port", country="BB", zone="Asia/Baku")
    sketch.resource("permits", 90, place="east", kind="quota", calendar="days")
    sketch.resource("forecourt", 30, place="east", kind="space")
    sketch.resource("gate", 3, place="inland", calendar="days")
    sketch.resource("desk", 4, place="east", discipline="preempt")
    sketch.resource("lane", 3, place="east", calendar="days", handover="preempt")
    sketch.resource("xray", 2, place="east", discipline="priority")
    sketch.resource("papers", 3, place="east")
    sketch.resource("yard", 9, place="west", kind="space")
    sketch.resource("crane", 4, place="west")
    sketch.put("failures", resource="xray", up_h=30.0, up_shape="exponential", up_cv=1.0,
               repair_h=6.0, repair_shape="lognormal", repair_cv=0.5)  # fmt: skip
    sketch.ferry(number=3, capacity=30.0, travel_h=15.0, max_wait_h=30.0, unload_h=3.0, load_h=4.0)
    sketch.rows["calls"][0]["timetable"] = "noon"
    for name, priority in (("plain", 0), ("trusted", 5)):
        sketch.flow(name, rate / 2, origin="inland", destination="west", priority=priority)
        sketch.serve(name, "gate", 0.6, place="inland", procedure="away")
        sketch.take(name, "forecourt", procedure="out", place="inland")
        sketch.travel(name, "inland__east", 6.0, cv=0.3)
        sketch.take(name, "permits", procedure="out", place="east")
        out = {"place": "east", "procedure": "out"}
        sketch.serve(name, "desk", 0.5, **out, balk_at=9, otherwise="exit_control")
        sketch.serve(name, "lane", 0.4, **out, patience_h=5.0, otherwise="leave")
        sketch.serve(name, "xray", 0.4, **out, fork="control", track="goods", share=0.6)
        sketch.serve(name, None, 0.5, **out, fork="control", track="goods", stage="open")
        sketch.serve(name, "papers", 0.7, **out, fork="control", track="papers")
        sketch.serve(name, None, 0.1, **out, stage="exit_control")
        sketch.ride(name, "east", "west", call=1, call_to=2)
        sketch.take(name, "yard", procedure="in", place="west")
        sketch.serve(name, "crane", 1.0, place="west", procedure="in")
    sketch.put("procedures", procedure="out", place="east", event="outbound", yard="forecourt")
    return sketch


def links():
    return pl.DataFrame(
        {"link": ["inland__east", "east__west"], "mode": ["rail", "ferry"],
         "length_km": [100.0, 0.0]}
    )  # fmt: skip


def test_the_log_with_every_rule_reduces_to_the_drained_tally():
    sketch = everything()
    run = run_model(sketch.model(), seed=5, log=True)
    assert check(run.events) == []
    again = tally(run.events, places=sketch.frames()["places"], links=links(),
                  modes=sketch.frames()["modes"])  # fmt: skip
    assert run.tally.trips["lost"].sum() > 100
    assert run.tally.trips["unfinished"].sum() == 0
    for name in SUMS:
        keys = [
            k for k, kind in SCHEMAS[name].items() if kind == pl.String or k in {"order", "bin"}
        ]
        assert_frame_equal(getattr(run.tally, name).sort(keys), getattr(again, name).sort(keys),
                           rel_tol=1e-9, abs_tol=1e-3)  # fmt: skip


def test_hours_side_by_side_count_once():
    sketch = Sketch()
    sketch.place("post")
    sketch.resource("desk", 2)
    sketch.resource("bay", 2)
    sketch.flow("all", 3.0)
    for track, resource in (("papers", "desk"), ("goods", "bay"), ("rest", None)):
        sketch.serve("all", resource, 0.5, fork="control", track=track)
    run = run_model(sketch.model(), seed=3, log=True)
    steps, trips = run.tally.steps, run.tally.trips
    assert (steps["wait_h"] + steps["service_h"]).sum() == pytest.approx(trips["total_h"].sum())
    spans = run.events.steps.group_by("trip").agg(
        ((pl.col("ended").max() - pl.col("arrived").min()).dt.total_microseconds()).alias("span")
    )
    assert spans["span"].sum() == pytest.approx(trips["total_h"].sum() * H, rel=1e-9)


def test_permits_of_a_day_are_used_up():
    sketch = queue(6.0, 1, 0.01)
    sketch.put("calendars", calendar="days", days="mon-sun", opens_h=8.0, closes_h=18.0, share=1.0)
    sketch.resource("permits", 150, kind="quota", calendar="days")
    sketch.steps.insert(0, {**sketch.steps[0], "op": "take", "resource": "permits",
                            "shape": "constant", "order": 0})  # fmt: skip
    run = run_model(sketch.model(), seed=2, log=True)
    taken = run.events.steps.filter(pl.col("step") == 0)["started"]
    by_day = taken.dt.date().value_counts()["count"]
    assert by_day.max() <= 150
    assert taken.dt.hour().is_between(8, 17).all()
    load = loads(sketch.model()).filter(pl.col("resource") == "permits").row(0, named=True)
    assert load["load"] == pytest.approx(6 * 24 / 150, rel=1e-3)


def test_carriers_with_a_timetable_leave_by_it():
    sketch = Sketch()
    sketch.put("timetables", timetable="tuesdays", days="tue", departs_h=9.0)
    sketch.put("timetables", timetable="tuesdays", days="fri", departs_h=21.5)
    sketch.place("east", kind="port", zone="Asia/Almaty")
    sketch.place("west", kind="port")
    sketch.ferry(number=4, capacity=500.0, travel_h=10.0)
    for row in sketch.rows["calls"]:
        row["timetable"] = "tuesdays" if row["place"] == "east" else None
    sketch.flow("all", 2.0, origin="east", destination="west")
    sketch.ride("all", "east", "west", call=1, call_to=2)
    run = run_model(sketch.model(), seed=1, log=True)
    boarded = run.events.steps.filter(pl.col("activity") == "p04_wait_vessel")["ended"]
    local = boarded.dt.convert_time_zone("Asia/Almaty")
    seen = set(zip(local.dt.weekday(), local.dt.hour(), local.dt.minute(), strict=True))
    assert seen == {(2, 9, 0), (5, 21, 30)}


def shallow(depth_m):
    sketch = Sketch()
    sketch.place("east", kind="port")
    sketch.place("west", kind="port")
    sketch.ferry(number=2, capacity=100.0, travel_h=5.0, max_wait_h=1e5)
    sketch.resource("quay", 2, place="west", depth_m=depth_m, keel_m=0.5)
    sketch.rows["calls"][1]["berth"] = "quay"
    sketch.rows["fleets"][0].update(draught_full_m=6.0, draught_empty_m=3.0)
    sketch.flow("all", 5.0, origin="east", destination="west")
    sketch.ride("all", "east", "west", call=1, call_to=2)
    return sketch.model()


@pytest.mark.parametrize(("depth_m", "deck"), [(None, 100), (7.0, 100), (5.0, 50), (4.1, 20)])
def test_a_vessel_loads_what_the_water_carries(depth_m, deck):
    carriers = run_model(shallow(depth_m), seed=1).tally.carriers.filter(pl.col("order") == 1)
    assert carriers["load"][0] / carriers["sailings"][0] * 100 == pytest.approx(deck, abs=0.5)


def test_an_empty_vessel_returns_at_its_own_speed():
    sailings = []
    for empty_kmh in (None, 20.0, 5.0):
        sketch = Sketch()
        sketch.place("east", kind="port")
        sketch.place("west", kind="port")
        sketch.ferry(number=1, capacity=10.0, travel_h=10.0, max_wait_h=1e5)
        sketch.rows["calls"][1]["max_wait_h"] = 0.0
        sketch.rows["fleets"][0]["empty_speed_kmh"] = empty_kmh
        for leg in sketch.legs:
            leg["length_km"] = 100.0
        sketch.flow("all", 5.0, origin="east", destination="west")
        sketch.ride("all", "east", "west", call=1, call_to=2)
        run = run_model(sketch.model(patience_days=1), seed=1)
        sailings.append(run.tally.carriers.filter(pl.col("order") == 1)["sailings"][0])
    assert sailings == [8760 // 20, 8760 // 15, 8760 // 30]


def train(spaces):
    """One train of ten to a yard of some spaces, emptied by one crane in an hour each."""
    sketch = Sketch()
    sketch.place("east", kind="port")
    sketch.place("west", kind="port")
    sketch.ferry(number=1, capacity=10.0, travel_h=10.0, max_wait_h=1e5)
    sketch.rows["calls"][1]["max_wait_h"] = 0.0
    sketch.resource("yard", spaces, place="west", kind="space")
    sketch.resource("crane", 1, place="west")
    sketch.flow("all", 5.0, origin="east", destination="west")
    sketch.ride("all", "east", "west", call=1, call_to=2)
    sketch.take("all", "yard", procedure="in", place="west")
    sketch.serve("all", "crane", 1.0, place="west", procedure="in", shape="constant")
    return run_model(sketch.model(patience_days=1), seed=1)


def test_a_full_yard_holds_the_train():
    """With ten spaces it leaves at once; with four when the sixth has been lifted."""
    for spaces, cycle in ((10, 20), (4, 26)):
        carriers = train(spaces).tally.carriers.filter(pl.col("order") == 1)
        assert carriers["sailings"][0] == pytest.approx(8760 / cycle, abs=1.5)


def test_our_exit_waits_for_their_forecourt():
    """Their side passes one an hour and has two places: ours cannot pass more, however fast."""
    total = {}
    for speed in (0.5, 0.1):
        sketch = Sketch()
        sketch.place("ours")
        sketch.place("theirs")
        sketch.resource("exit", 1, place="ours")
        sketch.resource("forecourt", 2, place="theirs", kind="space")
        sketch.resource("entry", 1, place="theirs")
        sketch.flow("all", 0.9, origin="ours", destination="theirs")
        sketch.serve("all", "exit", speed, place="ours", procedure="out", shape="constant")
        sketch.take("all", "forecourt", procedure="in", place="ours")
        sketch.travel("all", "ours__theirs", 0.1, shape="constant", cv=0.0)
        sketch.serve("all", "entry", 1.0, place="theirs", procedure="in", shape="constant")
        run = run_model(sketch.model(), seed=4)
        rows = {row["resource"]: row for row in run.tally.resources.iter_rows(named=True)}
        assert rows["exit"]["busy_h"] > rows["exit"]["served"] * speed + 1000
        assert rows["forecourt"]["busy_h"] <= rows["forecourt"]["capacity_h"]
        total[speed] = run.tally.trips["total_h"][0] / run.tally.trips["n"][0]
    assert total[0.1] > 4
    assert total[0.5] - total[0.1] == pytest.approx(0.4)  # its own time alone; no queue is shorter


def test_a_shift_that_preempts_leaves_work_for_the_morning():
    ended = {}
    for handover in ("finish", "preempt"):
        sketch = queue(0.1, 1, 3.0, shape="constant")
        sketch.put("calendars", calendar="days", days="mon-sun", opens_h=8.0, closes_h=18.0,
                   share=1.0)  # fmt: skip
        sketch.rows["resources"][0].update(calendar="days", handover=handover)
        run = run_model(sketch.model(), seed=6, log=True)
        ended[handover] = run.events.steps["ended"].dt.hour()
        assert run.tally.resources["busy_h"][0] == pytest.approx(3.0 * 0.1 * 8760, rel=0.1)
    assert (ended["finish"] >= 18).any()
    inside = ended["preempt"]
    assert (((inside >= 8) & (inside < 18)) | (inside == 18)).all()


def test_holidays_and_maintenance_take_servers_off():
    sketch = queue(0.5, 4, 0.2)
    sketch.rows["calendars"].append(
        {**sketch.rows["calendars"][0], "calendar": "national", "holidays": True}
    )
    sketch.rows["resources"][0]["calendar"] = "national"
    sketch.put("holidays", country="AA", date="05-01", name="May", share=0.0)
    sketch.put("holidays", country="AA", date="2023-12-31", name="End", share=0.5)
    sketch.put("maintenance", resource="desk", days="sun", opens_h=2.0, closes_h=5.0, servers=1,
               every_weeks=2)  # fmt: skip
    capacity = run_model(sketch.model(), seed=1).tally.resources["capacity_h"][0]
    sundays = {"odd": 26, "even": 27}  # 53 Sundays in 2023, every other of them maintained
    free = [4 * 8760 - 4 * 24 - 2 * 24 - n * 3 for n in sundays.values()]
    assert capacity in free


def test_arrivals_keep_a_rhythm():
    sketch = queue(10.0, 3, 0.01)
    sketch.put("rhythms", rhythm="work", days="mon-fri", opens_h=8.0, closes_h=18.0, weight=3.0)
    sketch.put("rhythms", rhythm="work", days="sat", opens_h=8.0, closes_h=12.0, weight=1.0)
    sketch.rows["flows"][0]["rhythm"] = "work"
    sketch.rows["places"][0]["zone"] = "Asia/Tashkent"
    came = run_model(sketch.model(), seed=1, log=True).events.steps["arrived"]
    local = came.dt.convert_time_zone("Asia/Tashkent")
    days, hours = local.dt.weekday(), local.dt.hour()
    assert (((days <= 5) & (hours >= 8) & (hours < 18))
            | ((days == 6) & (hours >= 8) & (hours < 12))).all()  # fmt: skip
    share = (days <= 5).mean()
    assert share == pytest.approx(150 / 154, abs=4 * (0.026 * 0.974 / len(came)) ** 0.5 + 2e-3)
    assert len(came) == pytest.approx(87_600, abs=4 * 87_600**0.5)


def test_who_turns_away_goes_where_it_is_said():
    sketch = Sketch()
    sketch.place("post")
    sketch.resource("scan", 1)
    sketch.resource("bay", 50)
    sketch.flow("all", 20.0)
    sketch.serve("all", "scan", 0.1, balk_at=2, otherwise="bay")
    sketch.serve("all", None, 0.05, stage="between", shape="constant")
    sketch.serve("all", "bay", 0.2)
    run = run_model(sketch.model(), seed=1)
    n = dict(run.tally.steps.select("order", "n").iter_rows())
    assert n[3] == run.tally.trips["n"][0]
    assert n[1] == n[2]
    assert 0.3 < n[1] / n[3] < 0.7


def test_full_yards_that_wait_for_each_other_are_named_with_the_time():
    sketch = Sketch()
    sketch.place("post")
    for name in ("upper", "lower"):
        sketch.resource(name, 2, kind="space")
    for flow, ways in {"down": ("upper", "lower"), "up": ("lower", "upper")}.items():
        sketch.flow(flow, 3.0)
        for yard in ways:
            sketch.take(flow, yard, procedure=f"{yard}_{flow}")
            sketch.serve(flow, None, 0.2, procedure=f"{yard}_{flow}")
    with pytest.raises(Faults) as caught:
        run_model(sketch.model(), seed=1)
    hold("full_yards_that_wait_for_each_other", render(caught.value))


def test_antithetic_runs_mirror_every_draw():
    model = queue(3.0, 2, 0.5, shape="uniform", cv=0.5).model(warmup_days=0)
    run = run_model(model, replications=2, seed=Luck(3, antithetic=True), log=True)
    took = (pl.col("ended") - pl.col("started")).dt.total_microseconds().alias("took")
    first, second = (
        run.events.steps.filter(pl.col("run") == name).sort("trip").head(500).select(took)["took"]
        for name in ("r0001", "r0002")
    )
    assert ((first + second) - H).abs().max() <= 1
    plain = run_model(model, replications=1, seed=3)
    assert_frame_equal(plain.tally.steps, run.tally.steps.filter(pl.col("run") == "r0001"))


def test_a_failed_server_is_missed():
    up, repair = 10.0, 2.0
    sketch = queue(1.0, 3, 1.0)
    sketch.put("failures", resource="desk", up_h=up, up_shape="constant", up_cv=0.0,
               repair_h=repair, repair_shape="constant", repair_cv=0.0)  # fmt: skip
    with_, without = (
        run_model(each.model(), seed=2).tally for each in (sketch, queue(1.0, 3, 1.0))
    )
    assert with_.resources["wait_h"][0] > without.resources["wait_h"][0]
    assert with_.resources["busy_h"][0] == pytest.approx(
        without.resources["busy_h"][0], abs=3 * np.sqrt(8760)
    )
