"""Small problems, drawn, and every set that one allows."""

from itertools import combinations

from hypothesis import strategies as st

from transcaspian.appraisal.package.moves import allows
from transcaspian.appraisal.package.problem import Option, Problem


def option(name, cost=1.0, **more):
    for key in ("needs", "excludes"):
        more[key] = frozenset(more.get(key, ()))
    return Option(name, cost, **more)


@st.composite
def problems(draw, most=6):
    count = draw(st.integers(2, most))
    names = "abcdefgh"[:count]
    options = []
    for at, name in enumerate(names):
        needs = draw(st.sets(st.sampled_from(names[:at]), max_size=1)) if at else set()
        bars = draw(st.sets(st.sampled_from(names[:at]), max_size=1)) if at else set()
        cost = draw(st.integers(1, 9))
        shares = draw(st.sampled_from([{}, {"north": 1.0}, {"north": 0.5, "south": 0.5}]))
        options.append(option(name, cost, needs=needs, excludes=bars - needs, payers=shares))
    budget = draw(st.integers(9, 30))
    return Problem(tuple(options), budget, purses=draw(st.sampled_from([{}, {"north": 9.0}])))


def every(problem):
    names = problem.names
    parts = [
        frozenset(part) for size in range(len(names) + 1) for part in combinations(names, size)
    ]
    return [part for part in parts if allows(problem, part) is None]
