"""Money over years: published worked examples to their printed digits, and what must hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcaspian.appraisal.worth.cashflow import (
    internal_return,
    modified_return,
    npv,
    over_horizon,
    payback,
    ratio,
    sign_changes,
    switching,
)

SHOP = np.array([-70_000.0, 12_000, 15_000, 18_000, 21_000, 26_000])
"""The worked example of IRR in the handbook of Microsoft Excel."""
BOAT = np.array([-120_000.0, 39_000, 30_000, 21_000, 37_000, 46_000])
"""The worked example of MIRR in the same."""
TWICE = np.array([-100.0, 230.0, -132.0])
"""The textbook's flow with two rates of return, 10 and 20 %."""
amounts = st.floats(-1e6, 1e6, allow_nan=False)
flows = st.lists(amounts, min_size=2, max_size=12).map(np.array)


def test_a_flow_of_two_sign_changes_has_no_single_rate_of_return():
    assert npv(TWICE, rate=0.10) == pytest.approx(0, abs=1e-9)
    assert npv(TWICE, rate=0.20) == pytest.approx(0, abs=1e-9)
    found = internal_return(TWICE)
    assert found.value is None
    assert (found.changes, found.reason) == (2, "sign_changes")


@pytest.mark.parametrize(("years", "printed"), [(6, 0.0866), (5, -0.0212)])
def test_internal_rates_of_the_handbook(years, printed):
    assert internal_return(SHOP[:years]).value == pytest.approx(printed, abs=0.00005)


@pytest.mark.parametrize(
    ("years", "reinvest", "printed"),
    [(6, 0.12, 0.1261), (4, 0.12, -0.0480), (6, 0.14, 0.1348)],
)
def test_modified_rates_of_the_handbook(years, reinvest, printed):
    found = modified_return(BOAT[:years], finance=0.10, reinvest=reinvest)
    assert float(found) == pytest.approx(printed, abs=0.00005)


def test_the_present_value_of_the_handbook_which_discounts_the_first_flow_too():
    flow = np.array([-10_000.0, 3_000, 4_200, 6_800])
    assert npv(flow, rate=0.10) / 1.10 == pytest.approx(1188.44, abs=0.005)


def test_a_ratio_by_hand_and_none_of_nothing_over_nothing():
    benefits, costs = np.array([0.0, 110.0]), np.array([50.0, 0.0])
    assert float(ratio(benefits, costs, rate=0.10)) == pytest.approx(2.0)
    assert np.isnan(ratio(np.zeros(3), np.zeros(3), rate=0.1))
    assert np.isnan(ratio(benefits, -costs, rate=0.1))


@pytest.mark.parametrize(
    ("flow", "reason"),
    [([0.0, 0.0], "nothing"), ([-1.0, -2.0], "never_positive"), ([1.0, 2.0], "never_negative")],
)
def test_a_flow_of_one_sign_says_why_it_has_no_rate(flow, reason):
    found = internal_return(np.array(flow))
    assert (found.value, found.reason) == (None, reason)


def test_many_flows_at_once_are_each_by_itself():
    both = np.array([BOAT, 2 * BOAT])
    assert npv(both, rate=0.1) == pytest.approx(np.array([1, 2]) * float(npv(BOAT, rate=0.1)))
    assert modified_return(both, finance=0.1, reinvest=0.12) == pytest.approx(
        [0.1261] * 2, abs=1e-4
    )


@given(flows, flows, st.floats(-0.5, 2))
def test_present_values_add_up(one, other, rate):
    size = min(len(one), len(other))
    one, other = one[:size], other[:size]
    sums = npv(one, rate=rate) + npv(other, rate=rate)
    scale = npv(np.abs(one) + np.abs(other), rate=rate)
    assert npv(one + other, rate=rate) == pytest.approx(sums, abs=1e-9 * float(scale) + 1e-9)


@given(st.floats(1, 1e6), st.lists(st.floats(0, 1e6), min_size=1, max_size=10))
def test_an_internal_rate_is_where_the_flow_is_worth_nothing(paid, earned):
    flow = np.array([-paid, *earned])
    found = internal_return(flow)
    if not any(earned):
        assert found.reason == "never_positive"
    elif found.value is None:  # a millionth of a millionth a year, and less, comes back
        assert npv(flow, rate=1e-11 - 1) < 0
    elif found.value > 1e-9 - 1:  # nearer to -1, 1 + the rate has lost its digits
        scale = float(npv(np.abs(flow), rate=found.value))
        assert npv(flow, rate=found.value) == pytest.approx(0, abs=1e-6 * scale)


