"""A calibration from end to end, of a corridor whose parameters are known."""

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import polars as pl
import pytest

from transcaspian.calibration.calibrate import Plan, calibrate
from transcaspian.calibration.kept import calibration_of, read_calibration, write_calibration
from transcaspian.calibration.parameters import parameters
from transcaspian.calibration.tables import CALIBRATION
from transcaspian.calibration.years import years_of
from transcaspian.corridor.apply import apply
from transcaspian.errors import Fault
from transcaspian.indicators.published import simulated_figures
from transcaspian.simulation import simulate
from transcaspian.tables.check import check_frame

PLAN = Plan(seed=3, trajectories=2, runs=96, second=32, draws=12, refits=3)


@pytest.fixture(scope="module")
def told():
    return []


@pytest.fixture(scope="module")
def made(planted, folder, told):
    return calibrate(planted, folder=folder, plan=PLAN, progress=lambda *step: told.append(step))


def test_every_table_is_as_declared(made, planted):
    assert set(made.tables) == {table.name for table in CALIBRATION}
    for table in CALIBRATION:
        frame = made.tables[table.name]
        assert frame.height, f"{table.name} says nothing"
        assert check_frame(frame.select(table.names), table, file=table.name) == []
    assert made.speaks_of(planted)
    assert made.runs == 96 + 32


def test_the_draws_simulated_come_nearer_to_the_truth_than_the_start(
    made, planted, known, figures_at_truth
):
    fitted = made.tables["targets"].filter(use="fitted")["figure"].to_list()
    truth = np.log([figures_at_truth[name] for name in fitted])
    blind = known.model(planted, np.zeros(known.count)).corridor
    first = dict(simulated_figures(blind, simulate(blind, seed=3).tally).iter_rows())
    before = np.abs(np.log([first[name] for name in fitted]) - truth)
    runs = made.tables["runs"].group_by("figure").agg(pl.col("value").log().mean())
    after = dict(runs.iter_rows())
    off = np.abs(np.array([after[name] for name in fitted]) - truth)
    assert np.median(off) < 0.5 * np.median(before)
    assert np.median(off) < 0.2


def test_the_true_factors_lie_within_what_the_figures_leave(made, known, truth):
    table = made.tables["parameters"].join(
        pl.DataFrame(
            {"parameter": known.frame["parameter"], "true": known.factors(truth[None])[0]}
        ),
        on="parameter",
    )
    seen = table.filter(pl.col("targets") > 1, pl.col("prior") == "road_pace")
    assert seen.height >= 6
    inside = seen.filter(pl.col("true").is_between("fitted_low", "fitted_high")).height
    assert inside >= 0.6 * seen.height
    assert seen["told"].max() > 0.5


def test_a_parameter_with_one_figure_is_told_only_by_what_it_shares(made):
    """Those with more figures of their own are told more; those with none, by their kin, less."""
    table = made.tables["parameters"].filter(prior="road_pace")
    own = table.filter(pl.col("targets") > 1)["told"].median()
    few = table.filter(pl.col("targets") < 2)["told"]
    assert few.is_empty() or few.median() < own


def test_what_was_left_out_is_scored_beside_the_naive_rule(made):
    scores = made.tables["scores"]
    assert {"figure", "crossing", "country", "later"} <= set(scores["split"])
    left = made.tables["left_out"].filter(split="figure")
    assert left["inside"].mean() > 0.6
    row = scores.filter(split="figure").row(0, named=True)
    both = left.filter(pl.col("naive_miss").is_not_null())
    assert row["ours"] == pytest.approx(both["miss"].median())
    assert row["naive"] == pytest.approx(both["naive_miss"].median())
    assert row["ratio"] == pytest.approx(row["ours"] / row["naive"])
    assert row["met"] == (row["ratio"] <= row["aim"])
    log = (left["predicted"] / left["published"]).log()
    assert left["miss"].to_list() == pytest.approx(log.abs().to_list())


def test_a_leave_out_done_again_in_full_foretells_much_the_same(made):
    refits = made.tables["refits"]
    assert refits.height == 3
    assert refits["gap"].abs().median() < 0.25


def test_the_patch_is_carried_through_a_simulation(made, planted):
    fitted = apply(planted, made.patch)
    assert fitted.fitted is not None
    assert fitted.fitted.draws == PLAN.draws
    figure = made.tables["targets"].filter(use="fitted")["figure"][0]
    third = made.tables["runs"].filter(figure=figure, draw=2)["value"][0]
    run = simulate(fitted, replications=range(2, 3), seed=PLAN.seed)
    ours = dict(simulated_figures(planted, run.tally).iter_rows())
    assert ours[figure] == pytest.approx(third, rel=1e-9)


