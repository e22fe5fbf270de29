import math
from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcaspian.tables.check import MOST
from transcaspian.tables.parse import parse, schema_of
from transcaspian.tables.schema import Column, Table
from transcaspian.tables.store import as_csv

THINGS = Table(
    "things",
    "Made up to hold a column of each type.",
    (
        Column("thing", "str", "Lower-snake word."),
        Column("count", "int", "How many.", unit="1", null=True, least=0, most=1000),
        Column("wait_h", "float", "Wait.", unit="h", above=0),
        Column("open", "bool", "Whether it is.", null=True),
        Column("built", "date", "When built.", null=True),
        Column("seen", "datetime", "When seen.", null=True),
        Column("kind", "str", "What it is.", null=True, choices=("big", "small")),
        Column("activity", "str", "What was done.", null=True, vocabulary="activities"),
        Column("tags", "str", "Marks.", null=True, many=True, choices=("a", "b", "c")),
    ),
    key=("thing",),
    sourced=False,
)
HEADER = ",".join(THINGS.names)


def row(**cells):
    full = {"thing": "x", "wait_h": "1", **cells}
    return ",".join(full.get(name, "") for name in THINGS.names)


def read(*rows, header=HEADER):
    return parse("\n".join([header, *rows]) + "\n", THINGS, file="things.csv")


def only(*rows, header=HEADER):
    _, faults = read(*rows, header=header)
    assert len(faults) == 1, [str(fault) for fault in faults]
    return faults[0]


def test_each_type_is_read_as_it_is_declared():
    frame, faults = read(
        row(thing="one", count="3", wait_h="0.5", open="yes", built="2020-02-29",
            seen="2023-04-01T08:30:00+05:00", kind="big", activity="r02_customs", tags="a;c"),
        row(thing="two", wait_h="1e2", open="no"),
    )  # fmt: skip
    assert faults == []
    assert dict(frame.schema) == schema_of(THINGS)
    assert frame.row(0) == (
        "one", 3, 0.5, True, date(2020, 2, 29), datetime(2023, 4, 1, 3, 30, tzinfo=UTC), "big",
        "r02_customs", "a;c",
    )  # fmt: skip
    assert frame.row(1) == ("two", None, 100.0, False, None, None, None, None, None)


@pytest.mark.parametrize(
    ("cells", "code", "said"),
    [
        ({"wait_h": ""}, "C201", "never zero"),
        ({"wait_h": '"1,5"'}, "C203", "a decimal point: 1.5"),
        ({"wait_h": "45 min"}, "C204", "in h: 0.75"),
        ({"wait_h": "2h"}, "C204", "in h: 2"),
        ({"wait_h": "3 days"}, "C204", "in h: 72"),
        ({"wait_h": "12 USD"}, "C204", "wait, in h"),
        ({"wait_h": "abc"}, "C202", "a number: wait, in h"),
        ({"wait_h": "nan"}, "C202", "a number"),
        ({"wait_h": "inf"}, "C202", "a number"),
        ({"wait_h": "1_000"}, "C202", "alone: 1000"),
        ({"wait_h": "1 000"}, "C202", "alone: 1000"),
        ({"wait_h": "1\u00a0000"}, "C202", "alone: 1000"),
        ({"wait_h": "1\u041e"}, "C202", "alone: 10"),
        ({"wait_h": "1.5O"}, "C202", "alone: 1.5"),
        ({"wait_h": "\u0661\u0662"}, "C202", "alone: 12"),
        ({"wait_h": '"1,234.5"'}, "C202", "alone: 1234.5"),
        ({"wait_h": "0"}, "C205", "above 0"),
        ({"wait_h": "\u22125"}, "C202", "alone: -5"),
        ({"count": "2.5"}, "C209", "a whole number"),
        ({"count": "2000"}, "C205", "0 to 1000"),
        ({"count": "-1"}, "C205", "0 to 1000"),
        ({"open": "true"}, "C208", "yes or no"),
        ({"open": "1"}, "C208", "yes or no"),
        ({"built": "01.04.2023"}, "C210", "ISO 8601"),
        ({"built": "2023-02-30"}, "C210", "ISO 8601"),
        ({"seen": "2023-04-01T08:30:00"}, "C210", "+05:00"),
        ({"seen": "noon"}, "C210", "ISO 8601"),
        ({"kind": "huge"}, "C206", "one of big, small"),
        ({"tags": "a;d"}, "C206", "one of a, b, c"),
        ({"activity": "r02_custom"}, "C303", "r02_customs"),
        ({"kind": "\u0455mall"}, "C207", "'small'"),
        ({"thing": "n\u043erth"}, "C207", "U+043E"),
        ({"thing": ""}, "C201", "lower-snake word"),
    ],
)
def test_each_wrong_cell_has_its_code_and_its_remedy(cells, code, said):
    fault = only(row(thing="before"), row(**cells))
    assert fault.code == code
    assert said in str(fault)
    assert fault.where.row == 2
    assert fault.where.column in cells


def test_the_mark_stands_under_the_cell_even_behind_quotes():
    fault = only(row(thing='"a, ""b"""', wait_h="abc"))
    number, line = fault.where.lines[-1]
    start, end = fault.where.mark
    assert number == 2
    assert line[start:end] == "abc"


