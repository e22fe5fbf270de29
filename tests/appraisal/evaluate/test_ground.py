"""Parts looked up by what they depend on give what the whole corridor gives, to the bit."""

from __future__ import annotations

import multiprocessing
import sqlite3
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from transcaspian.appraisal.evaluate import ground as grounds
from transcaspian.appraisal.evaluate.apart import pieces
from transcaspian.appraisal.evaluate.ground import (
    NOTHING,
    Ground,
    differing,
    outcome,
    parts_with,
    tied,
    touched_by,
)
from transcaspian.appraisal.evaluate.outcome import (
    SCHEMAS,
    Outcome,
    joined,
    outcome_of,
    packed,
    unpacked,
)
from transcaspian.appraisal.evaluate.store import Store
from transcaspian.corridor.apply import apply
from transcaspian.corridor.corridor import limited
from transcaspian.corridor.patch import Change, Evidence, Patch
from transcaspian.errors import Fault
from transcaspian.readers.folder import read_corridor
from transcaspian.simulation import simulate

ANDES = read_corridor(Path(__file__).parents[2] / "corridors" / "andes")
RUNS = range(3)
SLOWER = Patch(
    name="slower",
    title="Slower customs",
    source="invented",
    change=(
        Change(
            table="stages",
            where={"procedure": "lago_norte_outbound_road", "order": 2},
            scale={"mean_h": 2.0},
        ),
    ),
    evidence=(Evidence(parameter="change.0.scale.mean_h", low=1.2, high=3.0, source="invented"),),
)
DEARER = Patch(
    name="dearer",
    title="Dearer rails",
    source="invented",
    change=(
        Change(
            table="tariffs",
            where={"tariff": ANDES.table("tariffs")["tariff"][0]},
            scale={"usd_per_t_km": 2.0},
        ),
    ),
)
SOUTH = Patch(
    name="south",
    title="Another officer on the road south",
    source="invented",
    change=(
        Change(
            table="resources",
            where={"resource": "quebrada_ar_inbound_road_documents"},
            add={"servers": 1},
        ),
    ),
)
MEASURES = {**ANDES.measures, "slower": SLOWER, "dearer": DEARER, "south": SOUTH}


def ground(**more) -> Ground:
    return Ground(ANDES, MEASURES, seed=3, draws=2, **more)


def same(one: Outcome, two: Outcome) -> None:
    for name in SCHEMAS:
        assert_frame_equal(getattr(one, name), getattr(two, name), check_exact=True)


def whole(*names: str) -> Outcome:
    """Simulated as one, without parts."""
    corridor = limited(apply(ANDES, *(MEASURES[name] for name in names)), 2)
    return joined([outcome_of(corridor, simulate(corridor, replications=3, seed=3).tally)])


@pytest.mark.parametrize(
    "names",
    [(), ("second_berth",), ("more_officers", "third_ferry"), ("slower",), ("slower", "dearer")],
)
def test_what_is_put_together_from_parts_is_what_one_run_gives(names):
    mine = ground()
    outcome(mine, NOTHING, RUNS)
    same(outcome(mine, frozenset(names), RUNS), whole(*names))


def test_a_set_of_measures_far_apart_asks_for_no_run_of_its_own(monkeypatch):
    mine = ground()
    found = pieces(mine, ["second_berth", "south"])
    assert [piece.measures for piece in found] == [{"second_berth"}, {"south"}]
    for names in ((), ("second_berth",), ("south",)):
        outcome(mine, frozenset(names), RUNS)
    monkeypatch.setattr(grounds, "run_model", _never)
    same(outcome(mine, frozenset({"second_berth", "south"}), RUNS), whole("second_berth", "south"))


def test_measures_that_meet_are_in_one_piece():
    mine = ground()
    (piece,) = pieces(mine, ["second_berth", "third_ferry"])
    assert piece.measures == {"second_berth", "third_ferry"}
    assert {"quinoa_out", "zinc_out"} <= piece.flows


def test_what_is_tied_is_joined_whatever_the_order():
    groups = [frozenset("ab"), frozenset("cd"), frozenset("bc"), frozenset("x")]
    assert tied(groups) == (frozenset("abcd"), frozenset("x"))
    assert tied(reversed(groups)) == tied(groups)


def test_a_measure_that_nothing_in_the_middle_feels_is_felt_at_an_end_of_its_range():
    none = SLOWER.model_copy(
        update={"change": (SLOWER.change[0].model_copy(update={"scale": {"mean_h": 1.0}}),)}
    )
    mine = Ground(ANDES, {"slower": none}, seed=3, draws=2)
    assert touched_by(mine, "slower")


def _never(*_args, **_more):
    message = "simulated again"
    raise AssertionError(message)


def test_a_price_alone_touches_no_run():
    mine = ground()
    assert touched_by(mine, "dearer") == ()
    assert differing(mine, frozenset({"dearer"})) == ()