def test_it_is_written_whole_and_read_back(made, planted, tmp_path):
    folder = tmp_path / "calibration"
    write_calibration(made, folder)
    back = read_calibration(folder)
    assert back.corridor == made.corridor
    assert back.patch.draws.shape == made.patch.draws.shape
    for name, frame in back.tables.items():
        assert frame.height == made.tables[name].height
    write_calibration(back, tmp_path / "again")
    for file in folder.iterdir():
        assert (tmp_path / "again" / file.name).read_bytes() == file.read_bytes(), file.name
    assert calibration_of(replace(planted, folder=str(tmp_path))).runs == made.runs
    (folder / "scores.csv").unlink()
    with pytest.raises(Fault, match=r"scores\.csv"):
        read_calibration(folder)


def test_the_same_inputs_give_the_same_bytes(made, planted, folder, tmp_path):
    again = calibrate(planted, folder=folder, plan=PLAN)
    write_calibration(made, tmp_path / "one")
    write_calibration(again, tmp_path / "two")
    for file in (tmp_path / "one").iterdir():
        assert (tmp_path / "two" / file.name).read_bytes() == file.read_bytes(), file.name


def test_progress_is_told_of_every_part(made, told):
    assert made.runs
    assert {step[0] for step in told} >= {
        "screening",
        "learning",
        "simulating draws",
        "leaving out",
    }


def test_a_fact_is_worth_less_once_its_range_is_narrow(planted, made, folder):
    wide = dict(made.tables["worth"].select("fact", "share").iter_rows())
    first = next(iter(wide))
    prior = made.tables["worth"]["parameters"][0].split("/")[0]
    narrow = planted.table("priors").with_columns(
        *(
            pl.when(pl.col("prior") == prior).then(pl.lit(end)).otherwise(name).alias(name)
            for name, end in (("low", 0.98), ("high", 1.02))
        )
    )
    tables = MappingProxyType({**planted.tables, "priors": narrow})
    plan = replace(PLAN, validate=False, second=0, draws=4)
    again = calibrate(replace(planted, tables=tables), folder=folder, plan=plan)
    after = dict(again.tables["worth"].select("fact", "share").iter_rows())
    assert after.get(first, 0.0) < wide[first]
    assert list(after)[:1] != [first]


def test_a_corridor_without_priors_is_refused(planted):
    bare = replace(
        planted,
        tables=MappingProxyType({**planted.tables, "priors": planted.table("priors").clear()}),
    )
    with pytest.raises(Fault, match="how far it may be off") as caught:
        parameters(bare)
    assert caught.value.code == "K102"


def test_a_corridor_without_border_figures_is_refused(planted, folder):
    none = planted.table("published").filter(pl.col("quantity") != "border_h")
    bare = replace(planted, tables=MappingProxyType({**planted.tables, "published": none}))
    with pytest.raises(Fault, match="no border time") as caught:
        calibrate(bare, folder=folder, plan=replace(PLAN, runs=64))
    assert caught.value.code == "K104"


def test_a_year_before_the_base_year_has_its_own_traffic(planted):
    known = planted.table("published").filter(quantity="tonnes_kt")
    earlier = known.with_columns(
        pl.lit("route_total_2021").alias("figure"),
        pl.lit(2021, pl.Int64).alias("year"),
        (pl.col("value") / 4).alias("value"),
    )
    # the total of the base year is named for it
    now = known.with_columns(pl.lit("route_total_2023").alias("figure"))
    flows = planted.table("flows").with_columns(
        pl.col("total").str.replace("route_total", "route_total_2023")
    )
    frame = pl.concat(
        [planted.table("published").filter(pl.col("quantity") != "tonnes_kt"), now, earlier]
    )
    tables = MappingProxyType({**planted.tables, "published": frame, "flows": flows})
    years = years_of(replace(planted, tables=tables), [2020, 2021, 2023, 2024])
    assert [sorted(year.years) for year in years] == [[2020, 2023], [2021], [2024]]
    quiet = apply(replace(planted, tables=tables), *years[1].patches).table("flows")
    trips = dict(quiet.select("flow", "trips_per_y").iter_rows())
    shipped = dict(planted.table("flows").select("flow", "trips_per_y").iter_rows())
    cargo = planted.table("flows").filter(scope="corridor")["flow"].to_list()
    assert all(trips[name] == pytest.approx(shipped[name] / 4) for name in cargo)
    others = set(trips) - set(cargo)
    assert all(trips[name] == shipped[name] for name in others)
