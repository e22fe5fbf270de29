from __future__ import annotations

import json
from dataclasses import replace

import polars as pl
import pytest
from made_up import made_up_corridor, made_up_events, made_up_tally

from transcaspian.events.tally import SCHEMAS, empty_tally
from transcaspian.report.reading.atlas import maps, waits
from transcaspian.report.reading.land import base_map, link_lines
from transcaspian.report.reading.names import names_of
from transcaspian.report.reading.spread import spread
from transcaspian.report.reading.trips import samples


@pytest.fixture
def names():
    return names_of(made_up_corridor())


def one_run_each(hours):
    """A frame of one place, and a tally of as many runs."""
    runs = [f"r{at:04d}" for at in range(len(hours))]
    frame = pl.DataFrame({"run": runs, "place": "gate", "hours": hours})
    trips = pl.DataFrame({"run": runs})
    return frame, replace(empty_tally(), trips=trips)


def test_the_interval_is_that_of_student():
    # n = 5, mean 3, s = 1.5811, t(0.95, 4) = 2.132: half width 1.5075 (worked by hand)
    frame, tally = one_run_each([1.0, 2.0, 3.0, 4.0, 5.0])
    quantity = spread(frame, "place", tally)["gate"]
    assert quantity.value == 3.0
    assert quantity.low == pytest.approx(3 - 1.5075, abs=1e-3)
    assert quantity.high == pytest.approx(3 + 1.5075, abs=1e-3)
    frame, tally = one_run_each([2.0])
    assert spread(frame, "place", tally)["gate"].low is None


def test_a_run_without_a_row_counts_as_nothing():
    frame, tally = one_run_each([4.0, 2.0])
    assert spread(frame.head(1), "place", tally)["gate"].value == 2.0


def test_waiting_is_told_from_service_by_the_rule_of_the_ledger(names):
    table = waits(made_up_tally(), names).group_by("place", "ledger").agg(pl.col("hours").sum())
    found = {(place, ledger): hours for place, ledger, hours in table.iter_rows()}
    assert found == pytest.approx(
        {
            ("gate", "queueing"): 1200.0,
            ("gate", "clearance"): 400.0,
            ("quay", "carrier"): 8000.0,
            ("quay", "weather"): 1600.0,
        }
    )


def test_the_map_shows_cargo_waiting_and_the_other_way(names):
    drawn = maps(made_up_corridor(), made_up_tally(), names)
    assert drawn is not None
    spots = {spot.name: spot for spot in drawn.sheet.spots}
    assert spots["Quay"].wait_h == pytest.approx(48.0)
    assert spots["Gate"].wait_h == pytest.approx(6.0)
    assert "90 % interval" in spots["Gate"].title
    assert "Cape" not in spots
    assert spots["Northport"].wait_h is None
    assert spots["Northport"].tonnes == 2000.0
    assert {way.tonnes for way in drawn.sheet.ways} == {2000.0}
    assert [route.own for route in drawn.routes] == [True, False]
    assert len(drawn.routes[1].lines) == 2
    assert "by way of Cape" in drawn.routes[1].title
    assert drawn.world.south < -19
    assert drawn.close.south > -19


def test_a_corridor_where_nothing_moved_is_still_drawn(names):
    still = made_up_tally()
    none = replace(still, **{name: getattr(still, name).clear() for name in SCHEMAS})
    drawn = maps(made_up_corridor(), none, names)
    assert drawn is not None
    assert all(spot.tonnes == 0 for spot in drawn.sheet.spots)


def test_links_are_drawn_as_they_run_where_the_corridor_says_so(tmp_path, names):
    feature = {
        "type": "Feature",
        "properties": {"link": "gate__quay__train"},
        "geometry": {"type": "LineString", "coordinates": [[6, 5], [7, 7], [9, 4]]},
    }
    (tmp_path / "geometry.geojson").write_text(json.dumps({"features": [feature]}))
    lines = link_lines(str(tmp_path), names)
    assert lines["gate__quay__train"] == [[(6, 5), (7, 7), (9, 4)]]
    assert lines["quay__isle__ship"][0][0] == pytest.approx((9.0, 4.0))


def test_the_base_map_is_read_when_it_is_there():
    assert isinstance(base_map().lands, list)


def test_trips_close_together_share_one_clock(names):
    (sample,) = samples(made_up_events(), names)
    assert sample.strip.since == "days since the first set out"
    assert len(sample.strip.trips) == 3
    assert sample.strip.trips[1][0].from_d == pytest.approx(1.0)
    assert [band.code for band in sample.strip.bands] == ["AA", "BB", "at sea"]
    assert sample.strip.bands[0].to_km == pytest.approx(250.0)
    assert sample.strip.bands[-1].to_km == pytest.approx(1000.0)
    waits = [piece.ledger for piece in sample.strip.trips[0]]
    assert waits == ["moving", "queueing", "clearance", "moving", "carrier", "weather", "moving"]


def test_trips_far_apart_start_from_their_own_departure(names):
    (sample,) = samples(made_up_events(apart_d=100), names)
    assert sample.strip.since == "days since setting out"
    assert {trip[0].from_d for trip in sample.strip.trips} == {0.0}


def test_no_log_gives_no_strip(names):
    assert samples(None, names) == []
    assert samples(made_up_events(count=0), names) == []
