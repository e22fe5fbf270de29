"""Packages chosen on the small corridor: rules, shares, futures, and what is kept of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from transcaspian.appraisal.appraise.appraise import appraise
from transcaspian.appraisal.appraise.plan import Plan, evaluate
from transcaspian.appraisal.choose.brief import brief_of, corridor_key
from transcaspian.appraisal.choose.choose import Effort, Purse, choose, problem_of
from transcaspian.appraisal.choose.futures import fallen, futures_of
from transcaspian.appraisal.choose.kept import brief_beside, read_brief, tables, write_brief
from transcaspian.appraisal.choose.sharing import brought_to, shared_out
from transcaspian.appraisal.evaluate.ground import Ground
from transcaspian.corridor.corridor import corridor_of
from transcaspian.corridor.patch import Change, Cost, Patch
from transcaspian.corridor.rules import check
from transcaspian.errors import Fault, Faults
from transcaspian.readers.folder import read_corridor

ANDES = read_corridor(Path(__file__).parents[2] / "corridors" / "andes")
RUNS = range(4)
EFFORT = Effort(cells=40, runs=4, seed=1)


def officers(name, resource, usd, **more):
    change = Change(table="resources", where={"resource": resource}, add={"servers": 1})
    cost = Cost(capex_usd=usd, life_years=20.0, source="invented", **more.pop("cost", {}))
    return Patch(name=name, title=name, source="invented", change=(change,), cost=cost, **more)


MEASURES = {
    **ANDES.measures,
    "inspectors": officers("inspectors", "lago_norte_outbound_inspect", 2e5),
    "more_inspectors": officers(
        "more_inspectors", "lago_norte_outbound_inspect", 1e5, needs=("inspectors",)
    ),
    "south": officers("south", "quebrada_ar_inbound_road_documents", 3e5),
    "nothing_felt": Patch(
        name="nothing_felt",
        title="A list",
        source="invented",
        change=(Change(table="levels", where={"level": "pier"}, set={"level_m": 1.0}),),
        cost=Cost(capex_usd=1e3, source="invented"),
    ),
}


def plan(measures=MEASURES) -> Plan:
    return Plan(Ground(ANDES, measures, seed=3, draws=2), 2024, 20, 8)


@pytest.fixture(scope="module")
def shared():
    return plan()


@pytest.fixture(scope="module")
def chosen(shared):
    return choose(shared, Purse(6.0), effort=EFFORT, futures=futures_of(shared))


def best_of(shared, budget):
    """The best allowed set, by trying every one of them."""
    problem = problem_of(shared, Purse(budget))
    names = problem.names
    allowed = []
    for bits in range(2 ** len(names)):
        names_in = frozenset(name for at, name in enumerate(names) if bits >> at & 1)
        needs = all(
            option.needs <= names_in for option in problem.options if option.name in names_in
        )
        if needs and problem.cost(names_in) <= budget:
            allowed.append(names_in)
    values = evaluate(shared, allowed, RUNS).mean(axis=1)
    return allowed[int(np.argmax(values))], float(values.max())


def test_the_best_of_all_allowed_sets_is_found(shared, chosen):
    best, value = best_of(shared, 6.0)
    assert chosen.value == pytest.approx(value, rel=0.02)
    assert set(chosen.measures) <= set(MEASURES)
    assert chosen.cost_musd <= 6.0
    assert set(chosen.measures) == best or chosen.near.height > 1


def test_shares_add_up_to_the_value(shared):
    package = frozenset({"third_ferry", "second_berth", "inspectors", "more_inspectors", "south"})
    problem = problem_of(shared, Purse(100.0))
    shares, _ = shared_out(shared, problem, package, runs=RUNS, basis="market")
    whole = float(evaluate(shared, [package], RUNS).mean())
    assert shares["share"].sum() == pytest.approx(whole, rel=1e-9)
    assert set(shares["measure"]) == package


def test_shares_add_up_on_more_runs_than_they_were_shared_out_on(shared, chosen):
    found = choose(shared, Purse(6.0), effort=replace(EFFORT, runs=6))
    assert found.shares["share"].sum() == pytest.approx(found.value, rel=1e-9)
    assert chosen.shares["share"].sum() == pytest.approx(chosen.value, rel=1e-9)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8), st.floats(-1e6, 1e6))
def test_what_is_brought_to_a_whole_adds_up_to_it(earned, whole):
    assert sum(brought_to(earned, whole)) == pytest.approx(whole, abs=1e-6)


def test_shares_are_shapleys_counted_over_all_orders(shared):
    """Three measures of one piece: each one's mean gain over the six orders, by hand."""
    from itertools import permutations

    names = ("third_ferry", "second_berth", "more_officers")
    package = frozenset(names)
    problem = problem_of(shared, Purse(100.0))
    shares, _ = shared_out(shared, problem, package, runs=RUNS, basis="market")
    earned = dict.fromkeys(names, 0.0)
    for order in permutations(names):
        before, had = frozenset(), 0.0
        for name in order:
            now = before | {name}
            value = float(evaluate(shared, [now], RUNS).mean())
            earned[name] += (value - had) / 6
            before, had = now, value
    for row in shares.iter_rows(named=True):
        assert row["share"] == pytest.approx(earned[row["measure"]], rel=1e-6)


