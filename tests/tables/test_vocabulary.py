import pytest

from transcaspian.tables.vocabulary import codes, of_class, vocabulary

ROWS = {row["code"]: row for row in vocabulary("activities").iter_rows(named=True)}
CLASSES = {"moving", "queueing", "handling", "clearance", "weather", "carrier", "rest"}

# ADB Institute/CAREC CPMM activity codes and the project's own, in lower case: 20 of roads, 16 of
# rail, 9 of ports, and the six that belong to no mode.
LEAVES = """
r01 r02 r03 r04 r05 r06 r07 r08 r09 r10 r11 r12 r13 r14 r15 r16 r17 r18 r19 r20
t01 t02 t03 t04 t05 t06 t07 t08 t09 t10 t11 t12 t13 t14 t15 t16
p01 p02 p03 p04 p05 p06 p07 p08 p09
dep arr q_in wait_queue e_queue x90
""".split()


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
        code = ROWS[code]["parent"]  # noqa: PLW2901  # climbing
    assert code in {"moving", "stop"}


def test_every_code_has_a_class_and_says_whether_it_delays():
    assert {row["ledger"] for row in ROWS.values()} == CLASSES
    for row in ROWS.values():
        assert row["delay"] == ("no" if row["ledger"] == "moving" else "yes"), row["code"]


def test_a_class_lists_its_codes():
    assert set(of_class("weather")) == {"p05_weather_closed"}
    assert "sail" in of_class("moving")
    assert sum(len(of_class(name)) for name in CLASSES) == len(ROWS)
