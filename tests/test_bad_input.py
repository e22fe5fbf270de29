"""Every kind of bad input with the exact text that its user reads.

`GOLDEN=write pytest tests/test_bad_input.py` writes the texts anew; read them before keeping them.
"""

import errno
import os
import shutil
from pathlib import Path

import pytest

from transcaspian.corridor.apply import apply
from transcaspian.errors import Fault, Faults, render
from transcaspian.readers.folder import read_corridor
from transcaspian.simulation.model.loads import overloads
from transcaspian.tables.store import whole_folder, write_whole

ANDES = Path(__file__).parent / "corridors" / "andes"
GOLDEN = Path(__file__).parent / "golden"


def edit(file, old, new, count=1):
    def change(folder):
        path = folder / file
        text = path.read_bytes()
        assert old.encode() in text, f"{old!r} is not in {file}"
        path.write_bytes(text.replace(old.encode(), new.encode(), count))

    return change


def drop_column(file, name):
    def change(folder):
        path = folder / file
        rows = [line.split(",") for line in path.read_text().splitlines()]
        at = rows[0].index(name)
        path.write_text("\n".join(",".join(row[:at] + row[at + 1 :]) for row in rows) + "\n")

    return change


def drop_lines(file, word):
    def change(folder):
        path = folder / file
        lines = [line for line in path.read_text().splitlines() if word not in line]
        path.write_text("\n".join(lines) + "\n")

    return change


def crlf(folder):
    path = folder / "goods.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def bom(folder):
    path = folder / "goods.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())


def cp1251(folder):
    path = folder / "goods.csv"
    path.write_bytes(path.read_bytes().replace(b"Quinoa", "Киноа".encode("cp1251")))


def twice(folder):
    path = folder / "links.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines, lines[1]]) + "\n")


CASES = {
    "missing_column": drop_column("links.csv", "speed_kmh"),
    "extra_column": edit("goods.csv", "good,name", "good,colour", 1),
    "unknown_place": edit("links.csv", ",lago_norte,", ",lago-norte,"),
    "unknown_activity": edit("stages.csv", "r20_seal", "r20_seel"),
    "unknown_word": edit("places.csv", ",border_post,", ",border post,"),
    "duplicate_key": twice,
    "out_of_range": edit("places.csv", "-15.8", "-158"),
    "wrong_unit": edit("links.csv", "road,90,45", "road,90 km,45"),
    "wrong_unit_by_size": edit("links.csv", "road,90,45", "road,90000,45"),
    "decimal_comma": edit("links.csv", "road,90,45", 'road,"90,5",45'),
    "byte_order_mark": bom,
    "carriage_returns": crlf,
    "not_utf8": cp1251,
    "cyrillic_look_alike": edit("links.csv", ",orilla,meseta,rail", ",оrilla,meseta,rail"),
    "blank_against_zero": edit("links.csv", "road,90,45", "road,,45"),
    "row_without_source": edit("goods.csv", "1500,,invented,", "1500,,,"),
    "estimate_without_range": drop_lines("provenance.csv", "goods,quinoa,"),
    "value_outside_its_range": edit("goods.csv", "1500,,", "4500,,"),
    "provenance_of_nothing": edit("provenance.csv", "goods,quinoa,", "goods,quinua,"),
    "link_that_joins_nothing": edit(
        "links.csv", "orilla__meseta__road,orilla,meseta", "orilla__meseta__road,orilla,orilla"
    ),
    "shares_that_do_not_sum": edit("stages.csv", "0.8,channel", "0.7,channel"),
    "season_that_does_not_sum": edit("seasons.csv", "even,1,0.07", "even,1,0.17"),
    "calendar_never_open": edit("calendars.csv", "day,mon-sat,7,19", "day,mon-sat,7,7"),
    "fleet_of_zero": edit("fleets.csv", "ferry,2,24", "ferry,0,24"),
    "service_without_calls": drop_lines("calls.csv", "lake_crossing,2"),
    "flows_that_miss_their_total": edit("published.csv", "204.6", "304.6"),
    "flow_that_cannot_move": edit("flows.csv", "lago_norte,road", "lago_norte,rail"),
    "unknown_kind": edit("measures/second_berth.toml", "extra_servers", "extra_server"),
    "unknown_parameter": edit("measures/second_berth.toml", "extra = 1", "extras = 1"),
    "unknown_setting": edit("measures/second_berth.toml", "headline", "head_line"),
    "measure_without_source": edit(
        "measures/third_ferry.toml", 'headline = true\nsource = "invented"\n', "headline = true\n"
    ),
    "toml_that_cannot_be_read": edit("measures/third_ferry.toml", "title =", "title"),
}


