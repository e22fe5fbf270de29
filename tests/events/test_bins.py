import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcaspian.events.tally import (
    BINS,
    SCHEMAS,
    Tally,
    bin_of,
    concat,
    edge_h,
    empty_tally,
    quantile_from_bins,
    summed,
)

WIDTH = 2 ** (1 / 16)


def bins(hours):
    counted = pl.DataFrame({"hours": hours}).select(bin_of(pl.col("hours")).alias("bin"))
    return counted.group_by("bin").agg(pl.len().cast(pl.Float64).alias("n"))


@given(st.floats(0.0101, 3e5))
def test_a_duration_lies_between_the_edges_of_its_bin(hours):
    number = bins([hours])["bin"]
    low, high = pl.select(edge_h(number), edge_h(number + 1).alias("high")).row(0)
    assert low * (1 - 1e-9) <= hours <= high * (1 + 1e-9)


def test_the_ends_take_what_lies_beyond():
    assert bins([0.0, 0.001]).rows() == [(0, 2)]
    assert bins([1e9]).rows() == [(BINS - 1, 1)]


@pytest.mark.parametrize("q", [0.1, 0.5, 0.9, 0.95])
def test_quantiles_are_those_of_the_sample_within_a_bin(q):
    hours = np.random.default_rng(5).lognormal(1.0, 1.2, 20_000)
    found = quantile_from_bins(bins(hours), q, by=[])["value"].item()
    assert abs(math.log(found / np.quantile(hours, q))) < math.log(WIDTH) / 2


@given(st.lists(st.floats(0.02, 5000), min_size=1, max_size=50), st.floats(0.01, 0.99))
def test_a_quantile_is_never_more_than_a_bin_from_an_order_statistic(hours, q):
    found = quantile_from_bins(bins(hours), q, by=[])["value"].item()
    ordered = sorted(hours)
    at = math.ceil(q * len(ordered) - 1e-9) - 1
    assert ordered[max(at, 0)] / WIDTH * (1 - 1e-9) <= found
    assert found <= ordered[max(at, 0)] * WIDTH * (1 + 1e-9)


def test_groups_have_their_own_quantiles():
    frame = pl.DataFrame({"place": ["a", "a", "b"], "bin": [0, 160, 320], "n": [1.0, 3.0, 1.0]})
    found = dict(quantile_from_bins(frame, 0.5, by=["place"]).iter_rows())
    assert 10.24 <= found["a"] <= 10.24 * WIDTH
    assert 10485 < found["b"] < 10486 * WIDTH


def test_quantiles_rise():
    frame = bins(np.random.default_rng(6).exponential(5, 500))
    values = [quantile_from_bins(frame, q, by=[])["value"].item() for q in np.linspace(0.01, 1, 50)]
    assert values == sorted(values)


def test_tallies_are_laid_one_after_the_other():
    one = pl.DataFrame(
        [{"run": "r1", "flow": "f", "n": 1.0, "total_h": 2.0, "total_h2": 4.0, "tonnes": 1.0,
          "unfinished": 0}],
        schema=SCHEMAS["trips"],
    )  # fmt: skip
    full = Tally(**{**_frames(empty_tally()), "trips": one})
    assert concat([]).trips.is_empty()
    assert concat([full, empty_tally(), full]).trips.height == 2
    assert concat([full]).visits.schema == SCHEMAS["visits"]


def _frames(tally):
    return {name: getattr(tally, name) for name in SCHEMAS}


def test_a_sum_by_group_is_the_same_to_the_bit_each_time():
    rng = np.random.default_rng(1)
    frame = pl.DataFrame({"group": np.tile(np.arange(700), 30), "hours": rng.random(21_000)})
    first, *others = (
        frame.group_by("group", maintain_order=True).agg(summed("hours")) for _ in range(40)
    )
    assert all(each.equals(first) for each in others)
    parts = frame.group_by("group", maintain_order=True).agg("hours")["hours"].to_list()
    exact = [math.fsum(hours) for hours in parts]
    assert first["hours"].to_list() == pytest.approx(exact, rel=1e-14)
