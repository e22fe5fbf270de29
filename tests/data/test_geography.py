"""The shipped geography: whole, connected, and as long as the published lines."""

import csv
import heapq
import json
from collections import Counter, defaultdict
from functools import cache
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "src/transcaspian/data/trans_caspian"


@cache
def rows(name):
    with (FOLDER / f"{name}.csv").open(encoding="utf-8") as text:
        return tuple(csv.DictReader(text))


@cache
def places():
    return {row["place"]: row for row in rows("places")}


@cache
def networks():
    return {row["mode"]: row["network"] for row in rows("modes")}


def links(*networks_or_modes, planned=False):
    return [
        row
        for row in rows("links")
        if {row["mode"], networks()[row["mode"]]} & set(networks_or_modes)
        and (planned or row["in_service"] == "yes")
    ]


def neighbours(chosen):
    known = defaultdict(list)
    for row in chosen:
        known[row["origin"]].append((row["destination"], float(row["length_km"])))
        known[row["destination"]].append((row["origin"], float(row["length_km"])))
    return known


def shortest(chosen, start, end):
    near, queue, seen = neighbours(chosen), [(0.0, start, (start,))], set()
    while queue:
        km, place, path = heapq.heappop(queue)
        if place == end:
            return km, path
        if place not in seen:
            seen.add(place)
            for other, length in near[place]:
                heapq.heappush(queue, (km + length, other, (*path, other)))
    return None


def pieces(chosen):
    near, left, sizes = neighbours(chosen), set(neighbours(chosen)), []
    while left:
        stack, size = [left.pop()], 1
        while stack:
            for other, _ in near[stack.pop()]:
                if other in left:
                    left.remove(other)
                    stack.append(other)
                    size += 1
        sizes.append(size)
    return sizes


def great_circle(a, b):
    (lon_a, lat_a), (lon_b, lat_b) = [tuple(map(radians, point)) for point in (a, b)]
    half = sin((lat_b - lat_a) / 2) ** 2
    half += cos(lat_a) * cos(lat_b) * sin((lon_b - lon_a) / 2) ** 2
    return 2 * 6371.0088 * asin(sqrt(half))


def point(place):
    return float(places()[place]["lon_deg"]), float(places()[place]["lat_deg"])


def test_it_is_as_large_as_promised():
    assert len(rows("places")) >= 150
    assert len(rows("links")) >= 230
    assert {row["kind"] for row in rows("places")} == {
        "city",
        "station",
        "terminal",
        "port",
        "border_post",
        "gauge_break",
        "passage",
    }


def test_every_place_is_joined_to_something():
    joined = {row[end] for row in rows("links") for end in ("origin", "destination")}
    assert set(places()) == joined


def test_no_pair_is_linked_twice_by_one_mode():
    pairs = Counter(
        (frozenset((row["origin"], row["destination"])), row["mode"]) for row in rows("links")
    )
    assert max(pairs.values()) == 1


def test_roads_are_one_piece():
    assert len(pieces(links("road"))) == 1


def test_rails_are_one_piece():
    assert len(pieces(links("rail"))) == 1


def test_the_caspian_is_no_way_to_the_ocean():
    sizes = sorted(pieces(links("sea")))
    assert sizes == [6, len(neighbours(links("sea"))) - 6]


def test_gauges_meet_only_at_gauge_breaks():
    gauges = defaultdict(set)
    for row in links("rail", planned=True):
        for end in (row["origin"], row["destination"]):
            gauges[end].add(row["gauge_mm"])
    mixed = {place for place, found in gauges.items() if len(found) > 1}
    breaks = {name for name, row in places().items() if row["kind"] == "gauge_break"}
    assert mixed == breaks
    assert "akhalkalaki_gauge_yard" in breaks


def test_no_border_is_crossed_without_a_post_on_either_side():
    union = {row["country"]: row["union"] for row in rows("countries")}
    bare = []
    for row in links("rail", "road", planned=True):
        ends = [places()[row[end]] for end in ("origin", "destination")]
        unions = {union[end["country"]] for end in ends}
        if ends[0]["country"] == ends[1]["country"] or unions == {"EU"}:
            continue
        if not all(end["kind"] == "border_post" for end in ends):
            bare.append(row["link"])
    assert bare == []


def test_bishkek_to_osh_is_as_long_as_the_road():
    km, path = shortest(links("road"), "bishkek", "osh")
    assert km == pytest.approx(672, abs=5)
    assert "naryn_bridge_km315" in path
    assert shortest(links("road"), "bishkek", "naryn_bridge_km315")[0] == pytest.approx(315)


def test_almaty_to_tashkent_does_not_cross_the_naryn():
    km, path = shortest(links("road"), "almaty", "tashkent")
    assert 700 < km < 1050
    assert "taraz" in path
    assert "naryn_bridge_km315" not in path
    assert {places()[place]["country"] for place in path} == {"KZ", "UZ"}