def reading(folder):
    with pytest.raises(Fault) as caught:
        read_corridor(folder)
    return render(caught.value)


@pytest.mark.parametrize("name", CASES)
def test_the_text_is_the_one_agreed(name, tmp_path):
    folder = tmp_path / "andes"
    shutil.copytree(ANDES, folder)
    CASES[name](folder)
    hold(name, reading(folder))


def hold(name, text):
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("GOLDEN") == "write":
        path.write_text(text + "\n")
    assert text + "\n" == path.read_text()


def test_a_measure_that_matches_no_row(tmp_path):
    folder = tmp_path / "andes"
    shutil.copytree(ANDES, folder)
    edit("measures/second_berth.toml", 'place = "puerto_alto"', 'place = "puerto_bajo"')(folder)
    corridor = read_corridor(folder)
    with pytest.raises(Fault) as caught:
        apply(corridor, corridor.measures["second_berth"])
    hold("measure_that_matches_no_row", render(caught.value))


def test_all_faults_of_all_files_are_said_at_once(tmp_path):
    folder = tmp_path / "andes"
    shutil.copytree(ANDES, folder)
    CASES["decimal_comma"](folder)
    CASES["byte_order_mark"](folder)
    CASES["unknown_kind"](folder)
    text = reading(folder)
    for code in ("C203", "C104", "P104"):
        assert code in text
    assert "3 faults in 3 files" in text


def test_an_unreachable_flow_says_why(tmp_path):
    from transcaspian.network import itineraries

    folder = tmp_path / "andes"
    shutil.copytree(ANDES, folder)
    edit("links.csv", "1000,,,no,yes,,", "1000,,,no,no,,", 99)(folder)
    with pytest.raises(Fault) as caught:
        itineraries(read_corridor(folder))
    hold("no_route", render(caught.value))


def test_a_stage_with_more_work_than_capacity_is_unstable_and_says_by_how_much(tmp_path):
    folder = tmp_path / "andes"
    shutil.copytree(ANDES, folder)
    edit("resources.csv", "documents,road,outbound,2,", "documents,road,outbound,1,")(folder)
    edit(
        "stages.csv",
        "lago_norte_outbound_documents,1,,0.6,",
        "lago_norte_outbound_documents,1,,1.8,",
    )(folder)
    drop_lines("provenance.csv", "stages,lago_norte_outbound_road/1,mean_h")(folder)
    with (folder / "provenance.csv").open("a") as stream:
        stream.write("stages,lago_norte_outbound_road/1,mean_h,estimated,0.3,2,invented,\n")
    faults = overloads(read_corridor(folder))
    hold("unstable_stage", render(Faults(faults)))


def test_an_output_that_exists_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("out").mkdir()
    with pytest.raises(Fault) as caught, whole_folder(Path("out")):
        pass
    hold("output_that_exists", render(caught.value))


def test_a_full_disk_leaves_nothing_half_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Fault) as caught:
        write_whole(Path("report.html"), b"half")
    hold("full_disk", render(caught.value))
    assert list(tmp_path.iterdir()) == []


def test_a_log_of_another_corridor_is_refused(tmp_path, monkeypatch):
    from transcaspian.readers.log import read_events, write_events
    from transcaspian.simulation import simulate

    monkeypatch.chdir(tmp_path)
    corridor = read_corridor(ANDES)
    write_events(simulate(corridor, log=True).events, Path("log"), corridor=corridor)
    assert read_events("log", corridor=corridor).steps.height > 0
    changed = apply(corridor, corridor.measures["second_berth"])
    with pytest.raises(Fault) as caught:
        read_events("log", corridor=changed)
    text = render(caught.value)
    for name, hash_ in (("first", corridor.hash), ("second", changed.hash)):
        text = text.replace(hash_[:12], f"<{name} hash>")
    hold("log_of_another_corridor", text)