def test_a_run_beyond_the_draws_takes_them_again_with_other_luck():
    mine = ground()
    found = outcome(mine, frozenset({"slower"}), range(4))
    hours = found.trips.group_by("run").agg(pl.col("total_h").sum()).sort("run")["total_h"]
    assert hours.n_unique() == 4
    assert mine.with_({"slower"}).fitted.draws == 2


def test_what_is_kept_is_found_by_another_process_and_not_simulated_again(tmp_path, monkeypatch):
    store = Store(tmp_path / "kept.sqlite")
    first = outcome(ground(store=store), frozenset({"slower"}), RUNS)
    monkeypatch.setattr(grounds, "run_model", _never)
    monkeypatch.setattr(grounds, "compile_model", _never)
    same(outcome(ground(store=store), frozenset({"slower"}), RUNS), first)


def test_a_search_that_was_killed_goes_on_where_it_stopped(tmp_path, monkeypatch):
    store = Store(tmp_path / "kept.sqlite")
    done: list[str] = []
    real = grounds.run_model

    def dying(model, **more):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append("one")
        return real(model, **more)

    sets = [NOTHING, frozenset({"slower"}), frozenset({"second_berth"})]
    monkeypatch.setattr(grounds, "run_model", dying)
    mine = ground(store=store)
    with pytest.raises(KeyboardInterrupt):
        [outcome(mine, names, RUNS) for names in sets]
    assert len(done) == 2
    done.clear()
    again = ground(store=store)
    found = [outcome(again, names, RUNS) for names in sets]
    assert len(done) == 1  # the one that was under way
    same(found[2], whole("second_berth"))


def test_other_seeds_draws_and_ranges_are_other_evaluations():
    wider = SLOWER.model_copy(
        update={"evidence": (SLOWER.evidence[0].model_copy(update={"high": 4.0}),)}
    )
    keys = {
        tuple(part.key for part in parts_with(each, frozenset({"slower"})))
        for each in (
            ground(),
            Ground(ANDES, MEASURES, seed=4, draws=2),
            Ground(ANDES, MEASURES, seed=3, draws=3),
            Ground(ANDES, {"slower": wider}, seed=3, draws=2),
        )
    }
    assert len(keys) == 4
    base, other = (
        {part.key for part in parts_with(each, frozenset({"slower"}))}
        for each in (ground(), Ground(ANDES, {"slower": wider}, seed=3, draws=2))
    )
    assert base & other  # what the range does not reach is the same


def test_a_shock_leaves_what_it_does_not_touch(monkeypatch):
    """Another corridor with other traffic on one road: the parts elsewhere are looked up."""
    more = Change(table="flows", where={"flow": "trucks_south"}, scale={"trips_per_y": 1.5})
    shocked = apply(ANDES, Patch(name="more", title="More", source="invented", change=(more,)))
    store: dict = {}
    here = Ground(ANDES, MEASURES, seed=3, draws=2, seen=store)
    there = Ground(shocked, MEASURES, seed=3, draws=2, seen=store)
    outcome(here, NOTHING, RUNS)
    counted: list[int] = []
    real = grounds.run_model

    def counting(model, **more):
        counted.append(model.flows.height)
        return real(model, **more)

    monkeypatch.setattr(grounds, "run_model", counting)
    found = outcome(there, NOTHING, RUNS)
    assert counted == [1]
    monkeypatch.undo()
    alone = simulate(shocked, replications=3, seed=3).tally
    same(found, joined([outcome_of(shocked, alone)]))


def _work(path: str, names: tuple[str, ...]) -> None:
    outcome(ground(store=Store(Path(path)), threads=1), frozenset(names), RUNS)


def test_several_processes_share_one_file(tmp_path):
    path = tmp_path / "kept.sqlite"
    context = multiprocessing.get_context("spawn")
    tasks = [(str(path), names) for names in [("slower",), ("second_berth",), ("slower",)]]
    workers = [context.Process(target=_work, args=task) for task in tasks]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
        assert worker.exitcode == 0
    same(outcome(ground(store=Store(path)), frozenset({"slower"}), RUNS), whole("slower"))


def test_packed_and_unpacked_is_the_same_and_the_same_bytes():
    one = whole()
    same(unpacked(packed(one)), one)
    assert packed(one) == packed(unpacked(packed(one)))


@pytest.mark.parametrize("data", [b"", b"[1]\nx", b"nothing", b"[9,9,9,9,9,9,9]\n" + b"x" * 63])
def test_what_is_no_evaluation_is_refused(data):
    with pytest.raises(Fault) as found:
        unpacked(data)
    assert found.value.code == "A207"


def test_a_file_that_is_no_store_is_refused_and_left_as_it_is(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("these are my notes, and they are long enough to be no database" * 20)
    before = path.read_bytes()
    with pytest.raises(Fault) as found:
        outcome(ground(store=Store(path)), NOTHING, RUNS)
    assert found.value.code == "A207"
    assert path.read_bytes() == before


def test_a_store_of_another_shape_is_refused(tmp_path):
    path = tmp_path / "kept.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("create table parts (something text)")
    with pytest.raises(Fault) as found:
        outcome(ground(store=Store(path)), NOTHING, RUNS)
    assert found.value.code == "A207"
