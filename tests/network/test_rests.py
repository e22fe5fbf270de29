"""Where a driver rests: nine hours at the wheel, then eleven of rest."""

import polars as pl
import pytest
from small_corridors import corridor, flow, link, places, procedure, service

from transcaspian.network import itineraries


def rests(case):
    """Where the rests are, and how long."""
    rows = itineraries(case).frame.filter(pl.col("op") == "rest")
    return list(rows.select("place", "mean_h").iter_rows())


def road(*hours):
    """A road of links that take some hours each."""
    names = [f"p{at}" for at in range(len(hours) + 1)]
    return corridor(
        at=places(**dict.fromkeys(names, "AA")),
        links=[link(f"p{at}", f"p{at + 1}", "road", 50.0 * h) for at, h in enumerate(hours)],
        procedures=[procedure(name, "passage", 20.0) for name in names],
        flows=[flow("f", "truck", "p0", names[-1])],
    )


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ((8.0,), []),
        ((9.0,), []),
        ((5.0, 4.0), []),
        ((5.0, 5.0), [("p1__p2__road", 11.0)]),
        ((9.0, 0.5), [("p1__p2__road", 11.0)]),
        ((10.0,), [("p0__p1__road", 11.0)]),
        ((19.0,), [("p0__p1__road", 22.0)]),
        ((10.0, 7.0), [("p0__p1__road", 11.0)]),
        ((10.0, 9.0), [("p0__p1__road", 11.0), ("p1__p2__road", 11.0)]),
        ((4.0, 4.0, 4.0, 4.0, 4.0), [("p2__p3__road", 11.0), ("p4__p5__road", 11.0)]),
    ],
)
def test_a_rest_falls_due_on_the_link_where_the_limit_is_passed(hours, expected):
    assert rests(road(*hours)) == expected


def test_a_rest_stands_after_the_travel_of_its_link_and_is_a_rest():
    rows = itineraries(road(10.0)).frame.to_dicts()
    assert [row["op"] for row in rows] == ["travel", "rest"]
    assert {name: rows[1][name] for name in ("activity", "cv", "km", "country")} == {
        "activity": "r17_rest",
        "cv": 0.1,
        "km": 0.0,
        "country": "AA",
    }


def crossing(sea_km):
    """Eight hours of road, a ferry at 25 km/h, four hours of road."""
    kept = [
        procedure("b", "transfer", mode_in="road", mode_out="sea"),
        procedure("c", "transfer", mode_in="sea", mode_out="road"),
    ]
    return corridor(
        at=places(a="AA", b="AA", c="BB", d="BB"),
        links=[
            link("a", "b", "road", 400.0),
            link("b", "c", "ferry", sea_km),
            link("c", "d", "road", 200.0),
        ],
        procedures=kept,
        services=[service("ferry", "ferry", ("b", "c"), takes=("truck",))],
        flows=[flow("f", "truck", "a", "d")],
    )


def test_a_ride_as_long_as_a_rest_is_one_and_a_short_one_is_not():
    assert rests(crossing(25.0 * 11)) == []
    assert rests(crossing(25.0 * 2)) == [("c__d__road", 11.0)]


def test_another_driver_takes_over_after_a_railway():
    kept = [
        procedure("b", "transfer", mode_in="road", mode_out="rail"),
        procedure("c", "transfer", mode_in="rail", mode_out="road"),
    ]
    case = corridor(
        at=places(a="AA", b="AA", c="AA", d="AA"),
        links=[
            link("a", "b", "road", 400.0),
            link("b", "c", "rail", 100.0),
            link("c", "d", "road", 400.0),
        ],
        procedures=kept,
        flows=[flow("f", "box", "a", "d")],
    )
    assert rests(case) == []
