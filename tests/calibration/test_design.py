"""Parameters out of priors, a design of runs, and what is learned from it."""

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy.stats import norm

from transcaspian.calibration.learning.design import latin, run_design
from transcaspian.calibration.learning.emulate import sides
from transcaspian.calibration.parameters import FULL, parameters
from transcaspian.corridor.apply import apply
from transcaspian.readers.folder import read_corridor
from transcaspian.simulation import compile_model
from transcaspian.simulation.model.loads import loads

RUNS = 96


@pytest.fixture
def at(andes, known):
    """The corridor at a setting."""

    def made(scores):
        patch = known.patch(np.atleast_2d(scores), name="x", title="X")
        return apply(andes, patch, draw=0)

    return made


def test_each_side_has_a_pace_and_each_country_a_yard(known):
    frame = known.frame
    assert frame.filter(prior="traffic").height == 1
    assert set(frame.filter(prior="yard_wait")["country"]) <= {"PE", "BO", "AR"}
    pace = frame.filter(prior="road_pace").select("place", "direction")
    assert pace.is_unique().all()
    assert pace.height >= 6
    assert known.source == "invented"


def test_nine_tenths_of_the_factors_lie_within_the_range_where_nothing_is_full(known):
    scores = norm.ppf((np.arange(2000) + 0.5) / 2000)[:, None] * np.ones(known.count)
    factors = known.factors(scores)
    for number, row in enumerate(known.frame.iter_rows(named=True)):
        if row["cap"] is None:
            low, high = np.quantile(factors[:, number], [0.05, 0.95])
            assert (low, high) == pytest.approx((row["low"], row["high"]), rel=1e-2)
    capped = known.frame["cap"].is_not_null().to_numpy()
    cap = known.frame["cap"].fill_null(np.inf).to_numpy()
    assert capped.any()
    assert (factors[:, capped] <= cap[capped]).all()
    calm = np.where(known.frame["traffic"].to_numpy(), 0.0, scores)
    assert (np.diff(known.factors(calm), axis=0) >= 0).all()


def test_staff_is_what_the_work_needs_and_no_setting_fills_it(known, andes, at):
    shipped = dict(andes.table("resources").select("resource", "servers").iter_rows())
    staffed = [
        cell.split("/")[1] for cell in known.cells.filter(pl.col("parameter").is_null())["cell"]
    ]
    assert staffed
    middle = loads(compile_model(at(np.zeros(known.count))))
    usual = middle.filter(pl.col("resource").is_in(staffed))
    assert usual["load"].max() <= 0.6 + 1e-6
    full = loads(compile_model(at(np.full(known.count, 3.0))))
    assert full.filter(pl.col("resource").is_in(staffed))["load"].max() <= FULL + 0.02
    now = dict(
        at(np.zeros(known.count)).table("resources").select("resource", "servers").iter_rows()
    )
    assert {name for name in shipped if shipped[name] != now[name]} <= set(staffed)


def test_cells_of_a_class_stand_at_its_median_before_any_figure_is_heard(known, andes, at):
    middle = at(np.zeros(known.count)).table("stages")
    papers = [
        cell.removeprefix("stages/").rsplit("/", 1)[0]
        for cell, name in known.cells.join(
            known.frame.select("prior").with_row_index("parameter").cast({"parameter": pl.Int64}),
            on="parameter",
        )
        .select("cell", "prior")
        .iter_rows()
        if name == "road_pace"
    ]
    word = pl.concat_str("procedure", pl.col("order").cast(pl.Int64), separator="/")
    now, was = (
        frame.filter(word.is_in(papers)).select("activity", "mean_h")
        for frame in (middle, andes.table("stages"))
    )
    usual = dict(was.group_by("activity").agg(pl.col("mean_h").median()).iter_rows())
    assert now.height == len(papers)
    near = [mean / usual[activity] for activity, mean in now.iter_rows()]
    assert near == pytest.approx([1.0] * len(near), rel=0.02)  # bent a little by what would fill it


def test_places_inside_move_with_the_pace_of_their_side():
    """The forecourts of the shipped corridor."""
    shipped = parameters(read_corridor())
    rooms = shipped.frame.with_row_index("number").filter(prior="forecourt")
    cells = shipped.cells.filter(pl.col("parameter").is_in(rooms["number"].implode()))
    assert cells.height == rooms.height >= 9
    assert cells["still"].is_between(0.1, 0.9).all()
    assert cells["base"].is_between(0.5, 40).all()
    paces = shipped.frame[cells["pace"].to_list()]
    side = ["place", "network", "direction"]
    assert paces.select(side).equals(shipped.frame[cells["parameter"].to_list()].select(side))
    slow = np.zeros(shipped.count)
    slow[cells["pace"].to_list()] = 1.0
    both = shipped.draws(np.array([np.zeros(shipped.count), slow])).select(cells["cell"].to_list())
    assert all(after > before for before, after in both.transpose().iter_rows() if before > 4)


def test_a_latin_design_takes_each_quantile_of_each_parameter_once(known):
    scores = latin(64, known, seed=1)
    strata = np.floor(norm.cdf(scores) * 64).astype(int)
    assert (np.sort(strata, axis=0) == np.arange(64)[:, None]).all()


def test_a_design_goes_on_where_it_stopped_and_gives_the_same(andes, known, tmp_path):
    scores = latin(32, known, seed=4)
    runs = run_design(andes, known, scores, folder=tmp_path)
    kept = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    min(tmp_path.iterdir()).unlink()
    told = []
    again = run_design(
        andes,
        known,
        scores,
        folder=tmp_path,
        progress=lambda done, whole: told.append((done, whole)),
    )
    assert told[-1] == (32, 32)
    assert_frame_equal(again.sides, runs.sides)
    assert_frame_equal(again.figures, runs.figures)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == kept


def test_what_is_learned_foretells_runs_that_were_left_out(andes, known, runs):
    learned = sides(runs, known, andes)
    hours = {
        name: np.log(np.array(rows["value"]))
        for (name,), rows in runs.sides.filter(pl.col("value") > 0)
        .with_columns(pl.concat_str("place", "network", "direction", separator="/").alias("name"))
        .sort("run")
        .group_by("name")
    }
    own = learned.web.own >= 0
    spread = np.array([hours[name].std() for name in learned.names])
    share = 1 - (learned.error[own] / spread[own]) ** 2
    assert np.median(share) > 0.8
    scores = runs.scores[:3]
    slope = learned.slope(scores[0])
    number = int(learned.web.own[own][0])
    moved = scores[0].copy()
    moved[number] += 0.1
    change = learned.at(np.array([moved]))[0] - learned.at(scores[:1])[0]
    assert change == pytest.approx(slope[:, number] * 0.1, abs=0.02)
    assert (slope[own, learned.web.own[own]] > 0).mean() > 0.9
