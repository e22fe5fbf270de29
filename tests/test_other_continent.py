"""A made-up corridor of another continent goes through every command with no change to the code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from transcaspian.corridor.apply import apply
from transcaspian.corridor.diff import diff, in_words
from transcaspian.network import itineraries
from transcaspian.readers.folder import read_corridor

ANDES = Path(__file__).parent / "corridors" / "andes"
PLACES = {
    "puerto_alto",
    "lago_norte",
    "lago_sur",
    "orilla",
    "meseta",
    "quebrada_bo",
    "quebrada_ar",
}


@pytest.fixture(scope="module")
def corridor():
    return read_corridor(ANDES)


@pytest.fixture(scope="module")
def run(corridor):
    from transcaspian.simulation import simulate

    return simulate(corridor, replications=2, seed=1, threads=2)


def program(*words, code=0):
    done = subprocess.run(
        [sys.executable, "-m", "transcaspian", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_it_has_seven_places_on_another_continent(corridor):
    places = corridor.table("places")
    assert set(places["place"]) == PLACES
    assert places["lat_deg"].max() < 0
    assert places["lon_deg"].max() < -60


def test_every_flow_finds_its_way_over_borders_gauges_and_the_lake(corridor):
    frame = itineraries(corridor).frame
    assert set(frame["flow"]) == set(corridor.table("flows")["flow"])
    assert {"travel_rail", "travel_road", "sail"} <= set(frame["activity"])
    assert {"t05_gauge_transload", "p04_wait_vessel", "r17_rest"} <= set(frame["activity"])
    assert set(frame["direction"]) == {"outbound", "inbound", "domestic", ""}


def test_every_trip_of_the_year_arrives(corridor, run):
    counted = run.tally.trips.group_by("run").agg(pl.col("n").sum(), pl.col("unfinished").sum())
    asked = corridor.table("flows")["trips_per_y"].sum()
    assert counted["unfinished"].to_list() == [0, 0]
    assert counted["n"].to_list() == pytest.approx([asked, asked], rel=0.05)


def test_no_stage_is_asked_for_more_than_it_can_do(corridor):
    from transcaspian.simulation.model.loads import overloads

    assert overloads(corridor) == []


def test_every_indicator_speaks_of_it(corridor, run):
    from transcaspian.indicators import INDICATORS

    assert len(INDICATORS) >= 8
    for name, entry in INDICATORS.items():
        table = entry(corridor, run.tally)
        assert {"value", "low", "high", "runs"} <= set(table.columns), name
        assert not table.is_empty(), name


def test_a_measure_helps(corridor):
    """Two more officers on each side, on common luck: their queues are shorter."""
    from transcaspian.simulation import simulate

    patch = corridor.measures["more_officers"]
    better = apply(corridor, patch)
    assert "lago_norte_outbound_documents" in in_words(diff(corridor, better))
    waits = [
        simulate(case, replications=1, seed=5, threads=1).tally.resources.filter(
            pl.col("resource") == "lago_norte_outbound_documents"
        )["wait_h"][0]
        for case in (corridor, better)
    ]
    assert waits[1] < 0.5 * waits[0]


def test_check_finds_nothing(tmp_path):
    out = tmp_path / "cells.csv"
    program("check", ANDES)
    program("check", "--corridor", ANDES, "--out", out)
    cells = pl.read_csv(out)
    counts = dict(cells.select("status", "cells").iter_rows())
    assert counts.pop("estimated") > 300
    assert set(counts.values()) == {0}


@pytest.mark.parametrize("table", ["places", "links", "flows", "stages", "measures"])
def test_show_prints_its_tables(table):
    rows = json.loads(program("show", table, "--corridor", ANDES, "--json").stdout)
    assert rows


def test_diff_says_what_a_measure_changes():
    done = program("diff", "second_berth", "--corridor", ANDES)
    assert "puerto_alto_berth (1 -> 2)" in done.stdout


def test_simulate_prints_an_indicator():
    words = ("simulate", "--corridor", ANDES, "--replications", 2, "--json")
    rows = json.loads(program(*words, "--indicator", "door_to_door").stdout)
    assert rows
    with_it = json.loads(program(*words[:1], "third_ferry", *words[1:]).stdout)
    assert len(with_it) == len(rows)


def test_new_copies_it_out_to_be_edited(tmp_path):
    program("new", tmp_path / "mine", "--corridor", ANDES)
    assert read_corridor(tmp_path / "mine").hash == read_corridor(ANDES).hash
    program("new", tmp_path / "mine", "--corridor", ANDES, code=2)


def test_run_writes_its_report(tmp_path):
    out = tmp_path / "out"
    program("run", "--corridor", ANDES, "--replications", 2, "--out", out)
    page = (out / "report.html").read_text(encoding="utf-8")
    title = read_corridor(ANDES).about.title
    assert title in page
    for name in ("Puerto Alto", "Lago Norte", "second berth"):
        assert name in page, name
    assert (out / "manifest.json").is_file()
