"""Which way a flow takes."""

import random
import time
from itertools import pairwise

import networks_oracle
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_corridors import corridor, flow, large, link, places, procedure, service

from transcaspian.corridor.corridor import corridor_of
from transcaspian.network import itineraries


def ways(case):
    """The links and services of each flow, in order."""
    frame = itineraries(case).frame.filter(pl.col("op").is_in(["travel", "ride"]))
    return {name: part["place"].to_list() for (name,), part in frame.group_by("flow")}


def square(**more):
    """Two ways from a to d: the short one over b, the long one over c."""
    cells = {
        "at": places(a="AA", b="BB", c="AA", d="AA"),
        "links": [
            link("a", "b", "road", 50.0),
            link("b", "d", "road", 50.0),
            link("a", "c", "road", 80.0),
            link("c", "d", "road", 80.0),
        ],
        "flows": [flow("f", "truck", "a", "d")],
    }
    return corridor(**{**cells, **more})


SHORT = ["a__b__road", "b__d__road"]
LONG = ["a__c__road", "c__d__road"]


def test_the_quickest_way_is_taken():
    assert ways(square())["f"] == SHORT


def test_via_is_passed_in_order_even_if_that_means_turning_back():
    flows = [
        flow("one", "truck", "a", "d", via="c"),
        flow("two", "truck", "a", "d", via="c;b"),
        flow("order", "truck", "a", "d", via="b;c"),
    ]
    found = ways(square(flows=flows))
    assert found["one"] == LONG
    assert found["two"] == ["a__c__road", "c__d__road", "b__d__road", "b__d__road"]
    assert found["order"] == ["a__b__road", "b__d__road", "c__d__road", "c__d__road"]


@pytest.mark.parametrize(
    "kept",
    [
        procedure("b", "inbound", 4.0),
        procedure("b", "outbound", 4.0),
        procedure("b", "passage", 4.0),
        procedure("b", "inbound", 4.0, mode_in="road", units="truck;box"),
    ],
)
def test_expected_hours_of_procedures_count(kept):
    assert ways(square(procedures=[kept]))["f"] == LONG


def test_procedures_of_others_do_not_count():
    kept = [
        procedure("b", "inbound", 9.0, mode_in="rail"),
        procedure("b", "passage", 9.0, units="wagon"),
    ]
    assert ways(square(procedures=kept))["f"] == SHORT


def test_the_rest_of_a_driver_counts():
    """600 km by road are 12 h of driving and 15 h of rest in proportion; by rail they are 15 h."""
    case = corridor(
        at=places(a="AA", b="AA"),
        links=[link("a", "b", "road", 600.0), link("a", "b", "rail", 600.0, speed_kmh=40.0)],
        flows=[flow("f", "box", "a", "b")],
    )
    assert ways(case)["f"] == ["a__b__rail"]


def test_links_out_of_service_are_not_used():
    shut = [link("a", "b", "road", 50.0, in_service=False), link("b", "d", "road", 50.0)]
    rest = [link("a", "c", "road", 80.0), link("c", "d", "road", 80.0)]
    assert ways(square(links=shut + rest))["f"] == LONG


def test_one_way_links_lead_one_way():
    case = square(
        links=[
            link("a", "b", "road", 50.0, one_way=True),
            link("b", "d", "road", 50.0),
            link("a", "c", "road", 80.0),
            link("c", "d", "road", 80.0),
        ],
        flows=[flow("there", "truck", "a", "d"), flow("back", "truck", "d", "a")],
    )
    found = ways(case)
    assert found["there"] == SHORT
    assert found["back"] == LONG[::-1]


def test_modes_bar_all_others():
    links = [link("a", "b", "road", 50.0), link("a", "b", "rail", 150.0)]
    flows = [flow("any", "box", "a", "b"), flow("rail", "box", "a", "b", modes="rail")]
    found = ways(corridor(at=places(a="AA", b="AA"), links=links, flows=flows))
    assert found == {"any": ["a__b__road"], "rail": ["a__b__rail"]}


def test_no_change_of_network_without_a_procedure_for_it():
    links = [
        link("a", "b", "road", 50.0),
        link("b", "c", "rail", 50.0),
        link("b", "d", "rail", 60.0),
    ]
    links += [link("a", "d", "road", 500.0), link("d", "c", "road", 500.0)]
    case = {"at": places(a="AA", b="AA", c="AA", d="AA"), "flows": [flow("f", "box", "a", "c")]}
    assert ways(corridor(links=links, **case))["f"] == ["a__d__road", "d__c__road"]
    other = procedure("b", "transfer", mode_in="rail", mode_out="road")
    assert ways(corridor(links=links, procedures=[other], **case))["f"][0] == "a__d__road"
    right = procedure("b", "transfer", mode_in="road", mode_out="rail")
    assert ways(corridor(links=links, procedures=[right], **case))["f"] == [
        "a__b__road",
        "b__c__rail",
    ]


def test_a_via_is_reached_by_the_network_that_leads_on():
    """The road to the via is quicker, but only the railway goes on from it."""
    case = corridor(
        at=places(a="AA", b="AA", c="AA"),
        links=[
            link("a", "b", "road", 50.0),
            link("a", "b", "rail", 200.0),
            link("b", "c", "rail", 50.0),
        ],
        flows=[flow("f", "box", "a", "c", via="b")],
    )
    assert ways(case)["f"] == ["a__b__rail", "b__c__rail"]


