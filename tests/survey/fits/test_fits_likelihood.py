"""Fits held against scipy's, against simulation and against brute force."""

import time

import numpy as np
import pytest
from fits_theory import PEERS, censored, peer_fit, two_lognormals
from scipy import stats

from transcaspian.survey.fits.families import ERLANGS, FAMILIES
from transcaspian.survey.fits.likelihood import _fitted, draws, fit, fit_all, loglik_of
from transcaspian.survey.fits.mixtures import apart, sample_of, shape_of
from transcaspian.survey.fits.spells import CannotFit, Spells, heaped, heaping, spells
from transcaspian.survey.fits.tails import log_gammainc, log_gammaincc

NAMES = {"lognormal": ("mu", "sigma"), "weibull": ("shape", "scale"), "gamma": ("shape", "scale")}
DRAWN = {
    "lognormal": lambda rng, n: rng.lognormal(1.0, 0.9, n),
    "weibull": lambda rng, n: rng.weibull(1.3, n) * 5,
    "gamma": lambda rng, n: rng.gamma(2.0, 2.0, n),
}


def bounded(low, high, weight=1.0):
    return Spells(low, high, np.full(len(low), weight), np.zeros(len(low)))


@pytest.mark.parametrize("family", PEERS)
@pytest.mark.parametrize("kind", ["exact", "right", "interval", "left"])
def test_parameters_are_those_of_scipy_to_the_fourth_digit(family, kind):
    rng = np.random.default_rng(21)
    hours = np.maximum(DRAWN[family](rng, 600), 1 / 60)  # no exact stay is told to be shorter
    low, high = censored(kind, hours, rng)
    theirs = peer_fit(family, low, high)
    found = fit(bounded(low, high), family=family).parameters
    assert [found[name] for name in NAMES[family]] == pytest.approx(theirs, abs=1e-4)


@pytest.mark.parametrize("family", PEERS)
def test_what_is_told_of_the_error_is_the_error(family):
    found = []
    for seed in range(150):
        rng = np.random.default_rng(1000 + seed)
        low, high = censored("right", DRAWN[family](rng, 250), rng)
        found.append(fit(bounded(low, high), family=family))
    spread = np.cov(np.array([list(each.parameters.values()) for each in found]).T)
    said = np.mean([each.natural_covariance for each in found], axis=0)
    count = len(found) - 1  # the variance of a sample is a chi-square over its freedom
    band = stats.chi2.ppf([0.0005, 0.9995], count) / count
    share = np.diag(spread) / np.diag(said)
    assert (share > band[0]).all()
    assert (share < band[1]).all()
    drawn = draws(found[0], count=20_000, seed=1)
    told = found[0].covariance
    variance = np.diag(told)
    error = np.sqrt((np.outer(variance, variance) + told**2) / len(drawn))  # of a Wishart
    assert (np.abs(np.cov(drawn.T) - told) < 4 * error).all()
    again = draws(found[0], count=20_000, seed=1)
    assert (drawn == again).all()


def numeric(known, theta):
    step = 1e-5
    moved = [
        (shape_of(known, theta + row), shape_of(known, theta - row)) for row in step * np.eye(5)
    ]
    slope = np.array([(up.value - down.value) / (2 * step) for up, down in moved])
    bend = np.array([(up.slope - down.slope) / (2 * step) for up, down in moved])
    return slope, bend


def test_slope_and_curvature_of_a_mixture_are_those_of_differences():
    rng = np.random.default_rng(3)
    x = two_lognormals(300, rng=rng)
    low, high = x.copy(), x.copy()
    high[:60] = np.inf
    low[60:120], high[60:120] = np.floor(x[60:120]), np.ceil(x[60:120])
    least = np.where(np.arange(300) > 250, 0.05, 0.0)
    found = Spells(np.maximum(low, least), np.maximum(high, least), rng.uniform(0.5, 2, 300), least)
    known, theta = sample_of(found), np.array([-0.4, 0.7, -0.3, 2.2, -0.6])
    slope, bend = numeric(known, theta)
    shape = shape_of(known, theta)
    assert shape.slope == pytest.approx(slope, rel=1e-5, abs=1e-4)
    assert shape.curvature == pytest.approx(bend, rel=1e-5, abs=1e-3)
    family = FAMILIES["lognormal_mixture"]
    narrow = known.spread * np.exp(-2 * theta[[2, 4]]) + 2 * theta[[2, 4]]
    plain = shape.value + known.hold * narrow.sum()
    assert plain == pytest.approx(loglik_of(found, family)(theta), rel=1e-9)


