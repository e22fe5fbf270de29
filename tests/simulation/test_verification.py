"""The verification table, row by row, as `transcaspian verify` makes it; and that it can fail."""

import pytest

from transcaspian.simulation.verification.case import Case, Figure, total, wait
from transcaspian.simulation.verification.exact import exact_rows
from transcaspian.simulation.verification.sketch import queue
from transcaspian.simulation.verification.table import all_cases, check_case

CASES = {case.name: case for case in all_cases()}


@pytest.mark.parametrize("name", CASES)
def test_theory_lies_in_a_narrow_interval(name):
    rows = list(check_case(CASES[name]))
    assert rows
    assert [row["verdict"] for row in rows] == ["green"] * len(rows), rows


def test_what_must_hold_exactly_does():
    assert [row["verdict"] for row in exact_rows()] == ["green"] * 5


@pytest.mark.parametrize(
    ("expected", "verdict"), [(0.125, "green"), (0.128, "red: misses"), (0.122, "red: misses")]
)
def test_a_theory_that_is_off_by_little_is_red(expected, verdict):
    case = Case("wrong", lambda: queue(8.0, 1, 0.0625), (Figure("t", lambda: expected, total()),))
    assert next(check_case(case))["verdict"] == verdict


def test_an_interval_that_is_too_wide_is_red():
    slow = Case("slow", lambda: queue(0.2, 1, 4.0), (Figure("w", lambda: 16.0, wait(1)),))
    assert next(check_case(slow))["verdict"] == "red: too wide"
