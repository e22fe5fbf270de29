"""Shares that add up, what pairs give together, and where sums mislead."""

from itertools import combinations

import numpy as np
import pytest

from transcaspian.appraisal.package.problem import Option, Problem
from transcaspian.appraisal.package.shares import interaction, pairs, shares, submodular

HAND = {
    "": 0.0,
    "w": 67.0,
    "c": -13.0,
    "f": 336.0,
    "wc": 49.0,
    "cf": 354.0,
    "wf": 500.0,
    "wcf": 782.0,
}


def by(table, noise=0.0):
    worth = {frozenset(key): value for key, value in table.items()}

    def evaluate(packages, replications):
        luck = np.array([np.random.default_rng(k).normal(0, noise) for k in replications])
        return np.array([worth[each] + luck for each in packages])

    return evaluate


def plain(names, **needs):
    return Problem(
        tuple(Option(name, 1.0, needs=frozenset(needs.get(name, ""))) for name in names), 100.0
    )


def game(names, value):
    parts = [
        frozenset(part) for size in range(len(names) + 1) for part in combinations(names, size)
    ]
    return by({"".join(part): value(part) for part in parts})


def test_three_measures_worked_by_hand():
    """window +67, cranes -13, ferry +336; +49, +354, +500 two by two; +782 all three.

    window: (2 x 67 + 62 + 164 + 2 x 428) / 6 = 1216 / 6
    cranes: (2 x -13 - 18 + 18 + 2 x 282) / 6 = 538 / 6
    ferry: (2 x 336 + 433 + 367 + 2 x 733) / 6 = 2938 / 6
    """
    found = shares(plain("wcf"), by(HAND, noise=5.0), package=frozenset("wcf"))
    earned = {each.name: each.value for each in found.shares}
    assert earned["w"] == pytest.approx(1216 / 6)
    assert earned["c"] == pytest.approx(538 / 6)
    assert earned["f"] == pytest.approx(2938 / 6)
    assert sum(earned.values()) == pytest.approx(782.0, abs=1e-9)
    assert [each.name for each in found.shares] == ["f", "w", "c"]
    assert all(each.error == pytest.approx(0, abs=1e-9) for each in found.shares)
    assert {each.name: each.last for each in found.shares} == pytest.approx(
        {"w": 428, "c": 282, "f": 733}
    )


def test_pairs_alone_and_with_the_rest():
    found = {
        (each.one, each.other): each
        for each in pairs(plain("wcf"), by(HAND), package=frozenset("wcf"))
    }
    assert found["w", "c"].alone == pytest.approx(49 - 67 + 13)
    assert found["c", "f"].alone == pytest.approx(354 + 13 - 336)
    assert found["w", "c"].within == pytest.approx(782 - 500 - 354 + 336)


def test_adding_up_singles_is_warned_of_when_a_quarter_is_interaction():
    far = interaction(plain("wcf"), by(HAND), package=frozenset("wcf"))
    assert far.singles == pytest.approx(390)
    assert far.share == pytest.approx((782 - 390) / 782)
    assert "50% more together" in far.warning
    near = interaction(plain("ab"), by({"": 0, "a": 4, "b": 5, "ab": 10}), package=frozenset("ab"))
    assert near.share == pytest.approx(0.1)
    assert not near.warning
    less = interaction(plain("ab"), by({"": 0, "a": 4, "b": 5, "ab": 6}), package=frozenset("ab"))
    assert "less together" in less.warning


@pytest.mark.parametrize("names", ["abcde", "abcdefghijk"])
def test_symmetry_null_player_and_efficiency(names):
    """a and b are worth something together only, c gives 3 always, the last gives nothing."""

    def value(part):
        return 10.0 * ({"a", "b"} <= part) + 3.0 * ("c" in part)

    found = shares(
        plain(names), game(names, value), package=frozenset(names), permutations=40, seed=1
    )
    earned = {each.name: each for each in found.shares}
    assert sum(each.value for each in found.shares) == found.whole
    assert found.whole == pytest.approx(13.0)
    assert earned["c"].value == pytest.approx(3.0)
    assert earned[names[-1]].value == pytest.approx(0.0, abs=1e-9)
    assert earned["a"].value == pytest.approx(5.0, abs=4 * earned["a"].error + 1e-9)
    assert earned["a"].value == pytest.approx(earned["b"].value, abs=1e-9 + 8 * earned["a"].error)
    assert (found.orders > 0) == (len(names) > 8)


def test_an_order_and_its_reverse_get_pairs_exactly_right():
    """With main and pairwise terms only, each order and its reverse give the exact shares."""
    names = "abcdefghij"
    rng = np.random.default_rng(3)
    main = dict(zip(names, rng.normal(size=10), strict=True))
    both = {pair: rng.normal() for pair in combinations(names, 2)}

    def value(part):
        return sum(main[name] for name in part) + sum(
            gain for pair, gain in both.items() if set(pair) <= part
        )

    found = shares(plain(names), game(names, value), package=frozenset(names), permutations=4)
    for each in found.shares:
        halves = sum(gain for pair, gain in both.items() if each.name in pair) / 2
        assert each.value == pytest.approx(main[each.name] + halves)
        assert each.error == pytest.approx(0, abs=1e-9)


def test_a_measure_without_what_it_needs_is_worth_nothing_in_a_part():
    """b needs a: of the parts only nothing, a, and both are ever valued."""
    found = shares(plain("ab", b="a"), by({"": 0, "a": 4, "ab": 10}), package=frozenset("ab"))
    earned = {each.name: each for each in found.shares}
    assert earned["a"].value == pytest.approx((4 + 10) / 2)
    assert earned["b"].value == pytest.approx((6 + 0) / 2)
    assert earned["b"].alone == 0


def test_bottlenecks_in_series_break_the_bound_of_greedy_choice():
    series = submodular(
        plain("abc"), game("abc", lambda part: float(len(part) == 3)), package=frozenset("abc")
    )
    assert not series.holds
    assert "does not hold" in series.words
    assert series.broken <= series.compared
    cover = submodular(
        plain("abc"), game("abc", lambda part: float(len(part) > 0)), package=frozenset("abc")
    )
    assert cover.holds
    assert "not proven" in cover.words


def test_an_empty_package_has_nothing_to_share():
    nothing = frozenset()
    assert shares(plain("ab"), by({"": 0.0}), package=nothing).shares == ()
    assert pairs(plain("ab"), by({"": 0.0}), package=nothing) == ()
    assert interaction(plain("ab"), by({"": 0.0}), package=nothing).share == 0
    assert submodular(plain("ab"), by({"": 0.0}), package=nothing).holds
