from __future__ import annotations

import itertools
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcaspian.report.figures.axis import linear, logarithmic, tick_words
from transcaspian.report.figures.geomap import corridor_map, flow_breaks, world_map
from transcaspian.report.figures.labels import Ground, Wish, placed
from transcaspian.report.figures.outline import area_path, inside, line_path, parts, unwrapped
from transcaspian.report.figures.projection import (
    Extent,
    Frame,
    conic,
    framed,
    great_circle,
    plain,
)
from transcaspian.report.figures.strip import time_space

PLAIN = Frame(lambda point: point, 100.0, 50.0)
SIZES = st.floats(min_value=1e-4, max_value=1e6)


def numbers(path: str) -> list[float]:
    return [float(word) for word in re.findall(r"-?\d*\.?\d+", path)]


@given(low=SIZES, high=SIZES)
def test_a_logarithmic_scale_holds_its_values(low, high):
    low, high = sorted((low, high))
    scale = logarithmic(low, high)
    assert 0 < scale.at(low) <= scale.at(high) < 1
    assert len(scale.ticks) >= 2
    assert len(tick_words(scale)) == len(set(tick_words(scale)))


@given(low=st.floats(-1e5, 1e5), width=SIZES)
def test_a_linear_scale_begins_and_ends_at_its_marks(low, width):
    scale = linear(low, low + width)
    assert scale.ticks[0] == scale.low
    assert scale.ticks[-1] == scale.high
    assert 2 <= len(scale.ticks) <= 10


def test_the_cone_matches_the_worked_example_of_snyder():
    # Snyder 1987, page 295: sphere of radius 1, parallels 33 and 45 N, origin 23 N 96 W,
    # point 35 N 75 W: x = 0.2966785, y = 0.2462112. The box below has these two parallels.
    place = conic(Extent(-106.0, 27.0, -86.0, 51.0))
    low, high = math.radians(31.0), math.radians(47.0)
    t = lambda phi: math.tan(math.pi / 4 + phi / 2)  # noqa: E731
    n = math.log(math.cos(low) / math.cos(high)) / math.log(t(high) / t(low))
    f = math.cos(low) * t(low) ** n / n
    rho = lambda phi: f / t(phi) ** n  # noqa: E731
    x, y = place((-75.0, 35.0))
    angle = n * math.radians(21.0)
    assert x == pytest.approx(rho(math.radians(35)) * math.sin(angle))
    assert -y == pytest.approx(rho(math.radians(39)) - rho(math.radians(35)) * math.cos(angle))


def test_a_box_on_the_equator_is_drawn_flat():
    frame = framed(Extent(-10, -10, 10, 10), conic(Extent(-10, -10, 10, 10)), width=100)
    assert frame.place((-10, 10)) == pytest.approx((0, 0), abs=1e-9)
    assert frame.height == pytest.approx(100, rel=0.02)


def test_the_shortest_way_keeps_its_ends():
    line = great_circle((10.0, 50.0), (120.0, 30.0))
    assert line[0] == pytest.approx((10.0, 50.0))
    assert line[-1] == pytest.approx((120.0, 30.0))
    assert max(y for _, y in line) > 50.0


def test_areas_are_cut_to_the_picture():
    ring = [(-500.0, -500.0), (500.0, -500.0), (500.0, 500.0), (-500.0, 500.0)]
    path = area_path([ring], PLAIN)
    start = numbers(path)[:2]
    assert abs(start[0]) <= 112
    assert abs(start[1]) <= 62
    assert area_path([[(200.0, 200.0), (300.0, 200.0), (300.0, 300.0)]], PLAIN) == ""


def test_lines_outside_the_picture_are_dropped():
    assert line_path([(200.0, 200.0), (300.0, 300.0)], PLAIN) == ""
    assert line_path([(10.0, 10.0), (20.0, 20.0)], PLAIN).startswith("M10 10l10 10")


def test_lines_are_not_drawn_across_the_date_line():
    assert [len(run) for run in unwrapped([(170, 0), (179, 0), (-179, 0), (-170, 0)])] == [2, 2]


def test_geometries_of_every_kind_are_read():
    assert parts({"type": "LineString", "coordinates": [[0, 1, 5], [2, 3]]}) == [[[(0, 1), (2, 3)]]]
    assert len(parts({"type": "MultiPolygon", "coordinates": [[[[0, 0]]], [[[1, 1]]]]})) == 2
    assert parts(None) == []
    assert parts({"type": "Point", "coordinates": [0, 0]}) == []


def test_inside_a_ring():
    ring = [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0)]
    assert inside((2.0, 2.0), ring)
    assert not inside((5.0, 2.0), ring)


@given(st.lists(st.tuples(st.floats(0, 300), st.floats(0, 200)), max_size=40))
def test_no_name_covers_another_or_leaves_the_picture(points):
    wishes = [Wish(f"Place {index}", point, 4.0) for index, point in enumerate(points)]
    labels = placed(wishes, Ground(300.0, 200.0, [], []))
    for one, other in itertools.combinations(labels, 2):
        assert not one.box.meets(other.box)
    assert all(label.box.left >= 0 and label.box.right <= 300 for label in labels)


def test_breaks_of_flow_are_round_and_rise():
    assert flow_breaks(4.1e6) == (1e5, 5e5, 2e6)
    assert flow_breaks(0.0) == (0.0, 0.0, 0.0)


def test_maps_draw_flow_waiting_and_numbers(filled):
    drawn = filled.maps
    close = corridor_map(
        drawn.sheet, extent=drawn.close, project=conic(drawn.close), width=800, title="m"
    )
    assert 'class="tc-wait-3"' in close
    assert close.count('class="tc-sea"') == 1
    assert ">Southgate</text>" in close
    world = world_map(
        drawn.base,
        drawn.routes,
        extent=drawn.world,
        project=plain(drawn.world),
        width=400,
        title="w",
    )
    assert ">2</text>" in world


def test_the_strip_colours_by_class(filled):
    picture = time_space(filled.samples[0].strip, title="strip")
    assert 'class="tc-s-queueing"' in picture
    assert ">Midway<" in picture
