"""Intervals over runs: of a mean, and of one more run where each is of another draw."""

import numpy as np
import polars as pl
import pytest
from scipy.stats import t as student_t

from transcaspian.indicators.runs import over_runs

TRIALS = 4000


def one(values, **how):
    return over_runs(frame(values), "value", by=["place"], **how).row(0, named=True)


def frame(values):
    """Runs of many places at once.

    Shape: a row a place, a column a run.
    """
    places, runs = values.shape
    return pl.DataFrame(
        {
            "run": [f"r{at:04d}" for at in range(runs)] * places,
            "place": np.repeat(np.arange(places), runs),
            "value": values.ravel(),
        }
    )


@pytest.mark.parametrize("runs", [5, 10, 40])
def test_nine_in_ten_fresh_draws_lie_within_at_any_number_of_runs(runs):
    luck = np.random.default_rng(7)
    values = np.exp(1.0 + 0.8 * luck.standard_normal((TRIALS, runs + 1)))
    found = over_runs(frame(values[:, :runs]), "value", by=["place"], drawn=True).sort("place")
    fresh = values[:, runs]
    low, high = (found[end].to_numpy() for end in ("low", "high"))
    within = ((low <= fresh) & (fresh <= high)).mean()
    assert within == pytest.approx(0.9, abs=4 * np.sqrt(0.09 / TRIALS))
    assert (low > 0).all()


def test_more_draws_do_not_narrow_it_and_more_years_of_one_input_do():
    luck = np.random.default_rng(8)
    values = np.exp(0.5 * luck.standard_normal((1, 400)))
    width = {}
    for drawn in (False, True):
        for runs in (10, 400):
            row = over_runs(frame(values[:, :runs]), "value", by=["place"], drawn=drawn).row(
                0, named=True
            )
            width[drawn, runs] = row["high"] - row["low"]
    assert width[False, 400] < 0.3 * width[False, 10]
    assert width[True, 400] > 0.6 * width[True, 10]


def test_it_keeps_the_sign_that_every_run_has_and_is_straight_where_they_differ():
    values = np.array([[1.0, 2.0, 3.0, 4.0, 5.0]])
    log = np.log(values[0])
    half = student_t(4).ppf(0.95) * log.std(ddof=1) * np.sqrt(1.2)
    above = one(values, drawn=True)
    assert (above["low"], above["high"]) == pytest.approx(
        (np.exp(log.mean() - half), np.exp(log.mean() + half))
    )
    below = one(-values, drawn=True)
    assert (below["low"], below["high"]) == pytest.approx((-above["high"], -above["low"]))
    mixed = one(values - 2.5, drawn=True)
    half = student_t(4).ppf(0.95) * np.sqrt(2.5) * np.sqrt(1.2)
    assert (mixed["low"], mixed["high"]) == pytest.approx((0.5 - half, 0.5 + half))


def test_one_run_has_no_interval():
    row = one(np.array([[2.0]]), drawn=True)
    assert (row["value"], row["low"], row["high"]) == (2.0, None, None)
