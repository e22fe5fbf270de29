"""Only what a change touches is simulated again, and the whole comes out the same, to the bit."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from transcaspian.appraisal.again import Before, Settings, run_tally
from transcaspian.corridor.apply import apply, drawn
from transcaspian.corridor.patch import Change, Patch
from transcaspian.events.tally import SCHEMAS, Tally
from transcaspian.readers.folder import read_corridor
from transcaspian.simulation import compile_model, run_model
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


def fitted():
    """Andes with the customs of Lago Norte fitted, in three draws."""
    draws = pl.DataFrame({"stages/lago_norte_outbound_road/2/mean_h": [0.2, 0.6, 1.0]})
    change = Change(
        table="stages",
        where={"procedure": "lago_norte_outbound_road", "order": 2},
        set={"mean_h": 0.6, "status": "derived"},
    )
    return Patch(
        name="fit", title="Fit", role="edition", change=(change,), source="invented",
        status="derived", draws=draws,
    )  # fmt: skip


SLOWER = Patch(
    name="slower", title="Slower", source="invented",
    change=(
        Change(
            table="stages",
            where={"procedure": "lago_norte_outbound_road", "order": 2},
            scale={"mean_h": 2.0},
        ),
    ),
)  # fmt: skip


def test_each_replication_of_a_fitted_corridor_takes_the_next_of_its_draws():
    patch = fitted()
    whole = run_tally(apply(ANDES, patch), Settings(replications=4, seed=5))
    for number, draw in enumerate((0, 1, 2, 0)):
        one = apply(ANDES, patch, draw=draw)
        alone = run_model(compile_model(one), replications=range(number, number + 1), seed=5).tally
        of_run = {name: getattr(whole, name).filter(run=f"r{number + 1:04d}") for name in SCHEMAS}
        same(Tally(**of_run), alone)


def test_what_is_applied_later_works_on_what_was_drawn():
    stages = [
        drawn(apply(apply(ANDES, fitted()), SLOWER), number).table("stages") for number in range(3)
    ]
    means = [
        frame.filter(procedure="lago_norte_outbound_road", order=2)["mean_h"][0] for frame in stages
    ]
    assert means == pytest.approx([0.4, 1.2, 2.0])
    assert drawn(ANDES, 7) is ANDES
    assert (
        apply(ANDES, fitted()).hash
        != apply(ANDES, fitted().model_copy(update={"draws": None})).hash
    )


def test_a_measure_of_a_fitted_corridor_is_simulated_where_it_is_felt():
    how = Settings(replications=3, seed=5)
    corridor = apply(ANDES, fitted())
    before = Before(compile_model(corridor), run_tally(corridor, how))
    for patch in (SLOWER, *ANDES.measures.values()):
        changed = apply(corridor, patch)
        same(run_tally(changed, how), run_tally(changed, how, before))
