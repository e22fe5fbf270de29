"""Fits held against scipy's own, against theory, and against what was drawn."""

import numpy as np
import pytest
from scipy import stats

from transcaspian.survey.fits.calendars import fit_ferry, fit_shifted, wait_to_open
from transcaspian.survey.fits.choose import choose, crps, pits
from transcaspian.survey.fits.families import ERLANGS, FAMILIES
from transcaspian.survey.fits.likelihood import draws, fit
from transcaspian.survey.fits.pings import chances, fit_pings, naive_dwell
from transcaspian.survey.fits.spells import CannotFit, heaping, spells

PEERS = {
    "lognormal": (stats.lognorm, lambda p: (np.log(p[2]), p[0]), ("mu", "sigma")),
    "weibull": (stats.weibull_min, lambda p: (p[0], p[2]), ("shape", "scale")),
    "gamma": (stats.gamma, lambda p: (p[0], p[2]), ("shape", "scale")),
}


def sample(seed=1, n=800):
    rng = np.random.default_rng(seed)
    return rng.lognormal(1.0, 0.9, n), rng


@pytest.mark.parametrize("family", PEERS)
@pytest.mark.parametrize("kind", ["exact", "right", "interval", "left"])
def test_censored_fits_are_those_of_scipy(family, kind):
    x, rng = sample()
    low, high = x.copy(), x.copy()
    if kind == "right":
        cut = rng.exponential(20, len(x))
        open_ = x > cut
        low, high = np.where(open_, cut, x), np.where(open_, np.inf, x)
    if kind == "interval":
        low, high = np.floor(x), np.ceil(x)
    if kind == "left":
        short = x < 1.5
        low, high = np.where(short, 0, x), np.where(short, 1.5, x)
    ours = spells(
        np.where(np.isinf(high), low, (low + high) / 2),
        half=np.where(np.isinf(high), 0, (high - low) / 2),
        open_=np.isinf(high),
    )
    peer, natural, names = PEERS[family]
    interval = np.column_stack([low, high])
    theirs = natural(peer.fit(stats.CensoredData(interval=interval), floc=0))
    found = fit(ours, family=family)
    assert [found.parameters[name] for name in names] == pytest.approx(theirs, rel=1e-3, abs=1e-4)
    best = fit(ours, family=family).loglik
    assert best >= found.loglik - 1e-6


def test_covariance_is_that_of_repeated_samples():
    found = []
    for seed in range(120):
        x = np.random.default_rng(seed).weibull(0.9, 300) * 4
        found.append(fit(spells(x), family="weibull"))
    spread = np.cov(np.array([each.theta for each in found]).T)
    said = np.mean([each.covariance for each in found], axis=0)
    assert np.diag(said) == pytest.approx(np.diag(spread), rel=0.35)
    drawn = draws(found[0], count=20000, seed=1)
    assert np.cov(drawn.T) == pytest.approx(found[0].covariance, rel=0.05, abs=1e-5)


@pytest.mark.parametrize("name", [*FAMILIES, "erlang_3"])
def test_density_survival_quantile_and_moments_agree(name):
    family = FAMILIES.get(name) or ERLANGS[2]
    x, rng = sample(3, 400)
    if name == "zero_inflated":
        x[:40] = 0.02
    theta = fit(spells(x), family="erlang" if name.startswith("erlang") else name).theta
    family = fit(spells(x), family="erlang" if name.startswith("erlang") else name).family
    grid = np.geomspace(1e-4, 1e4, 200_001)
    density = np.exp(family.logpdf(grid, theta))
    assert np.trapezoid(density, grid) == pytest.approx(1, abs=0.01)
    mean = np.trapezoid(density * grid, grid)
    second = np.trapezoid(density * grid**2, grid)
    moments = family.moments(theta)
    assert moments[0] == pytest.approx(mean, rel=0.01)
    assert moments[1] == pytest.approx(np.sqrt(second - mean**2) / mean, rel=0.02)
    shares = np.array([0.3, 0.5, 0.9])
    assert family.cdf(family.ppf(shares, theta), theta) == pytest.approx(shares, abs=1e-6)
    assert np.exp(family.logsf(np.array([3.0]), theta)) == pytest.approx(
        family.sf(np.array([3.0]), theta)
    )
    assert rng is not None


def test_a_mixture_and_a_generalised_gamma_are_found_again():
    rng = np.random.default_rng(5)
    held = rng.random(3000) < 0.3
    x = np.where(held, rng.lognormal(3.0, 0.4, 3000), rng.lognormal(0.5, 0.5, 3000))
    found = fit(spells(x), family="lognormal_mixture").parameters
    assert found["share"] == pytest.approx(0.3, abs=0.03)
    assert (found["mu"], found["mu_held"]) == pytest.approx((0.5, 3.0), abs=0.06)
    y = stats.gengamma.rvs(2.0, 0.8, scale=3.0, size=4000, random_state=6)
    q, sigma = 1 / np.sqrt(2.0), 1 / (0.8 * np.sqrt(2.0))
    known = fit(spells(y), family="gengamma")
    assert known.parameters["sigma"] == pytest.approx(sigma, abs=0.06)
    assert known.parameters["q"] == pytest.approx(q, abs=0.15)
    assert known.mean_h == pytest.approx(y.mean(), rel=0.03)


@pytest.mark.parametrize(("none", "share"), [(10, 10 / 20), (1, 1 / 11), (0, 0.5 / 10.5)])
def test_the_share_of_none_is_that_counted(none, share):
    """Half a stay is added only where none is none."""
    x = np.r_[np.zeros(none), np.geomspace(0.5, 8, 10)]
    found = fit(spells(x), family="zero_inflated").parameters
    assert found["none_share"] == pytest.approx(share)


