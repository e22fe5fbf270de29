import pytest

from transcaspian.tables.vocabulary import codes, of_class, vocabulary

ROWS = {row["code"]: row for row in vocabulary("activities").iter_rows(named=True)}
CLASSES = {"moving", "queueing", "handling", "clearance", "weather", "carrier", "rest"}

# CAREC CPMM activity codes and the project's own, in lower case: 20 of roads, 16 of
# rail, 9 of ports, and the six that belong to no mode.
LEAVES = [
    *(f"r{number:02}" for number in range(1, 21)),
    *(f"t{number:02}" for number in range(1, 17)),
    *(f"p{number:02}" for number in range(1, 10)),
    *("dep", "arr", "q_in", "wait_queue", "e_queue", "x90"),
]


def test_the_fifty_one_codes_of_the_survey_are_there_once():
    assert len(LEAVES) == 51
    for short in LEAVES:
        found = [code for code in ROWS if code == short or code.startswith(f"{short}_")]
        assert len(found) == 1, short


def test_codes_are_unique_and_every_parent_is_a_code():
    assert len(codes("activities")) == len(set(codes("activities"))) == len(ROWS)
    parents = {row["parent"] for row in ROWS.values() if row["parent"]}
    assert parents <= set(ROWS)


@pytest.mark.parametrize("code", ROWS)
def test_every_code_climbs_to_a_root(code):
    seen = set()
    while ROWS[code]["parent"]:
        assert code not in seen, "a circle"
        seen.add(code)
        code = ROWS[code]["parent"]
    assert code in {"moving", "stop"}


def test_every_code_has_a_class_and_says_whether_it_delays():
    assert {row["ledger"] for row in ROWS.values()} == CLASSES
    for row in ROWS.values():
        assert row["delay"] == ("no" if row["ledger"] == "moving" else "yes"), row["code"]


def test_a_class_lists_its_codes():
    assert set(of_class("weather")) == {"p05_weather_closed"}
    assert "sail" in of_class("moving")
    assert sum(len(of_class(name)) for name in CLASSES) == len(ROWS)
