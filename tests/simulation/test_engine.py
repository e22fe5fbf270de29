"""What must hold in every run, exactly."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from models import Sketch, queue
from polars.testing import assert_frame_equal

from transcaspian.errors import Fault
from transcaspian.events.log import check
from transcaspian.events.reduce import tally
from transcaspian.events.tally import SCHEMAS
from transcaspian.simulation import run_model

SUMS = ("steps", "visits", "visit_bins", "trips", "trip_bins", "payments")


def crossing(*, servers=2, day=4, ships=4, max_wait_h=20.0, rate=3.0):
    """Two countries with a post of day and night shifts, a choice of channels and a ferry."""
    sketch = Sketch()
    sketch.put("countries", country="BB", name="B", role="member")
    sketch.put(
        "calendars", calendar="shifts", days="mon-sun", opens_h=0.0, closes_h=24.0, share=0.5
    )
    sketch.put(
        "calendars", calendar="shifts", days="mon-sun", opens_h=8.0, closes_h=20.0, share=0.5
    )
    sketch.put("calendars", calendar="days", days="mon-fri", opens_h=8.0, closes_h=20.0, share=1.0)
    sketch.place("inland", zone="Asia/Almaty")
    sketch.place("east", kind="port", zone="Asia/Aqtau")
    sketch.place("west", kind="port", country="BB", zone="Asia/Baku")
    sketch.put("closures", place="east", cause="wind", month=1, spells=8.0, mean_h=14.0, cv=0.5)
    sketch.resource("desk", day, place="east", calendar="shifts")
    sketch.resource("xray", servers, place="east", calendar="shifts", handover="overlap")
    sketch.resource("bench", 3, place="east", calendar="days")
    sketch.resource("quay", 1, place="east", weather=True)
    sketch.resource("gate", 4, place="west")
    sketch.ferry(number=ships, capacity=40.0, travel_h=15.0, travel_cv=0.2, max_wait_h=max_wait_h,
                 unload_h=3.0, load_h=4.0, cv=0.3, min_load_share=0.5)  # fmt: skip
    for row in sketch.rows["calls"]:
        row["berth"] = "quay" if row["place"] == "east" else None
    for name, lot in (("wagons", 1), ("pairs", 2)):
        sketch.flow(name, rate / lot / 2, lot=lot, origin="inland", destination="west",
                    pattern="poisson" if lot == 1 else "regular")  # fmt: skip
        sketch.travel(name, "inland__east", 12.0, cv=0.3)
        sketch.serve(name, "desk", 0.5, place="east", procedure="out", fee_usd=12.0, basis="unit")
        for channel, resource, share in (("green", None, 0.7), ("yellow", "xray", 0.2),
                                         ("red", "bench", 0.1)):  # fmt: skip
            sketch.serve(
                name, resource, 0.4, place="east", procedure="out", choice="risk", share=share,
                stage=channel, shape="lognormal",
            )  # fmt: skip
        sketch.ride(name, "east", "west", call=1, call_to=2)
        sketch.serve(
            name, "gate", 0.5, place="west", procedure="in", share=0.8, shape="weibull", cv=0.5
        )
    return sketch


def links():
    return pl.DataFrame(
        {
            "link": ["inland__east", "east__west"],
            "mode": ["rail", "ferry"],
            "length_km": [100.0, 0.0],
        }
    )


def test_the_log_reduces_to_the_drained_tally():
    sketch = crossing()
    run = run_model(sketch.model(), seed=5, log=True)
    assert check(run.events) == []
    again = tally(run.events, places=sketch.frames()["places"], links=links(),
                  modes=sketch.frames()["modes"])  # fmt: skip
    assert run.tally.trips["unfinished"].sum() == 0
    for name in SUMS:
        keys = [
            k for k, kind in SCHEMAS[name].items() if kind == pl.String or k in {"order", "bin"}
        ]
        assert_frame_equal(getattr(run.tally, name).sort(keys), getattr(again, name).sort(keys),
                           rel_tol=1e-9, abs_tol=1e-3)  # fmt: skip


def test_any_number_of_threads_gives_the_same():
    model = crossing().model()
    one, two = (run_model(model, replications=4, threads=threads, log=True) for threads in (1, 2))
    for name in SCHEMAS:
        assert_frame_equal(getattr(one.tally, name), getattr(two.tally, name))
    assert_frame_equal(one.events.steps, two.events.steps)


def test_all_that_come_in_go_out_and_none_is_early():
    run = run_model(crossing().model(), seed=2, log=True)
    steps = run.events.steps.sort("trip", "step")
    assert (steps["arrived"] <= steps["started"]).all()
    assert (steps["started"] <= steps["ended"]).all()
    joined = steps.with_columns(pl.col("ended").shift(1).over("trip").alias("before"))
    assert joined.filter(
        pl.col("before").is_not_null() & (pl.col("before") != pl.col("arrived"))
    ).is_empty()
    assert run.tally.trips["n"].sum() == run.events.trips.height
    last = steps.group_by("trip").agg(pl.col("place").last())["place"]
    assert set(last) == {"west"}


def test_first_come_first_served():
    run = run_model(queue(4.0, 1, 0.2).model(), seed=2, log=True)
    steps = run.events.steps.sort("arrived")
    assert steps["started"].is_sorted()


def test_no_more_at_work_than_servers_on_duty():
    run = run_model(crossing().model(), seed=4)
    rows = run.tally.resources.filter(pl.col("resource").is_in(["gate", "desk"]))
    assert (rows["busy_h"] <= rows["capacity_h"] * 1.001).all()


def test_littles_law_to_the_microsecond():
    run = run_model(queue(4.0, 2, 0.4).model(), seed=9, log=True)
    steps = run.events.steps
    came = steps["arrived"].cast(pl.Int64).sort().to_numpy()
    left = steps["ended"].cast(pl.Int64).sort().to_numpy()
    instants = np.sort(np.concatenate([came, left]))
    inside = np.searchsorted(came, instants, side="right") - np.searchsorted(
        left, instants, side="right"
    )
    area = int((inside[:-1] * np.diff(instants)).sum())
    assert area == int((steps["ended"] - steps["arrived"]).dt.total_microseconds().sum())


def test_a_server_fewer_means_more_hours():
    hours = [
        run_model(queue(9.0, servers, 0.3).model(), replications=3).tally.trips["total_h"].sum()
        for servers in (3, 4)
    ]
    assert hours[0] > hours[1]


def test_the_shares_of_a_choice_come_out():
    run = run_model(crossing().model(), replications=4)
    steps = (
        run.tally.steps.filter(pl.col("place") == "east").group_by("order").agg(pl.col("n").sum())
    )
    n = dict(steps.iter_rows())
    assert n[3] + n[4] + n[5] == n[2]
    assert n[3] / n[2] == pytest.approx(0.7, abs=0.01)
    assert n[4] / n[2] == pytest.approx(0.2, abs=0.01)


def test_a_lot_takes_its_units_times_and_deck():
    run = run_model(crossing().model(), replications=2)
    desk = run.tally.steps.filter(pl.col("order") == 2).group_by("flow").agg(
        (pl.col("service_h").sum() / pl.col("n").sum()).alias("mean"))  # fmt: skip
    means = dict(desk.iter_rows())
    assert means["pairs"] / means["wagons"] == pytest.approx(2.0, rel=0.05)


def test_a_carrier_leaves_by_its_rule():
    """Full at 40; else after 20 h with half a deck; after 40 h with anything."""
    run = run_model(crossing(rate=0.5).model(), seed=1)
    carriers = run.tally.carriers.sort("order")
    back = carriers.row(1, named=True)
    assert back["load"] == 0
    out = carriers.row(0, named=True)
    assert 0 < out["load"] / out["sailings"] < 1
    busy = run_model(
        crossing(rate=6.0, ships=9, max_wait_h=900.0).model(), seed=1
    ).tally.carriers.sort("order")
    assert busy["load"][0] / busy["sailings"][0] > 0.97


def test_weather_holds_ships_in_january_only():
    log = run_model(crossing().model(), seed=3, log=True).events.steps
    held = log.filter(
        (pl.col("activity") == "p05_weather_closed") & (pl.col("ended") > pl.col("arrived"))
    )
    assert held.height > 0
    assert held["arrived"].dt.ordinal_day().max() < 31 + 5  # the last spell may reach into February


@pytest.mark.parametrize("sketch", ["test_engine:crossing", "test_queueing:everything"])
def test_the_interpreted_kernel_gives_exactly_the_same(sketch, tmp_path):
    home, name = sketch.split(":")
    script = (
        f"import sys, warnings; warnings.simplefilter('error'); from {home} import {name}\n"
        "from transcaspian.simulation import run_model\n"
        f"model = {name}(rate=0.5).model(warmup_days=2, cooldown_days=1)\n"
        "run = run_model(model, seed=8, log=True)\n"
        "run.events.steps.write_parquet(sys.argv[1] + 'steps.parquet')\n"
        "run.tally.resources.write_parquet(sys.argv[1] + 'resources.parquet')\n"
        "run.tally.visit_bins.write_parquet(sys.argv[1] + 'bins.parquet')\n"
    )
    here = Path(__file__).parent
    for mode in ("0", "1"):
        environment = {**os.environ, "NUMBA_DISABLE_JIT": mode,
                       "PYTHONPATH": f"{here}:{here.parents[1] / 'src'}"}  # fmt: skip
        subprocess.run(
            [sys.executable, "-c", script, f"{tmp_path}/{mode}"], env=environment, check=True
        )
    for frame in ("steps", "resources", "bins"):
        assert_frame_equal(*(pl.read_parquet(tmp_path / f"{mode}{frame}.parquet") for mode in "01"))


def test_faults_are_named():
    empty = Sketch()
    empty.place("post")
    empty.resource("desk", 1)
    empty.flow("all", 1.0)
    with pytest.raises(Fault) as caught:
        empty.model()
    assert caught.value.code == "S102"
    sketch = crossing()
    for row in sketch.rows["flows"]:
        row["lot"] = 50
    with pytest.raises(Fault, match="lots that take 50 of the 40"):
        sketch.model()
