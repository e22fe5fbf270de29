"""The search and the second opinion: rules kept, best sets found, the same result again."""

import numpy as np
import pytest
from drawn_sets import every, problems
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from transcaspian.appraisal.package.confidence import allocate, assured, standing
from transcaspian.appraisal.package.moves import allows, matrix
from transcaspian.appraisal.package.problem import Option, Problem
from transcaspian.appraisal.package.search import search
from transcaspian.appraisal.package.surrogate import best_sets, surrogate
from transcaspian.appraisal.package.toy import toy_evaluate, toy_problem, toy_truth
from transcaspian.appraisal.package.trials import Guess, Trials, fit, levels, tried
from transcaspian.errors import Fault

TEN = (
    "single_window",
    "border_lanes",
    "risk_rules",
    "signals",
    "cranes",
    "yard_software",
    "extra_vessel",
    "fixed_timetable",
    "second_lanes",
    "joint_control",
)


@pytest.fixture(scope="module")
def small():
    problem = toy_problem(measures=TEN, budget=70.0)
    truth = toy_truth(problem, tiers=((10**9, 64), (20, 400)))
    return problem, dict(zip(truth.packages, truth.values, strict=True)), truth.best


def quadratic(problem, seed, noise):
    """A value for every set with pairs, and luck that all sets of a replication share."""
    rng = np.random.default_rng(seed)
    count = len(problem.options)
    guess = Guess(
        problem, 0.0, rng.normal(1, 1, count), np.triu(rng.normal(0, 1, (count, count)), 1)
    )

    def evaluate(packages, replications):
        luck = np.array(
            [np.random.default_rng([seed, k]).normal(0, 1, count) for k in replications]
        )
        return guess.at(packages)[:, None] + noise * (1 + matrix(problem, packages) @ luck.T)

    return guess, evaluate


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems(), st.integers(0, 99))
def test_without_noise_the_best_of_all_sets_is_found_and_rules_are_kept(problem, seed):
    guess, evaluate = quadratic(problem, seed, 0.0)
    found = search(problem, evaluate, cells=400, seed=seed)
    assert all(allows(problem, each) is None for each in found.values)
    allowed = every(problem)
    assert guess.at([found.best])[0] == pytest.approx(guess.at(allowed).max())
    listed = list(best_sets(guess))
    assert len(listed) == len(allowed)
    values = [value for _, value in listed]
    assert values == pytest.approx(np.sort(guess.at(allowed))[::-1], abs=0.02)


@settings(max_examples=15, deadline=None)
@given(problems(most=8), st.integers(0, 99))
def test_the_programme_equals_brute_force(problem, seed):
    guess, _ = quadratic(problem, seed, 0.0)
    package, value = next(best_sets(guess))
    assert allows(problem, package) is None
    assert value == pytest.approx(guess.at(every(problem)).max(), rel=2e-3, abs=1e-6)
    assert value == pytest.approx(guess.at([package])[0])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_on_a_part_of_the_toy_little_is_lost(small, seed):
    problem, truth, best = small
    evaluate = toy_evaluate(seed)
    found = search(problem, evaluate, cells=400, seed=seed)
    assert found.cells <= 400
    assert 1 - truth[found.best] / best < 0.06
    opinion = surrogate(problem, evaluate, cells=400, seed=seed, ranked=4)
    assert 1 - truth[opinion.found.best] / best < 0.06
    expected = [each.expected for each in opinion.ranked]
    assert expected == sorted(expected, reverse=True)
    assert set(opinion.membership) == set(TEN)
    assert all(0 <= share <= 1 for share in opinion.membership.values())


def test_the_same_seed_gives_the_same_result_and_never_asks_beyond_the_cells(small):
    problem, _, _ = small
    asked = set()
    real = toy_evaluate(5)

    def evaluate(packages, replications):
        new = {(each, number) for each in packages for number in replications}
        assert not new & asked
        asked.update(new)
        return real(packages, replications)

    first = search(problem, evaluate, cells=237, seed=3)
    assert len(asked) == first.cells <= 237
    second = search(problem, real, cells=237, seed=3)
    assert first.best == second.best
    assert first.history == second.history
    assert (first.lead, first.lead_error) == (second.lead, second.lead_error)
    one, two = (surrogate(problem, real, cells=150, seed=3, ranked=2) for _ in range(2))
    assert one.found.history == two.found.history
    assert one.ranked == two.ranked


def test_few_cells_are_enough_to_answer_and_none_are_not(small):
    problem, _, _ = small
    for cells in (1, 2, 3, 7, 25):
        found = search(problem, toy_evaluate(5), cells=cells)
        assert found.cells <= cells
        assert allows(problem, found.best) is None
        assert 0 <= standing(found).probability <= 1
    assert surrogate(problem, toy_evaluate(5), cells=3, ranked=1).found.cells <= 3
    one = Problem((Option("a", 1.0),), 1.0)
    assert search(one, lambda sets, luck: np.ones((len(sets), len(luck))), cells=9).cells <= 9
    with pytest.raises(Fault, match="A206"):
        search(problem, toy_evaluate(5), cells=0)


