"""Payments held against journeys worked by hand: where, of which kind, and over which distance."""

import pytest

from transcaspian.survey.estimates.tables import tables

HEAD = "trip,carrier,vehicle,place,mode,arrived,departed,tonnes,official,unofficial\n"
STOPS = ("puerto_alto", "lago_norte", "lago_sur", "meseta")
BACK = ("puerto_alto", "lago_norte", "lago_sur", "lago_norte", "puerto_alto")
AGAIN = ("puerto_alto", "lago_norte", "lago_sur", "lago_norte", "lago_sur", "meseta")


@pytest.fixture
def estimated(wave, andes):
    """Makes a wave of trips and estimates its tables."""

    def make(trips, *, floor=3):
        more = f'currency = "USD"\npayments_from = {floor}\n'
        heard = wave({"forms/a.csv": HEAD + "\n".join(trips) + "\n"}, more=more)
        return tables(
            heard.events, heard.visits, wave=heard.wave, counts=heard.counts, rates=heard.rates,
            corridor=andes,
        )  # fmt: skip

    return make


def rows(name, paid, *, places=STOPS, lost=""):
    """A truck with 20 t that stays an hour at each place, three hours from each to the next.

    `paid`: official and unofficial sums by the number of the visit; `lost`: where nobody saw it
    leave.
    """
    day, found = f"2023-03-{name + 1:02d}", []
    for visit, place in enumerate(places):
        official, unofficial = paid.get(visit, ("", ""))
        came = f"{day} {visit * 4:02d}:07-04:00"
        left = "" if place == lost else f"{day} {visit * 4 + 1:02d}:19-04:00"
        found.append(
            f"t{name},c{name},V{name},{place},road,{came},{left},20,{official},{unofficial}"
        )
    return found


def trips(*paid, **more):
    return [row for name, each in enumerate(paid) for row in rows(name, each, **more)]


def at(found, place, *, kind):
    table = found["payments"].filter(place=place, kind=kind)
    return {row["direction"]: (row["n"], row["value"]) for row in table.iter_rows(named=True)}


def test_costs_are_over_all_kilometres_of_trips_whose_way_is_known(estimated):
    """90 + 4 + 420 km, the 4 between two countries; where a stay is open, nobody knows the way."""
    known = trips(*[{1: (100, "")}] * 6)
    broken = rows(7, {1: (900, "")}, lost="lago_sur")
    row = estimated(known + broken)["costs"].row(0, named=True)
    assert row["n"] == 6
    assert row["value"] == pytest.approx(100 * 500 / 514, rel=1e-4)


def test_costs_have_the_floor_of_unofficial_payments(estimated):
    few = trips(*[{1: (100, 20)}] * 4)
    assert estimated(few, floor=4)["costs"]["value"].null_count() == 0
    table = estimated(few, floor=5)["costs"]
    assert table["n"].to_list() == [4]
    for name in ("value", "low", "high"):
        assert table[name].to_list() == [None]


def test_a_payment_is_of_the_visit_it_was_made_at(estimated):
    """A place passed there and back is paid for once: on the way back."""
    found = estimated(trips(*[{3: (100, "")}] * 4, places=BACK))
    assert at(found, "lago_norte", kind="official") == {"inbound": (4, pytest.approx(100))}


def test_payments_there_and_back_are_each_of_their_own_visit(estimated):
    found = estimated(trips(*[{1: (100, ""), 3: (30, "")}] * 4, places=BACK))
    assert at(found, "lago_norte", kind="official") == {
        "inbound": (4, pytest.approx(30)), "outbound": (4, pytest.approx(100)),
    }  # fmt: skip


def test_a_place_passed_twice_the_same_way_is_two_passages(estimated):
    """40 and 60 USD are a mean of 50 a passage, not 100 a trip."""
    found = estimated(trips(*[{1: (40, ""), 3: (60, "")}] * 4, places=AGAIN))
    assert at(found, "lago_norte", kind="official") == {"outbound": (8, pytest.approx(50))}
    row = found["payments"].filter(place="lago_norte", kind="official").row(0, named=True)
    assert row["clusters"] == 4


def test_official_and_unofficial_together_are_a_kind_of_their_own(estimated):
    """TFI2: six pay 30 at the post, three of them 12 more: 36 a passage."""
    found = estimated(trips(*[{1: (30, 12)}] * 3, *[{1: (30, "")}] * 3))
    table = found["payments"].filter(place="lago_norte")
    assert table.select("kind", "n", "value", "told_share").rows() == [
        ("all", 6, pytest.approx(36), 1.0),
        ("official", 6, pytest.approx(30), 1.0),
        ("unofficial", 3, pytest.approx(12), 0.5),
    ]


def test_what_is_withheld_cannot_be_worked_out_of_the_whole(estimated):
    """Six at 36 less six at 30 would be the three unofficial payments that are not told."""
    some = trips(*[{1: (30, 12)}] * 3, *[{1: (30, "")}] * 3)
    found = estimated(some, floor=4)["payments"].filter(place="lago_norte")
    assert found.select("kind", "n", "value").rows() == [
        ("all", 6, None), ("official", 6, pytest.approx(30)), ("unofficial", 3, None),
    ]  # fmt: skip
    none = estimated(trips(*[{1: (30, "")}] * 6), floor=4)["payments"]
    assert none.select("kind", "value").rows() == [
        ("all", pytest.approx(30)), ("official", pytest.approx(30)),
    ]  # fmt: skip
    few = estimated(trips(*[{1: (30, "")}] * 3), floor=4)["payments"]
    assert few.select("kind", "value").rows() == [("all", None), ("official", pytest.approx(30))]
