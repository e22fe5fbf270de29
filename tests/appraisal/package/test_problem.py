"""What may be chosen: the rules, what breaks them, and the moves that keep them."""

import pytest
from drawn_sets import every, option, problems
from hypothesis import given
from hypothesis import strategies as st

from transcaspian.appraisal.package.moves import (
    additions,
    allows,
    closure,
    filled,
    kernel,
    neighbours,
    required,
)
from transcaspian.appraisal.package.problem import Problem, checked
from transcaspian.errors import Fault, Faults


def codes(*options, budget=10.0, **more):
    with pytest.raises(Faults) as caught:
        checked(Problem(options, budget, **more))
    return {fault.code: fault for fault in caught.value.faults}


def test_a_budget_or_a_purse_below_the_cheapest_measure():
    found = codes(option("cranes", 5), option("window", 3), budget=2)
    assert "window" in found["A101"].what
    paid = option("cranes", 5, payers={"north": 0.6, "south": 0.4})
    found = codes(paid, purses={"north": 2})
    assert "north" in found["A101"].what
    assert "3" in found["A101"].what
    assert codes(paid, purses={"nort": 9})["A101"].nearest == ("north",)
    assert "no measure" in codes()["A101"].what


def test_measures_that_need_each_other_in_a_circle_are_named_once():
    circle = [option("a", needs="b"), option("b", needs="c"), option("c", needs="a")]
    found = codes(*circle, option("d", needs="a"))
    assert found["A102"].what == "'a' needs 'b' needs 'c' needs 'a'"
    assert "A102" in codes(option("a", needs="a"))


def test_a_measure_that_needs_what_excludes():
    both = codes(option("a", needs="bc"), option("b", excludes="c"), option("c"))
    assert "exclude each other" in both["A103"].what
    assert (
        "excludes the other"
        in codes(option("a", needs="b"), option("b", excludes="a"))["A103"].what
    )
    far = codes(option("a", needs="b"), option("b", needs="c"), option("c", excludes="a"))
    assert "A103" in far
    assert "A103" in codes(option("a", excludes="a"))


def test_a_measure_that_is_counted_twice_under_two_donors():
    found = codes(option("a", payers={"north": 1.0}), option("a", payers={"south": 1.0}))
    assert "north" in found["A104"].what
    assert "south" in found["A104"].what
    assert "0.9" in codes(option("a", payers={"north": 0.5, "south": 0.4}))["A104"].what
    assert "A104" in codes(option("a", payers={"north": 1.5, "south": -0.5}))


def test_unknown_names_costs_and_years_and_all_of_it_at_once():
    found = codes(option("window", needs=["crane"]), option("cranes", excludes=["x"]))
    assert found["A105"].nearest in {("cranes",), ()}
    assert "A105" in codes(option("a", -1))
    assert "A105" in codes(option("a", earliest=3), yearly=(5.0, 5.0))
    with pytest.raises(Faults) as caught:
        checked(Problem((option("a", 20, needs="q"), option("b", 30, payers={"n": 0.5})), 1))
    assert [fault.code for fault in caught.value.faults] == ["A104", "A105", "A101"]


def test_why_a_set_cannot_be_is_said_in_words():
    problem = checked(
        Problem(
            (
                option("a", 4, payers={"north": 1.0}),
                option("b", 4, needs="a"),
                option("c", 4, excludes="a"),
            ),
            10,
            purses={"north": 5},
        )
    )
    assert allows(problem, frozenset("ab")) is None
    assert "needs a" in allows(problem, frozenset("b"))
    assert "exclude each other" in allows(problem, frozenset("ac"))
    poor = Problem(problem.options, 6, purses={"north": 3})
    assert "budget" in allows(poor, frozenset("ab"))
    assert "purse" in allows(poor, frozenset("a"))
    with pytest.raises(Fault, match="A105"):
        required(problem, frozenset("b"))
    with pytest.raises(Faults) as caught:
        allows(problem, frozenset({"aa"}))
    assert caught.value.faults[0].code == "A105"


def test_moves_bring_what_is_needed_and_take_along_what_stands_on_it():
    chain = (option("a"), option("b", needs="a"), option("c", needs="b"), option("d"))
    problem = checked(Problem(chain, 3))
    assert closure(problem, frozenset("c")) == frozenset("abc")
    assert kernel(problem, frozenset("acd")) == frozenset("ad")
    assert frozenset("abc") in additions(problem, frozenset())
    assert frozenset("d") in neighbours(problem, frozenset("abc"))
    assert frozenset() in neighbours(problem, frozenset("abc"))
    assert filled(problem, frozenset("d"), order="cba") == frozenset("dab")


@given(problems(), st.data())
def test_every_move_leads_to_a_set_that_can_be(problem, data):
    package = data.draw(st.sampled_from(every(problem)))
    near = neighbours(problem, package)
    assert package not in near
    assert len(near) == len(set(near))
    assert all(allows(problem, each) is None for each in near)
    singles = [each for each in every(problem) if len(each ^ package) == 1]
    assert set(singles) <= set(near)
