"""The toy: queues move, luck is shared, and every set is known."""

import numpy as np
import pytest
from drawn_sets import every

from transcaspian.appraisal.package.moves import mask_of
from transcaspian.appraisal.package.problem import checked
from transcaspian.appraisal.package.shares import interaction, submodular
from transcaspian.appraisal.package.toy import toy_evaluate, toy_problem, toy_sets, toy_truth
from transcaspian.appraisal.package.toy.corridor import luck_of, physics_of, worth

GOOD = frozenset(
    {
        "berth",
        "extra_vessel",
        "fixed_timetable",
        "loading_slots",
        "night_shift",
        "risk_rules",
        "second_lanes",
        "signals",
        "single_window",
        "yard_software",
    }
)


def value(*names, seed=3, paths=64):
    return float(toy_evaluate(seed)([frozenset(names)], range(paths)).mean())


def test_nothing_is_worth_nothing_and_cells_are_the_same_however_they_are_asked():
    evaluate = toy_evaluate(1)
    assert (evaluate([frozenset()], range(5)) == 0).all()
    two = [frozenset({"cranes"}), GOOD]
    together = evaluate(two, range(6))
    apart = toy_evaluate(1)
    single = np.array([[apart([each], range(k, k + 1))[0, 0] for k in range(6)] for each in two])
    assert (together == single).all()
    assert (toy_evaluate(2)(two, range(6)) != together).all()


def test_the_same_column_has_the_same_luck():
    """What two near sets differ by varies less than on luck of their own."""
    evaluate = toy_evaluate(1)
    near = GOOD - {"loading_slots"}
    one, other = evaluate([GOOD, near], range(60))
    assert (one - other).var() < 0.3 * (one - np.roll(other, 1)).var()


def test_the_queue_moves_to_the_next_stage():
    """A faster border alone is worth less than what it adds once the port and the ferry follow."""
    border = {"single_window", "border_lanes"}
    rest = {"cranes", "extra_vessel"}
    alone = value(*border)
    later = value(*border, *rest) - value(*rest)
    assert alone < 0.2 * later
    assert value("longer_trains") <= 0
    assert value(*GOOD) - value(*GOOD - {"signals"}) > 0


def test_no_more_leaves_than_came_and_no_faster_than_the_slowest_stage():
    chosen = np.zeros((20, 1))
    state = physics_of(chosen)
    calm = np.zeros((156, 7, 1))
    least = state.capacity.min()
    assert 0 < worth(state, calm, at=np.zeros(1, dtype=np.int64))[0] < 156 * least
    assert luck_of(1, 2).shape == (156, 7)


def test_the_noise_at_a_good_set_is_near_a_tenth_and_sums_mislead():
    values = toy_evaluate(7)([GOOD], range(200))[0]
    assert 0.06 < values.std() / values.mean() < 0.16
    problem = toy_problem()
    evaluate = toy_evaluate(7)
    three = frozenset({"single_window", "cranes", "extra_vessel"})
    assert "more together" in interaction(problem, evaluate, package=three).warning
    found = submodular(problem, evaluate, package=GOOD, replications=16, orders=2)
    assert not found.holds


def test_all_sets_are_listed_and_the_truth_is_in_order():
    problem = checked(toy_problem())
    sets = toy_sets(problem)
    assert 100_000 < len(sets) == len(set(sets)) < 200_000
    part = toy_problem(measures=("cranes", "night_shift", "border_lanes", "signals"), budget=40)
    assert set(toy_sets(part)) == {mask_of(part, each) for each in every(part)}
    truth = toy_truth(part, seed=9, tiers=((99, 6), (3, 20)))
    assert truth.best == truth.values.max()
    top = toy_evaluate(9)(truth.packages[:1], range(20)).mean()
    assert truth.values[0] == pytest.approx(top)
    last = toy_evaluate(9)(truth.packages[-1:], range(6)).mean()
    assert truth.values[-1] == pytest.approx(last)
