"""Bands, and their parts, held against made-up spreads that are known."""

from __future__ import annotations

import numpy as np
import pytest

from transcaspian.appraisal.worth.spread import band


def test_a_value_that_does_not_vary_has_no_band_and_no_parts():
    found = band(np.full(8, 3.0), 4)
    assert (found.value, found.low, found.high) == (3, 3, 3)
    assert found.parameter_share is None


def test_one_run_has_no_band():
    found = band(np.array([3.0]), 4)
    assert found.value == 3
    assert np.isnan([found.low, found.high]).all()


def test_one_luck_a_draw_cannot_tell_the_parts():
    assert band(np.arange(8.0), 8).parameter_share is None


def test_the_parts_are_those_that_were_put_in():
    """Draws spread by 3, luck by 4 and averaged over 4: of 9 + 16 / 4, 4 is luck. Of 16 draws the
    mean of one over a variance is 15 / 13 of one over its mean.
    """
    luck = np.random.default_rng(1)
    shares = []
    for _ in range(400):
        draws = 3 * luck.standard_normal(16)
        values = np.tile(draws, 4) + 4 * luck.standard_normal(64)
        shares.append(band(values, 16).parameter_share)
    assert np.mean(shares) == pytest.approx(1 - 4 / 13 * 15 / 13, abs=0.03)


def test_the_band_holds_nine_in_ten_of_what_may_be_true():
    """One more draw from the same law is inside in 90 % of the cases: 800 trials, +- 3.3 %."""
    luck = np.random.default_rng(2)
    inside = 0
    for _ in range(800):
        found = band(luck.standard_normal(8), 8)
        inside += found.low <= luck.standard_normal() <= found.high
    assert 0.867 < inside / 800 < 0.933


def test_many_draws_of_factors_are_counted_off():
    values = np.tile(np.arange(100.0), (4, 1))
    found = band(values, 4)
    assert found.low == pytest.approx(4.5, abs=1.1)
    assert found.high == pytest.approx(94.5, abs=1.1)
    assert found.parameter_share is None or found.parameter_share == pytest.approx(1)


def test_luck_is_averaged_before_the_ends_are_taken():
    luck = np.random.default_rng(3)
    wide = band(luck.standard_normal(8), 8)
    narrow = band(np.repeat(luck.standard_normal((1, 8)), 1, axis=0).ravel() / 8, 8)
    assert narrow.high - narrow.low < wide.high - wide.low
