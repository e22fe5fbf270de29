"""appraise and package at the command line: what they show, write and refuse."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from transcaspian.cli.door import main

ANDES = Path(__file__).parents[1] / "corridors" / "andes"


@pytest.fixture
def asked(capsys, monkeypatch, tmp_path):
    """What a command says, and how it ends."""
    kept = tmp_path / "kept.sqlite"

    def ask(*words: str) -> tuple[int, str, str]:
        common = ["--corridor", str(ANDES), "--findings", str(kept), "--draws", "2"]
        monkeypatch.setattr(sys, "argv", ["transcaspian", *words, *common])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return ask


def test_one_measure_is_told_whole(asked):
    code, said, _ = asked("appraise", "third_ferry", "--replications", "2", "--most", "2")
    assert code == 0
    assert "third_ferry" in said
    for word in (
        "npv at 8.0%",
        "mirr",
        "where the waiting went",
        "who gains",
        "market",
        "carrying",
    ):
        assert word in said
    assert all(len(line) <= 100 for line in said.splitlines())


def test_measures_are_ranked_and_a_set_is_appraised_together(asked):
    code, said, _ = asked("appraise", "--replications", "2", "--most", "4")
    assert code == 0
    lines = said.splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith("measure "))
    names = [line.split()[0] for line in lines[start + 1 :] if line]
    assert {"third_ferry", "second_berth", "more_officers"} <= set(names)
    code, said, _ = asked("appraise", "third_ferry+second_berth", "--replications", "2")
    assert code == 0
    assert "third_ferry+second_berth"[:20] in said or "second_berth+third_ferry"[:20] in said


def test_a_measure_in_a_file_is_appraised(asked, tmp_path):
    file = tmp_path / "two_officers.toml"
    file.write_text(
        'name = "two_officers"\ntitle = "Two officers"\nkind = "extra_servers"\n'
        'place = "lago_norte"\nstage = "documents"\nextra = 2\nsource = "invented"\n'
        "[cost]\ncapex_usd = 1e5\nsource = 'invented'\n"
    )
    code, said, _ = asked("appraise", str(file), "--replications", "2", "--most", "2")
    assert code == 0
    assert "Two officers" in said


def test_a_package_is_chosen_written_and_kept(asked, tmp_path):
    out, keep = tmp_path / "out", tmp_path / "kept"
    words = ["--budget", "6e6", "--evaluations", "20", "--replications", "2", "--no-futures"]
    code, said, _ = asked(
        "package", *words, "--out", str(out), "--keep", str(keep), "--language", "en"
    )
    assert code == 0
    assert "Budget 6:" in said
    assert "share of the worth" in said
    assert {each.name for each in out.iterdir()} >= {
        "annex.en.html",
        "annex.en.pdf",
        "packages.csv",
        "figures.csv",
    }
    assert (keep / "about.toml").is_file()
    page = (out / "annex.en.html").read_text(encoding="utf-8")
    assert "third ferry" in page.lower()


def test_json_holds_every_table(asked):
    words = ["--budget", "6e6", "--evaluations", "12", "--replications", "2", "--no-futures"]
    code, said, _ = asked("package", *words, "--json")
    assert code == 0
    told = json.loads(said)
    assert {"measures", "packages", "figures", "who", "moved", "inputs", "near", "shares"} <= set(
        told
    )
    assert told["packages"][0]["budget_musd"] == 6


def test_what_was_found_before_is_not_simulated_again(asked, monkeypatch):
    words = ("appraise", "second_berth", "--replications", "2", "--most", "2")
    first = asked(*words)
    from transcaspian.appraisal.evaluate import ground

    def never(*_args, **_more):
        message = "simulated again"
        raise AssertionError(message)

    monkeypatch.setattr(ground, "run_model", never)
    assert asked(*words) == first


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("appraise", "thrid_ferry"), "P102", "third_ferry"),
        (("appraise", "third_ferry", "--basis", "shippers"), "O105", "market or carrying"),
        (("appraise", "third_ferry", "--language", "fr"), "O105", "en or ja or ru"),
        (("package", "--budget", "1000"), "A101", "cheapest"),
        (("package", "--budget", "6e6", "--purse", "one:3"), "O105", "donor=30e6"),
    ],
)
def test_what_is_wrong_is_told_with_its_remedy(asked, words, code, said):
    ended, out, err = asked(*words)
    assert ended == 2
    assert code in err
    assert said in err
    assert not out
    assert "Traceback" not in err


def test_a_folder_that_exists_is_refused_before_anything_runs(asked, tmp_path):
    (tmp_path / "there").mkdir()
    ended, _, err = asked("appraise", "third_ferry", "--out", str(tmp_path / "there"))
    assert ended == 2
    assert "O101" in err
