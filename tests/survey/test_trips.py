"""One trip, many witnesses: who belongs together, who is believed, what is left open."""

from datetime import UTC, datetime, timedelta

import narwhals as nw
import polars as pl
import pytest

from transcaspian.events.declarations import WITNESSES
from transcaspian.events.log import check
from transcaspian.events.testimony import testimony as made_of
from transcaspian.survey.trips.reconcile import reconcile
from transcaspian.tables.parse import schema_of

ZERO = datetime(2023, 3, 1, tzinfo=UTC)


def at(hour):
    return None if hour is None else ZERO + timedelta(hours=hour)


class Told:
    """A wave told by hand."""

    def __init__(self):
        self.rows, self.trips, self.names, self.paid = [], {}, [], []

    def say(  # noqa: PLR0917  # a row of a table
        self,
        trip,
        source,
        place,
        act,
        life,
        low,
        high=None,
        *,
        hours=None,
        network=None,
        one=True,
        row=None,
    ):
        count = sum(row[1] == trip for row in self.rows) + 1
        high = low if one else high
        self.rows.append(
            (
                "w",
                trip,
                count,
                place,
                act,
                None,
                at(low),
                at(high),
                hours,
                "UTC",
                network,
                None,
                life,
                source,
                f"{trip}-{place}-{source}-{row or count}",
            )
        )
        self.trips.setdefault(trip, place)
        return self

    def stay(self, trip, source, place, came, left, **more):
        act = {"lago_norte": "border", "lago_sur": "border", "orilla": "port", "meseta": "stop"}[
            place
        ]
        self.say(trip, source, place, act, "start", came, row=came, **more)
        return self.say(trip, source, place, act, "complete", left, row=came, **more)

    def name(self, trip, kind, name):
        self.names.append(("w", trip, kind, name))
        return self

    def heard(self, corridor):
        blank = (None,) * 5
        trips = [
            ("w", trip, f"t{trip}", *blank[:3], "", "", *blank[:3], 1.0, None, "carrier", None)
            for trip in self.trips
        ]
        made = made_of(trips=trips, identities=self.names, payments=self.paid)
        said = pl.DataFrame(self.rows, schema=schema_of(WITNESSES), orient="row")
        return reconcile(
            said, made.trips, identities=made.identities, payments=made.payments, corridor=corridor
        )


def visits(found):
    return nw.to_native(found.visits).sort("trip", "leg")


def test_a_form_a_tracker_and_a_message_of_one_truck_are_one_trip(andes):
    wave = Told().stay(1, "form", "lago_norte", 10, 14).stay(1, "form", "lago_sur", 15, 18)
    wave.say(2, "tracker", "lago_norte", "border", "start", 9.8, 10.1, one=False)
    wave.say(2, "tracker", "lago_norte", "border", "complete", 13.9, 14.2, one=False)
    wave.say(3, "message", "lago_sur", "arr", "complete", 15.1)
    wave.name(1, "vehicle", "A1").name(2, "vehicle", "A1").name(3, "vehicle", "A1")
    found = wave.heard(andes)
    assert found.events.trips["trip"].to_list() == [1000]
    rows = visits(found).select("place", "sources", "grade", "in_source", "direction").rows()
    assert rows == [
        ("lago_norte", 2, "A", "tracker", "outbound"),
        ("lago_sur", 2, "B", "message", "inbound"),
    ]
    apart = nw.to_native(found.disagreements)
    assert apart.height == 3
    assert apart.filter(end="in", place="lago_sur")["apart_h"][0] == pytest.approx(0.1, abs=1e-6)
    assert check(found.events) == []


def test_another_truck_and_another_week_are_other_trips(andes):
    wave = Told().stay(1, "form", "lago_norte", 10, 14).stay(2, "form", "lago_norte", 200, 203)
    wave.stay(3, "tracker", "lago_norte", 10, 14).stay(3, "tracker", "lago_norte", 200, 203)
    wave.say(3, "tracker", "orilla", "port", "start", 190)
    wave.stay(4, "tracker", "lago_norte", 10, 14)
    wave.name(1, "vehicle", "A1").name(2, "vehicle", "A1").name(3, "vehicle", "A1")
    wave.name(4, "vehicle", "B2")
    found = visits(wave.heard(andes))
    both = found.filter(pl.col("sources") == 2)
    assert both.select("trip", "place").rows() == [(1000, "lago_norte"), (2000, "lago_norte")]
    assert set(found["trip"]) == {1000, 2000, 4000}


def test_a_name_that_falls_silent_is_on_another_trip(andes):
    wave = Told().stay(1, "message", "lago_norte", 0, 2).stay(1, "message", "lago_norte", 500, 502)
    wave.say(1, "message", "orilla", "port", "start", 490)
    found = visits(wave.name(1, "equipment", "C1").heard(andes))
    assert found.select("trip", "place").rows() == [
        (1000, "lago_norte"),
        (1001, "orilla"),
        (1001, "lago_norte"),
    ]


