import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcaspian.corridor.tables import TABLES
from transcaspian.errors import Fault
from transcaspian.events.declarations import LOG
from transcaspian.units import SPELLINGS, UNITS, convert, hours, known, promised, split

# BIPM, The International System of Units, 9th edition, tables 7 and 8; ISO 668 for containers.
BY_HAND = [
    (45, "min", "h", 0.75),
    (90, "s", "h", 0.025),
    (2, "d", "h", 48),
    (1500, "m", "km", 1.5),
    (1435, "mm", "m", 1.435),
    (10, "nmi", "km", 18.52),
    (20, "kn", "km/h", 37.04),
    (15, "m/s", "km/h", 54),
    (2.5, "Mt", "kt", 2500),
    (25_000, "kg", "t", 25),
    (7, "FEU", "TEU", 14),
    (12, "%", "1", 0.12),
    (3, "MUSD", "USD", 3_000_000),
]


@pytest.mark.parametrize(("value", "unit", "to", "expected"), BY_HAND)
def test_conversions_by_hand(value, unit, to, expected):
    assert convert(value, unit, to=to) == pytest.approx(expected, rel=1e-12)


@given(st.floats(1e-6, 1e9), st.sampled_from(sorted(UNITS)), st.sampled_from(sorted(UNITS)))
def test_there_and_back_is_where_one_was(value, unit, to):
    if UNITS[unit].dimension != UNITS[to].dimension:
        with pytest.raises(Fault):
            convert(value, unit, to=to)
    else:
        assert convert(convert(value, unit, to=to), to, to=unit) == pytest.approx(value, rel=1e-12)


def test_an_unknown_unit_is_a_fault():
    with pytest.raises(Fault, match="furlong"):
        convert(1, "furlong", to="km")


@pytest.mark.parametrize("spelling", sorted(SPELLINGS))
def test_every_spelling_is_of_a_known_unit(spelling):
    assert known(spelling) is not None


def test_hours_and_words_are_read_in_any_case():
    assert known("Hours") == UNITS["h"]
    assert known("USD") == known("usd")
    assert known("Mt") != known("t")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("45 min", (45.0, "min")),
        ("12km", (12.0, "km")),
        ("-3.5 degC", (-3.5, "degC")),
        ("80%", (80.0, "%")),
        ("12", None),
        ("12 000", None),
        ("km 12", None),
        ("1,5 h", None),
    ],
)
def test_a_number_and_its_unit_are_told_apart(text, expected):
    assert split(text) == expected


@pytest.mark.parametrize(
    ("column", "unit"),
    [("mean_h", "h"), ("speed_kmh", "km/h"), ("usd_per_trip", ""), ("gauge_mm", "mm"),
     ("fee_usd", "USD"), ("top_supplier_share", "1"), ("name", "")],
)  # fmt: skip
def test_what_a_name_promises(column, unit):
    assert promised(column) == unit


def test_every_declared_column_keeps_what_its_name_promises():
    broken = [
        f"{table.name}.{column.name}: {column.unit!r}"
        for table in [*TABLES.values(), *LOG.values()]
        for column in table.columns
        if column.type in {"int", "float"}
        and promised(column.name)
        and column.unit != promised(column.name)
    ]
    assert broken == []


def test_hours_of_the_engines_microseconds():
    assert hours(3_600_000_000) == 1
