"""The fit as algebra: what figures tell of parameters, beside the same worked out at length."""

import numpy as np
import polars as pl
import pytest
from scipy.optimize import check_grad
from scipy.stats import multivariate_normal, norm

from transcaspian.calibration.fitting import fit as fitting
from transcaspian.calibration.fitting import law as laws
from transcaspian.calibration.fitting.drawn import before, draws, noise, straight_draws
from transcaspian.calibration.fitting.fit import beside, fit, foretell
from transcaspian.calibration.fitting.kin import LEVELS, PARTS, parts
from transcaspian.calibration.fitting.rows import Emulator, rows_of
from transcaspian.calibration.fitting.targets import targets
from transcaspian.calibration.learning.answers import answers
from transcaspian.calibration.learning.emulate import sides


@pytest.fixture(scope="module")
def spread(planted):
    """Every figure moves."""
    return dict.fromkeys(planted.table("published")["figure"], 1.0)


@pytest.fixture(scope="module")
def emulator(planted, known, runs):
    learned = sides(runs, known, planted)
    return Emulator(learned, answers(runs, learned, known, figures=["meseta_puerto"]))


@pytest.fixture(scope="module")
def rows(planted, spread, emulator):
    return rows_of(planted, targets(planted, spread), emulator)


@pytest.fixture(scope="module")
def fitted(rows, emulator):
    regions = {name: at for at, name in enumerate(sorted(set(rows.frame["restless"])))}
    return fit(emulator, rows, base_year=2023, regions=regions)


def groups_at_length(fitted):
    """The deviation of the scores as a matrix of independent causes, those told and those not."""
    levels, law = fitted.levels, fitted.law
    share = np.exp(law.level) / np.exp(law.level).sum()
    told, untold = [], []
    for level, part in enumerate(share):
        for group in np.unique(levels.groups[level][levels.groups[level] >= 0]):
            members = levels.groups[level] == group
            column = np.sqrt(part) * members
            (told if levels.free[level][members].all() else untold).append(column)
    told += list(np.eye(fitted.parameters.count)[levels.groups[0] < 0])
    told += list((levels.tilt * np.exp(law.tilt)).T)
    return np.array(told).T, np.array(untold).T.reshape(fitted.parameters.count, -1)


def test_a_law_is_steepest_where_its_slope_says(fitted):
    evidence = laws.Evidence(
        fitted.rest,
        *fitting._paced(fitted.levels, fitted.slope),
        parts(fitted.rows, fitted.rows, 2023),
        np.array([fitted.regions[name] for name in fitted.rows.frame["restless"]]),
        np.eye(len(fitted.rest)) * 0.01,
    )
    start = fitted.law.packed()
    value = lambda x: laws._unlikely(evidence, fitted.law.unpacked(x))[0]  # noqa: E731
    slope = lambda x: laws._unlikely(evidence, fitted.law.unpacked(x))[1]  # noqa: E731
    assert check_grad(value, slope, start, seed=1) < 1e-3 * max(1.0, np.abs(slope(start)).max())
    whole = evidence.covariance(fitted.law)
    dense = -multivariate_normal(np.zeros(len(whole)), whole).logpdf(fitted.rest)
    half = 0.5 * len(whole) * np.log(2 * np.pi)
    assert value(start) == pytest.approx(dense - half, rel=1e-6)


def test_the_slope_of_every_figure_is_that_of_the_emulator(emulator, rows, known):
    scores = np.random.default_rng(2).standard_normal(known.count) * 0.5
    value, slope = emulator.slope(scores, rows)
    assert value == pytest.approx(emulator.at(scores[None, :], rows)[0])
    for at in np.flatnonzero(np.abs(slope).max(axis=0) > 0.05)[:12]:
        step = np.zeros(known.count)
        step[at] = 1e-4
        ends = emulator.at(np.array([scores + step, scores - step]), rows)
        assert slope[:, at] == pytest.approx((ends[0] - ends[1]) / 2e-4, abs=2e-2)


def test_what_is_foretold_is_the_conditional_law_worked_out_at_length(fitted, rows):
    told, untold = groups_at_length(fitted)
    both = np.hstack([told, untold])
    _, slope = fitted.emulator.slope(fitted.scores, rows)
    n = len(fitted.rows.y)
    stacked = np.vstack([fitted.slope, slope])
    joint = fitting.joined(fitted.rows, rows)
    cause = stacked @ both
    unsure = fitted.emulator.unsure(joint, fitted.scores)
    besides = fitting.besides(fitted, joint, joint)
    alone = np.array(joint.frame["error"].fill_null(0.0)) ** 2
    alone += np.where(joint.border, fitting.NUDGE, fitting.MODEL**2)
    whole = cause @ cause.T + unsure + besides + np.diag(alone)
    seen, cross = whole[:n, :n], whole[n:, :n].copy()
    value, _ = fitted.emulator.slope(fitted.scores, rows)
    base = value - slope @ (fitted.scores - fitted.levels.centre)
    want = base + cross @ np.linalg.solve(seen, fitted.rest)
    own = np.diag(whole[n:, n:] - cross @ np.linalg.solve(seen, cross.T))
    surveyed = (rows.frame["use"] == "fitted").to_numpy() & rows.border
    found = foretell(fitted, rows)
    assert found.middle[surveyed] == pytest.approx(want[surveyed], abs=2e-3)
    assert found.spread[surveyed] ** 2 == pytest.approx(own[surveyed], abs=2e-3)