def two_ferries(**more):
    return corridor(
        at=places(a="AA", b="BB"),
        links=[link("a", "b", "ferry", 100.0), link("a", "b", "ocean", 4000.0)],
        services=[
            service("boxes", "ferry", ("a", "b"), takes=("box",)),
            service("ores", "ferry", ("a", "b"), takes=("wagon", "box"), goods="ore"),
        ],
        **more,
    )


def boarded(case):
    frame = itineraries(case).frame.filter(pl.col("op").is_in(["board", "travel"]))
    words = pl.coalesce("service", "place").alias("how")
    return dict(frame.select("flow", words).iter_rows())


def test_a_service_is_boarded_by_units_it_takes_and_goods_it_does_not_bar():
    flows = [
        flow("tea", "box", "a", "b"),
        flow("ore", "wagon", "a", "b", good="ore"),
        flow("barred", "wagon", "a", "b", good="tea"),
        flow("truck", "truck", "a", "b"),
        flow("named", "box", "a", "b", good="ore", services="ores"),
    ]
    assert boarded(two_ferries(flows=flows)) == {
        "tea": "boxes",
        "ore": "ores",
        "barred": "a__b__ocean",
        "truck": "a__b__ocean",
        "named": "ores",
    }


def test_a_train_service_is_boarded_only_by_those_who_name_it():
    case = corridor(
        at=places(a="AA", b="AA"),
        links=[link("a", "b", "rail", 1000.0), link("a", "b", "train", 1000.0, in_service=True)],
        services=[service("block", "train", ("a", "b"), takes=("box",))],
        flows=[
            flow("wagonload", "box", "a", "b", modes="rail"),
            flow("block", "box", "a", "b", modes="train", services="block"),
        ],
    )
    found = itineraries(case).frame
    assert found.filter(pl.col("flow") == "wagonload")["op"].to_list() == ["travel"]
    assert boarded(case)["wagonload"] == "a__b__rail"


def test_a_named_service_is_boarded_even_where_another_way_is_quicker():
    """The way round takes 7.8 h; the ferry 4 h, with 4 h of waiting and handling."""
    case = corridor(
        at=places(a="AA", b="BB"),
        links=[link("a", "b", "ferry", 100.0), link("a", "b", "ocean", 390.0)],
        services=[service("lake", "ferry", ("a", "b"), takes=("truck",))],
        flows=[
            flow("free", "truck", "a", "b"),
            flow("named", "truck", "a", "b", services="lake"),
        ],
    )
    assert boarded(case) == {"free": "a__b__ocean", "named": "lake"}


def test_a_named_service_is_not_worth_riding_to_and_fro():
    """From a to port b by rail, then over to c: never round to c, over to b and back again."""
    sea = procedure("b", "transfer", mode_in="rail", mode_out="sea")
    case = corridor(
        at=places(a="AA", b="AA", c="BB"),
        links=[
            link("a", "b", "rail", 900.0),
            link("a", "c", "rail", 800.0),
            link("b", "c", "ferry", 100.0),
        ],
        procedures=[sea, procedure("c", "transfer", mode_in="rail", mode_out="sea")],
        services=[service("lake", "ferry", ("b", "c"), takes=("wagon",))],
        flows=[flow("f", "wagon", "a", "c", via="b", services="lake")],
    )
    assert ways(case)["f"] == ["a__b__rail", "b__c__ferry"]


def shuffled(case, *, seed):
    luck = random.Random(seed)  # noqa: S311  # a made-up map, not a secret
    tables = {
        name: frame.sample(fraction=1.0, shuffle=True, seed=luck.randrange(2**32))
        if name != "flows"
        else frame
        for name, frame in case.tables.items()
    }
    return corridor_of(case.about, tables)


def test_the_order_of_rows_in_a_file_changes_nothing():
    case = large(seed=2)
    first, again = itineraries(case), itineraries(shuffled(case, seed=3))
    assert first.frame.equals(again.frame)
    assert first.legs.equals(again.legs)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(0, 10_000))
def test_no_way_is_quicker_than_the_one_taken(seed):
    """Against a plain search that knows nothing of ours, on roads laid out by luck."""
    luck = random.Random(seed)  # noqa: S311  # a made-up map, not a secret
    names = [f"p{at}" for at in range(8)]
    pairs = [(a, b) for a in names for b in names if a < b and luck.random() < 0.5]
    links = [link(a, b, "rail", float(luck.randint(1, 30))) for a, b in pairs]
    ring = [link(a, b, "train", 99.0) for a, b in pairwise(names)]
    case = corridor(
        at=places(**dict.fromkeys(names, "AA")),
        links=links + ring,
        flows=[flow("f", "wagon", "p0", "p7", via="p3")],
    )
    frame = itineraries(case).frame
    edges = [(row["origin"], row["destination"], row["length_km"]) for row in links + ring]
    best = networks_oracle.shortest(edges, "p0", "p3") + networks_oracle.shortest(edges, "p3", "p7")
    assert frame["km"].sum() == pytest.approx(best)


def test_a_corridor_as_large_as_a_real_one_takes_a_third_of_a_second():
    case = large()
    itineraries(case)
    spent = []
    for _ in range(3):
        begun = time.process_time()
        itineraries(case)
        spent.append(time.process_time() - begun)
    assert min(spent) < 0.3