def test_what_a_measure_needs_comes_with_it(chosen):
    if "more_inspectors" in chosen.measures:
        assert "inspectors" in chosen.measures


def test_a_measure_that_no_run_feels_is_left_out_and_named(shared, chosen):
    assert "nothing_felt" not in problem_of(shared, Purse(1.0)).names
    said = [remark for remark in chosen.remarks if remark.code == "no_effect"]
    assert [remark.values["measures"] for remark in said] == ["nothing_felt"]


def test_a_budget_below_the_cheapest_is_refused(shared):
    with pytest.raises(Faults) as found:
        choose(shared, Purse(0.05), effort=EFFORT)
    assert {fault.code for fault in found.value.faults} == {"A101"}
    assert "more_inspectors" in str(found.value)


def test_a_measure_counted_under_two_donors_is_refused():
    twice = officers(
        "twice", "lago_norte_outbound_inspect", 1e5, cost={"payers": {"one": 1.0, "two": 1.0}}
    )
    with pytest.raises(Faults) as found:
        problem_of(plan({**MEASURES, "twice": twice}), Purse(5.0))
    assert {fault.code for fault in found.value.faults} == {"A104"}


def test_a_circle_of_needs_and_alternatives_that_are_both_needed_are_refused():
    circle = {
        "a": officers("a", "lago_norte_outbound_inspect", 1e5, needs=("b",)),
        "b": officers("b", "lago_sur_inbound_inspect", 1e5, needs=("a",)),
    }
    with pytest.raises(Faults) as found:
        problem_of(plan(circle), Purse(5.0))
    assert "A102" in {fault.code for fault in found.value.faults}
    both = {
        "a": officers("a", "lago_norte_outbound_inspect", 1e5, excludes=("b",)),
        "b": officers("b", "lago_sur_inbound_inspect", 1e5),
        "c": officers("c", "lago_sur_outbound_inspect", 1e5, needs=("a", "b")),
    }
    with pytest.raises(Faults) as found:
        problem_of(plan(both), Purse(5.0))
    assert "A103" in {fault.code for fault in found.value.faults}


def test_costs_in_money_of_no_year_are_refused_before_anything_is_run():
    wrong = officers("wrong", "lago_norte_outbound_inspect", 1e5, cost={"prices": "nominal"})
    with pytest.raises(Faults) as found:
        problem_of(plan({**MEASURES, "wrong": wrong}), Purse(5.0))
    assert {fault.code for fault in found.value.faults} == {"A201"}


def test_yearly_money_puts_measures_off(shared):
    purse = Purse(6.0, yearly=(0.3, 5.0, 0.7))
    found = choose(shared, purse, effort=EFFORT)
    years = dict(found.shares.select("measure", "year").iter_rows())
    costs = dict(found.shares.select("measure", "cost_musd").iter_rows())
    for at, money in enumerate(purse.yearly):
        spent = sum(costs[name] for name, year in years.items() if year == 2024 + at)
        assert spent <= money + 1e-9
    assert set(years.values()) <= {2024, 2025, 2026}


def test_a_donor_gives_no_more_than_his_purse():
    given = {
        "a": officers("a", "lago_norte_outbound_inspect", 4e5, cost={"payers": {"one": 1.0}}),
        "b": officers("b", "lago_sur_inbound_inspect", 4e5, cost={"payers": {"one": 1.0}}),
    }
    found = choose(plan(given), Purse(5.0, donors={"one": 0.5}), effort=EFFORT)
    assert len(found.measures) <= 1


def test_near_sets_are_held_against_every_future(shared, chosen):
    names = [future.future for future in futures_of(shared)]
    assert names == ["as_now", "lake_shut", "low_lake"]
    assert chosen.regrets.height == 3 * chosen.near.height
    by_future = chosen.regrets.group_by("future").agg(pl.col("regret").min())
    assert by_future["regret"].to_list() == pytest.approx([0.0] * 3)
    worst = chosen.regrets.filter(pl.col("measures") == pl.lit(list(chosen.measures)))
    assert chosen.near["worst_regret"][0] == pytest.approx(worst["regret"].max())


