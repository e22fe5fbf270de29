"""Only what a change touches is simulated again, and the whole comes out the same, to the bit."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from transcaspian.appraisal.again import Before, Settings, run_tally
from transcaspian.corridor.apply import apply
from transcaspian.events.tally import SCHEMAS
from transcaspian.readers.folder import read_corridor
from transcaspian.simulation import compile_model
from transcaspian.simulation.model.parts import touched

ANDES = read_corridor(Path(__file__).parents[1] / "corridors" / "andes")
HOW = Settings(replications=2, seed=5)


def same(one, two):
    for name, schema in SCHEMAS.items():
        keys = [key for key, kind in schema.items() if kind == pl.String or key in {"order", "bin"}]
        assert_frame_equal(
            getattr(one, name).sort(keys), getattr(two, name).sort(keys), check_exact=True
        )


@pytest.fixture(scope="module")
def shipped():
    corridor = read_corridor()
    how = replace(HOW, replications=1)
    model = compile_model(corridor)
    return corridor, how, Before(model, run_tally(corridor, how))


@pytest.mark.parametrize("name", ["naryn_bridge", "dredging", "red_bridge_intake"])
def test_a_measure_of_the_shipped_corridor(shipped, name):
    corridor, how, before = shipped
    changed = apply(corridor, corridor.measures[name])
    found = touched(before.model, compile_model(changed))
    assert 0 < len(found.flows) < corridor.table("flows").height
    assert found.share < 0.9
    same(run_tally(changed, how), run_tally(changed, how, before))


def test_measures_and_shocks_of_another_continent():
    before = Before(compile_model(ANDES), run_tally(ANDES, HOW))
    for patch in [*ANDES.measures.values(), *ANDES.shocks.values(), *ANDES.editions.values()]:
        changed = apply(ANDES, patch)
        same(run_tally(changed, HOW), run_tally(changed, HOW, before))


def test_what_is_not_touched_has_no_effect_at_all(shipped):
    """A sum over rows in another order would be off by its last bit."""
    corridor, how, before = shipped
    patch = corridor.measures["naryn_bridge"]
    changed = apply(corridor, patch)
    tally = run_tally(changed, how, before)
    flow = before.tally.trips.filter(pl.col("flow") == "xian_constanta")
    assert tally.trips.filter(pl.col("flow") == "xian_constanta").equals(flow)
    assert tally.trips.select("run", "flow").equals(before.tally.trips.select("run", "flow"))


def test_what_changes_nothing_touches_nothing():
    model = compile_model(ANDES)
    assert not touched(model, compile_model(ANDES)).flows
