"""A corridor calibrated at the command line, and run as it was fitted."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

ANDES = Path(__file__).parents[1] / "corridors" / "andes"


def give(*words, cwd):
    return subprocess.run(
        [sys.executable, "-m", "transcaspian", *map(str, words)],
        cwd=cwd, capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    cwd = tmp_path_factory.mktemp("office")
    shutil.copytree(ANDES, cwd / "andes")
    here = ("--corridor", "andes")
    said = {
        "calibrate": give(
            "calibrate", *here, "--out", "andes/calibration", "--runs", 64, "--draws", 5,
            "--no-validate", "--work", "work", cwd=cwd,
        ),
        "run": give(
            "run", *here, "--replications", 3, "--out", "one", "--findings", "f.db", cwd=cwd
        ),
        "bare": give(
            "run", *here, "--replications", 3, "--out", "two", "--uncalibrated",
            "--findings", "f.db", cwd=cwd,
        ),
    }  # fmt: skip
    for name, each in said.items():
        assert each.returncode == 0, f"{name}: {each.stderr}"
    return cwd, said


def test_it_says_what_was_fitted_to_what(office):
    cwd, said = office
    assert "1 figures fitted" in said["calibrate"].stdout
    assert "calibration: andes/calibration" in said["calibrate"].stdout
    assert (cwd / "andes" / "calibration" / "calibrated.draws.csv").is_file()
    assert any((cwd / "work").iterdir()), "no run was kept"


def test_a_run_is_of_the_fitted_corridor_and_says_so(office):
    cwd, said = office
    page = (cwd / "one" / "report.html").read_text()
    assert 'id="tc-truth"' in page
    assert "the doubt about what was fitted" in said["run"].stdout
    kept = {file.name for file in (cwd / "one" / "calibration").iterdir()}
    assert {"targets.csv", "runs.csv", "calibrated.toml", "calibrated.draws.csv"} <= kept
    bare = (cwd / "two" / "report.html").read_text()
    assert 'id="tc-truth"' not in bare
    assert "not of the doubt about the inputs" in said["bare"].stdout
    assert not (cwd / "two" / "calibration").exists()


def test_intervals_are_wider_by_the_doubt(office):
    cwd, _ = office
    wide, narrow = (
        pl.read_csv(cwd / name / "present_door_to_door.csv")
        .with_columns((pl.col("high") / pl.col("low")).log().alias("width"))["width"]
        .median()
        for name in ("one", "two")
    )
    assert wide > 2 * narrow


def test_simulate_takes_the_patch_as_a_file_and_puts_the_edition_after_it(office):
    cwd, _ = office
    file = "andes/calibration/calibrated.toml"
    found = give(
        "simulate", file, "--corridor", "andes", "--replications", 3, "--json", cwd=cwd
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    ours = {row["flow"]: row["value"] for row in json.loads(found.stdout)}
    run = pl.read_csv(cwd / "one" / "present_door_to_door.csv")
    theirs = dict(run.select("flow", "value").iter_rows())
    assert ours == pytest.approx(theirs)
    lost = give("simulate", "nowhere.toml", "--corridor", "andes", cwd=cwd)
    assert lost.returncode == 2
    assert "P102" in lost.stderr


def test_nothing_is_overwritten_and_a_broken_folder_is_told(office):
    cwd, _ = office
    again = give("calibrate", "--corridor", "andes", "--out", "andes/calibration", cwd=cwd)
    assert again.returncode == 2
    assert "O101" in again.stderr
    shutil.copytree(cwd / "andes", cwd / "broken")
    (cwd / "broken" / "calibration" / "worth.csv").unlink()
    broken = give("run", "--corridor", "broken", "--out", "three", cwd=cwd)
    assert broken.returncode == 2
    assert "K101" in broken.stderr
    assert "worth.csv" in broken.stderr
    assert not (cwd / "three").exists()


def test_a_corridor_changed_since_is_said_to_be(office):
    cwd, _ = office
    shutil.copytree(cwd / "andes", cwd / "changed")
    file = cwd / "changed" / "flows.csv"
    file.write_text(file.read_text().replace(",6000,", ",6100,"))
    found = give(
        "run", "--corridor", "changed", "--replications", 2, "--out", "four", "--findings", "f.db",
        "--json", cwd=cwd,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout)
    assert "has been changed since" in (cwd / "four" / "report.html").read_text()
