import polars as pl
import pytest

from transcaspian.tables.check import MOST, bounds, check_frame, check_references, split
from transcaspian.tables.parse import empty, schema_of
from transcaspian.tables.schema import Column, Table

PLACES = Table(
    "places",
    "Where.",
    (Column("place", "str", "Word."), Column("width_km", "float", "Width.", unit="km", least=0)),
    key=("place",),
    sourced=False,
)
WAYS = Table(
    "ways",
    "Along what.",
    (
        Column("way", "str", "Word."),
        Column("origin", "str", "One end.", references="places.place"),
        Column("via", "str", "On the way.", null=True, references="places.place", many=True),
    ),
    key=("way",),
)
TABLES = {table.name: table for table in (PLACES, WAYS)}


def frame(table, *rows):
    return pl.DataFrame(rows, schema=schema_of(table), orient="row")


def test_a_frame_that_obeys_has_no_fault():
    assert check_frame(frame(PLACES, ("a", 0.0), ("b", 2.5)), PLACES, file="places") == []


@pytest.mark.parametrize(
    ("rows", "codes"),
    [
        ([("a", None)], ["C201"]),
        ([("", 1.0)], ["C201"]),
        ([("a", -1.0)], ["C205"]),
        ([("a", float("nan"))], ["C205"]),
        ([("a", float("inf"))], ["C205"]),
        ([("a", 1.0), ("a", 2.0), ("a", 3.0)], ["C301", "C301"]),
        ([("a", -1.0), ("a", None)], ["C201", "C205", "C301"]),
    ],
)
def test_a_frame_that_does_not_is_told_all_at_once(rows, codes):
    faults = check_frame(frame(PLACES, *rows), PLACES, file="places")
    assert sorted(fault.code for fault in faults) == codes


def test_a_row_without_source_or_status_is_its_own_fault():
    faults = check_frame(frame(WAYS, ("w", "a", None, None, "known")), WAYS, file="ways.csv")
    assert [(fault.code, fault.where.column) for fault in faults] == [
        ("C401", "source"),
        ("C206", "status"),
    ]


def test_references_are_looked_up_in_lists_too():
    frames = {
        "places": frame(PLACES, ("north", 1.0), ("south", 1.0)),
        "ways": frame(
            WAYS,
            ("one", "north", "south;north", "s", "published"),
            ("two", "nort", "south; west", "s", "published"),
            ("six", "s\u043euth", None, "s", "published"),
        ),
    }
    faults = check_references(frames, TABLES)
    told = {(fault.code, fault.where.row, fault.where.column): fault for fault in faults}
    assert set(told) == {("C302", 2, "origin"), ("C302", 2, "via"), ("C207", 3, "origin")}
    assert told["C302", 2, "origin"].nearest == ("north",)
    assert "(2 places)" in str(told["C302", 2, "origin"])
    assert told["C207", 3, "origin"].expected == "'south'"


def test_a_table_that_is_not_there_dangles_nothing():
    ways = frame(WAYS, ("one", "north", None, "s", "published"))
    assert check_references({"ways": ways}, TABLES) == []
    assert len(check_references({"ways": ways, "places": empty(PLACES)}, TABLES)) == 1


def test_of_many_dangling_names_few_are_told():
    rows = [(f"w{number}", f"p{number}", None, "s", "published") for number in range(100)]
    faults = check_references({"places": empty(PLACES), "ways": frame(WAYS, *rows)}, TABLES)
    assert len(faults) == MOST
    assert faults[-1].where.more == 100 - MOST


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"least": 0}, "0 or more"),
        ({"above": 0}, "above 0"),
        ({"most": 5}, "at most 5"),
        ({"least": 1, "most": 5}, "1 to 5"),
        ({"above": 0, "most": 160}, "above 0 and at most 160"),
        ({}, "a finite number"),
    ],
)
def test_bounds_are_said_in_words(rule, words):
    assert bounds(Column("x", "float", "X.", **rule)) == words


def test_lists_are_split_without_blanks():
    rows = split(pl.DataFrame({"via": ["a; b", None, "", "c;"]}), "via")
    assert rows.rows() == [(0, "a"), (0, "b"), (3, "c")]