@pytest.mark.parametrize("kind", ["exact", "right", "interval"])
def test_a_mixture_is_found_again(kind):
    rng = np.random.default_rng(5)
    x = two_lognormals(4000, rng=rng)
    low, high = censored("right", x, rng) if kind == "right" else censored(kind, x, rng)
    known = fit(bounded(low, high), family="lognormal_mixture")
    found = np.array(list(known.parameters.values()))
    error = np.sqrt(np.diag(known.natural_covariance))
    assert (np.abs(found - [0.3, 0.5, 0.5, 3.0, 0.4]) < 4 * error).all()
    assert error.max() < 0.1


def test_a_mixture_about_one_middle_is_found_again():
    rng = np.random.default_rng(6)
    x = two_lognormals(6000, rng=rng, share=0.4, low=(1.0, 0.2), high=(1.2, 1.2))
    known = fit(spells(x), family="lognormal_mixture")
    found = np.array(list(known.parameters.values()))
    error = np.sqrt(np.diag(known.natural_covariance))
    assert (np.abs(found - [0.4, 1.0, 0.2, 1.2, 1.2]) < 4 * error).all()


def test_a_mixture_does_not_stand_on_one_length():
    for seed in range(10):
        x = np.random.default_rng(seed).lognormal(1, 0.8, 60)
        known = fit(spells(x), family="lognormal_mixture").parameters
        assert min(known["sigma"], known["sigma_held"]) > 0.005
        start = apart(np.log(x), np.ones(60))
        assert np.isfinite(start).all()


@pytest.mark.parametrize("shape", [0.7, 2.5])
def test_a_generalised_gamma_is_found_again(shape):
    x = stats.gengamma.rvs(2.0, shape, scale=3.0, size=6000, random_state=6)
    low, high = censored("right", x, np.random.default_rng(1))
    known = fit(bounded(low, high), family="gengamma")
    true = np.array([np.log(3) + np.log(2) / shape, 1 / (shape * 2**0.5), 1 / 2**0.5])
    error = np.sqrt(np.diag(known.natural_covariance))
    assert (np.abs(np.array(list(known.parameters.values())) - true) < 4 * error).all()


def test_near_the_lognormal_the_third_parameter_keeps_its_error():
    found = [
        fit(spells(np.random.default_rng(seed).lognormal(1, 0.8, 600)), family="gengamma")
        for seed in range(100)
    ]
    q = np.array([each.parameters["q"] for each in found])
    said = np.mean([each.natural_covariance[2, 2] for each in found])
    low, high = stats.chi2.ppf([0.0005, 0.9995], 99) / 99
    assert low < q.var(ddof=1) / said < high
    assert abs(q.mean()) < 4 * (said / 100) ** 0.5
    family, x = FAMILIES["gengamma"], np.array([0.3, 2.0, 30.0])
    for q_ in (0.0, 2e-6, -2e-6, 0.049, 0.051, 0.199, 0.201, -0.3):
        theta = np.array([1.0, np.log(0.8), q_])
        grid = np.geomspace(1e-6, 1e6, 40_001)
        density = np.exp(family.logpdf(grid, theta))
        assert np.trapezoid(density, grid) == pytest.approx(1, abs=1e-6)
        mean, cv = family.moments(theta)
        assert mean == pytest.approx(np.trapezoid(density * grid, grid), rel=1e-4)
        second = np.trapezoid(density * grid**2, grid)
        assert cv == pytest.approx((second / mean**2 - 1) ** 0.5, rel=2e-3)
        steps = [
            np.log(family.sf(x - 1e-4, theta)) - np.log(family.sf(x + 1e-4, theta)),
            2e-4 * np.exp(family.logpdf(x, theta)) / family.sf(x, theta),
        ]
        assert steps[0] == pytest.approx(steps[1], rel=1e-4)
        assert family.ppf(family.cdf(x, theta), theta) == pytest.approx(x, rel=1e-6)


@pytest.mark.parametrize("phases", [1, 3, 9])
def test_the_phases_of_an_erlang_are_those_of_the_greatest_likelihood(phases):
    rng = np.random.default_rng(phases)
    low, high = censored("right", rng.gamma(phases, 2.0, 800), rng)
    found = bounded(low, high)
    heights = [_fitted(found, each).loglik for each in ERLANGS]
    best = fit(found, family="erlang")
    assert best.loglik == pytest.approx(max(heights), abs=1e-6)
    assert best.family.name == f"erlang_{int(np.argmax(heights)) + 1}"


def test_a_share_of_none_within_bounds_is_told_from_short_stays():
    rng = np.random.default_rng(9)
    none = rng.random(4000) < 0.25
    x = np.where(none, 0.02, rng.lognormal(0.5, 0.6, 4000))
    known = fit(spells(x), family="zero_inflated")
    assert known.parameters["none_share"] == pytest.approx(0.25, abs=0.03)
    assert known.mean_h == pytest.approx(x[~none].mean() * 0.75, rel=0.04)
    low, high = np.floor(2 * x) / 2, np.ceil(2 * x) / 2
    aware = fit(bounded(low, high), family="zero_inflated").parameters
    assert aware["none_share"] == pytest.approx(0.25, abs=0.04)
    assert (aware["mu"], aware["sigma"]) == pytest.approx((0.5, 0.6), abs=0.06)


