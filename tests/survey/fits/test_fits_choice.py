"""The choice among families: the truth is picked, and scores are what they are defined to be."""

import numpy as np
import pytest
from fits_theory import censored, two_lognormals
from scipy import stats

from transcaspian.survey.fits.choose import choose, crps, pits
from transcaspian.survey.fits.likelihood import fit
from transcaspian.survey.fits.spells import CannotFit, Spells, spells

TRIED = ("lognormal", "weibull", "gamma", "lognormal_mixture")
TRUTHS = {
    "lognormal": lambda rng: rng.lognormal(1, 1, 3000),
    "weibull": lambda rng: rng.weibull(2.5, 3000) * 6,
    "gamma": lambda rng: rng.gamma(2, 2, 5000),
    "lognormal_mixture": lambda rng: two_lognormals(2000, rng=rng),
}


@pytest.mark.parametrize("truth", TRUTHS)
def test_the_truth_is_chosen_though_some_stays_are_open(truth):
    rng = np.random.default_rng(43)
    x = TRUTHS[truth](rng)
    open_ = rng.random(len(x)) < 0.1
    hours = np.where(open_, x * rng.random(len(x)), x)
    found = choose(spells(hours, open_=open_), families=TRIED, seed=1)
    assert found[0].family == truth
    assert found[0].pit_p > 0.001
    assert min(found, key=lambda each: each.bic).family == truth
    assert [each.family for each in found] == [
        each.family for each in choose(spells(hours, open_=open_), families=TRIED, seed=1)
    ]


def test_the_score_of_a_lognormal_is_that_of_the_closed_form():
    known = fit(spells(np.random.default_rng(1).lognormal(1, 0.5, 300)), family="lognormal")
    mu, sigma = known.parameters.values()
    y = np.array([0.5, 2.0, 9.0])
    omega = (np.log(y) - mu) / sigma
    cdf = stats.norm.cdf
    mean = 2 * np.exp(mu + sigma**2 / 2)
    true = y * (2 * cdf(omega) - 1) - mean * (cdf(omega - sigma) + cdf(sigma / 2**0.5) - 1)
    assert crps(known, spells(y)) == pytest.approx(true, rel=5e-3)


@pytest.mark.parametrize("kind", ["exact", "right", "interval", "left"])
def test_pits_are_even_under_the_truth_and_not_under_another(kind):
    rng = np.random.default_rng(47)
    low, high = censored(kind, rng.lognormal(1.0, 1.0, 3000), rng)
    told = Spells(low, high, np.ones(3000), np.zeros(3000))
    right, wrong = (
        pits(fit(told, family=family), told, seed=2) for family in ("lognormal", "weibull")
    )
    assert stats.kstest(right, "uniform").pvalue > 0.01
    assert stats.kstest(wrong, "uniform").pvalue < 0.01


def test_pits_of_stays_that_are_none_are_even():
    rng = np.random.default_rng(53)
    x = np.where(rng.random(2000) < 0.3, 0.0, rng.lognormal(1, 0.6, 2000))
    told = spells(x)
    known = fit(told, family="zero_inflated")
    assert stats.kstest(pits(known, told, seed=3), "uniform").pvalue > 0.01
    assert choose(told, families=("lognormal", "weibull", "zero_inflated"))[0].family == (
        "zero_inflated"
    )


def test_nothing_is_chosen_where_nothing_can_be_fitted():
    same = Spells(np.full(9, 2.0), np.full(9, 2.0), np.ones(9), np.zeros(9))
    with pytest.raises(CannotFit, match="no family"):
        choose(same)
