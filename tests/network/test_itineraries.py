"""Itineraries on graphs small enough to be worked by hand."""

import polars as pl
import pytest
from small_corridors import corridor, flow, link, places, procedure, service

from transcaspian.errors import Fault
from transcaspian.network import itineraries
from transcaspian.network.itineraries import SCHEMA, visit_directions


def told(case, name="f"):
    """The rows of a flow, one line each: place, op, hours, and the direction or the country."""
    rows = itineraries(case).frame.filter(pl.col("flow") == name)
    return [
        f"{row['place']} {row['op']} {row['mean_h']:g} {row['direction'] or row['country']}".strip()
        for row in rows.iter_rows(named=True)
    ]


def test_two_posts_each_keep_their_own_side():
    case = corridor(
        at=places(town="AA", post_a="AA", post_b="BB", city="BB"),
        links=[
            link("town", "post_a", "road", 100.0),
            link("post_a", "post_b", "road", 5.0),
            link("post_b", "city", "road", 200.0),
        ],
        procedures=[
            procedure("town", "origin", 0.5),
            procedure("post_a", "outbound", 1.0),
            procedure("post_a", "inbound", 2.0),
            procedure("post_b", "outbound", 3.0),
            procedure("post_b", "inbound", 4.0),
            procedure("city", "destination", 5.0),
            procedure("city", "origin", 6.0),
        ],
        flows=[flow("f", "truck", "town", "city"), flow("back", "truck", "city", "town")],
    )
    assert told(case) == [
        "town serve 0.5 domestic",
        "town__post_a__road travel 2 AA",
        "post_a serve 1 outbound",
        "post_a__post_b__road travel 0.1 AA",
        "post_b serve 4 inbound",
        "post_b__city__road travel 4 BB",
        "city serve 5 domestic",
    ]
    assert told(case, "back") == [
        "city serve 6 domestic",
        "post_b__city__road travel 4 BB",
        "post_b serve 3 outbound",
        "post_a__post_b__road travel 0.1 BB",
        "post_a serve 2 inbound",
        "town__post_a__road travel 2 AA",
    ]


def test_a_post_entered_and_left_at_once_keeps_both_and_counts_as_outbound():
    case = corridor(
        at=places(a="AA", post="BB", c="CC"),
        links=[link("a", "post", "rail", 50.0), link("post", "c", "rail", 50.0)],
        procedures=[
            procedure("post", "outbound", 1.0),
            procedure("post", "passage", 2.0),
            procedure("post", "inbound", 3.0),
        ],
        flows=[flow("f", "wagon", "a", "c")],
    )
    assert told(case)[1:4] == [
        "post serve 3 outbound",
        "post serve 2 outbound",
        "post serve 1 outbound",
    ]


def sea_crossing(**more):
    return corridor(
        at=places(town="AA", port_a="AA", port_b="BB", city="BB"),
        links=[
            link("town", "port_a", "rail", 100.0),
            link("port_a", "port_b", "ferry", 250.0),
            link("port_b", "city", "road", 100.0),
        ],
        procedures=[
            procedure("port_a", "transfer", 2.0, mode_in="rail", mode_out="sea"),
            procedure("port_a", "outbound", 1.0, mode_out="sea"),
            procedure("port_b", "inbound", 3.0, mode_in="sea"),
            procedure("port_b", "transfer", 4.0, mode_in="sea", mode_out="road"),
        ],
        services=[service("shuttle", "ferry", ("port_a", "port_b"), takes=("box",))],
        flows=[flow("f", "box", "town", "city", **more)],
    )


def test_a_ride_boards_loads_waits_for_weather_rides_berths_and_unloads():
    assert told(sea_crossing()) == [
        "town__port_a__rail travel 2 AA",
        "port_a serve 2 outbound",
        "port_a serve 1 outbound",
        "port_a board 0 outbound",
        "port_a depart 0 outbound",
        "port_a hold 0 outbound",
        "port_a__port_b__ferry ride 0",
        "port_b berth 0 inbound",
        "port_b unload 0 inbound",
        "port_b serve 3 inbound",
        "port_b serve 4 inbound",
        "port_b__city__road travel 2 BB",
    ]


def test_a_ride_names_its_service_its_calls_and_its_length():
    found = itineraries(sea_crossing())
    ride = found.frame.filter(pl.col("op") == "ride").to_dicts()[0]
    assert {
        name: ride[name] for name in ("service", "call", "call_to", "km", "mode", "activity")
    } == {
        "service": "shuttle",
        "call": 1,
        "call_to": 2,
        "km": 250.0,
        "mode": "ferry",
        "activity": "sail",
    }
    assert found.legs.to_dicts()[0] == {
        "service": "shuttle",
        "order": 1,
        "place": "port_a",
        "next_place": "port_b",
        "links": "port_a__port_b__ferry",
        "length_km": 250.0,
        "travel_h": 10.0,
        "cv": pytest.approx(0.2),
        "link_h": [10.0],
        "link_cv": [0.2],
    }