def test_a_future_changes_what_a_measure_is_worth(shared):
    as_now, shut, _ = futures_of(shared)
    one = [frozenset({"third_ferry"})]
    middle = Plan(Ground(ANDES, MEASURES, seed=3, draws=2), 2024, 20, 8, middle=True)
    assert evaluate(as_now.plan, one, RUNS) == pytest.approx(evaluate(middle, one, RUNS))
    assert evaluate(shut.plan, one, RUNS).mean() != pytest.approx(
        evaluate(as_now.plan, one, RUNS).mean()
    )


def test_levels_of_different_gauges_are_not_subtracted():
    assert fallen(ANDES, "pier", "pier_low") == pytest.approx(0.4)
    with pytest.raises(Fault) as found:
        fallen(ANDES, "satellite", "pier_low")
    assert found.value.code == "A208"
    with pytest.raises(Fault) as found:
        fallen(ANDES, "pier", "pole")
    assert found.value.code == "A209"


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("level_from", "satellite", "A208"),
        ("level_from", None, "A209"),
        ("shocks", "flood", "A209"),
    ],
)
def test_a_corridor_with_such_a_future_is_refused(column, value, code):
    rows = ANDES.table("futures").with_columns(
        pl.when(pl.col("future") == "low_lake")
        .then(pl.lit(value, dtype=pl.String))
        .otherwise(pl.col(column))
        .alias(column)
    )
    corridor = corridor_of(
        ANDES.about, {**ANDES.tables, "futures": rows}, shocks=dict(ANDES.shocks)
    )
    assert code in {fault.code for fault in check(corridor)}


@pytest.mark.parametrize(
    ("factor", "column", "value", "said"),
    [
        ("emission_road", "boundary", "tank_to_wheel", "tank_to_wheel"),
        ("emission_road", "unit", "g/vkm", "g/vkm"),
        ("emission_road", "quantity", "load_factor", "load factor"),
    ],
)
def test_emission_factors_that_count_something_else_are_refused(factor, column, value, said):
    rows = ANDES.table("factors").with_columns(
        pl.when(pl.col("factor") == factor)
        .then(pl.lit(value))
        .otherwise(pl.col(column))
        .alias(column)
    )
    corridor = corridor_of(
        ANDES.about, {**ANDES.tables, "factors": rows}, shocks=dict(ANDES.shocks)
    )
    found = [fault for fault in check(corridor) if fault.code == "A204"]
    assert found
    assert said in f"{found[0].what} {found[0].expected}"


def test_a_brief_that_was_kept_is_read_as_it_was(tmp_path, shared, chosen):
    appraisals = [appraise(shared, frozenset({name}), RUNS) for name in ("third_ferry", "south")]
    known = replace(ANDES, measures=MEASURES, folder=str(tmp_path))
    brief = brief_of(shared, appraisals, [chosen], runs=4)
    write_brief(brief, tmp_path / "appraisal")
    again = read_brief(tmp_path / "appraisal", known)
    for name, frame in tables(brief).items():
        assert_frame_equal(frame, tables(again)[name])
    assert [each.remarks for each in again.appraisals] == [each.remarks for each in appraisals]
    assert again.chosen[0].measures == chosen.measures
    key = corridor_key(ANDES, MEASURES.values())
    assert brief_beside(known, key=key) is not None
    assert brief_beside(known, key="another") is None
    dearer = officers("south", "quebrada_ar_inbound_road_documents", 4e5)
    assert corridor_key(ANDES, {**MEASURES, "south": dearer}.values()) != key


@pytest.mark.parametrize("lost", ["about.toml", "figures.csv", "measures.csv"])
def test_a_kept_brief_with_a_broken_file_is_refused(tmp_path, shared, lost):
    known = replace(ANDES, measures=MEASURES, folder=str(tmp_path))
    brief = brief_of(shared, [appraise(shared, frozenset({"south"}), RUNS)], (), runs=4)
    write_brief(brief, tmp_path / "appraisal")
    (tmp_path / "appraisal" / lost).write_text("measure,changes\n7,\x00")
    with pytest.raises(Fault) as found:
        read_brief(tmp_path / "appraisal", known)
    assert found.value.code == "A207"


def test_the_same_choice_twice_is_the_same(chosen):
    again = choose(plan(), Purse(6.0), effort=EFFORT, futures=futures_of(plan()))
    assert again.measures == chosen.measures
    assert again.value == chosen.value
    assert again.near.equals(chosen.near)
    assert again.shares.equals(chosen.shares)
