"""Stages of stays in ports, and how far hours were rounded, held against waves told by hand."""

from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

import narwhals as nw
import polars as pl
import pytest
from test_waits import stamp, stamps, visit

from transcaspian.survey.estimates.tables import tables
from transcaspian.survey.estimates.waits.ports import berth_times
from transcaspian.survey.trips.heaps import heaping
from transcaspian.tables.vocabulary import vocabulary

HEAD = "trip,vehicle,goods,place,mode,activity,arrived,departed,started,ended,hours\n"
TRIPS = ((2, 8, 5, 3), (1, 7, 4, 6), (3, 9, 6, 2), (2, 6, 3, 4))
"""Hours at anchor, at the berth, of discharge (from an hour after berthing), and ashore."""


def told(heard, andes):
    return tables(
        heard.events, heard.visits, wave=heard.wave, counts=heard.counts, rates=heard.rates,
        corridor=andes,
    )  # fmt: skip


def at(name, hour, minute=7):
    return f"2023-03-{name + 1:02d} {hour:02d}:{minute:02d}-04:00"


@pytest.fixture
def unloaded(wave, andes):
    """Four trips over the lake to Orilla, each stage of the stay there with its two ends."""
    rows = []
    for name, (anchor, berth, discharge, after) in enumerate(TRIPS):
        berthed = 2 + anchor
        left = berthed + berth + after
        head, here = f"t{name},V{name},Frutas", f"{at(name, 2)},{at(name, left)}"
        stages = (
            ("wait_berth", 2, berthed),
            ("P06", berthed, berthed + berth),
            ("P09", berthed + 1, berthed + 1 + discharge),
        )
        rows += [
            f"{head},puerto_alto,,,{at(name, 0)},{at(name, 0, 31)},,,",
            f"{head},orilla,sea,,{here},,,",
            *(
                f"{head},orilla,sea,{act},{here},{at(name, a)},{at(name, b)},"
                for act, a, b in stages
            ),
        ]
    return told(wave({"forms/a.csv": HEAD + "\n".join(rows) + "\n"}), andes)


def test_stages_of_a_port_are_those_of_the_stays_that_tell_of_them(unloaded):
    found = unloaded["ports"].filter(place="orilla")
    mean = dict(found.select("stage", "mean_raw_h").iter_rows())
    parts = list(zip(*TRIPS, strict=True))
    for stage, hours in zip(("berth_wait", "berth", "discharge"), parts, strict=False):
        assert mean[stage] == pytest.approx(sum(hours) / 4, abs=0.02)
    yards = [berth - discharge + after for _, berth, discharge, after in TRIPS]
    assert mean["yard"] == pytest.approx(sum(yards) / 4, abs=0.02)
    assert found["n"].to_list() == [4] * 4
    assert found["network"].unique().to_list() == ["sea"]


def test_stamps_of_a_berth_come_before_what_is_told_of_it(andes):
    """Berthed three hours after arriving, left the berth nine hours later; told to be one."""
    visits = [
        {**visit(trip, "orilla", 0.0, 20.0), "country": "BO", "network": "sea"} for trip in (1, 2)
    ]
    visits[1]["network"] = "rail"
    said = stamps(
        [
            stamp(trip, "orilla", act, "complete", hour, number)
            for trip in (1, 2)
            for number, (act, hour) in enumerate((("p06_berth", 3), ("p07_unberth", 12)), start=1)
        ]
    )
    found = berth_times(said, pl.DataFrame(visits), andes)
    rows = nw.to_native(found).sort("stage").select("trip", "stage", "hours").rows()
    assert rows == [(1, "berth", 9.0), (1, "berth_wait", 3.0)]


def test_goods_go_by_their_code_or_as_they_were_named(unloaded, names):
    assert unloaded["by_goods"].filter(place="orilla")["goods"].to_list() == ["Frutas"]
    assert [names.good(word) for word in ("Свежие фрукты", "FRUIT", "原油", "toys", " ", None)] == [
        "fruit",
        "fruit",
        "crude_oil",
        "toys",
        None,
        None,
    ]


def test_rounded_hours_are_counted_on_the_clock_of_the_spot():
    """Kabul is half an hour off: its full hours are half hours elsewhere."""
    hours = [*range(12), 12.5, 13.25, 14 + 7 / 60]
    rows = [
        {**stamp(1, "x", "arr", "complete", hour - 0.5, number), "zone": "Asia/Kabul"}
        for number, hour in enumerate(hours)
    ]
    lengths = [
        {**stamp(1, "x", "r02_customs", "whole", 0, 100 + n), "earliest": None, "hours": length}
        for n, length in enumerate([1.0, 2.0, 0.5, 0.25] * 3)
    ]
    table = heaping(stamps([*rows, *lengths]), publish_from=10)
    index = {
        (what, unit): value
        for what, unit, value in table.select("told", "unit_min", "index").iter_rows()
    }
    assert index["instants", 60] == pytest.approx(60 * 12 / 15)
    assert index["instants", 30] == pytest.approx(30 * 13 / 15)
    assert index["instants", 15] == pytest.approx(15 * 14 / 15)
    assert index["lengths", 60] == pytest.approx(30)
    assert index["lengths", 15] == pytest.approx(15)
    assert heaping(stamps(rows), publish_from=16).is_empty()


def test_zones_with_other_minutes_are_those_of_the_world():
    at_new_year = datetime(2026, 1, 1)  # on each zone's own clock
    off = {}
    for name in available_timezones():
        offset = ZoneInfo(name).utcoffset(at_new_year)
        off[name] = int(offset.total_seconds() // 60 % 60)
    known = dict(vocabulary("clock_minutes").select("zone", "minutes").iter_rows())
    assert {name: int(minutes) for name, minutes in known.items() if name in off} == {
        name: minutes for name, minutes in off.items() if minutes
    }
