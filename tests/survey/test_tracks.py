"""Positions into stays: fences held against shapely, hysteresis, silences, jumps, open ends."""

import json
from datetime import UTC, datetime

import narwhals as nw
import numpy as np
import polars as pl
import pytest
import shapely

from transcaspian.errors import Fault
from transcaspian.readers.forms.stamps import Habits
from transcaspian.readers.tracks.drawn import read_geojson, read_gpx
from transcaspian.readers.tracks.table import read_track_table
from transcaspian.readers.tracks.zones import Zone, discs, edges, metres, read_zones
from transcaspian.survey.tracks.fences import OUTSIDE, fenced
from transcaspian.survey.tracks.stays import stays
from transcaspian.survey.tracks.witness import tracked

M = 1 / 111_194.9
H = 3_600_000_000


def square(place, lon, lat, half_m, part="place"):
    d = half_m * M
    ring = ((lon - d, lat - d), (lon + d, lat - d), (lon + d, lat + d), (lon - d, lat + d))
    return Zone(place, part, (*ring, ring[0]))


def fixes(rows, trip=1):
    """Rows of hour, metres north, metres east, about the origin."""
    return pl.DataFrame(
        {
            "run": ["w"] * len(rows),
            "trip": [trip] * len(rows),
            "instant": [int(hour * H) for hour, _, _ in rows],
            "lat_deg": [north * M for _, north, _ in rows],
            "lon_deg": [east * M for _, _, east in rows],
        }
    ).with_columns(pl.col("instant").cast(pl.Datetime("us", "UTC")))


def found(frame, zones, hold_m=50, gap_h=6):
    return nw.to_native(stays(frame, zones, hold_m=hold_m, gap_h=gap_h)).sort("trip", "visit")


def test_fences_are_those_of_shapely():
    rng = np.random.default_rng(3)
    ring = [
        (10.0, 45.0),
        (10.05, 45.01),
        (10.03, 45.03),
        (10.06, 45.06),
        (10.0, 45.05),
        (9.98, 45.02),
    ]
    zone = Zone("a", "place", (*ring, ring[0]))
    shape = shapely.Polygon(ring)
    points = np.column_stack([rng.uniform(9.9, 10.1, 4000), rng.uniform(44.95, 45.1, 4000)])
    frame = pl.DataFrame(
        {
            "run": "w",
            "trip": 1,
            "instant": np.arange(4000),
            "lat_deg": points[:, 1],
            "lon_deg": points[:, 0],
        }
    )
    hold = 120.0
    ours = nw.to_native(fenced(nw.from_native(frame), (zone,), hold_m=hold)).sort("instant")["zone"]
    inside = shapely.contains_xy(shape, points[:, 0], points[:, 1])
    flat = shapely.transform(shape, lambda xy: xy * [np.cos(np.radians(45.03)), 1])
    there = shapely.points(points[:, 0] * np.cos(np.radians(45.03)), points[:, 1])
    far = shapely.distance(shapely.boundary(flat), there) / M
    sure = np.abs(far - hold) > 2  # the sphere is flat to two metres here
    expected = np.where(far < hold, None, np.where(inside, 0, OUTSIDE))
    assert (far < hold).sum() > 50
    assert [a for a, s in zip(ours, sure, strict=True) if s] == list(expected[sure])


def test_jitter_across_a_border_makes_no_crossing():
    zones = (square("west", 0, 0, 500), square("east", 1000 * M, 0, 500))
    jitter = [(h, 0, 480 + 40 * (-1) ** h) for h in range(3, 12)]  # on the line, 20 m either way
    track = [(0, 0, -30_000), (1, 0, 0), (2, 0, 300), *jitter, (12, 0, 1000), (13, 0, 40_000)]
    stood = found(fixes(track), zones)
    assert stood["place"].to_list() == ["west", "east"]
    naive = found(fixes(track), zones, hold_m=0)
    assert naive.height > 4