def test_what_would_have_been_left_blank_does_not_bend_the_fit():
    rng = np.random.default_rng(7)
    x = rng.lognormal(-1.5, 0.6, 4000)  # about a quarter of an hour
    unit = 0.25
    told = np.round(x / unit) * unit
    kept = told > 0
    naive = fit(spells(told[kept], half=unit / 2), family="lognormal").mean_h
    aware = fit(spells(told[kept], half=unit / 2, least=unit / 2), family="lognormal").mean_h
    true = np.exp(-1.5 + 0.6**2 / 2)
    assert naive > 1.1 * true
    assert aware == pytest.approx(true, rel=0.05)


@pytest.mark.parametrize(
    ("interval", "naive_says", "band"), [(0.25, -0.05, 0.03), (3.0, 0.20, 0.06), (6.0, 0.72, 0.1)]
)
def test_the_table_of_ping_intervals(interval, naive_says, band):
    """Section 6E of the survey's reference: a true dwell with median 4 h and CV 1."""
    rng = np.random.default_rng(11)
    sigma = np.sqrt(np.log(2))
    stay = rng.lognormal(np.log(4), sigma, 40_000)
    pings = np.floor(stay / interval + rng.random(len(stay))).astype(int)
    seen = pings[pings > 0]
    true = 4 * np.exp(sigma**2 / 2)
    longer = naive_dwell(seen, interval_h=interval)
    assert longer[seen > 1].mean() / true - 1 == pytest.approx(naive_says, abs=band)
    assert fit_pings(seen, interval_h=interval).mean_h == pytest.approx(true, rel=0.04)
    for family, stays in (
        ("gamma", rng.gamma(2, 2, 40_000)),
        ("weibull", rng.weibull(1.4, 40_000) * 4),
    ):
        own = np.floor(stays / interval + rng.random(len(stays))).astype(int)
        found = fit_pings(own[own > 0], interval_h=interval, family=family)
        assert found.mean_h == pytest.approx(stays.mean(), rel=0.04)
    counts = np.arange(1, 4000)
    whole = chances(
        counts, np.array([np.log(4), np.log(sigma)]), interval_h=interval, family="lognormal"
    )
    assert whole.sum() == pytest.approx(1, abs=1e-3)


def test_a_stay_that_waits_for_the_opening_is_told_from_its_service():
    rng = np.random.default_rng(2)
    opens = tuple((24.0 * day + 8, 24.0 * day + 18) for day in range(7))
    at = rng.uniform(0, 168, 1500)
    wait = wait_to_open(at, opens)
    assert wait[(at % 24 > 8) & (at % 24 < 18)].max() == 0
    assert wait.max() <= 14
    stay = wait + rng.lognormal(0.5, 0.5, 1500)
    found = fit_shifted(spells(stay), at, opens=opens, family="lognormal")
    assert found.strays == 0
    assert found.service.parameters["mu"] == pytest.approx(0.5, abs=0.05)
    assert found.loglik > max(fit(spells(stay), family=name).loglik for name in FAMILIES)


def test_a_ferry_s_headway_and_room_are_found():
    rng = np.random.default_rng(4)
    stay = 2 + rng.random(2000) * 36 + 36 * (rng.geometric(0.7, 2000) - 1)
    found = fit_ferry(spells(stay))
    assert found.headway_h == pytest.approx(36, rel=0.03)
    assert found.room == pytest.approx(0.7, abs=0.03)
    assert found.mean_h == pytest.approx(stay.mean(), rel=0.03)


def test_the_family_that_was_drawn_is_chosen():
    rng = np.random.default_rng(8)
    for family, x in (
        ("lognormal", rng.lognormal(1, 1, 1200)),
        ("gamma", rng.gamma(4, 1, 4000)),
        (
            "lognormal_mixture",
            np.where(
                rng.random(1200) < 0.4, rng.lognormal(3.5, 0.3, 1200), rng.lognormal(0, 0.4, 1200)
            ),
        ),
    ):
        found = choose(spells(x), families=("lognormal", "weibull", "gamma", "lognormal_mixture"))
        assert found[0].family == family
        assert found[0].pit_p > 0.01
        assert found[-1].crps_h > found[0].crps_h


def test_the_score_is_that_of_its_definition():
    found = fit(spells(np.random.default_rng(1).lognormal(1, 0.5, 300)), family="lognormal")
    y = np.array([1.0, 4.0])
    rng = np.random.default_rng(2)
    draws_ = rng.lognormal(*found.parameters.values(), (200_000, 2))
    expected = (
        np.abs(draws_[:, :1] - y).mean(axis=0) - np.abs(draws_[:, 0] - draws_[:, 1]).mean() / 2
    )
    assert crps(found, spells(y)) == pytest.approx(expected, rel=0.02)
    assert (
        stats.kstest(
            pits(found, spells(found.family.ppf(rng.random(500), found.theta)), seed=1), "uniform"
        ).pvalue
        > 0.01
    )


@pytest.mark.parametrize(
    ("hours", "open_", "said"),
    [
        ([1.0, 2.0], [True, True], "open"),
        ([3.0], [False], "needs two"),
        ([2.0, 2.0, 2.0], [False] * 3, "no spread"),
    ],
)
def test_what_cannot_be_fitted_says_why(hours, open_, said):
    with pytest.raises(CannotFit, match=said):
        spells(hours, open_=open_)


def test_heaping_is_counted():
    rng = np.random.default_rng(3)
    smooth = rng.uniform(0, 10, 20_000)
    assert heaping(smooth) == pytest.approx(1, abs=0.15)
    assert heaping(np.round(smooth)) == pytest.approx(60)