def test_a_rotation_rides_on_through_a_call_and_round_its_end():
    case = corridor(
        at=places(a="AA", b="BB", c="CC"),
        links=[
            link("a", "b", "ferry", 100.0, one_way=True),
            link("b", "c", "ferry", 100.0, one_way=True),
            link("c", "a", "ferry", 100.0, one_way=True),
        ],
        services=[service("ring", "ferry", ("a", "b", "c"), takes=("box",))],
        flows=[flow("f", "box", "a", "c"), flow("back", "box", "b", "a")],
    )
    assert told(case) == [
        "a board 0 outbound",
        "a depart 0 outbound",
        "a hold 0 outbound",
        "a__b__ferry ride 0",
        "b stay 0 outbound",
        "b__c__ferry ride 0",
        "c berth 0 inbound",
        "c unload 0 inbound",
    ]
    back = itineraries(case).frame.filter((pl.col("flow") == "back") & (pl.col("op") == "ride"))
    assert back["place"].to_list() == ["b__c__ferry", "c__a__ferry"]


def test_a_leg_over_several_links_is_ridden_link_by_link():
    """Each link under its own country, and every kilometre told once."""
    case = corridor(
        at=places(a="AA", halt="AA", border="BB", b="BB"),
        links=[
            link("a", "halt", "train", 40.0),
            link("border", "halt", "train", 10.0),
            link("border", "b", "train", 50.0, time_cv=0.4),
        ],
        services=[service("block", "train", ("a", "b"), takes=("box",))],
        flows=[flow("f", "box", "a", "b", services="block", modes="train")],
    )
    assert [row for row in told(case) if " ride " in row] == [
        "a__halt__train ride 0 AA",
        "border__halt__train ride 0 AA",
        "border__b__train ride 0 BB",
    ]
    found = itineraries(case)
    assert found.frame["km"].sum() == 100.0
    leg = found.legs.to_dicts()[0]
    assert leg["links"] == "a__halt__train;border__halt__train;border__b__train"
    assert (leg["length_km"], leg["travel_h"]) == (100.0, 4.0)
    assert leg["link_h"] == [1.6, 0.4, 2.0]
    assert leg["link_cv"] == [0.2, 0.2, 0.4]
    assert leg["cv"] == pytest.approx((0.32**2 + 0.08**2 + 0.8**2) ** 0.5 / 4)


def test_the_sea_without_a_fleet_is_sailed_as_a_link_and_the_high_sea_has_no_country():
    case = corridor(
        at=places(a="AA", strait=None, b="BB"),
        links=[link("a", "strait", "ocean", 100.0), link("strait", "b", "ocean", 100.0)],
        procedures=[procedure("strait", "passage", 6.0), procedure("b", "inbound", 1.0)],
        flows=[flow("f", "box", "a", "b")],
    )
    assert told(case) == [
        "a__strait__ocean travel 2",
        "strait serve 6 domestic",
        "strait__b__ocean travel 2",
        "b serve 1 inbound",
    ]


def test_the_most_specific_procedure_wins():
    kept = [
        procedure("b", "passage", 1.0),
        procedure("b", "passage", 2.0, mode_in="road", mode_out="road"),
        procedure("b", "passage", 3.0, mode_in="road", mode_out="road", units="truck"),
    ]
    ends = {"at": places(a="AA", b="AA", c="AA"), "flows": []}
    links = [
        link(*pair, mode, 50.0) for pair in (("a", "b"), ("b", "c")) for mode in ("road", "rail")
    ]
    ends["flows"] = [
        flow("truck", "truck", "a", "c"),
        flow("box", "box", "a", "c", modes="road"),
        flow("wagon", "wagon", "a", "c"),
    ]
    case = corridor(links=links, procedures=kept, **ends)
    hours = {name: told(case, name)[1].split()[2] for name in ("truck", "box", "wagon")}
    assert hours == {"truck": "3", "box": "2", "wagon": "1"}


def test_two_procedures_that_fit_alike_are_a_fault():
    case = corridor(
        at=places(a="AA", b="BB"),
        links=[link("a", "b", "road", 50.0)],
        procedures=[
            procedure("b", "inbound", 1.0, mode_in="road"),
            procedure("b", "inbound", 2.0, mode_out="road"),
        ],
        flows=[flow("f", "truck", "a", "b")],
    )
    with pytest.raises(Fault) as seen:
        itineraries(case)
    assert [each.code for each in seen.value.faults] == ["N102"]
    assert seen.value.faults[0].what == (
        "b_inbound_road, b_inbound_road fit a truck at b alike (inbound, by road in and road out)"
    )


def test_nothing_of_a_border_is_implicit():
    """Two countries of a customs union keep no procedure, and then nothing happens between them."""
    case = corridor(
        at=places(a="AA", b="BB"),
        links=[link("a", "b", "road", 50.0)],
        flows=[flow("f", "truck", "a", "b")],
    )
    assert told(case) == ["a__b__road travel 1 AA"]


def test_the_frame_has_its_declared_columns_and_numbers_its_rows():
    frame = itineraries(sea_crossing()).frame
    assert dict(frame.schema) == SCHEMA
    assert frame["order"].to_list() == list(range(1, frame.height + 1))


def test_directions_told_are_those_a_log_would_show():
    case = sea_crossing()
    frame = itineraries(case).frame
    seen = visit_directions(frame, case.table("places"))
    at_place = seen.filter(pl.col("visit").is_not_null())
    assert at_place["direction"].to_list() == [word for word in frame["direction"] if word]
    assert at_place["visit"].n_unique() == 2
