"""The five commands, one after the other, as a survey office would give them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

ANDES = Path(__file__).parents[1] / "corridors" / "andes"


def give(*words, cwd, code=0):
    done = subprocess.run(
        [sys.executable, "-m", "transcaspian", *map(str, words)],
        capture_output=True, text=True, cwd=cwd, check=False, env={**os.environ, "COLUMNS": "100"},
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """A folder in which the commands have been given in order."""
    cwd = tmp_path_factory.mktemp("office")
    here = ("--corridor", ANDES)
    said = {
        "plan": give("survey", "plan", "--fall", 0.2, *here, cwd=cwd),
        "template": give("survey", "template", "empty", *here, cwd=cwd),
        "demo": give("survey", "demo", "wave", "--trips", 500, "--months", "3-5", *here, cwd=cwd),
        "release": give("survey", "release", "wave", "--out", "release", *here, cwd=cwd),
    }
    patch = next((cwd / "release").glob("*.toml"))
    said["run"] = give(
        "run", "--patch", patch, "--survey", "release", "--replications", 2, "--out", "run",
        "--findings", "f.db", *here, cwd=cwd,
    )  # fmt: skip
    return cwd, said


def test_the_five_commands_lead_from_a_plan_to_a_run(office):
    cwd, said = office
    assert "trips" in said["plan"]
    assert "assumed" in said["plan"]
    assert "SYNTHETIC" in said["demo"]
    assert said["release"].startswith("SYNTHETIC")
    for name in ("report.en.html", "report.ru.html", "report.ja.html", "calibration.json"):
        assert (cwd / "release" / name).stat().st_size > 1000
    table = pl.read_csv(cwd / "run" / "surveyed.csv")
    assert table.height >= 4
    assert table.select(pl.col("ratio").is_between(0.3, 3).mean()).item() > 0.6
    page = (cwd / "run" / "report.html").read_text()
    assert "Surveyed beside simulated" in page
    assert "SYNTHETIC, made to try the tools" in page


def test_a_plan_rests_on_the_last_wave(office):
    cwd, _ = office
    rows = json.loads(give("survey", "plan", "--last", "release", "--json", cwd=cwd))
    assert {row["basis"] for row in rows} >= {"last wave"}
    assert "V402" in _fault("survey", "plan", "--country", "XX", "--corridor", ANDES, cwd=cwd)
    assert "V401" in _fault("survey", "plan", "--budget", 1, "--corridor", ANDES, cwd=cwd)


def _fault(*words, cwd):
    done = subprocess.run(
        [sys.executable, "-m", "transcaspian", *map(str, words)],
        capture_output=True, text=True, cwd=cwd, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    return done.stderr


def test_two_releases_are_compared_and_their_difference_told(office):
    cwd, _ = office
    same = json.loads(give("survey", "compare", "release", "release", "--json", cwd=cwd))
    assert {row["ratio"] for row in same} == {1.0}
    assert not any(row["changed"] for row in same)
    here = ("--corridor", ANDES)
    assert (
        json.loads(
            give("survey", "compare", "release", "release", "--restated", "--json", *here, cwd=cwd)
        )
        == []
    )
    assert "R101" in _fault("survey", "compare", "wave", "release", cwd=cwd)


def test_a_published_table_is_looked_through(tmp_path):
    (tmp_path / "t.csv").write_text(
        "country,indicator,year,value,change\nKZ,tfi1,2022,10.0,\nKZ,tfi1,2023,12.0,-20.0\n"
    )
    said = give("survey", "lint", "t.csv", cwd=tmp_path, code=1)
    assert "sign" in said
    (tmp_path / "t.csv").write_text("country,indicator,year,value\nKZ,tfi1,2022,10.0\n")
    assert "0 findings" in give("survey", "lint", "t.csv", cwd=tmp_path)


def test_what_exists_is_not_written_over_and_nothing_is_left_half_written(office):
    cwd, _ = office
    for words in (("template", "wave"), ("demo", "wave"), ("release", "wave", "--out", "release")):
        assert "O101" in _fault("survey", *words, "--corridor", ANDES, cwd=cwd)
    (cwd / "broken").mkdir()
    (cwd / "broken" / "wave.toml").write_text("name = 1")
    assert "V114" in _fault(
        "survey", "release", "broken", "--out", "new", "--corridor", ANDES, cwd=cwd
    )
    assert not (cwd / "new").exists()
