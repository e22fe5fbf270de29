"""With and without: nothing changes nothing, a server fewer makes hours rise, luck is shared."""

from pathlib import Path

import polars as pl
import pytest

from transcaspian.appraisal import Settings, run_study, with_without
from transcaspian.appraisal.again import run_tally
from transcaspian.appraisal.compare import compare, waiting_by_place
from transcaspian.appraisal.store import keep, recall
from transcaspian.corridor.apply import apply
from transcaspian.corridor.patch import Change, Patch
from transcaspian.indicators.published import published_against_simulated
from transcaspian.readers.folder import read_corridor
from transcaspian.simulation import simulate

ANDES = read_corridor(Path(__file__).parents[1] / "corridors" / "andes")
HOW = Settings(replications=4, seed=5)


def patch(*change):
    return Patch(name="try", title="Try", source="invented", change=change)


def effect(comparison, figure):
    return comparison.effects.filter(pl.col("figure") == figure).row(0, named=True)


def test_a_measure_that_changes_nothing_has_no_effect_at_all():
    base = run_tally(ANDES, HOW)
    found = compare(ANDES, patch(), with_=base, without=base, after=ANDES)
    assert found.effects["value"].to_list() == [0.0] * found.effects.height
    assert found.moved.is_empty()


def test_a_server_fewer_makes_the_hours_rise():
    fewer = patch(
        Change(
            table="resources",
            where={"resource": "lago_norte_outbound_documents"},
            set={"servers": 1},
        )
    )
    after = apply(ANDES, fewer)
    found = compare(
        ANDES, fewer, with_=run_tally(after, HOW), without=run_tally(ANDES, HOW), after=after
    )
    assert effect(found, "waiting of all traffic")["low"] > 0
    assert found.moved["place"][0] == "lago_norte"


def test_more_officers_shorten_the_queue_and_nobody_else_s_luck_moves():
    found = with_without(ANDES, ["more_officers"], settings=HOW)[0]
    assert effect(found, "waiting of all traffic")["high"] < 0
    before = simulate(ANDES, seed=5, log=True).events
    after = simulate(apply(ANDES, ANDES.measures["more_officers"]), seed=5, log=True).events
    link = "puerto_alto__lago_norte__road"

    def driven(events):
        rows = events.steps.filter(
            (pl.col("place") == link) & (pl.col("activity") == "travel_road")
        )
        named = rows.join(events.trips.select("run", "trip", "flow"), on=["run", "trip"])
        return (
            named.filter(pl.col("flow") == "trucks_east")
            .select(pl.col("started"), pl.col("ended"))
            .sort("started")
        )

    assert driven(before).equals(driven(after))


def test_published_figures_are_all_listed_with_a_value_or_a_reason():
    table = published_against_simulated(ANDES, run_tally(ANDES, HOW))
    assert table.height == ANDES.table("published").height
    without = table.filter(pl.col("simulated").is_null())
    assert (without["why_not"].str.len_chars() > 0).all()
    total = table.filter(pl.col("figure") == "route_total").row(0, named=True)
    assert total["ratio"] == pytest.approx(1.0, abs=0.05)
    assert total["inside"]


def test_a_study_can_be_recalled_by_the_hash_of_its_corridor_alone(tmp_path):
    file = tmp_path / "findings.sqlite"
    study = run_study(ANDES, measures=["third_ferry"], settings=Settings(replications=2, seed=1))
    assert recall(study.present.hash, path=file) == []
    keep(study, version="x", path=file)
    keep(study, version="x", path=file)
    found = recall(study.present.hash, path=file)
    assert [row["measure"] for row in found] == ["third_ferry"]
    assert recall("0" * 64, path=file) == []


def test_waiting_by_place_is_the_waiting_of_the_log():
    run = simulate(ANDES, seed=2, log=True)
    steps = run.events.steps.filter(pl.col("place") == "lago_norte")
    waits = (steps["started"] - steps["arrived"]).dt.total_microseconds().sum() / 3.6e9
    place = waiting_by_place(run.tally).filter(pl.col("place") == "lago_norte")
    assert place["value"].item() == pytest.approx(waits, rel=1e-6)
