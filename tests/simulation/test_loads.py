"""How hard the resources of a corridor are asked to work, and what is said when it is too hard."""

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import polars as pl
import pytest
from models import queue
from test_engine import crossing

from transcaspian.readers.folder import read_corridor
from transcaspian.simulation import simulate
from transcaspian.simulation.model.loads import loads, overloads

ANDES = Path(__file__).parents[1] / "corridors" / "andes"


def load_of(frame, name):
    return frame.filter(pl.col("resource") == name)["load"][0]


def test_work_over_capacity():
    frame = loads(queue(6.0, 2, 0.25).model())
    assert load_of(frame, "desk") == pytest.approx(6.0 * 0.25 / 2, rel=1e-9)


def test_the_load_is_what_a_run_comes_to():
    sketch = crossing()
    frame = loads(sketch.model())
    run = simulate_load(sketch)
    for name in ("desk", "xray", "bench", "gate"):
        assert load_of(frame, name) == pytest.approx(run[name], rel=0.04)
    assert load_of(frame, "shuttle") == pytest.approx(3.0 * (37.0 + 7.0) / (4 * 40.0), rel=1e-6)


def simulate_load(sketch):
    from transcaspian.simulation import run_model

    rows = run_model(sketch.model(), replications=6).tally.resources
    return dict(
        rows.group_by("resource")
        .agg(pl.col("busy_h").sum() / pl.col("capacity_h").sum())
        .iter_rows()
    )


def test_an_overload_is_named_with_its_growth():
    corridor = read_corridor(ANDES)
    assert overloads(corridor) == []
    flows = corridor.table("flows").with_columns(pl.col("trips_per_y") * 2)
    heavy = replace(corridor, tables=MappingProxyType({**corridor.tables, "flows": flows}))
    faults = overloads(heavy)
    assert {fault.code for fault in faults} == {"C508"}
    worst = faults[0]
    assert "lago_norte_outbound_inspect" in worst.what
    assert "128%" in worst.what
    assert "grows by" in worst.what


def test_a_corridor_of_another_continent():
    run = simulate(read_corridor(ANDES), replications=2, threads=2)
    assert run.tally.trips["n"].sum() > 30_000
    assert run.tally.trips["unfinished"].sum() == 0
    assert set(run.tally.trips["run"]) == {"r0001", "r0002"}
