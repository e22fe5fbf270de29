"""The intervals of a fitted corridor are those of one more draw, whatever is asked of it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy.stats import t as student_t

from transcaspian.appraisal import with_without
from transcaspian.appraisal.again import Settings, run_tally
from transcaspian.appraisal.compare import compare
from transcaspian.appraisal.precision import parse_goal, run_until
from transcaspian.corridor.apply import apply, only
from transcaspian.corridor.patch import Change, Patch
from transcaspian.events.tally import SCHEMAS, concat
from transcaspian.indicators import INDICATORS, border_hours
from transcaspian.readers.folder import read_corridor
from transcaspian.simulation import simulate

ANDES = only(
    read_corridor(Path(__file__).parents[1] / "corridors" / "andes"), ["trucks_east", "zinc_out"]
)
STAGE = "lago_norte_outbound_road"
SPREAD, GROUPS, RUNS = 0.8, 20, 10
BUSY = "lago_norte_outbound_documents"
SLOWER = Patch(
    name="slower", title="Slower", source="invented",
    change=(
        Change(table="stages", where={"procedure": STAGE, "order": 2}, scale={"mean_h": 1.5}),
        Change(table="flows", where={"flow": "zinc_out"}, scale={"trips_per_y": 1.1}),
    ),
)  # fmt: skip


def fitted(*, more=None):
    """A stage at a border takes a lognormal time: each draw is another guess at its mean."""
    hours = np.exp(1.0 + SPREAD * np.random.default_rng(4).standard_normal(GROUPS * RUNS))
    draws = pl.DataFrame({f"stages/{STAGE}/2/mean_h": hours, **(more or {})})
    return apply(ANDES, Patch(name="fit", title="Fit", source="invented", draws=draws))


def crossing(corridor, tally):
    """The hours of the crossing where that stage is."""
    table = border_hours(corridor, tally).filter(place="lago_norte", direction="outbound")
    return table.row(0, named=True)


def part(tally, numbers):
    """Some of the runs of a tally."""
    names = pl.Series([f"r{number + 1:04d}" for number in numbers]).implode()
    frames = {name: getattr(tally, name).filter(pl.col("run").is_in(names)) for name in SCHEMAS}
    return replace(tally, **frames)


@pytest.fixture(scope="module")
def many():
    corridor = fitted()
    return corridor, run_tally(corridor, Settings(GROUPS * RUNS, seed=5))


def test_the_answer_of_a_fresh_draw_lies_within_nine_times_in_ten(many):
    corridor, tally = many
    every = range(GROUPS * RUNS)
    answers = np.array([crossing(corridor, part(tally, [number]))["value"] for number in every])
    within = []
    for group in range(GROUPS):
        mine = np.arange(group * RUNS, (group + 1) * RUNS)
        found = crossing(corridor, part(tally, mine))
        fresh = np.delete(answers, mine)
        within.append(((found["low"] <= fresh) & (fresh <= found["high"])).mean())
        assert 0 < found["low"] < found["value"] < found["high"]
    half = student_t(GROUPS - 1).ppf(0.9995) * np.std(within, ddof=1) / np.sqrt(GROUPS)
    assert half < 0.1
    assert abs(np.mean(within) - 0.9) < half


def test_more_draws_do_not_narrow_it(many):
    corridor, tally = many
    few = [
        crossing(corridor, part(tally, range(group * RUNS, (group + 1) * RUNS)))
        for group in range(GROUPS)
    ]
    usual = np.median([row["high"] - row["low"] for row in few])
    whole = crossing(corridor, tally)
    assert whole["runs"] == GROUPS * RUNS
    assert whole["high"] - whole["low"] > 0.6 * usual
    bare = crossing(corridor, replace(tally, drawn=False))
    assert bare["high"] - bare["low"] < 0.2 * usual


def test_every_indicator_and_every_comparison_knows_that_runs_were_drawn(many):
    corridor, tally = many
    some = part(tally, range(RUNS))
    for name, entry in INDICATORS.items():
        table, bare = (entry(corridor, replace(some, drawn=each)) for each in (True, False))
        assert_frame_equal(table.drop("low", "high"), bare.drop("low", "high"), check_exact=True)
        wide, narrow = ((each["high"] - each["low"]).fill_null(0.0) for each in (table, bare))
        assert (wide >= narrow).all(), name
        assert table.is_empty() or not bare["high"].is_not_null().any() or wide.sum() > narrow.sum()
    measured = apply(corridor, SLOWER)
    how = Settings(RUNS, seed=5)
    tallies = [run_tally(each, how) for each in (corridor, measured)]
    assert all(each.drawn for each in tallies)
    with_measure = replace(corridor, measures={"slower": SLOWER})
    effect = with_without(with_measure, ["slower"], settings=how)[0].effects
    known = [replace(each, drawn=False) for each in tallies]
    bare = compare(corridor, SLOWER, without=known[0], with_=known[1], after=measured).effects
    either = compare(corridor, SLOWER, without=known[0], with_=tallies[1], after=measured).effects
    assert either.equals(effect)
    assert effect["value"].equals(bare["value"])
    assert ((effect["high"] - effect["low"]) > (bare["high"] - bare["low"])).all()


def test_a_tally_stays_drawn_when_joined_and_in_a_log_and_an_unfitted_one_is_not(many):
    corridor, tally = many
    assert tally.drawn
    assert concat([tally, tally]).drawn
    run = simulate(corridor, replications=3, seed=5, log=True)
    table = INDICATORS["border_hours"](corridor, run.events)
    assert_frame_equal(table, border_hours(corridor, run.tally), abs_tol=1e-6)
    plain = simulate(ANDES, replications=3, seed=5, log=True)
    assert not plain.tally.drawn
    assert not concat([plain.tally, plain.tally]).drawn
    for name, entry in INDICATORS.items():
        values = entry(ANDES, plain.tally)
        middle = (values["low"] + values["high"]) / 2
        off = (middle - values["value"]).fill_null(0.0).abs()
        assert (off <= 1e-9 * values["value"].abs().fill_null(0.0) + 1e-12).all(), name


def test_a_run_until_it_is_sure_is_sure_of_the_mean_over_draws():
    """Traffic differs from draw to draw and from the middle: it is no control of known mean."""
    trips = 6000.0 * np.random.default_rng(9).uniform(1.0, 1.4, GROUPS * RUNS)
    corridor = fitted(more={"flows/trucks_east/trips_per_y": trips})
    goal = parse_goal(f"utilisation[resource={BUSY}] ±0.1%")
    reached = run_until(corridor, goal, settings=Settings(seed=3), most=20)
    tally = run_tally(corridor, Settings(reached.replications, seed=3))
    table = INDICATORS["utilisation"](corridor, replace(tally, drawn=False))
    row = table.filter(resource=BUSY).row(0, named=True)
    assert reached.tally.drawn
    assert "of the mean over draws" in reached.sentence(goal)
    assert reached.interval.left == 1.0
    assert reached.interval.mean == pytest.approx(row["value"])
    assert reached.interval.half == pytest.approx((row["high"] - row["low"]) / 2, rel=1e-6)