def test_ends_that_were_not_seen_stay_open():
    zones = (square("a", 0, 0, 500),)
    row = found(fixes([(0, 0, 0), (1, 0, 10), (2, 0, 0)]), zones).row(0, named=True)
    assert row["before"] is None
    assert row["after"] is None
    assert (row["first"], row["last"], row["pings"]) == (0, 2 * H, 3)
    row = found(fixes([(0, 0, 9000), (1, 0, 10), (2, 0, 0), (3, 0, 9000)]), zones).row(
        0, named=True
    )
    assert (row["before"], row["first"], row["last"], row["after"]) == (0, H, 2 * H, 3 * H)
    assert not row["gap"]


def test_a_silence_longer_than_allowed_is_flagged_wherever_it_hides():
    zones = (square("a", 0, 0, 500),)
    for hours in ([0, 10, 11, 12], [0, 1, 11, 12], [0, 1, 2, 12]):
        places = (9000, 0, 0, 9000)
        track = [(hour, 0, east) for hour, east in zip(hours, places, strict=True)]
        assert found(fixes(track), zones).filter(place="a")["gap"].to_list() == [True]


def test_a_jump_that_nothing_could_make_is_left_out():
    zones = (square("a", 0, 0, 500),)
    track = [(0, 0, 0), (0.1, 0, 10), (0.2, 900_000, 0), (0.3, 0, 0), (0.4, 0, 5)]
    stood = found(fixes(track), zones)
    assert stood.height == 1
    assert stood["pings"].to_list() == [4]


def test_a_stop_on_the_way_has_no_place_and_short_ones_are_none():
    zones = (square("a", 0, 0, 500),)
    track = [
        (0, 0, 0),
        (1, 0, 50_000),
        (2, 0, 50_100),
        (3, 0, 50_000),
        (4, 0, 100_000),
        (4.1, 0, 100_001),
        (5, 0, 150_000),
    ]
    stood = found(fixes(track), zones).filter(pl.col("place").is_null())
    assert stood.select("first", "last").rows() == [(H, 3 * H)]


def test_two_trackers_do_not_touch_each_other():
    zones = (square("a", 0, 0, 500),)
    both = pl.concat(
        [fixes([(0, 0, 0), (1, 0, 9000)], trip=1), fixes([(0.5, 0, 9000), (2, 0, 0)], trip=2)]
    )
    stood = found(both.sample(fraction=1, shuffle=True, seed=1), zones)
    assert stood.select("trip", "first", "last").rows() == [(1, 0, 0), (2, 2 * H, 2 * H)]
    assert stood["after"].to_list() == [H, None]
    assert stood["before"].to_list() == [None, int(0.5 * H)]


def test_what_a_tracker_witnesses_has_its_bounds():
    places = pl.DataFrame({"place": ["a"], "kind": ["border_post"], "country": ["XX"]})
    track = fixes([(0, 0, 9000), (1, 0, 0), (5, 0, 0), (6, 0, 9000)])
    rows = tracked(track, (square("a", 0, 0, 500),), places=places, hold_m=50, gap_h=6)
    assert rows.select("activity", "lifecycle").rows() == [
        ("border", "start"),
        ("border", "complete"),
    ]
    hours = [(row["earliest"].hour, row["latest"].hour) for row in rows.iter_rows(named=True)]
    assert hours == [(0, 1), (5, 6)]


def test_discs_of_neighbours_keep_clear_of_each_other(shipped):
    zones = discs(shipped)
    rows = {
        p: (y, x)
        for p, y, x in shipped.table("places").select("place", "lat_deg", "lon_deg").rows()
    }
    assert len(zones) == len(rows)
    reach = {
        zone.place: metres(rows[zone.place], (zone.ring[0][1], zone.ring[0][0])) for zone in zones
    }
    assert max(reach.values()) == pytest.approx(2000, rel=0.01)
    one, other = "horgos", "nur_zholy"
    assert reach[one] + reach[other] < metres(rows[one], rows[other])
    assert edges(zones)["zone"].n_unique() == len(zones)