def test_messages_of_two_systems_about_one_wagon_are_one_trip(andes):
    wave = Told().stay(1, "message", "lago_norte", 0, 2).stay(2, "message", "lago_sur", 3, 5)
    wave.name(1, "equipment", "51").name(2, "equipment", "51").name(2, "consignment", "X")
    assert visits(wave.heard(andes))["trip"].unique().to_list() == [1000]


def test_stamps_by_the_day_neither_double_a_visit_nor_blur_an_instant(andes):
    wave = Told()
    for place in ("lago_norte", "lago_sur"):
        wave.say(1, "message", place, "arr", "complete", 0, 24, one=False)
        wave.say(1, "message", place, "dep", "start", 0, 24, one=False)
    wave.say(2, "message", "lago_sur", "arr", "complete", 13.25)
    wave.say(2, "message", "lago_sur", "dep", "start", 15)
    wave.name(1, "consignment", "X").name(1, "equipment", "51").name(2, "equipment", "51")
    found = visits(wave.heard(andes))
    assert found["place"].to_list() == ["lago_norte", "lago_sur"]
    row = found.row(1, named=True)
    assert (row["left"] - row["arrived"]) / 3.6e9 == 1.75
    assert row["in_lo"] == row["in_hi"]
    assert row["grade"] == "B"


def test_two_arrivals_that_messages_put_apart_leave_the_first(andes):
    wave = Told().stay(1, "message", "lago_norte", 10, 20).stay(2, "message", "lago_norte", 14, 23)
    wave.name(1, "equipment", "51").name(2, "equipment", "51")
    row = visits(wave.heard(andes)).row(0, named=True)
    assert (row["left"] - row["arrived"]) / 3.6e9 == 13


def test_papers_lodged_before_the_goods_come_are_no_visit(andes):
    wave = Told().stay(1, "message", "lago_norte", 10, 14)
    wave.say(2, "message", "lago_norte", "c01_lodgement", "complete", -30)
    wave.say(2, "message", "lago_norte", "c04_release", "complete", 13)
    wave.name(1, "equipment", "51").name(2, "equipment", "51")
    row = visits(wave.heard(andes)).row(0, named=True)
    assert (row["left"] - row["arrived"]) / 3.6e9 == 4


def test_a_machine_is_believed_where_a_form_contradicts_it(andes):
    wave = Told().stay(1, "form", "lago_norte", 10, 11).stay(2, "tracker", "lago_norte", 14, 30)
    wave.name(1, "vehicle", "A").name(2, "vehicle", "A")
    row = visits(wave.heard(andes)).row(0, named=True)
    assert (row["in_source"], row["out_source"], row["grade"]) == ("tracker", "tracker", "C")
    assert (row["left"] - row["arrived"]) / 3.6e9 == 16


def test_a_stay_told_backwards_is_not_used_but_another_witness_of_it_is(andes):
    wave = Told().stay(1, "form", "lago_norte", 14, 10)
    found = wave.heard(andes)
    assert visits(found).is_empty()
    assert nw.to_native(found.upset).height == 1
    wave.stay(2, "tracker", "lago_norte", 10, 14).name(1, "vehicle", "A").name(2, "vehicle", "A")
    row = visits(wave.heard(andes)).row(0, named=True)
    assert (row["left"] - row["arrived"]) / 3.6e9 == 4


def test_missing_ends_stay_open(andes):
    wave = Told().say(1, "form", "lago_norte", "border", "start", 10)
    wave.say(2, "tracker", "lago_norte", "border", "start", None, 5, one=False)
    wave.say(2, "tracker", "lago_norte", "border", "complete", 8, 9, one=False)
    found = visits(wave.heard(andes))
    assert found["grade"].to_list() == ["D", "D"]
    assert found["left"].is_null().to_list() == [True, False]
    assert found["arrived"].is_null().to_list() == [False, True]


def test_a_trip_told_by_two_associations_is_one(andes):
    wave = Told()
    for trip, late in ((1, 0), (2, 0.5), (3, 100)):
        wave.stay(trip, "form", "lago_norte", 10 + late, 14 + late)
        wave.stay(trip, "form", "lago_sur", 15 + late, 18 + late)
        wave.name(trip, "vehicle", "A1")
    found = wave.heard(andes)
    assert found.doubles.rows() == [("w", 2000, 1000)]
    assert found.events.trips["trip"].to_list() == [1000, 3000]


