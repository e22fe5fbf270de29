"""How long links are and how far places are apart."""

import pytest
from small_corridors import corridor, link, places

from transcaspian.errors import Fault
from transcaspian.network import distance, lengths


@pytest.fixture
def case():
    return corridor(
        at=places(a="AA", b="AA", c="BB", d="BB"),
        links=[
            link("a", "b", "road", 100.0),
            link("a", "b", "rail", 80.0),
            link("b", "c", "road", 10.0, one_way=True),
            link("b", "c", "ferry", 70.0),
            link("c", "d", "road", 50.0, in_service=False),
        ],
        flows=[],
    )


def test_links_are_told_under_their_country_and_between_two_under_none(case):
    rows = lengths(case).select("link", "network", "country", "length_km", "travel_h", "in_service")
    assert list(rows.iter_rows())[:3] == [
        ("a__b__road", "road", "AA", 100.0, 2.0, True),
        ("a__b__rail", "rail", "AA", 80.0, 1.6, True),
        ("b__c__road", "road", "", 10.0, 0.2, True),
    ]


def test_the_shortest_chain_counts(case):
    assert distance(case, "a", destination="c") == 90.0
    assert distance(case, "c", destination="a") == 150.0
    assert distance(case, "a", destination="c", networks=("road",)) == 110.0
    assert distance(case, "a", destination="a", via=["c"]) == 240.0


def test_no_chain_and_no_place_are_faults(case):
    with pytest.raises(Fault, match="no chain of links by rail, road, sea from a to d"):
        distance(case, "a", destination="d")
    with pytest.raises(Fault, match="no place 'aa'"):
        distance(case, "aa", destination="d")
