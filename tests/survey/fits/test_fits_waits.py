"""Pings, opening hours and sailings, against simulation and sums."""

import numpy as np
import pytest
from fits_theory import ferry_waits, pings_in, table_row
from scipy import integrate, stats

from transcaspian.survey.fits.calendars import (
    _waited,
    fit_ferry,
    fit_headways,
    fit_shifted,
    fit_timetable,
    headway_density,
    headway_left,
    wait_to_open,
    wait_to_sail,
)
from transcaspian.survey.fits.likelihood import fit
from transcaspian.survey.fits.pings import STOP_LOSS, chances, fit_pings, naive_dwell
from transcaspian.survey.fits.spells import CannotFit, Spells, spells

SIGMA = np.log(2) ** 0.5
MEAN = 4 * 2**0.5
LAWS = {
    "lognormal": (stats.lognorm(0.8, scale=4), [np.log(4), np.log(0.8)]),
    "weibull": (stats.weibull_min(1.4, scale=4), np.log([1.4, 4])),
    "gamma": (stats.gamma(2.2, scale=2), np.log([2.2, 2])),
}


@pytest.mark.parametrize("family", LAWS)
def test_the_stop_loss_is_the_integral_of_what_is_left(family):
    law, theta = LAWS[family]
    for a in (0.0, 1.5, 9.0):
        true = integrate.quad(law.sf, a, np.inf)[0]
        assert STOP_LOSS[family](np.array([a]), np.array(theta)) == pytest.approx(true, rel=1e-7)


@pytest.mark.parametrize("family", LAWS)
def test_the_chance_of_each_number_of_pings_is_that_of_simulation(family):
    law, theta = LAWS[family]
    rng = np.random.default_rng(17)
    seen = pings_in(law.rvs(200_000, random_state=rng), 3.0, rng)
    seen = seen[seen > 0]
    counts = np.arange(1, 6)
    said = chances(counts, np.array(theta), interval_h=3.0, family=family)
    share = np.array([(seen == k).mean() for k in counts])
    error = np.sqrt(said * (1 - said) / len(seen))
    assert (np.abs(share - said) < 4 * error).all()


@pytest.mark.parametrize(
    ("interval", "missed", "once", "naive"),
    [
        (0.25, 0.0, 0.003, -0.05),
        (1.0, 0.012, 0.11, -0.06),
        (3.0, 0.13, 0.40, 0.20),
        (6.0, 0.34, 0.48, 0.72),
        (12.0, 0.58, 0.38, 1.85),
    ],
)
def test_the_published_table_of_ping_intervals(interval, missed, once, naive):
    """Section 6E of the survey's reference: a true dwell with median 4 h and CV 1."""
    exact = table_row(stats.lognorm(SIGMA, scale=4), interval)
    assert exact[:2] == pytest.approx([missed, once], abs=0.0105)  # published from a simulation
    assert exact[2] == pytest.approx(naive, abs=max(0.012, 0.05 * naive))
    rng = np.random.default_rng(19)
    pings = pings_in(rng.lognormal(np.log(4), SIGMA, 60_000), interval, rng)
    for number in (0, 1):
        error = (exact[number] / len(pings)) ** 0.5
        assert (pings == number).mean() == pytest.approx(exact[number], abs=4 * error)
    twice = naive_dwell(pings[pings > 1], interval_h=interval)
    error = twice.std() / len(twice) ** 0.5 / MEAN
    assert twice.mean() / MEAN - 1 == pytest.approx(exact[2], abs=4 * error)
    found = fit_pings(pings[pings > 0], interval_h=interval)
    low, high = found.mean_interval(z=3.5)
    assert low < MEAN < high
    assert high / low < 1.3


def test_pings_that_tell_no_length_say_so():
    for counts in ([1, 1, 1], [3], [0, 2, 3]):
        with pytest.raises(CannotFit):
            fit_pings(counts, interval_h=1.0)


@pytest.mark.parametrize("family", ["lognormal", "gamma"])
@pytest.mark.parametrize("told", ["exact", "open", "heaped"])
def test_the_service_behind_opening_hours_is_found(family, told):
    rng = np.random.default_rng(23)
    opens = tuple((24.0 * day + 8, 24.0 * day + 18) for day in range(5))
    at = rng.uniform(0, 168, 2500)
    service = rng.lognormal(0.7, 0.5, 2500) if family == "lognormal" else rng.gamma(3, 0.8, 2500)
    stay = wait_to_open(at, opens) + service
    open_ = (rng.random(2500) < 0.1) & (told == "open")
    hours = np.where(open_, stay * rng.random(2500), stay)
    hours = np.round(stay * 2) / 2 if told == "heaped" else hours
    given = spells(hours, open_=open_, half=0.25 if told == "heaped" else 0.0)
    found = fit_shifted(given, at, opens=opens, family=family)
    true = np.array([0.7, 0.5] if family == "lognormal" else [3, 0.8])
    error = np.sqrt(np.diag(found.service.natural_covariance))
    said = np.array(list(found.service.parameters.values()))
    assert (np.abs(said - true) < 4 * error).all()
    assert found.strays == 0