def test_a_cell_over_several_lines_does_not_shift_the_numbers():
    fault = only(row(thing='"one\nand more"'), row(thing="two"), row(wait_h="abc"))
    assert fault.where.row == 3
    assert [number for number, _ in fault.where.lines] == [4, 5]


def test_a_word_of_another_alphabet_is_no_fault_in_itself():
    _, faults = read(row(thing="\u0410\u043a\u0442\u0430\u0443 port"))
    assert faults == []


def test_a_file_with_a_mark_and_carriage_returns_is_read_and_both_are_told():
    text = f"\ufeff{HEADER}\r\n{row()}\r\n"
    frame, faults = parse(text, THINGS, file="things.csv")
    assert [fault.code for fault in faults] == ["C104", "C105"]
    assert frame.height == 1


def test_missing_and_unknown_columns_name_each_other_and_the_rest_is_still_read():
    header = HEADER.replace("wait_h", "wait_hr")
    _, faults = read(row(count="2.5"), header=header)
    codes = {fault.code: fault for fault in faults}
    assert set(codes) == {"C101", "C102", "C209"}
    assert codes["C101"].nearest == ("wait_hr",)
    assert codes["C102"].nearest == ("wait_h",)
    line, (start, end) = codes["C102"].where.lines[0][1], codes["C102"].where.mark
    assert line[start:end] == "wait_hr"


def test_a_column_that_stands_twice_is_told():
    header = HEADER + ",count"
    _, faults = read(row() + ",", header=header)
    assert [fault.code for fault in faults] == ["C102"]
    assert "stands twice" in str(faults[0])


@pytest.mark.parametrize(("sign", "name"), [(";", "semicolons"), ("\t", "tabs")])
def test_another_separator_is_one_fault(sign, name):
    fault = only(row().replace(",", sign), header=HEADER.replace(",", sign))
    assert fault.code == "C111"
    assert name in str(fault)


def test_a_quote_that_never_closes_is_named_with_its_line():
    fault = only(row(thing="one"), row(thing='"two'), row(thing="three"))
    assert fault.code == "C110"
    assert fault.where.lines[-1][0] == 3


def test_an_empty_file_names_the_header_it_wants():
    _, faults = parse("", THINGS, file="things.csv")
    assert [fault.code for fault in faults] == ["C101"]
    assert HEADER in str(faults[0])


def test_rows_of_the_wrong_length_stop_the_file_but_all_are_counted():
    frame, faults = read(row(), *[row() + ",extra"] * (MOST + 3), row(wait_h="abc"))
    assert {fault.code for fault in faults} == {"C107"}
    assert len(faults) == MOST
    assert faults[-1].where.more == 3
    assert frame.is_empty()


def test_of_a_thousand_wrong_cells_few_are_told_and_all_are_counted():
    rows = [row(thing=f"t{number}", wait_h="abc", count="-1") for number in range(1000)]
    _, faults = read(*rows)
    by_code = {code: [f for f in faults if f.code == code] for code in ("C202", "C205")}
    assert {code: len(found) for code, found in by_code.items()} == {"C202": MOST, "C205": MOST}
    assert all(sum(1 + f.where.more for f in found) == 1000 for found in by_code.values())


def test_duplicate_keys_name_the_line_of_the_first():
    fault = only(row(thing="a"), row(thing="b"), row(thing="a"))
    assert fault.code == "C301"
    assert "line 2 already" in str(fault)
    assert fault.where.row == 3


def test_an_unreadable_key_is_not_called_a_duplicate_too():
    _, faults = read(row(thing=""), row(thing=""))
    assert {fault.code for fault in faults} == {"C201"}


CELLS = {
    "thing": st.text(st.characters(codec="utf-8", exclude_characters="\r\0", max_codepoint=0x24F),
                     min_size=1).map(str.strip).filter(bool),
    "count": st.none() | st.integers(0, 1000),
    "wait_h": st.floats(1e-300, 1e300, allow_nan=False),
    "open": st.none() | st.booleans(),
    "built": st.none() | st.dates(date(1800, 1, 1), date(2200, 1, 1)),
    "seen": st.none() | st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1),
                                     timezones=st.just(UTC)),
    "kind": st.none() | st.sampled_from(["big", "small"]),
    "activity": st.none() | st.sampled_from(["r02_customs", "sail", "border"]),
    "tags": st.none() | st.lists(st.sampled_from("abc"), min_size=1).map(";".join),
}  # fmt: skip


@given(st.lists(st.fixed_dictionaries(CELLS), unique_by=lambda cells: cells["thing"]))
def test_what_is_written_is_read_again_to_the_last_bit(rows):
    frame = pl.DataFrame(rows, schema=schema_of(THINGS))
    again, faults = parse(as_csv(frame, THINGS), THINGS, file="things.csv")
    assert faults == []
    assert again.equals(frame)


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_no_text_whatever_breaks_the_reader(text):
    frame, faults = parse(text, THINGS, file="things.csv")
    assert dict(frame.schema) == schema_of(THINGS)
    assert all(str(fault) for fault in faults)
    assert faults or frame.height == 0 or text.startswith(HEADER)


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters='\r\n,"'), max_size=12),
                min_size=9, max_size=9))  # fmt: skip
def test_no_row_whatever_breaks_the_reader(cells):
    frame, faults = read(",".join(cells))
    assert frame.height <= 1
    assert all(math.isfinite(value) for value in frame["wait_h"].drop_nulls())
    assert all(str(fault) for fault in faults)