def test_tails_beyond_the_least_number_are_told():
    x = np.array([800.0, 5000.0])
    assert log_gammaincc(1.0, x) == pytest.approx(-x)
    assert log_gammaincc(2.0, x) == pytest.approx(-x + np.log1p(x))
    near = np.array([600.0])
    assert log_gammaincc(3.3, near) == pytest.approx(stats.gamma.logsf(near, 3.3), rel=1e-9)
    tiny = np.array([1e-200])
    assert log_gammainc(3.0, tiny) == pytest.approx(3 * np.log(tiny) - np.log(6))
    law, theta = FAMILIES["lognormal"], np.array([0.0, np.log(0.1)])
    low, high = np.array([0.2, 3.0]), np.array([0.21, 3.1])
    said = law.log_between(low, high, theta=theta)
    z = np.log(np.array([[0.2, 0.21], [1 / 3.1, 1 / 3.0]])) / 0.1
    true = np.log(stats.norm.cdf(z[:, 1]) - stats.norm.cdf(z[:, 0]))
    assert said == pytest.approx(true, rel=1e-9)


@pytest.mark.parametrize("name", FAMILIES)
def test_what_is_drawn_is_of_the_family(name):
    x = np.random.default_rng(2).lognormal(1, 0.8, 500)
    x[:40] = 0.02 if name == "zero_inflated" else x[:40]
    known = fit(spells(x), family=name)
    drawn = known.family.sample(known.theta, count=3000, rng=np.random.default_rng(7))
    assert stats.kstest(drawn, lambda t: known.family.cdf(t, known.theta)).pvalue > 0.001
    assert known.sd_h == pytest.approx(known.cv * known.mean_h)
    assert known.bic - known.aic == pytest.approx(known.free * (np.log(500) - 2))
    q = known.family.ppf(np.array([1e-6, 0.5]), known.theta)
    assert known.family.cdf(q, known.theta) == pytest.approx([1e-6, 0.5], rel=1e-6)


def test_heaped_lengths_are_fitted_as_what_they_stand_for():
    rng = np.random.default_rng(13)
    x = rng.lognormal(1.6, 0.35, 6000)
    told = np.maximum(np.round(x / 2) * 2, 2.0)
    aware = fit(heaped(told, 2.0), family="lognormal")
    error = np.sqrt(np.diag(aware.natural_covariance))
    assert (np.abs(np.array(list(aware.parameters.values())) - [1.6, 0.35]) < 4 * error).all()
    assert heaping(told) > 20 > heaping(x)


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        ([2.0, 2.0, 2.0], [2.0, 2.0, 2.0], "no spread"),
        ([2.0, 2.0, 2.0], [4.0, 4.0, 4.0], "no spread"),
        ([2.0, 3.0, 1.0], [4.0, 5.0, np.inf], "no spread"),
        ([1.0, 2.0], [np.inf, np.inf], "open"),
        ([3.0], [3.0], "needs two"),
        ([], [], "needs two"),
    ],
)
def test_what_cannot_be_fitted_says_why_in_every_family(low, high, said):
    cell = bounded(np.array(low), np.array(high))
    families = [*FAMILIES, "erlang"]
    for family in families:
        with pytest.raises(CannotFit, match=said):
            fit(cell, family=family)
    fine = spells(np.random.default_rng(1).lognormal(1, 0.5, 50))
    bad, good = fit_all([cell, fine], families=families)
    assert all(isinstance(each, CannotFit) for each in bad.values())
    assert not any(isinstance(each, CannotFit) for each in good.values())


def test_eight_cells_of_six_families_take_a_sixteenth_of_the_time_allowed():
    rng = np.random.default_rng(3)
    x = rng.lognormal(1, 0.9, (8, 2000))
    open_ = rng.random(x.shape) < 0.1
    told = np.where(open_, x * rng.random(x.shape), x)
    cells = [spells(*each[:1], open_=each[1]) for each in zip(told, open_, strict=True)]
    families = ("lognormal", "weibull", "gamma", "erlang", "gengamma", "lognormal_mixture")
    begun = time.process_time()
    found = fit_all(cells, families=families)
    spent = time.process_time() - begun
    assert spent < 3 * 5 / 16  # three times over: other machines are slower
    for cell in found:
        for each in cell.values():
            assert (np.diag(each.covariance) > 0).all()
