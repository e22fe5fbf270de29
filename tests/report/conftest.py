"""A small made-up page: invented places, all sections filled."""

from __future__ import annotations

import pytest

from transcaspian.report.figures.geomap import Base, Land, Route, Sheet, Spot, Way
from transcaspian.report.figures.projection import Extent
from transcaspian.report.figures.strip import Band, Piece, Stop, Strip
from transcaspian.report.material import (
    Citation,
    CountryHours,
    Effect,
    Headline,
    Held,
    Maps,
    Material,
    Opening,
    Resource,
    Ribbon,
    Sample,
    Silent,
    Trace,
    Worst,
)
from transcaspian.report.words import Quantity

SQUARE = [[(0.0, 0.0), (20.0, 0.0), (20.0, 15.0), (0.0, 15.0), (0.0, 0.0)]]


def small_maps() -> Maps:
    base = Base([Land("AA", [SQUARE])], [], [])
    ways = [
        Way([[(1.0, 3.0), (9.0, 6.0)]], "rail", 2e6, "Northport to Midway, rail"),
        Way([[(9.0, 6.0), (14.0, 4.0)]], "road", 4e4, "Midway to Southgate, road"),
        Way([[(14.0, 4.0), (22.0, 9.0)]], "sea", 6e5, "Southgate to Farport, sea"),
        Way([[(9.0, 6.0), (9.0, 12.0)]], "rail", 0.0, "Midway to Hill, rail"),
    ]
    spots = [
        Spot("Northport", (1.0, 3.0), 2.0, 2e6, "Northport"),
        Spot("Midway", (9.0, 6.0), 30.0, 2e6, "Midway"),
        Spot("Southgate", (14.0, 4.0), 100.0, 6e5, "Southgate"),
        Spot("Hill", (9.0, 12.0), None, 0.0, "Hill"),
    ]
    routes = [
        Route(1, [("rail", [(1.0, 3.0), (9.0, 6.0)])], "the corridor", own=True),
        Route(2, [("sea", [(1.0, 3.0), (-5.0, -9.0), (22.0, 9.0)])], "round the cape"),
    ]
    return Maps(
        Sheet(base, ways, spots, {"AA": "Aland"}),
        Extent(-1, -1, 23, 14),
        Extent(-8, -12, 30, 20),
        base,
        routes,
        2e6,
        ["land from a drawing"],
    )


def small_sample() -> Sample:
    pieces = [
        Piece(0, 400, 0, 1, "moving", "Northport to Midway"),
        Piece(400, 400, 1, 3, "queueing", "Midway: waiting"),
        Piece(400, 700, 3, 4.5, "moving", "Midway to Southgate"),
    ]
    bands = [Band("Aland", "AA", 0, 500), Band("Bland", "BB", 500, 700)]
    stops = [Stop("Northport", 0, 1), Stop("Midway", 400, 48), Stop("Southgate", 700, 3)]
    return Sample(
        "Westbound: ore", "One trip.", Strip([pieces], bands, stops, "days since setting out")
    )


@pytest.fixture
def filled() -> Material:
    hours = Quantity(30.0, 27.0, 33.0, "h")
    parts = {"moving": 12.0, "queueing": 10.0, "carrier": 8.0}
    return Material(
        opening=Opening(
            "The Small Corridor", "made up", "Half of the time is waiting.", 2023, "2025", 3
        ),
        headlines=[Headline("Time at a border", [("road", hours)], "All crossings.")],
        inputs={"published": 10, "derived": 2, "estimated": 30, "unconfirmed": 1},
        maps=small_maps(),
        samples=[small_sample()],
        ribbons=[Ribbon("Ore", "A trip.", [CountryHours("Aland", parts, hours)])],
        held=[
            Held(
                "Border time, Midway",
                Quantity(20.0, unit="h"),
                hours,
                "survey",
                2023,
                "base",
                "S1",
                inside=False,
            ),
            Held(
                "Door to door",
                Quantity(31.0, 28.0, 34.0, "h"),
                hours,
                "claim",
                2023,
                "base",
                "S2",
                inside=True,
            ),
            Held(
                "Speed",
                Quantity(20.0, unit="km/h"),
                Quantity(0.0, 0.0, 0.0, "km/h"),
                "survey",
                2023,
                "base",
                "S1",
                inside=False,
            ),
        ],
        silent=[
            Silent(
                "A target",
                Quantity(10.0, unit="h"),
                "target",
                2030,
                "S2",
                "a target is no measurement",
            )
        ],
        worst=[
            Worst("Midway", "Aland", parts, hours, Quantity(9000.0, 8000.0, 9900.0, "h"), 300.0)
        ],
        resources=[
            Resource(
                "Lane",
                "Midway",
                "queue",
                2,
                300.0,
                Quantity(0.9, 0.88, 0.93, "1"),
                hours,
                80.0,
                "estimated",
            )
        ],
        effects=[
            Effect(
                "Two more lanes",
                Quantity(5.0, 4.0, 6.0, "h"),
                Quantity(9.0, 6.0, 12.0, "h"),
                Quantity(5000.0, 4000.0, 6000.0, "h"),
                "1.0 million USD",
                "a bank",
                "Southgate: +1.0 h",
                "S1",
                "published",
            ),
            Effect(
                "Training",
                Quantity(-0.1, -0.4, 0.2, "h"),
                Quantity(None),
                Quantity(None),
                "not published",
                "",
                "nowhere",
                "S2",
                "estimated",
            ),
        ],
        earlier=[("An earlier study", "found 6 h.")],
        volumes=[
            Held(
                "Cargo of a year",
                Quantity(2000.0, unit="kt"),
                Quantity(1990.0, 1980.0, 2000.0, "kt"),
                "count",
                2023,
                "base",
                "S1",
                inside=True,
            )
        ],
        limits=["Nobody has measured Midway."],
        assumed=[("places", {"published": 10, "estimated": 30})],
        citations=[Citation("S1", "A yearbook", "An office", 2024, "https://example.org/yearbook")],
        trace=Trace("ab" * 32, 1, 3, "0.0", ["present"]),
    )


@pytest.fixture
def bare() -> Material:
    return Material(
        opening=Opening("Nothing Yet", "", "Nothing moved.", 2023, "2023", 0),
        headlines=[], inputs={}, maps=None, samples=[], ribbons=[], held=[], silent=[], worst=[],
        resources=[], effects=[], earlier=[], volumes=[], limits=[], assumed=[], citations=[],
        trace=Trace("", 0, 0, "0.0"),
    )  # fmt: skip
