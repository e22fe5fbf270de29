import polars as pl
import pytest
from hand_made import CORRIDOR, OUT, log, steps, trips

from transcaspian.events.log import check
from transcaspian.events.reduce import tally
from transcaspian.events.tally import SCHEMAS, empty_tally
from transcaspian.tables.vocabulary import vocabulary


def of(events):
    assert check(events) == []
    return tally(events, **CORRIDOR)


def rows(frame, *names):
    return frame.select(names).rows()


ONE = trips(("r1", 1, "ore", 1.0))


def test_steps_hold_waits_services_and_kilometres():
    found = of(log(ONE, OUT)).steps
    names = ("order", "place", "activity", "n", "wait_h", "service_h", "km")
    assert rows(found, *names) == [
        (1, "city", "r14_load_unload", 1, 1, 1, 0),
        (2, "city__gate_a", "travel_rail", 1, 0, 2, 100),
        (3, "gate_a", "r01_border_security", 1, 1, 1, 0),
        (4, "gate_a", "r02_customs", 1, 2, 1, 0),
        (5, "gate_a__gate_b", "travel_rail", 1, 0, 0.5, 5),
        (6, "gate_b", "r02_customs", 1, 0.5, 2, 0),
        (7, "gate_b__quay", "travel_road", 1, 0, 1, 70),
        (8, "gate_b__quay", "r17_rest", 1, 0, 1, 0),
        (9, "quay", "p04_wait_vessel", 1, 0, 6, 0),
    ]


def test_visits_have_the_network_by_which_they_were_reached_and_their_direction():
    found = of(log(ONE, OUT)).visits
    assert rows(found, "place", "network", "direction", "n", "dwell_h", "dwell_h2") == [
        ("city", "rail", "domestic", 1, 2, 4),
        ("gate_a", "rail", "outbound", 1, 5, 25),
        ("gate_b", "rail", "inbound", 1, 2.5, 6.25),
        ("quay", "road", "domestic", 1, 6, 36),
    ]


def test_the_way_back_has_the_directions_exchanged():
    back = steps(
        ("quay", "p09_discharge", 0, 0, 3),
        ("gate_b__quay", "travel_road", 3, 3, 4),
        ("gate_b", "r02_customs", 4, 6, 7),
        ("gate_a__gate_b", "travel_rail", 7, 7, 8),
        ("gate_a", "r02_customs", 8, 8, 9),
        ("city__gate_a", "travel_rail", 9, 9, 11),
        ("city", "r14_load_unload", 11, 11, 12),
    )
    found = of(log(ONE, back)).visits
    assert rows(found, "place", "network", "direction") == [
        ("city", "rail", "domestic"),
        ("gate_a", "rail", "inbound"),
        ("gate_b", "road", "outbound"),
        ("quay", "road", "domestic"),
    ]


def test_a_post_between_two_foreign_ones_counts_as_left():
    """A place entered from abroad and left for abroad is outbound, not counted twice."""
    through = steps(
        ("gate_a", "r02_customs", 0, 0, 1),
        ("gate_b", "r02_customs", 2, 2, 3),
        ("gate_a", "r02_customs", 4, 4, 5),
    )
    found = of(log(ONE, through)).visits
    assert rows(found, "place", "network", "direction", "n") == [
        ("gate_a", "", "inbound", 1),
        ("gate_a", "", "outbound", 1),
        ("gate_b", "", "outbound", 1),
    ]


def test_the_high_sea_is_no_country():
    sea = steps(
        ("quay", "p08_load_vessel", 0, 0, 1),
        ("quay__strait", "sail", 1, 1, 11),
        ("strait", "canal_transit", 11, 12, 13),
        ("gate_b", "r02_customs", 20, 20, 21),
        ("gate_a", "r02_customs", 22, 22, 23),
    )
    found = of(log(ONE, sea)).visits
    assert rows(found, "place", "network", "direction") == [
        ("gate_a", "", "inbound"),
        ("gate_b", "", "outbound"),
        ("quay", "sea", "domestic"),
        ("strait", "sea", "domestic"),
    ]


def test_a_return_to_a_place_is_a_second_visit():
    again = steps(
        ("gate_a", "r02_customs", 0, 0, 1),
        ("city__gate_a", "travel_rail", 1, 1, 2),
        ("gate_a", "r02_customs", 2, 2, 5),
    )
    found = of(log(ONE, again))
    assert rows(found.visits, "place", "n", "dwell_h", "dwell_h2") == [("gate_a", 2, 4, 10)]
    assert rows(found.visit_bins, "n") == [(1,), (1,)]


