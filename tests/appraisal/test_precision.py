"""How sure a figure is: goals in words, sequential runs, controls, pairs, steady states."""

import sys
from pathlib import Path

import numpy as np
import pytest
from polars.testing import assert_frame_equal

from transcaspian.appraisal.again import Settings
from transcaspian.appraisal.precision import effect_until, parse_goal, run_until
from transcaspian.appraisal.precision.intervals import controlled, of_pairs, plain
from transcaspian.appraisal.precision.steady import mser5, steady_state
from transcaspian.errors import Fault, render
from transcaspian.readers.folder import read_corridor
from transcaspian.simulation import simulate

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from test_bad_input import hold

ANDES = Path(__file__).resolve().parents[1] / "corridors" / "andes"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("door_to_door p95 ±3%", ("door_to_door", (), "p95", 0.03, True)),
        ("door_to_door ±2", ("door_to_door", (), "value", 2.0, False)),
        ("border_hours[place=a, direction=inbound] +-0.5",
         ("border_hours", (("place", "a"), ("direction", "inbound")), "value", 0.5, False)),
        ("ledger[class=queueing] value +/- 10 %", ("ledger", (("class", "queueing"),), "value",
                                                   0.1, True)),
    ],
)  # fmt: skip
def test_goals_in_words(text, parts):
    goal = parse_goal(text)
    assert (goal.indicator, goal.where, goal.column, goal.half, goal.relative) == parts


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("goal_unknown_indicator", "door_to_dor p95 ±3%"),
        ("goal_of_nothing", "door_to_door p95 ±0%"),
        ("goal_without_width", "door_to_door p95"),
        ("goal_with_half_a_filter", "door_to_door[flow] ±3%"),
    ],
)
def test_goals_that_cannot_be_read(name, text):
    with pytest.raises(Fault) as caught:
        parse_goal(text)
    hold(name, render(caught.value))


def test_a_goal_of_no_such_column_or_row():
    corridor = read_corridor(ANDES)
    for name, text in (("goal_of_no_column", "door_to_door p97 ±3%"),
                       ("goal_of_no_row", "door_to_door[flow=nobody] ±3%"),
                       ("goal_of_many_rows", "speed ±3%")):  # fmt: skip
        with pytest.raises(Fault) as caught:
            run_until(corridor, parse_goal(text), settings=Settings(seed=3))
        hold(name, render(caught.value))


def test_a_sequential_run_is_the_plain_run_of_as_many():
    corridor = read_corridor(ANDES)
    reached = run_until(corridor, parse_goal("door_to_door ±2%"), settings=Settings(seed=3))
    assert reached.met
    assert reached.interval.half <= reached.target
    plain_run = simulate(corridor, replications=reached.replications, seed=3)
    for name in ("trips", "steps", "resources", "visit_bins"):
        assert_frame_equal(getattr(reached.tally, name), getattr(plain_run.tally, name))


def test_what_cannot_be_reached_is_said():
    corridor = read_corridor(ANDES)
    reached = run_until(corridor, parse_goal("door_to_door ±0.001%"), most=7)
    assert not reached.met
    assert reached.replications == 7
    assert "NOT REACHED" in reached.sentence(parse_goal("door_to_door ±0.001%"))


def test_the_effect_of_a_measure_until_it_is_sure():
    from transcaspian.appraisal import with_without

    corridor = read_corridor(ANDES)
    done, interval, met = effect_until(
        corridor, "more_officers", half=60.0, settings=Settings(seed=3)
    )
    assert met
    assert interval.half <= 60.0
    same = with_without(corridor, ["more_officers"], settings=Settings(done, 3))[0].effects
    row = same.filter(same["figure"] == "waiting of all traffic").row(0, named=True)
    assert interval.mean == pytest.approx(row["value"])
    assert interval.half == pytest.approx((row["high"] - row["low"]) / 2)


def test_plain_intervals_cover_as_often_as_they_say():
    rng = np.random.default_rng(2)
    held = sum(
        abs(found.mean) <= found.half for found in (plain(rng.normal(size=8)) for _ in range(4000))
    )
    assert abs(held / 4000 - 0.9) < 4 * (0.09 / 4000) ** 0.5


def test_pairs_are_counted_as_pairs():
    rng = np.random.default_rng(3)
    noise = rng.normal(size=400)
    values = np.empty(800)
    values[0::2], values[1::2] = 5 + noise, 5 - noise + 0.1 * rng.normal(size=400)
    assert of_pairs(values).half < 0.1 * plain(values).half
    held = 0
    for _ in range(3000):
        first = rng.normal(size=12)
        pairs = np.column_stack([first, -0.5 * first + rng.normal(size=12)]).ravel()
        found = of_pairs(pairs)
        held += abs(found.mean) <= found.half
    assert abs(held / 3000 - 0.9) < 4 * (0.09 / 3000) ** 0.5


def test_controls_narrow_and_still_cover():
    rng = np.random.default_rng(4)
    held, shares = 0, []
    for _ in range(2000):
        control = rng.normal(100.0, 10.0, size=(40, 1))
        values = 7.0 + 0.3 * (control[:, 0] - 100.0) + rng.normal(size=40)
        found = controlled(values, control, np.array([100.0]))
        held += abs(found.mean - 7.0) <= found.half
        shares.append(found.half / plain(values).half)
    assert abs(held / 2000 - 0.9) < 4 * (0.09 / 2000) ** 0.5
    assert np.mean(shares) < 0.45


def test_controls_that_do_not_help_are_left_out():
    rng = np.random.default_rng(5)
    values, control = rng.normal(size=60), rng.normal(size=(60, 1))
    assert controlled(values, control, np.array([0.0])) == plain(values)
    assert controlled(values[:6], control[:6], np.array([0.0])) == plain(values[:6])


def brute_mser5(series):
    means = series[: len(series) // 5 * 5].reshape(-1, 5).mean(axis=1)
    errors = [
        float(((means[cut:] - means[cut:].mean()) ** 2).sum() / (len(means) - cut) ** 2)
        for cut in range(len(means) // 2 + 1)
    ]
    return int(np.argmin(errors)) * 5


def test_mser5_is_its_definition():
    rng = np.random.default_rng(6)
    for size in (10, 57, 400):
        series = rng.normal(size=size) + 5 * np.exp(-np.arange(size) / 20)
        assert mser5(series) == brute_mser5(series)


def test_a_series_that_forgets_its_start_is_cut_and_covered():
    rng = np.random.default_rng(7)
    held = 0
    for _ in range(300):
        noise = rng.normal(size=4000)
        series = np.empty(4000)
        series[0] = 60.0
        for at in range(1, 4000):
            series[at] = 10.0 + 0.9 * (series[at - 1] - 10.0) + noise[at]
        found = steady_state(series)
        assert found.settled
        assert found.cut > 0
        held += abs(found.mean - 10.0) <= found.half
    assert abs(held / 300 - 0.9) < 0.09


def test_a_series_that_grows_has_no_steady_state():
    assert not steady_state(np.arange(2000.0)).settled
