import re
from importlib.resources import files
from pathlib import Path

import pytest

import transcaspian
from transcaspian.errors import FAULTS, WIDTH, Fault, Faults, Where, nearest, render

SOURCE = Path(transcaspian.__file__).parent
MANUAL = files("transcaspian").joinpath("data/faults.md").read_text(encoding="utf-8")


def paragraphs():
    found = re.split(r"^### ", MANUAL, flags=re.MULTILINE)[1:]
    return {part.split()[0]: re.split(r"^## ", part, flags=re.MULTILINE)[0] for part in found}


def raised():
    quoted = re.compile(r'"([ACKNPRSOV]\d{3})"')
    for path in SOURCE.rglob("*.py"):
        if path.name != "errors.py":
            yield from quoted.findall(path.read_text(encoding="utf-8"))


def test_every_code_has_a_paragraph_with_its_title_and_some_help():
    told = paragraphs()
    assert list(told) == list(FAULTS)
    for code, title in FAULTS.items():
        heading, _, body = told[code].partition("\n")
        assert heading == f"{code} {title}"
        assert len(body.split()) >= 10, f"{code} has no paragraph"


def test_every_code_that_is_raised_is_declared_and_every_declared_one_is_raised():
    assert set(raised()) == set(FAULTS)


def test_a_fault_is_drawn_with_its_row_and_its_mark():
    fault = Fault(
        "C302",
        "seen 'north-port'",
        where=Where(
            "links.csv",
            row=13,
            column="origin",
            lines=((13, "north__south,north,south"), (14, "north__west,north-port,west")),
            mark=(12, 22),
        ),
        expected="a place of places.csv (142 places)",
        nearest=("north_port",),
        hint="transcaspian show places",
    )
    assert render(fault) == (
        "C302  no such name\n"
        "  links.csv, line 14, column origin\n"
        "    13 | north__south,north,south\n"
        "    14 | north__west,north-port,west\n"
        "                     ^^^^^^^^^^\n"
        "  seen 'north-port'; expected a place of places.csv (142 places). "
        "Did you mean 'north_port'?\n"
        "  next: transcaspian show places\n"
        "1 fault in 1 file. Nothing was written. More: transcaspian check --explain C302"
    )


def test_a_mark_far_to_the_right_is_brought_into_view():
    line = "x," * 200 + "wrong" + ",y" * 200
    at = line.index("wrong")
    where = Where("a.csv", 3, "c", ((3, "short"), (4, line)), (at, at + 5))
    lines = render(Fault("C202", "seen 'wrong'", where=where)).splitlines()
    assert max(map(len, lines[2:5])) <= WIDTH
    start = lines[4].index("^")
    assert lines[3][start : start + 5] == "wrong"
    assert lines[4].count("^") == 5


def test_a_mark_wider_than_the_page_is_cut():
    line = "z" * 500
    where = Where("a.csv", 3, "c", ((4, line),), (0, 500))
    lines = render(Fault("C202", "seen", where=where)).splitlines()
    assert max(map(len, lines[2:4])) <= WIDTH


def test_many_faults_are_counted_and_the_untold_too():
    faults = Faults(
        [
            Faults([Fault("C201", "one", where=Where("a.csv", more=7))]),
            *(Fault("C202", str(number), where=Where("b.csv")) for number in range(50)),
        ]
    )
    text = render(faults)
    assert len(faults.faults) == 51
    assert "and 7 more like it in this column" in text
    assert text.endswith(
        "58 faults in 2 files, the first 40 shown. Nothing was written. "
        "More: transcaspian check --explain C201"
    )
    assert str(faults) == text


def test_a_fault_without_a_place_needs_none():
    assert render(Fault("O104", "no fault code C999", nearest=("C301", "C401"))) == (
        "O104  unknown fault code\n"
        "  no fault code C999. Did you mean 'C301' or 'C401'?\n"
        "1 fault. Nothing was written. More: transcaspian check --explain O104"
    )


def test_nearest_is_best_first_and_silent_when_nothing_is_near():
    known = ["aland_port", "aland_post", "bland", "cape"]
    assert nearest("aland-port", known)[0] == "aland_port"
    assert nearest("zzzz", known) == ()


def test_faults_are_one_family():
    with pytest.raises(Fault):
        raise Faults([Fault("C101", "a"), Fault("C102", "b")])