def test_trips_count_from_first_arrival_to_last_end():
    found = of(log(ONE, OUT)).trips
    names = ("run", "flow", "n", "total_h", "total_h2", "tonnes", "unfinished")
    assert rows(found, *names) == [("r1", "ore", 1, 20, 400, 10, 0)]


def test_a_trip_without_its_last_end_is_unfinished_and_its_hours_do_not_count():
    cut = [*OUT[:-1], {**OUT[-1], "started": None, "ended": None}]
    found = of(log(ONE, cut))
    assert rows(found.trips, "n", "total_h", "tonnes", "unfinished") == [(0, 0, 0, 1)]
    assert found.trip_bins.is_empty()
    assert found.visits["n"].sum() == 3


def test_a_blank_in_the_middle_leaves_the_length_of_the_trip_alone():
    holes = [{**row, "ended": None} if row["step"] == 4 else row for row in OUT]
    holes = [{**row, "started": None} if row["step"] == 6 else row for row in holes]
    holes = [{**row, "arrived": None} if row["step"] == 3 else row for row in holes]
    found = of(log(ONE, holes))
    assert rows(found.trips, "n", "total_h") == [(1, 20)]
    hours = {row["order"]: (row["wait_h"], row["service_h"]) for row in found.steps.to_dicts()}
    assert hours[3] == (0, 1)
    assert hours[4] == (2, 0)
    assert hours[6] == (0, 2.5)
    dwell = dict(rows(found.visits, "place", "dwell_h"))
    assert dwell["gate_a"] == 3
    assert dwell["gate_b"] == 2.5


def test_a_weight_counts_a_trip_so_many_times():
    single = of(log(ONE, OUT))
    heavy = of(log(trips(("r1", 1, "ore", 2.5)), OUT))
    for name, columns in {
        "steps": ("n", "wait_h", "service_h", "km"),
        "visits": ("n", "dwell_h", "dwell_h2"),
        "visit_bins": ("n",),
        "trips": ("n", "total_h", "total_h2", "tonnes"),
        "trip_bins": ("n",),
    }.items():
        one = getattr(single, name).with_columns(pl.col(columns) * 2.5)
        assert getattr(heavy, name).equals(one), name


def test_runs_and_flows_are_kept_apart_and_a_nameless_flow_is_its_way():
    two = [*OUT, *({**row, "run": "r2"} for row in OUT), *({**row, "trip": 2} for row in OUT)]
    three = trips(("r1", 1, "ore", 1.0), ("r2", 1, "ore", 1.0), ("r1", 2, None, 1.0))
    found = of(log(three, two)).trips
    assert rows(found, "run", "flow", "n") == [
        ("r1", "city / quay", 1),
        ("r1", "ore", 1),
        ("r2", "ore", 1),
    ]


def test_payments_are_summed_where_they_were_made_and_others_left_out():
    paid = [
        {"run": "r1", "trip": 1, "step": 4, "kind": "official", "amount": 30.0, "currency": "USD"},
        {"run": "r1", "trip": 1, "step": 4, "kind": "unofficial", "amount": 5.5, "currency": "USD"},
        {"run": "r1", "trip": 1, "step": 6, "kind": "official", "amount": 9.0, "currency": "XXX"},
    ]
    found = of(log(trips(("r1", 1, "ore", 2.0)), OUT, paid)).payments
    assert rows(found, "place", "activity", "kind", "n", "usd") == [
        ("gate_a", "r02_customs", "official", 2, 60),
        ("gate_a", "r02_customs", "unofficial", 2, 11),
    ]


def test_hours_of_a_step_split_by_the_ledger_add_up_to_the_trip():
    found = of(log(ONE, OUT)).steps.join(
        vocabulary("activities").select(activity="code", ledger="ledger"), on="activity"
    )
    assert (found["wait_h"] + found["service_h"]).sum() == 20


def test_a_step_of_a_place_the_corridor_does_not_know_is_a_visit_of_nowhere():
    unknown = steps(("elsewhere", "r02_customs", 0, 1, 2))
    found = of(log(ONE, unknown)).visits
    assert rows(found, "place", "network", "direction", "n") == [("elsewhere", "", "domestic", 1)]


def test_an_empty_log_is_an_empty_tally():
    found = of(log([], []))
    nothing = empty_tally()
    for name in SCHEMAS:
        assert getattr(found, name).equals(getattr(nothing, name)), name


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_frame_is_as_declared_and_sorted(name):
    found = getattr(of(log(ONE, OUT)), name)
    assert dict(found.schema) == SCHEMAS[name]
    keys = [
        each
        for each, kind in SCHEMAS[name].items()
        if kind == pl.String or each in {"order", "bin"}
    ]
    assert found.equals(found.sort(keys))
