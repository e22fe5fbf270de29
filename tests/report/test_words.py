from __future__ import annotations

import pytest

from transcaspian.report.words import Quantity, between, number, shown, spoken


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.0, "0"), (-0.0, "0"), (0.034, "0.03"), (0.004, "0.004"), (1.26, "1.3"), (54.94, "54.9"),
        (149.6, "150"), (9876.5, "9,876"), (123456.0, "123,000"), (4118237.0, "4,120,000"),
        (-3.24, "\u22123.2"), (None, "\u2013"), (float("nan"), "\u2013"), (float("inf"), "\u2013"),
    ],
)  # fmt: skip
def test_numbers_have_no_more_digits_than_they_bear(value, words):
    assert number(value) == words


def test_intervals_share_their_decimals():
    assert between(9.1, 10.44) == "9.1\u201310.4"
    assert between(-0.5, 1.3) == "\u22120.5 to 1.3"
    assert between(None, 3.0) == ""
    assert between(float("nan"), 3.0) == ""


def test_a_quantity_is_said_with_unit_and_interval():
    assert spoken(Quantity(24.2, 23.1, 25.3, "d")) == "24.2 days (90 % interval 23.1\u201325.3)"
    assert spoken(Quantity(None, unit="h")) == "not known"
    assert "not known" in shown(Quantity(float("nan")))