def test_draws_have_the_mean_and_the_spread_that_the_figures_leave(fitted):
    told, untold = groups_at_length(fitted)
    slope = fitted.slope
    whole = slope @ np.hstack([told, untold])
    beside_ = noise(fitted)
    seen = whole @ whole.T + beside_ + fitting.NUDGE * np.eye(len(beside_))
    gain = told @ (slope @ told).T
    mean = fitted.levels.centre + gain @ np.linalg.solve(seen, fitted.rest)
    cover = told @ told.T - gain @ np.linalg.solve(seen, gain.T) + untold @ untold.T
    found = straight_draws(fitted, 20_000, seed=4)
    error = np.sqrt(np.diag(cover) / 20_000)
    assert np.abs(found.mean(axis=0) - mean).max() < 6 * error.max() + 0.03
    assert found.std(axis=0) == pytest.approx(np.sqrt(np.diag(cover)), rel=0.06, abs=0.01)


def test_bent_draws_meet_the_figures_and_are_straight_where_the_model_is(fitted):
    bent, straight = draws(fitted, 40, seed=4), straight_draws(fitted, 40, seed=4)
    rows, emulator = fitted.rows, fitted.emulator
    wide = np.sqrt(np.diag(noise(fitted)))
    off = [(emulator.at(each, rows) - rows.y) / wide for each in (bent, straight)]
    mine = rows.surveyed
    assert np.median(np.abs(off[0][:, mine])) <= np.median(np.abs(off[1][:, mine])) + 0.1
    assert np.median(np.abs(off[0][:, mine])) < 1.5
    first = before(fitted, 4000, seed=1).std(axis=0)
    assert np.median(np.abs(bent - straight) / first) < 0.1


def test_a_range_pulls_only_those_outside_and_a_bound_only_those_below():
    inside, width = fitting._site(3.0, 2.0, 4.0, 0.1)
    assert width > 5
    assert inside == pytest.approx(3.0, abs=1.0)
    value, width = fitting._site(1.5, 2.0, np.inf, 0.1)
    assert value > 1.9
    assert width < 0.2
    above, width = fitting._site(9.0, 2.0, np.inf, 0.1)
    assert width > 5
    x, low, error = 1.9, 2.0, 0.1
    value, width = fitting._site(x, low, np.inf, error)
    z = (x - low) / error
    ratio = norm.pdf(z) / norm.cdf(z)
    slope, bend = ratio / error, ratio * (z + ratio) / error**2
    assert value == pytest.approx(x + slope / bend, rel=1e-3)
    assert width == pytest.approx(bend**-0.5, rel=1e-3)
    assert above > 0


def test_a_walk_from_the_base_year_leaves_the_base_year_alone(rows):
    slabs = dict(zip(PARTS, parts(rows, rows, 2023), strict=True))
    year = rows.frame["year"].to_numpy()
    assert (slabs["region"][year == 2023] == 0).all()
    far, near = rows.border & (year == 2020), rows.border & (year == 2022)
    assert np.diag(slabs["region"])[far] == pytest.approx(3.0)
    assert np.diag(slabs["region"])[near] == pytest.approx(1.0)
    for slab in slabs.values():
        assert slab == pytest.approx(slab.T)
        assert np.linalg.eigvalsh(slab).min() > -1e-9


def test_no_group_that_one_figure_tells_is_free(fitted, rows, emulator):
    one = rows.frame["figure"][int(np.flatnonzero(rows.border)[0])]
    mine = rows.frame["figure"].is_in([one]) | ~pl.Series(rows.border)
    alone = fit(emulator, rows.of(mine.to_numpy()), base_year=2023, regions=fitted.regions)
    paces = alone.levels.groups[0] >= 0
    touched = np.abs(alone.slope[alone.rows.border]) > 0.02
    own = LEVELS.index("own")
    side = paces & touched.any(axis=0) & ~(np.abs(alone.slope[~alone.rows.border]) > 0.02).any(0)
    assert side.any()
    assert not alone.levels.free[own][side].any()
    wide = straight_draws(alone, 4000, seed=1)[:, side].std(axis=0)
    first = before(alone, 4000, seed=1)[:, side].std(axis=0)
    assert wide == pytest.approx(first, rel=0.25)


def test_what_the_law_leaves_beside_the_model_is_wider_further_from_the_base_year(fitted, rows):
    width = beside(fitted, rows)
    year = rows.frame["year"].to_numpy()
    assert width[rows.border & (year == 2020)].mean() > width[rows.border & (year == 2023)].mean()
