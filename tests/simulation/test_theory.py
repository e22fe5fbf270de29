"""The kernel against queueing theory: 99.9 % intervals of 40 replications that contain it."""

import pytest
import theory
from models import queue, tandem
from scipy.stats import t

from transcaspian.simulation import run_model

REPLICATIONS = 40
T = float(t.ppf(0.9995, REPLICATIONS - 1))
YEAR_H = 8760.0


def per_step(model, column):
    """One mean an hour of every step, for each replication."""
    steps = run_model(model, replications=REPLICATIONS, seed=7).tally.steps
    return [
        float(part[column].sum() / part["n"][0])
        for _, part in steps.sort("run").group_by("run", maintain_order=True)
    ]


def holds(values, expected, *, width):
    mean, half = theory.t_interval(values, T)
    assert abs(mean - expected) <= half, f"{mean} +- {half} misses {expected}"
    assert half < width * expected, f"half-width {half / expected:.2%}"


@pytest.mark.parametrize(
    ("load", "per_hour", "width"), [(0.5, 6, 0.02), (0.8, 25, 0.02), (0.9, 30, 0.05)]
)
def test_m_m_1(load, per_hour, width):
    mean = load / per_hour
    waits = per_step(queue(per_hour, 1, mean).model(), "wait_h")
    holds(waits, theory.mm1_time(per_hour, mean) - mean, width=width)


@pytest.mark.parametrize("servers", [2, 3, 8])
def test_m_m_c(servers):
    per_hour, mean = 35.0, 0.8 * servers / 35.0
    waits = per_step(queue(per_hour, servers, mean).model(), "wait_h")
    holds(waits, theory.mmc_wait(per_hour, mean, servers), width=0.02)


@pytest.mark.parametrize(
    ("shape", "cv"),
    [("constant", 0.0), ("uniform", 0.5), ("triangular", 0.3), ("erlang2", 0.5**0.5),
     ("erlang4", 0.5), ("lognormal", 0.8), ("weibull", 0.6)],
)  # fmt: skip
def test_m_g_1(shape, cv):
    per_hour, mean = 12.0, 0.7 / 12.0
    waits = per_step(queue(per_hour, 1, mean, shape=shape, cv=cv).model(), "wait_h")
    holds(waits, theory.mg1_wait(per_hour, mean, cv), width=0.02)


def test_tandem_by_burke():
    per_hour, servers, stations = 8.0, 3, 4
    mean = 0.75 * servers / per_hour
    waits = per_step(tandem(per_hour, servers, mean, stations).model(), "wait_h")
    holds(waits, stations * theory.mmc_wait(per_hour, mean, servers), width=0.02)


def shuttle(number, capacity, per_hour, travel_h):
    from models import Sketch

    sketch = Sketch()
    sketch.place("east", kind="port")
    sketch.place("west", kind="port")
    sketch.ferry(number=number, capacity=capacity, travel_h=travel_h)
    sketch.flow("all", per_hour, origin="east", destination="west")
    sketch.ride("all", "east", "west", call=1, call_to=2)
    return sketch


def test_full_batches_of_an_endless_fleet():
    size, per_hour = 20, 10.0
    run = run_model(shuttle(60, size, per_hour, 3.0).model(), replications=REPLICATIONS, seed=7)
    boarded = run.tally.steps.filter(run.tally.steps["activity"] == "p04_wait_vessel").sort("run")
    waits = [row["service_h"] / row["n"] for row in boarded.iter_rows(named=True)]
    holds(waits, theory.batch_wait(per_hour, size), width=0.02)


def test_throughput_of_a_closed_fleet():
    size, travel = 20, 9.0
    run = run_model(shuttle(3, size, 20.0, travel).model(patience_days=1), replications=5, seed=7)
    for row in run.tally.carriers.filter(run.tally.carriers["order"] == 1).iter_rows(named=True):
        assert row["load"] == row["sailings"]
        most = theory.fleet_rate(3, size, 2 * travel)
        assert abs(row["load"] * size / YEAR_H / most - 1) < 0.002
