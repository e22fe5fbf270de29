"""The appraisal that ships with the corridor is of that corridor, whole, and adds up."""

from __future__ import annotations

import polars as pl
import pytest

from transcaspian.appraisal.choose.brief import corridor_key
from transcaspian.appraisal.choose.kept import brief_beside
from transcaspian.appraisal.worth.results import BASES
from transcaspian.calibration.kept import calibration_of
from transcaspian.corridor.apply import apply
from transcaspian.readers.folder import read_corridor

SHIPPED = read_corridor()
GRANTS = ("naryn_bridge", "spitamen_scanner", "aktau_scanner", "customs_training")
"""The measures of December 2025."""


@pytest.fixture(scope="module")
def brief():
    calibration = calibration_of(SHIPPED)
    assert calibration is not None
    present = apply(SHIPPED, calibration.patch, SHIPPED.editions[SHIPPED.about.present])
    found = brief_beside(SHIPPED, key=corridor_key(present, SHIPPED.measures.values()))
    assert found is not None, (
        "the shipped appraisal is of another corridor; transcaspian package --keep DIR makes it "
        "anew, and DIR takes the place of data/trans_caspian/appraisal"
    )
    return found


def test_every_measure_is_appraised_and_three_budgets_are_chosen_for(brief):
    assert {each.name for each in brief.appraisals} == set(SHIPPED.measures)
    assert len(brief.chosen) == 3
    assert [each.budget_musd for each in brief.chosen] == sorted(
        each.budget_musd for each in brief.chosen
    )


def test_a_larger_budget_is_never_worth_less_beyond_the_doubt(brief):
    for one, other in zip(brief.chosen, brief.chosen[1:], strict=False):
        assert other.value >= one.value * 0.98


def test_packages_keep_their_rules(brief):
    for chosen in brief.chosen:
        assert chosen.cost_musd <= chosen.budget_musd
        for name in chosen.measures:
            patch = SHIPPED.measures[name]
            assert not set(patch.excludes) & set(chosen.measures)
            assert set(patch.needs) <= set(chosen.measures)


def test_shares_add_up_to_the_package(brief):
    for chosen in brief.chosen:
        assert chosen.shares["share"].sum() == pytest.approx(chosen.value, rel=1e-4)


def test_near_sets_are_held_against_at_least_twenty_futures(brief):
    for chosen in brief.chosen:
        assert chosen.regrets["future"].n_unique() >= 20
        assert chosen.near.height >= 1


@pytest.mark.parametrize("name", GRANTS)
def test_each_grant_has_its_figures_with_ranges_on_both_bases(brief, name):
    each = next(found for found in brief.appraisals if found.name == name)
    for basis in BASES:
        for figure in ("npv", "benefit", "bcr"):
            row = each.figure(figure, basis=basis)
            assert row["low"] <= row["value"] <= row["high"] or figure == "bcr"
    payers = each.who.filter(pl.col("kind") == "payer")["name"].to_list()
    assert payers == ["japan"]


def test_figures_are_numbers_and_bands_are_in_order(brief):
    for each in brief.appraisals:
        known = each.figures.filter(pl.col("low").is_not_null())
        assert known.filter(pl.col("low") > pl.col("high")).is_empty()
        assert known["value"].is_finite().all()