def test_progress_is_told_and_never_goes_back(small):
    problem, _, _ = small
    told = []
    search(problem, toy_evaluate(5), cells=120, progress=lambda *at: told.append(at))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert {whole for _, whole in told} == {120}


def test_levels_take_the_luck_out_that_all_share():
    options = tuple(Option(name, 1.0) for name in "abcd")
    problem = Problem(options, 4.0)
    shared = np.random.default_rng(1).normal(0, 50, 40)

    def evaluate(packages, replications):
        return np.array(
            [[100.0 + len(each) + shared[number] for number in replications] for each in packages]
        )

    trials = Trials(problem, evaluate, 10**6)
    tried(trials, [frozenset("a")], replications=3)
    tried(trials, [frozenset("ab"), frozenset("abc")], replications=40)
    known = levels(trials)
    assert np.diff(known.values) == pytest.approx([1.0, 1.0], abs=1e-3)


def test_a_fit_and_its_terms_agree_and_draws_vary_about_it():
    problem = Problem(tuple(Option(name, 1.0) for name in "abcdef"), 3.0)
    guess, evaluate = quadratic(problem, 4, 0.01)
    trials = Trials(problem, evaluate, 10**6)
    tried(trials, every(problem), replications=2)
    model = fit(trials)
    packages = every(problem)
    assert model.expected().at(packages) == pytest.approx(model.at(packages))
    assert np.corrcoef(model.at(packages), guess.at(packages))[0, 1] > 0.9
    constant, main, pairs = model.expected().counted()
    coded = matrix(problem, packages)
    plain = constant + coded @ main + ((coded @ pairs) * coded).sum(axis=1)
    assert plain == pytest.approx(model.at(packages))
    rng = np.random.default_rng(0)
    draws = np.array([model.drawn(rng).at(packages) for _ in range(400)])
    spread = np.sqrt(np.diag(model.spread(packages)))
    assert (np.abs(draws.mean(axis=0) - model.at(packages)) < 4.5 * spread / 20 + 1e-9).all()
    assert draws.std(axis=0) == pytest.approx(spread, rel=0.2)


def test_allocation_as_in_the_book_of_chen_and_lee():
    """The example that the R package SPOT gives; there the smallest mean is the best."""
    given_ = {
        "means": np.array([1.2, 2.1, 3.4, 4.87, 6.05]),
        "variances": np.array([3.3, 2.0, 4.5, 5.3, 6.9]),
    }
    so_far = np.array([12, 6, 5, 5, 4])
    found = allocate(*given_.values(), so_far=so_far, more=100, smallest=True)
    assert found.tolist() == [48, 38, 11, 2, 1]
    largest = allocate(-given_["means"], given_["variances"], so_far=so_far, more=100)
    assert largest.tolist() == found.tolist()


@given(st.integers(2, 9), st.integers(0, 200), st.integers(0, 99))
def test_allocation_deals_out_all_and_takes_none_back(count, more, seed):
    rng = np.random.default_rng(seed)
    so_far = rng.integers(1, 30, count)
    found = allocate(rng.normal(size=count), rng.uniform(0.1, 2, count), so_far=so_far, more=more)
    assert found.sum() == more
    assert (found >= 0).all()


def test_chances_are_chances_and_a_clear_best_is_nearly_sure(small):
    problem, _, _ = small
    found = search(problem, toy_evaluate(2), cells=200, seed=2)
    state = standing(found)
    assert state.near[0].package == state.best == found.best
    assert 0 <= state.probability <= 1
    assert state.probability + state.unseen <= 1 + 1e-9
    assert all(each.behind <= 0.02 + 1e-9 for each in state.near)
    options = tuple(Option(name, 1.0) for name in "abcd")
    flat = Problem(options, 1.0)
    worth = {frozenset(): 0.0, frozenset("a"): 9.0}

    def evaluate(packages, replications):
        noise = np.array([np.random.default_rng(k).normal(0, 0.1) for k in replications])
        return np.array([worth.get(each, 1.0) + noise * len(each) for each in packages])

    clear = search(flat, evaluate, cells=200)
    assert standing(clear).probability > 0.99


def test_more_replications_until_it_is_sure_enough_or_the_cells_are_spent(small):
    problem, _, _ = small
    evaluate = toy_evaluate(4)
    found = search(problem, evaluate, cells=150, seed=4)
    more, state = assured(found, evaluate, cells=100, sure=1.1)
    assert more.cells == found.cells + 100
    assert state.best == more.best
    same, _ = assured(found, evaluate, cells=100, sure=0.0)
    assert same.cells == found.cells