@pytest.mark.parametrize(("phases", "room"), [(1, 1.0), (2, 0.7), (4, 0.6), (12, 0.9)])
def test_waits_for_uneven_sailings_follow_their_law(phases, room):
    rng = np.random.default_rng(29)
    wait = ferry_waits(3000, headway=36, phases=phases, room=room, rng=rng)
    given = {"headway_h": 36.0, "phases": phases, "room": room}
    assert stats.kstest(wait, lambda x: 1 - headway_left(x, **given)).pvalue > 0.001
    grid = np.linspace(0, 3000, 60_001)
    density = headway_density(grid, **given)
    assert np.trapezoid(density, grid) == pytest.approx(1, abs=1e-3)
    left = np.trapezoid(headway_left(grid, **given), grid)
    assert left == pytest.approx(36 * ((1 + 1 / phases) / 2 + (1 - room) / room), rel=1e-3)


@pytest.mark.parametrize("told", ["exact", "open", "heaped"])
def test_headways_phases_and_room_are_found(told):
    rng = np.random.default_rng(31)
    wait = 2 + ferry_waits(2500, headway=36, phases=8, room=0.6, rng=rng)
    open_ = (rng.random(2500) < 0.1) & (told == "open")
    hours = np.where(open_, np.maximum(wait * rng.random(2500), 2.01), wait)
    hours = np.round(wait) if told == "heaped" else hours
    given = spells(hours, open_=open_, half=0.5 if told == "heaped" else 0.0)
    least = 2.0 - 0.5 * (told == "heaped")
    found = fit_headways(given, least_h=least)
    waited = Spells(given.low - least, given.high - least, given.weight, given.least)
    true = _waited(waited, headway_h=36, phases=8, room=0.6)
    assert 0 <= found.loglik - true < stats.chi2.ppf(0.999, 3) / 2
    assert found.phases >= 3
    assert found.mean_h == pytest.approx(wait.mean(), rel=4 * 0.02)


def test_uneven_sailings_are_told_from_even_ones():
    rng = np.random.default_rng(37)
    even = 36 * rng.random(1500) + 36 * (rng.geometric(0.7, 1500) - 1) + 1
    uneven = 1 + ferry_waits(1500, headway=36, phases=2, room=0.9, rng=rng)
    assert fit_headways(spells(even)).phases == 12
    assert fit_headways(spells(uneven)).phases <= 4
    periodic = fit_ferry(spells(even))
    assert periodic.headway_h == pytest.approx(36, rel=0.03)
    assert periodic.room == pytest.approx(0.7, abs=0.04)
    with pytest.raises(CannotFit, match="shorter than the handling"):
        fit_headways(spells(even), least_h=30.0)


@pytest.mark.parametrize("told", ["exact", "open", "heaped"])
def test_room_and_service_after_a_timetabled_sailing_are_found(told):
    rng = np.random.default_rng(41)
    sails = (20.0, 70.0, 130.0)
    at = rng.uniform(0, 168, 1500)
    nexts = wait_to_sail(at, sails=sails, count=40)
    assert nexts[:, 0].min() >= 0
    assert (np.diff(nexts, axis=1) > 0).all()
    for hour, sail in ((0.0, 20.0), (69.0, 1.0), (150.0, 38.0)):
        assert wait_to_sail([hour], sails=sails, count=1)[0, 0] == sail
    taken = nexts[np.arange(1500), rng.geometric(0.65, 1500) - 1]
    stay = taken + rng.lognormal(1.5, 0.4, 1500)
    open_ = (rng.random(1500) < 0.1) & (told == "open")
    hours = np.where(open_, stay * rng.random(1500), stay)
    hours = np.round(stay) if told == "heaped" else hours
    given = spells(hours, open_=open_, half=0.5 if told == "heaped" else 0.0)
    found = fit_timetable(given, at, sails=sails, family="lognormal")
    assert found.room == pytest.approx(0.65, abs=4 * (0.65**2 * 0.35 / 1350) ** 0.5)
    error = np.sqrt(np.diag(found.service.natural_covariance))
    said = np.array(list(found.service.parameters.values()))
    assert (np.abs(said - [1.5, 0.4]) < 4 * error).all()
    assert found.loglik > fit(given, family="lognormal").loglik
    with pytest.raises(CannotFit, match="before any sailing"):
        fit_timetable(spells([0.5, 0.7, 3.0]), [21.0, 21.0, 21.0], sails=sails, family="lognormal")
