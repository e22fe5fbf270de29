"""The command line as its user meets it: exit codes, texts, files left behind."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

ANDES = Path(__file__).parents[1] / "corridors" / "andes"


def program(*words, cwd=None):
    return subprocess.run(
        [sys.executable, "-m", "transcaspian", *map(str, words)],
        capture_output=True,
        text=True,
        cwd=cwd,
        check=False,
        timeout=300,
    )


def test_help_imports_nothing_heavy():
    code = (
        "import sys\n"
        "from transcaspian.cli.verbs import app\n"
        "try:\n    app(['--help'], standalone_mode=False)\n"
        "except SystemExit:\n    pass\n"
        "heavy = {'numpy', 'polars', 'numba', 'matplotlib', 'scipy', 'pydantic', 'rich'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    for verb in ("run", "check", "show", "simulate", "diff", "new"):
        assert verb in done.stdout


def test_an_unknown_table_names_its_nearest():
    done = program("show", "link", "--corridor", ANDES)
    assert done.returncode == 2
    assert "links" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_measure_names_its_nearest():
    names = [path.stem for path in sorted((ANDES / "measures").glob("*.toml"))]
    done = program("diff", names[0] + "x", "--corridor", ANDES)
    assert done.returncode == 2
    assert names[0] in done.stderr


def test_an_unknown_option_is_a_fault_of_the_user():
    done = program("show", "--no-such-option")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_show_gives_the_same_rows_for_eyes_programs_and_files(tmp_path):
    table = pl.read_csv(ANDES / "places.csv")
    eyes = program("show", "places", "--corridor", ANDES)
    assert eyes.returncode == 0
    assert max(map(len, eyes.stdout.splitlines())) <= 100
    rows = json.loads(program("show", "places", "--corridor", ANDES, "--json").stdout)
    assert [row["place"] for row in rows] == table["place"].to_list()
    program("show", "places", "--corridor", ANDES, "--out", tmp_path / "places.parquet")
    kept = pl.read_parquet(tmp_path / "places.parquet")
    assert kept["place"].to_list() == table["place"].to_list()


def test_an_output_file_that_exists_is_left_alone(tmp_path):
    path = tmp_path / "places.csv"
    path.write_text("mine")
    done = program("show", "places", "--corridor", ANDES, "--out", path)
    assert done.returncode == 2
    assert "O101" in done.stderr
    assert path.read_text() == "mine"


def test_new_copies_a_corridor_that_passes_its_check(tmp_path):
    copy = tmp_path / "mine"
    assert program("new", copy, "--corridor", ANDES).returncode == 0
    assert program("check", copy).returncode == 0
    assert program("new", copy, "--corridor", ANDES).returncode == 2


def test_a_fault_in_the_data_is_shown_with_its_row_and_nothing_is_simulated(tmp_path):
    copy = tmp_path / "mine"
    program("new", copy, "--corridor", ANDES)
    links = (copy / "links.csv").read_text().splitlines()
    cells = links[1].split(",")
    cells[1] = cells[1] + "x"
    links[1] = ",".join(cells)
    (copy / "links.csv").write_text("\n".join(links) + "\n")
    done = program("run", "--corridor", copy, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "links.csv" in done.stderr
    assert cells[1] in done.stderr
    assert not (tmp_path / "out").exists()


def test_explain_knows_every_code():
    from transcaspian.errors import FAULTS

    done = program("check", "--explain", next(iter(FAULTS)))
    assert done.returncode == 0
    assert len(done.stdout) > 80


def test_simulate_says_the_same_at_one_thread_and_at_two():
    words = ("simulate", "--corridor", ANDES, "--edition", "base", "--replications", 3, "--json")
    one = program(*words, "--threads", 1)
    two = program(*words, "--threads", 2)
    assert one.returncode == 0, one.stderr
    assert one.stdout == two.stdout
    assert json.loads(one.stdout)


def test_a_run_writes_the_same_bytes_twice(tmp_path):
    for name in ("first", "second"):
        done = program("run", "--corridor", ANDES, "--replications", 2, "--out", tmp_path / name)
        assert done.returncode == 0, done.stderr
    first = sorted(path.relative_to(tmp_path / "first") for path in (tmp_path / "first").rglob("*"))
    second = sorted(
        path.relative_to(tmp_path / "second") for path in (tmp_path / "second").rglob("*")
    )
    assert first == second
    for path in first:
        assert (tmp_path / "first" / path).read_bytes() == (tmp_path / "second" / path).read_bytes()


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX knows them")
def test_an_interrupted_run_leaves_nothing(tmp_path):
    running = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "transcaspian",
            "run",
            "--corridor",
            str(ANDES),
            "--replications",
            "4000",
            "--out",
            str(tmp_path / "out"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(8)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=120)
    assert running.returncode == 130, said
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []
