"""Keyed luck: its distributions, and that nobody's change moves anyone else's draws."""

import math
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from models import Sketch, queue
from scipy import stats

from transcaspian.simulation import run_model
from transcaspian.simulation.kernel.draws import draws, normal, nth, quantile
from transcaspian.simulation.luck import SHAPES, curves, key, parameters

COUNT = 200_000


def test_keys_are_of_words_and_of_their_bounds():
    assert key("a", "bc") != key("ab", "c")
    assert key("a", "b") == key("a", "b") < 2**64


def test_draws_are_uniform_and_unrelated():
    first = draws(np.uint64(key("stage one")), np.uint64(key("flow")), COUNT, 0)
    second = draws(np.uint64(key("stage two")), np.uint64(key("flow")), COUNT, 0)
    assert first.min() > 0.0
    assert first.max() < 1.0
    assert stats.kstest(first, "uniform").pvalue > 1e-4
    cells = np.histogram2d(first, second, bins=32)[0].ravel()
    assert stats.chisquare(cells).pvalue > 1e-4
    pairs = np.histogram2d(first[:-1], first[1:], bins=32)[0].ravel()
    assert stats.chisquare(pairs).pvalue > 1e-4


def test_neighbouring_keys_share_no_bits():
    with np.errstate(over="ignore"):
        keys = [int(nth(np.uint64(5), n)) for n in range(2000)]
    flips = [(a ^ b).bit_count() for a, b in pairwise(keys)]
    assert abs(np.mean(flips) - 32) < 0.5


@pytest.mark.parametrize("shape", SHAPES)
def test_a_family_has_the_mean_and_cv_asked_for(shape):
    mean, cv = 5.0, {"exponential": 1.0, "erlang2": math.sqrt(0.5), "erlang4": 0.5}.get(shape, 0.35)
    number, first, second = parameters(shape, mean, cv)
    table = curves()
    grid = (np.arange(COUNT) + 0.5) / COUNT
    values = np.array([quantile(number, float(u), first, second, table) for u in grid])
    assert np.all(np.diff(values) >= 0)
    assert values.min() >= 0
    assert values.mean() == pytest.approx(mean, rel=2e-4)
    assert values.std() / mean == pytest.approx(0.0 if shape == "constant" else cv, abs=2e-3)


def test_the_normal_quantile():
    table = curves()
    for u in [1e-14, 1e-9, 1e-4, 0.015, 0.016, 0.3, 0.5, 0.984, 0.985, 0.9999, 1 - 1e-9]:
        assert normal(u, table) == pytest.approx(stats.norm.ppf(u), abs=2e-5)


def two_posts(*, servers=2, more=0, extra_flow=False, extra_place=False, faster=1.0):
    sketch = Sketch()
    sketch.place("first")
    sketch.place("second")
    sketch.resource("near", servers, place="first")
    sketch.resource("far", 3, place="second")
    if extra_place:
        sketch.place("between")
        sketch.resource("gate", 2, place="between")
    flows = [("before", 2.0)] if extra_flow else []
    for name, rate in [*flows, ("all", (5.0 + more) * faster)]:
        sketch.flow(name, rate, origin="first", destination="second")
        sketch.serve(name, "near", 0.2, place="first", procedure="at_first")
        sketch.travel(name, "first__second", 4.0, cv=0.4)
        if extra_place:
            sketch.serve(name, "gate", 0.1, place="between", procedure="at_between")
        sketch.serve(name, "far", 0.3, place="second", procedure="at_second", share=0.5)
    return sketch


def services(sketch):
    """The services of each trip of the flow `all`, by its rank within the flow."""
    log = run_model(sketch.model(warmup_days=0, cooldown_days=5), seed=3, log=True).events
    trips = log.trips.filter(pl.col("flow") == "all").with_row_index("rank")
    took = (pl.col("ended") - pl.col("started")).dt.total_microseconds().alias("took")
    return log.steps.join(trips, on="trip").sort("rank", "step").select("rank", "step", took)


def test_a_place_on_the_way_moves_no_other_stage_s_draws():
    base, other = services(two_posts()), services(two_posts(extra_place=True))
    later = other.with_columns(
        pl.when(pl.col("step") > 2).then(pl.col("step") - 1).otherwise("step")
    )
    later = later.filter(other["step"] != 3)
    both = base.join(later, on=["rank", "step"], how="inner", suffix="_other")
    assert both.height > 0.99 * base.height
    assert (both["took"] - both["took_other"]).abs().max() == 0


@pytest.mark.parametrize("change", [{"servers": 3}, {"extra_flow": True}, {"more": 1}])
def test_nobody_else_draws_differently(change):
    base, other = services(two_posts()), services(two_posts(**change))
    both = base.join(other, on=["rank", "step"], how="left", suffix="_other")
    known = both.filter(pl.col("took_other").is_not_null())
    assert known.height > 0.99 * base.height
    assert (known["took"] - known["took_other"]).abs().max() == 0


def test_a_seed_moves_everything():
    model = queue(5.0, 1, 0.1).model()
    first, second = (run_model(model, seed=seed).tally.steps["service_h"][0] for seed in (1, 2))
    assert first != second
