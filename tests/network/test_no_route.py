"""No route, because: the text says what alone would let the flow go on."""

import pytest
from small_corridors import corridor, flow, link, places, procedure, service

from transcaspian.errors import Fault, render
from transcaspian.network import itineraries

TRANSFERS = [
    procedure("port_a", "transfer", mode_in="rail", mode_out="sea"),
    procedure("port_b", "transfer", mode_in="sea", mode_out="road"),
]


def faults(*flows, shut=(), procedures=TRANSFERS, takes=("box",)):
    case = corridor(
        at=places(town="AA", port_a="AA", port_b="BB", city="BB", isle="BB"),
        links=[
            link("town", "port_a", "rail", 100.0, in_service="rail" not in shut),
            link("port_a", "port_b", "ferry", 250.0),
            link("port_b", "city", "road", 100.0),
        ],
        procedures=procedures,
        services=[service("shuttle", "ferry", ("port_a", "port_b"), takes=takes, goods="tea")],
        flows=[flow(f"f{at}", **cells) for at, cells in enumerate(flows)],
    )
    with pytest.raises(Fault) as seen:
        itineraries(case)
    return seen.value


BOX = {"unit": "box", "origin": "town", "destination": "city"}


@pytest.mark.parametrize(
    ("asked", "world", "way", "reason"),
    [
        (
            BOX,
            {"shut": ("rail",)},
            "a box from town to city by any mode",
            "town__port_a__rail is not in service",
        ),
        (
            {**BOX, "modes": "rail;road"},
            {},
            "a box from town to city by rail or road",
            "it may not go by ferry",
        ),
        (
            {**BOX, "services": "none_such"},
            {},
            "a box from town to city by any mode",
            "it may not board shuttle",
        ),
        (
            {**BOX, "good": "ore"},
            {},
            "a box from town to city by any mode",
            "it may not board shuttle",
        ),
        (
            BOX,
            {"takes": ("wagon",)},
            "a box from town to city by any mode",
            "shuttle takes no box",
        ),
        (
            BOX,
            {"procedures": TRANSFERS[1:]},
            "a box from town to city by any mode",
            "port_a keeps no procedure for a transfer from rail to sea",
        ),
        (
            {**BOX, "unit": "wagon"},
            {"takes": ("wagon", "box")},
            "a wagon from town to city by any mode",
            "a wagon does not move by road",
        ),
        (
            {**BOX, "via": "port_b", "modes": "rail;road"},
            {},
            "a box from town to port_b by rail or road",
            "it may not go by ferry",
        ),
        (
            {**BOX, "destination": "isle"},
            {},
            "a box from town to isle by any mode",
            "nothing leads there; the nearest place reached is city, 111 km off",
        ),
        (
            {**BOX, "destination": "town"},
            {},
            "a box from town to town by any mode",
            "it begins and ends at town",
        ),
        (
            {**BOX, "modes": "rail;road"},
            {"shut": ("rail",)},
            "a box from town to city by rail or road",
            "town__port_a__rail is not in service and it may not go by ferry",
        ),
    ],
)
def test_the_reason_is_named(asked, world, way, reason):
    assert faults(asked, **world).faults[0].what == f"f0: no route for {way}, because {reason}"


def test_all_flows_without_a_route_are_told_at_once():
    found = faults(
        {**BOX, "modes": "rail;road"}, BOX, {**BOX, "destination": "isle", "via": "port_b"}
    )
    assert render(found) == (
        "N101  no route\n"
        "  flows.csv, row 1, column destination\n"
        "  f0: no route for a box from town to city by rail or road, "
        "because it may not go by ferry; "
        "expected a chain of links, services and changes of network\n"
        "  next: transcaspian show flows --where flow=f0\n"
        "N101  no route\n"
        "  flows.csv, row 3, column destination\n"
        "  f2: no route for a box from port_b to isle by any mode, because nothing leads there; "
        "the nearest place reached is city, 111 km off; "
        "expected a chain of links, services and changes of network\n"
        "  next: transcaspian show flows --where flow=f2\n"
        "2 faults in 1 file. Nothing was written. More: transcaspian check --explain N101"
    )
