"""Whole appraisals of the small corridor: what adds up, what is flagged, what is refused."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from transcaspian.appraisal.appraise.appraise import appraise
from transcaspian.appraisal.appraise.plan import Plan, evaluate, gained, sides
from transcaspian.appraisal.appraise.ranking import ranked
from transcaspian.appraisal.appraise.waiting import moved, remarks
from transcaspian.appraisal.evaluate.ground import NOTHING, Ground, outcome
from transcaspian.appraisal.evaluate.outcome import SCHEMAS, Outcome
from transcaspian.appraisal.worth.guards import check_gains
from transcaspian.appraisal.worth.results import BASES
from transcaspian.corridor.apply import apply
from transcaspian.corridor.patch import Change, Cost, Evidence, Patch
from transcaspian.errors import Fault
from transcaspian.readers.folder import read_corridor

ANDES = read_corridor(Path(__file__).parents[2] / "corridors" / "andes")
RUNS = range(4)


def made(name, *change, cost=None, **more):
    return Patch(
        name=name, title=name, source="invented", change=change, cost=cost, **more
    )  # fmt: skip


def servers(resource, extra):
    return Change(table="resources", where={"resource": resource}, add={"servers": extra})


CHEAP = Cost(
    capex_usd=1e6, life_years=30.0, source="invented", payers={"one_bank": 0.7, "treasury": 0.3}
)
MEASURES = {
    **ANDES.measures,
    "idle_gauge": made("idle_gauge", servers("quebrada_ar_inbound_gauge", 2), cost=CHEAP),
    "no_fees": made(
        "no_fees",
        Change(
            table="stages", where={"procedure": "lago_norte_outbound_road"}, set={"fee_usd": 0.0}
        ),
        cost=CHEAP,
    ),
    "cheaper_rail": made(
        "cheaper_rail",
        Change(table="tariffs", where={"tariff": "rail"}, scale={"usd_per_t_km": 0.8}),
        cost=CHEAP,
    ),
    "unpriced": made("unpriced", servers("lago_norte_outbound_documents", 1)),
    "quicker": made(
        "quicker",
        Change(
            table="stages",
            where={"procedure": "lago_norte_outbound_road", "order": 3},
            scale={"mean_h": 0.5},
        ),
        cost=CHEAP,
        evidence=(
            Evidence(
                parameter="change.0.scale.mean_h", low=0.2, high=0.9, grade="C", source="invented"
            ),
        ),
    ),
    "short_lived": made(
        "short_lived",
        servers("lago_norte_outbound_inspect", 1),
        cost=Cost(capex_usd=3e7, life_years=5.0, source="invented"),
    ),
}


def plan(**more) -> Plan:
    return Plan(Ground(ANDES, MEASURES, seed=3, draws=2, **more), 2024, 20, 16)


@pytest.fixture(scope="module")
def shared():
    return plan()


@pytest.fixture(scope="module")
def third_ferry(shared):
    return appraise(shared, frozenset({"third_ferry"}), RUNS)


def test_what_countries_and_everyone_gain_adds_up_to_the_whole(third_ferry):
    for basis in BASES:
        whole = third_ferry.figure("benefits", basis=basis)["value"]
        mine = third_ferry.who.filter(kind="country", basis=basis)["value"].sum()
        assert mine == pytest.approx(whole, rel=1e-9)


@pytest.mark.parametrize("name", ["no_fees", "cheaper_rail"])
def test_transfers_leave_the_sum_over_countries_as_it_is(shared, name):
    found = appraise(shared, frozenset({name}), RUNS)
    for basis in BASES:
        whole = found.figure("benefits", basis=basis)["value"]
        mine = found.who.filter(kind="country", basis=basis)["value"].sum()
        assert mine == pytest.approx(whole, abs=1e-9)


def test_a_cheaper_tariff_alone_is_no_gain_of_all_and_says_so(shared):
    found = appraise(shared, frozenset({"cheaper_rail"}), RUNS)
    assert found.figure("price")["value"] < 0
    assert found.figure("time_mean")["value"] == 0
    assert found.figure("benefits", basis="market")["value"] <= 0
    assert any(remark.code == "tariff_transfer" for remark in found.remarks)


def test_who_pays_adds_up_to_the_costs(shared):
    found = appraise(shared, frozenset({"idle_gauge", "quicker"}), RUNS)
    payers = found.who.filter(kind="payer")
    costs = found.figures.filter(figure="costs")
    assert payers["name"].to_list() == ["one_bank", "treasury"]
    assert -payers["value"].sum() == pytest.approx(costs["value"][0])
    assert payers["value"][0] / payers["value"].sum() == pytest.approx(0.7)


def test_more_of_what_is_not_short_is_worth_nothing_and_that_is_said(shared):
    found = appraise(shared, frozenset({"idle_gauge"}), RUNS)
    assert abs(found.figure("waiting")["value"]) < 50
    said = [remark for remark in found.remarks if remark.code == "no_bottleneck"]
    assert len(said) == 1
    assert said[0].values["busy"] < 0.5
    assert "its value is about zero" in str(said[0])
    worth = abs(found.figure("benefits", basis="market")["value"])
    ferry = abs(appraise(shared, frozenset({"third_ferry"}), RUNS).figure("benefits")["value"])
    assert worth < 0.02 * ferry


def test_a_measure_without_a_cost_is_not_set_against_one(shared):
    found = appraise(shared, frozenset({"unpriced"}), RUNS)
    assert found.figures.filter(pl.col("figure").is_in(["npv", "bcr", "eirr"])).is_empty()
    assert any(remark.code == "no_cost" for remark in found.remarks)
    assert found.figure("benefits", basis="market")["value"] is not None


def test_renewals_that_change_the_sign_again_leave_no_rate_of_return(shared):
    found = appraise(shared, frozenset({"short_lived"}), RUNS)
    assert found.figure("eirr", basis="market")["value"] is None
    codes = {remark.code for remark in found.remarks}
    assert codes & {"sign_changes", "never_positive"}


def test_net_worth_is_benefits_less_costs_at_every_rate(third_ferry):
    for basis in BASES:
        for rate in (0.08, 0.04):
            worth, gain = (
                third_ferry.figure(name, basis=basis, rate=rate)["value"]
                for name in ("npv", "benefits")
            )
            cost = third_ferry.figure("costs", rate=rate)["value"]
            assert worth == pytest.approx(gain - cost, rel=1e-6)


def test_weak_evidence_is_said(shared):
    found = appraise(shared, frozenset({"quicker"}), RUNS)
    assert {"weak_evidence"} <= {remark.code for remark in found.remarks}


def test_the_switching_value_of_the_cost_is_the_benefit(third_ferry):
    row = third_ferry.inputs.filter(input="cost", basis="market").row(0, named=True)
    assert row["switching"] > 0
    assert third_ferry.inputs.filter(basis="market").height <= 10
    swings = third_ferry.inputs.filter(basis="market")["swing"].to_list()
    assert swings == sorted(swings, reverse=True)


def test_at_its_switching_value_nothing_is_left(shared):
    found = appraise(shared, frozenset({"third_ferry"}), RUNS)
    rows = found.inputs.filter(
        pl.col("switching").is_not_null() & ~pl.col("input").is_in(["cost", "effect"])
    )
    for row in rows.iter_rows(named=True):
        at = {row["input"]: row["switching"]}
        table = ANDES.table("factors").with_columns(
            pl.when(pl.col("factor") == name).then(value).otherwise(pl.col(column)).alias(column)
            for name, value in at.items()
            for column in ("low", "value", "high")
        )
        changed = replace(ANDES, tables={**ANDES.tables, "factors": table})
        other = Plan(Ground(changed, MEASURES, seed=3, draws=2), 2024, 20, 16)
        again = appraise(other, frozenset({"third_ferry"}), RUNS).inputs.filter(
            input="cost", basis=row["basis"]
        )
        left = again["switching"][0] - again["value"][0]
        assert left == pytest.approx(0, abs=1e-3 * again["value"][0])


def test_nothing_to_appraise_is_refused(shared):
    with pytest.raises(Fault) as found:
        appraise(shared, frozenset(), RUNS)
    assert found.value.code == "A206"


def test_the_same_appraisal_twice_is_the_same_to_the_bit(third_ferry):
    again = appraise(plan(), frozenset({"third_ferry"}), RUNS)
    for name in ("figures", "who", "moved", "inputs"):
        assert getattr(again, name).equals(getattr(third_ferry, name))


def test_values_of_sets_are_those_of_their_parts_whatever_was_counted_before(shared):
    sets = [frozenset(), frozenset({"third_ferry"}), frozenset({"third_ferry", "more_officers"})]
    warm = evaluate(shared, sets, RUNS)
    for at, names in enumerate(sets):
        assert evaluate(plan(threads=1), [names], RUNS)[0] == pytest.approx(warm[at], rel=1e-12)
    assert (warm[0] == 0).all()


def test_paired_values_are_those_of_the_whole_appraisal(shared):
    """Run k at draw k of the factors: the value of a set counted by hand from the arrays."""
    names = frozenset({"second_berth"})
    found = sides(shared, names, RUNS)
    hours = (found.before.mean_h - found.after.mean_h) * found.before.tonnes
    value = gained(shared, names, RUNS)
    assert value.shape == (4,)
    assert np.sign(value[np.abs(hours.sum(axis=1)) > 1e4]).sum() != 0


def test_a_tariff_that_pays_out_the_hours_it_saves_is_counted_twice():
    both = made(
        "both",
        servers("puerto_alto_berth", 1),
        Change(table="tariffs", where={"tariff": "rail"}, scale={"usd_per_t_km": 0.9}),
    )
    with pytest.raises(Fault) as found:
        check_gains({"both": both})
    assert found.value.faults[0].code == "A205"
    check_gains(MEASURES)


def test_a_time_that_would_be_negative_is_refused():
    less = made(
        "less",
        Change(
            table="stages",
            where={"procedure": "lago_norte_outbound_road", "order": 3},
            add={"mean_h": -5.0},
        ),
    )
    with pytest.raises(Fault) as found:
        apply(ANDES, less)
    assert found.value.faults[0].code == "P106"
    assert "-3" in str(found.value)


def waits(**hours) -> Outcome:
    frames = {name: pl.DataFrame(schema=schema) for name, schema in SCHEMAS.items()}
    rows = [
        {"run": f"r000{run}", "flow": "f", "place": place, "hours": each + run}
        for run in (1, 2, 3, 4)
        for place, each in hours.items()
    ]
    trips = [{"run": f"r000{run}", "flow": "f", "n": 1.0} for run in (1, 2, 3, 4)]
    frames["waits"] = pl.DataFrame(rows, schema=SCHEMAS["waits"])
    frames["trips"] = pl.DataFrame(trips, schema=SCHEMAS["trips"])
    return Outcome(**frames)


def test_a_gain_that_comes_back_elsewhere_is_flagged_from_three_in_ten_on():
    before = waits(border=1_000.0, port=200.0, yard=100.0)
    after = waits(border=0.0, port=520.0, yard=390.0)
    table = moved(before, after, draws=4)
    assert table["place"].to_list() == ["border", "port", "yard"]
    assert table["value"].to_list() == pytest.approx([-1_000, 320, 290])
    assert table["reappears"].to_list() == [False, True, False]
    (said,) = remarks(table, names={"border": "The Border"})
    assert said.values["share"] == pytest.approx(0.32)
    assert "The Border" in str(said)


def test_a_queue_that_moves_on_the_corridor_itself_is_seen(shared):
    """More room in front of the crane alone sends the waiting from the berth to it."""
    whole = (
        outcome(shared.ground, NOTHING, RUNS),
        outcome(shared.ground, frozenset({"third_ferry"}), RUNS),
    )
    table = moved(*whole, draws=2)
    net = sum(table["value"])
    total = [each.waits["hours"].sum() / 4 for each in whole]
    assert net == pytest.approx(total[1] - total[0], abs=50 * 12)


def test_ranked_by_worth_with_more_runs_where_the_order_is_not_clear(shared):
    names = ["more_officers", "third_ferry", "second_berth", "idle_gauge"]
    found = ranked(shared, names, runs=2, most=8)
    assert [each.value for each in found] == sorted((each.value for each in found), reverse=True)
    for each in found:
        assert each.runs in {2, 4, 6, 8}
    for one, other in pairwise(found):
        assert one.sure or one.runs == 8 or other.runs == 8