@pytest.mark.parametrize(
    ("flow", "rate"),
    [
        ([-1_000.0, 5.0], -0.995),
        ([1_000.0, -5.0], -0.995),
        ([-1e-3, 1e6], 1e9 - 1),
        ([0.0, 0.0, -100.0, 121.0], 0.21),
        ([-4.0, 0.0, 1.0], -0.5),
        ([-100.0, *[6.0] * 4_000], 0.06),  # as good as for ever: 6 in 100
    ],
)
def test_one_change_of_sign_has_its_rate_however_small_large_or_long(flow, rate):
    found = internal_return(np.array(flow))
    assert found.value == pytest.approx(rate, rel=1e-9)
    assert (found.changes, found.reason) == (1, "")


@given(st.floats(-0.9, 3), st.integers(1, 40), st.floats(1, 1e6))
def test_the_rate_that_an_annuity_was_made_with_comes_back(rate, years, paid):
    # the level sum that repays a loan, summed term by term
    level = paid / sum((1 + rate) ** -year for year in range(1, years + 1))
    flow = np.array([-paid, *[level] * years])
    assert internal_return(flow).value == pytest.approx(rate, abs=1e-6)


@pytest.mark.parametrize(
    ("flow", "reason"), [([-1.0, 1e-13], "never_positive"), ([1.0, -1e-13], "never_negative")]
)
def test_a_rate_that_nobody_could_tell_from_losing_all_is_not_given(flow, reason):
    found = internal_return(np.array(flow))
    assert (found.value, found.changes, found.reason) == (None, 1, reason)


@given(st.lists(st.integers(-10_000, 10_000), min_size=2, max_size=12))
def test_before_the_payback_some_is_owed_and_after_it_none(flow):
    back = payback(np.array(flow, dtype=float))
    sums = np.cumsum(flow)
    if back is None:
        assert sums[-1] < 0
        return
    assert (sums[int(np.ceil(back)) :] >= 0).all()
    assert back == 0 or (sums[: int(np.ceil(back))] < 0).any()


@given(st.integers(1, 80), st.integers(1, 40), st.floats(1, 1e6))
def test_what_is_used_up_is_paid_for_whatever_the_life(life, horizon, capital):
    made = over_horizon(capital, 0.0, life=life, horizon=horizon)
    # evenly by age: each working year uses up one part in `life`
    assert made.flow.sum() == pytest.approx(capital * horizon / life)
    assert made.left_years == -horizon % life


@given(flows)
def test_signs_are_counted_whatever_the_zeros(flow):
    padded = np.insert(flow, range(len(flow) + 1), 0.0)
    assert sign_changes(padded) == sign_changes(flow)


@pytest.mark.parametrize(
    ("flow", "years"),
    [
        ([-100, 40, 40, 40], 2.5),
        ([-100, 100], 1.0),
        ([-100, 30], None),
        ([5, 5], 0.0),
        ([-10, 20, -15, 10], 2.5),
    ],
)
def test_the_years_until_the_money_is_back_and_stays(flow, years):
    assert payback(np.array(flow, dtype=float)) == years


def test_a_discounted_payback_by_hand():
    # -100, then 60/1.1 = 54.545 and 60/1.21 = 49.587: 45.455 is left of the second
    flow = np.array([-100.0, 60, 60])
    assert payback(flow, rate=0.1) == pytest.approx(1 + 45.4545 / 49.5868, abs=1e-5)


def test_the_value_of_an_input_at_which_nothing_is_left():
    worth = lambda x: 3 * x - 12  # noqa: E731  # a line through 4
    assert switching(worth, at=5, low=1, high=6) == pytest.approx(4)
    assert switching(worth, at=5, low=4.5, high=6) == pytest.approx(4)  # beyond the range
    assert switching(worth, at=4, low=1, high=6) == 4
    assert switching(lambda _: 1.0, at=5, low=1, high=6) is None
    assert switching(lambda x: x + 9, at=5, low=1, high=6) is None  # not beyond nothing


def test_what_is_renewed_and_what_is_left_by_hand():
    made = over_horizon(100, 5, life=4, horizon=6)
    # built in year 0 and 4; the second is half used after year 6
    assert made.flow == pytest.approx([100, 5, 5, 5, 105, 5, 5 - 50])
    assert (made.residual, made.left_years) == (50, 2)


def test_a_life_beyond_the_horizon_leaves_its_share():
    made = over_horizon(75, 0, life=75, horizon=30)
    assert made.flow[0] == 75
    assert made.flow[-1] == pytest.approx(-45)
    assert made.left_years == 45


def test_what_lasts_as_long_as_is_counted_leaves_nothing():
    for life in (30, 10, None):
        made = over_horizon(60, 0, life=life, horizon=30)
        assert made.residual == 0
    assert (over_horizon(60, 0, life=10, horizon=30).flow > 0).sum() == 3