def test_the_kazakh_main_road_is_there():
    stops = ("almaty", "taraz", "shymkent", "kyzylorda", "aktobe", "atyrau", "beyneu", "aktau_port")
    kazakh = [
        row
        for row in links("road")
        if places()[row["origin"]]["country"] == "KZ"
        and places()[row["destination"]]["country"] == "KZ"
    ]
    assert all(shortest(kazakh, stops[0], stop) for stop in (*stops[1:], "kuryk_port"))


@pytest.mark.parametrize(
    ("start", "end", "least", "most"),
    [
        ("altynkol", "aktau_port", 2930, 3300),
        ("tbilisi", "poti_port", 311, 314),
        ("baku", "tbilisi", 545, 553),
        ("zhezkazgan", "beyneu", 988, 1170),
        ("dostyk", "moiynty", 830, 842),
        ("dostyk", "brest", 5250, 5600),
        ("samtredia", "batumi_port", 104, 105),
        ("lianyungang_port", "horgos", 3950, 4300),
    ],
)
def test_lines_are_as_long_as_published(start, end, least, most):
    km, _ = shortest(links("rail"), start, end)
    assert least <= km <= most


def test_the_new_line_keeps_its_published_length():
    known = {row["link"]: float(row["length_km"]) for row in rows("links")}
    assert known["zhezkazgan__saksaulskaya__rail"] + known["shalkar__beyneu__rail"] == 988


def test_the_ocean_passes_the_straits():
    km, path = shortest(links("ocean", "canal"), "shanghai_port", "rotterdam_port")
    assert {"malacca", "bab_el_mandeb", "suez", "port_said", "gibraltar"} <= set(path)
    assert 18500 < km < 21000
    closed, round_cape = shortest(links("ocean"), "shanghai_port", "rotterdam_port")
    assert "cape_of_good_hope" in round_cape
    assert closed > km + 5000
    assert {"bosporus", "dardanelles"} <= set(
        shortest(links("ocean", "canal"), "poti_port", "rotterdam_port")[1]
    )


def test_suez_takes_about_a_month():
    _, path = shortest(links("ocean", "canal"), "shanghai_port", "rotterdam_port")
    speeds = {
        frozenset((row["origin"], row["destination"])): row for row in links("ocean", "canal")
    }
    legs = [speeds[frozenset(pair)] for pair in pairwise(path)]
    days = sum(float(leg["length_km"]) / float(leg["speed_kmh"]) for leg in legs) / 24
    assert 26 < days < 35


def test_no_link_is_shorter_than_the_great_circle_by_more_than_coordinates_allow():
    short = [
        row["link"]
        for row in rows("links")
        if float(row["length_km"])
        < 0.8 * great_circle(point(row["origin"]), point(row["destination"])) - 6
    ]
    assert short == []


def test_no_aggregate_repeats_its_sections():
    for name in (
        "altynkol__aktau_port__rail",
        "bishkek__osh__road",
        "tbilisi__poti_port__rail",
        "baku__tbilisi__rail",
        "dostyk__brest__rail",
    ):
        assert name not in {row["link"] for row in rows("links")}


def test_planned_railways_are_not_in_service():
    planned = {row["link"] for row in rows("links") if row["in_service"] == "no"}
    assert {
        "kashgar__torugart_cn__rail",
        "bakhty__ayagoz__rail",
        "zhetygen__kazybek_bek__rail",
    } <= planned


def test_every_link_is_drawn_between_its_places():
    drawn = json.loads((FOLDER / "geometry.geojson").read_text(encoding="utf-8"))["features"]
    lines = {item["properties"]["link"]: item["geometry"]["coordinates"] for item in drawn}
    assert set(lines) == {row["link"] for row in rows("links")}
    for row in rows("links"):
        line = lines[row["link"]]
        assert great_circle(line[0], point(row["origin"])) < 1, row["link"]
        assert great_circle(line[-1], point(row["destination"])) < 1, row["link"]


def test_the_map_has_its_borders_and_its_sea():
    from shapely.geometry import Point, shape

    text = (FOLDER.parent / "basemap.geojson").read_text(encoding="utf-8")
    lands = {
        item["properties"]["name"]: shape(item["geometry"]) for item in json.loads(text)["features"]
    }

    def where(*at):
        return [name for name, land in lands.items() if land.contains(Point(at))]

    assert all(land.is_valid for land in lands.values())
    assert where(34.2, 45.2) == where(38.0, 48.5) == ["Ukraine"]
    assert where(41.0, 43.0) == where(44.0, 42.3) == ["Georgia"]
    assert where(46.75, 39.82) == ["Azerbaijan"]
    assert where(51.0, 41.0) == where(51.5, 38.5) == []
    assert where(100.0, 68.0) == ["Russia"]