def test_tracks_in_every_form_are_the_same_fixes(tmp_path):
    points = [(80.4, 44.2, "2024-02-15T08:00:00Z"), (80.5, 44.3, "2024-02-15T09:00:00Z")]
    (tmp_path / "t.csv").write_text(
        "imei,time,lat,lon\n" + "".join(f"M1,{t},{y},{x}\n" for x, y, t in points)
    )
    trk = "".join(f'<trkpt lat="{y}" lon="{x}"><time>{t}</time></trkpt>' for x, y, t in points)
    (tmp_path / "t.gpx").write_text(
        f'<gpx xmlns="x"><trk><name>M1</name><trkseg>{trk}</trkseg></trk></gpx>'
    )
    line = {
        "type": "Feature",
        "id": "M1",
        "geometry": {"type": "LineString", "coordinates": [p[:2] for p in points]},
        "properties": {"coordTimes": [p[2] for p in points]},
    }
    moving = {
        "type": "Feature",
        "id": "M1",
        "properties": {},
        "temporalGeometry": {
            "type": "MovingPoint",
            "coordinates": [p[:2] for p in points],
            "datetimes": [p[2] for p in points],
        },
    }
    (tmp_path / "t.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": [line]})
    )
    (tmp_path / "t.mfjson").write_text(
        json.dumps({"type": "FeatureCollection", "features": [moving]})
    )
    read = [
        read_track_table(tmp_path / "t.csv", run="w", habits=Habits()),
        read_gpx(tmp_path / "t.gpx", run="w", habits=Habits()),
        read_geojson(tmp_path / "t.geojson", run="w", habits=Habits()),
        read_geojson(tmp_path / "t.mfjson", run="w", habits=Habits()),
    ]
    rows = [each.fixes.drop("run").rows() for each in read]
    assert rows[0] == rows[1] == rows[2] == rows[3]
    assert rows[0][0] == (1, datetime(2024, 2, 15, 8, tzinfo=UTC), 44.2, 80.4)
    assert {each.trips["name"][0] for each in read} == {"M1"}


def test_positions_that_cannot_be_are_told(tmp_path):
    (tmp_path / "t.csv").write_text(
        "imei,time,lat,lon\n1,2024-02-15T08:00:00Z,0,0\n1,2024-02-15T08:00:00Z,80.4,44.2\n"
        "1,2024-02-15T08:00:00Z,80.4,44.2\n1,2024-02-15T09:00:00Z,144.2,80.4\n"
        "1,2024-02-15 09:00:00,44,80\n1,2024-02-15T09:00:00Z,north,80\n"
    )
    found = read_track_table(tmp_path / "t.csv", run="w", habits=Habits())
    assert found.fixes.height == 1
    assert found.rejects.select("row", "code").rows() == [
        (1, "V109"), (3, "V204"), (4, "V109"), (5, "V105"), (6, "V108"),
    ]  # fmt: skip
    zoned = read_track_table(tmp_path / "t.csv", run="w", habits=Habits(clock="Asia/Almaty"))
    assert zoned.fixes["instant"][0] == datetime(2024, 2, 15, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("feature", "said"),
    [
        ({"properties": {"place": "dostik"}}, "dostik"),
        ({"properties": {"place": "dostyk", "part": "roof"}}, "roof"),
        (
            {
                "properties": {"place": "dostyk"},
                "geometry": {"type": "Point", "coordinates": [1, 2]},
            },
            "Point",
        ),
        (
            {
                "properties": {"place": "dostyk"},
                "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1]]]},
            },
            "close",
        ),
    ],
)
def test_zones_that_cannot_be_used_are_faults(tmp_path, shipped, feature, said):
    (tmp_path / "z.geojson").write_text(json.dumps({"features": [feature]}))
    with pytest.raises(Fault) as caught:
        read_zones(tmp_path / "z.geojson", shipped)
    assert caught.value.code == "V117"
    assert said in caught.value.what
