"""When to do what, and what a choice may cost in another future."""

from itertools import product

import numpy as np
import pytest
from drawn_sets import every, option, problems
from hypothesis import given, settings
from hypothesis import strategies as st

from transcaspian.appraisal.package.problem import Problem
from transcaspian.appraisal.package.regret import hedged, regrets, robust
from transcaspian.appraisal.package.timing import Worth, present_value, timing, yearly_worth
from transcaspian.appraisal.package.trials import Guess
from transcaspian.errors import Fault

FOUR = frozenset("abcd")


def brute(problem, worth, package):
    """The best order by trying every one."""
    years = len(problem.yearly)
    chosen = [each for each in problem.options if each.name in package]
    best = -np.inf
    for years_of in product(range(years), repeat=len(chosen)):
        starts = {each.name: year for each, year in zip(chosen, years_of, strict=True)}
        spent = np.zeros(years)
        for each in chosen:
            spent[starts[each.name]] += each.cost
        fits = (spent <= np.array(problem.yearly) + 1e-9).all()
        ordered = all(
            starts[need] <= starts[each.name] for each in chosen for need in each.needs
        ) and all(starts[each.name] >= each.earliest for each in chosen)
        if fits and ordered:
            best = max(best, present_value(worth, starts, years=years))
    return best


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_the_order_is_the_best_of_all_orders(seed):
    rng = np.random.default_rng(seed)
    options = (
        option("a", float(rng.integers(1, 6))),
        option("b", float(rng.integers(1, 6)), needs="a"),
        option("c", float(rng.integers(1, 6)), earliest=1),
        option("d", float(rng.integers(1, 6))),
    )
    problem = Problem(options, 30.0, yearly=tuple(float(each) for each in rng.integers(4, 11, 3)))
    worth = Worth(
        {name: float(rng.normal(3, 3)) for name in "abcd"},
        {("a", "c"): float(rng.normal(0, 3)), ("b", "d"): float(rng.normal(0, 3))},
    )
    best = brute(problem, worth, FOUR)
    if best == -np.inf:
        with pytest.raises(Fault, match="does not fit"):
            timing(problem, worth, package=FOUR)
        return
    found = timing(problem, worth, package=FOUR)
    assert found.value == pytest.approx(best)
    assert present_value(worth, found.starts, years=3) == pytest.approx(best)
    assert found.proven
    assert found.gap < 1e-5
    assert sum(found.spent) == pytest.approx(problem.cost(FOUR))
    assert all(
        spent <= most + 1e-9 for spent, most in zip(found.spent, problem.yearly, strict=True)
    )


def test_what_gives_most_a_year_for_its_money_comes_first():
    problem = Problem((option("a", 5), option("b", 5)), 10.0, yearly=(5.0, 5.0))
    found = timing(problem, yearly_worth("ab", {"a": 1.0, "b": 2.0}), package=frozenset("ab"))
    assert found.starts == {"b": 0, "a": 1}
    assert found.value == pytest.approx(2 + 3 / 1.06)
    assert found.spent == (5.0, 5.0)


def test_sets_that_cannot_be_and_problems_without_years():
    problem = Problem((option("a", 5), option("b", 5, needs="a")), 10.0, yearly=(9.0,))
    with pytest.raises(Fault, match="needs a"):
        timing(problem, Worth({}), package=frozenset("b"))
    with pytest.raises(Fault, match="does not fit"):
        timing(problem, Worth({}), package=frozenset("ab"))
    with pytest.raises(Fault, match="yearly"):
        timing(Problem(problem.options, 10.0), Worth({}), package=frozenset("a"))


def test_regret_worked_by_hand():
    """Best of each future 10, 8, 6: regrets 0 5 4, 4 0 1, 3 2 0; the least largest is 3."""
    packages = [frozenset("a"), frozenset("b"), frozenset("c")]
    values = np.array([[10.0, 3.0, 2.0], [6.0, 8.0, 5.0], [7.0, 6.0, 6.0]])
    assert regrets(values).tolist() == [[0, 5, 4], [4, 0, 1], [3, 2, 0]]
    found = robust(packages, values, futures=["calm", "low", "closed"], within=0.2, threshold=6)
    assert found.best == frozenset("c")
    assert found.most_regret == 3
    assert [each.package for each in found.fares] == [packages[2], packages[1], packages[0]]
    first = found.fares[0]
    assert first.worst_future == "calm"
    assert first.near_share == pytest.approx(1 / 3)
    assert first.assured == 6
    assert first.satisfied_share == 1
    assert found.fares[-1].satisfied_share == pytest.approx(1 / 3)


def test_nothing_to_compare():
    with pytest.raises(Fault, match="A206"):
        robust([], np.empty((0, 0)))
    with pytest.raises(Fault, match="A206"):
        hedged(Problem((option("a"),), 1.0), [])


@settings(max_examples=15, deadline=None)
@given(problems(most=5), st.integers(0, 999))
def test_the_hedge_equals_the_table_of_all_sets(problem, seed):
    rng = np.random.default_rng(seed)
    count = len(problem.options)
    guesses = [
        Guess(
            problem,
            float(rng.normal(0, 3)),
            rng.normal(1, 2, count),
            np.triu(rng.normal(0, 1, (count, count)), 1),
        )
        for _ in range(3)
    ]
    packages = every(problem)
    table = robust(packages, np.array([guess.at(packages) for guess in guesses]).T)
    found = hedged(problem, guesses)
    assert found.package in packages
    assert found.most_regret == pytest.approx(table.most_regret, abs=1e-4)
    assert found.proven