def test_stated_hours_are_laid_out_within_the_stay_and_the_rest_is_shown(andes):
    wave = Told().stay(1, "form", "lago_norte", 10, 16)
    wave.say(1, "form", "lago_norte", "r02_customs", "whole", None, hours=2.0)
    wave.say(1, "form", "lago_norte", "wait_queue", "whole", None, hours=1.0)
    steps = wave.heard(andes).events.steps
    lengths = {
        row["activity"]: (row["ended"] - (row["started"] or row["arrived"])) / timedelta(hours=1)
        for row in steps.iter_rows(named=True)
    }
    assert lengths == {"r02_customs": 2.0, "wait_queue": 1.0, "x90_unknown_stop": 3.0}
    wave.say(1, "form", "lago_norte", "r20_seal", "whole", None, hours=5.0)
    found = wave.heard(andes)
    steps = found.events.steps
    assert check(found.events) == []
    assert (steps["ended"].max() - steps["arrived"].min()) == timedelta(hours=6)
    assert sorted((steps["ended"] - steps["started"]).dt.total_hours().to_list()) == [1, 2, 5]


def test_activities_with_instants_keep_the_wait_before_them(andes):
    wave = Told().stay(1, "form", "lago_norte", 10, 16)
    for act, begin, end in (("r01_border_security", 11, 12), ("r02_customs", 14, 16)):
        wave.say(1, "form", "lago_norte", act, "start", begin)
        wave.say(1, "form", "lago_norte", act, "complete", end)
    rows = wave.heard(andes).events.steps.sort("step")
    waits = (rows["started"] - rows["arrived"]).dt.total_hours().to_list()
    assert rows["activity"].to_list() == ["r01_border_security", "r02_customs"]
    assert waits == [1, 2]


def test_the_way_between_is_moving_and_a_stop_on_it_is_not(andes):
    wave = Told().stay(1, "tracker", "lago_norte", 0, 2).stay(1, "tracker", "lago_sur", 10, 12)
    wave.rows.append(
        (
            "w",
            1,
            9,
            None,
            "line",
            "stay 7",
            at(4),
            at(4),
            None,
            "UTC",
            None,
            None,
            "start",
            "tracker",
            "h",
        )
    )
    wave.rows.append(
        (
            "w",
            1,
            10,
            None,
            "line",
            "stay 7",
            at(7),
            at(7),
            None,
            "UTC",
            None,
            None,
            "complete",
            "tracker",
            "h",
        )
    )
    found = wave.heard(andes)
    ways = found.events.steps.filter(pl.col("place").str.contains("__"))
    rows = [
        (row["activity"], (row["ended"] - row["arrived"]) / timedelta(hours=1))
        for row in ways.iter_rows(named=True)
    ]
    assert sum(hours for act, hours in rows if act == "line") == 3
    assert sum(hours for act, hours in rows if act != "line") == 5
    assert check(found.events) == []


def test_a_clock_that_runs_backwards_leaves_out_the_way_and_keeps_the_stays(andes):
    found = (
        Told()
        .stay(1, "form", "lago_norte", 10, 14)
        .stay(1, "form", "lago_sur", 12, 18)
        .heard(andes)
    )
    assert visits(found)["place"].to_list() == ["lago_norte", "lago_sur"]
    assert found.events.steps.filter(pl.col("place").str.contains("__")).is_empty()


def test_payments_follow_their_row_to_the_first_step_of_the_visit(andes):
    wave = Told().stay(1, "form", "lago_norte", 10, 14).stay(1, "form", "lago_sur", 15, 18)
    wave.paid.append(("w", 1, 4, "official", 12.0, "USD"))
    found = wave.heard(andes)
    paid = found.events.payments.join(found.events.steps, on=["run", "trip", "step"])
    assert paid.select("place", "amount").rows() == [("lago_sur", 12.0)]


def test_what_is_said_of_the_surface_decides(andes):
    wave = Told().stay(1, "form", "lago_norte", 10, 14, network="road")
    wave.stay(1, "form", "lago_sur", 15, 18, network="road")
    assert visits(wave.heard(andes))["network"].to_list() == ["road", "road"]


def test_papers_seen_twice_are_two_spans_and_two_tellers_of_one_are_one(andes):
    wave = Told().stay(1, "form", "lago_norte", 10, 20)
    for started, ended in ((11, 12), (17, 18)):
        wave.say(1, "form", "lago_norte", "r02_customs", "start", started, row=started)
        wave.say(1, "form", "lago_norte", "r02_customs", "complete", ended, row=started)
    wave.stay(2, "message", "lago_norte", 10, 20)
    wave.say(2, "message", "lago_norte", "r02_customs", "start", 17.5)
    wave.say(2, "message", "lago_norte", "r02_customs", "complete", 18.5)
    wave.name(1, "vehicle", "A1").name(2, "vehicle", "A1")
    steps = nw.to_native(nw.from_native(wave.heard(andes).events.steps))
    hours = (pl.col("started") - ZERO).dt.total_minutes() / 60
    until = (pl.col("ended") - ZERO).dt.total_minutes() / 60
    customs = steps.filter(activity="r02_customs").select(hours, until)
    assert customs.rows() == [(11, 12), (17, 18.5)]
