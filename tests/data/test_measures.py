"""The shipped measures: what they say, what they cost, and that they apply at any draw."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import chain

import polars as pl
import pytest

from transcaspian.calibration.kept import calibration_of
from transcaspian.corridor.apply import apply
from transcaspian.corridor.applying.effects import BLOCK, at_draw
from transcaspian.corridor.corridor import Corridor
from transcaspian.corridor.diff import diff
from transcaspian.corridor.kinds import changes
from transcaspian.corridor.patch import Cost, Patch
from transcaspian.readers.folder import read_corridor
from transcaspian.simulation import Model, compile_model
from transcaspian.simulation.model.loads import loads
from transcaspian.simulation.model.parts import touched

CORRIDOR = read_corridor()
MEASURES = CORRIDOR.measures
EDITION = CORRIDOR.editions[CORRIDOR.about.present]
PRESENT = apply(CORRIDOR, EDITION)
WORD = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
GRANTS = {
    "naryn_bridge": (20_500_000, "", "S77"),
    "spitamen_scanner": (1_341_000_000, "JPY", "S75"),
    "aktau_scanner": (719_000_000, "JPY", "S76"),
}
"""What is published of the grants of December 2025 and January 2026, the scanners as limits."""
NO_RUN_READS = {"port_plugs", "poti_tariffs", "tashkent_cold_store", "through_tariff"}
"""Rates and cold: what they change is read after a run, or by the cold chain."""
NO_TRAFFIC = {"batken_road", "cku_railway"}
"""No flow of the tables goes there; their files say so."""


@cache
def _calibrated() -> Corridor:
    calibration = calibration_of(CORRIDOR)
    assert calibration is not None
    return apply(CORRIDOR, calibration.patch, EDITION)


@cache
def _model() -> Model:
    return compile_model(_calibrated())


def _sources(measure: Patch) -> Iterator[str]:
    cited = chain(
        [measure.source],
        [measure.cost.source] if measure.cost else [],
        (each.source for each in measure.evidence),
    )
    return (source for words in cited for source in words.split(";"))


def _cost(measure: Patch) -> Cost:
    assert measure.cost is not None
    return measure.cost


def test_there_are_enough_of_them() -> None:
    assert len(MEASURES) >= 28
    assert all(measure.role == "measure" for measure in MEASURES.values())


@pytest.mark.parametrize("name", MEASURES)
class TestEach:
    def test_it_says_what_it_is_and_where_that_is_read(self, name: str) -> None:
        measure = MEASURES[name]
        known = set(CORRIDOR.table("sources")["source"])
        countries = set(CORRIDOR.table("countries")["country"])
        assert measure.name == name
        assert measure.title
        assert measure.note
        assert set(measure.country.split(";")) <= countries
        assert set(_sources(measure)) <= known

    def test_it_says_what_it_costs_and_who_pays(self, name: str) -> None:
        cost = _cost(MEASURES[name])
        told = cost.capex_usd is not None or cost.capex_amount is not None
        assert told or None not in {cost.capex_low_usd, cost.capex_high_usd}
        assert cost.status != "estimated" or (cost.capex_low_usd or 0) < (cost.capex_high_usd or 0)
        assert cost.opex_low_usd_per_year is not None
        assert cost.opex_high_usd_per_year is not None
        assert None not in {cost.life_years, cost.start_year, cost.price_year}
        assert cost.payer
        assert sum(cost.payers.values()) == pytest.approx(1)
        assert all(WORD.fullmatch(payer) for payer in cost.payers)
        assert len(cost.payers) == 1 or "shares" in cost.note

    def test_its_money_can_be_turned_into_dollars(self, name: str) -> None:
        cost = _cost(MEASURES[name])
        years = CORRIDOR.table("exchange").filter(pl.col("currency") == cost.currency)["year"]
        assert not cost.currency or cost.price_year in years.to_list()

    def test_its_evidence_holds_the_value_as_written(self, name: str) -> None:
        measure = MEASURES[name]
        for evidence in measure.evidence:
            value = _value(measure, evidence.parameter)
            assert evidence.low <= value <= evidence.high, evidence.parameter
            assert evidence.low < evidence.high, evidence.parameter
            assert evidence.grade == "D" or evidence.source != "Q17", evidence.parameter

    def test_it_applies_at_any_draw(self, name: str) -> None:
        measure = MEASURES[name]
        for draw in range(BLOCK if measure.is_drawn else 1):
            apply(PRESENT, measure, draw=draw)

    def test_it_runs_on_what_is_fitted_and_no_queue_grows_without_end(self, name: str) -> None:
        after = apply(_calibrated(), MEASURES[name])
        model = compile_model(after)
        assert not diff(_calibrated(), after).is_empty()
        assert loads(model)["load"].max() <= 1
        nothing = not touched(_model(), model).flows
        assert nothing == (name in NO_RUN_READS | NO_TRAFFIC)
        assert MEASURES[name].missing or not nothing


def _value(measure: Patch, parameter: str) -> float:
    part, number, *rest = parameter.split(".")
    if part == "use":
        value = measure.uses[int(number)].parameters[rest[0]]
    else:
        change = measure.change[int(number)]
        value = getattr(change, rest[0])[rest[1]]
    assert isinstance(value, int | float)
    return value


def test_what_is_assumed_has_a_range_and_only_what_is_told_has_none() -> None:
    """Lines that open, lanes that a grant builds and hours of a rule are no estimates."""
    bare = {name for name, measure in MEASURES.items() if not measure.evidence}
    assert bare == {"almaty_bypass", "cku_railway", "naryn_bridge", "pass_hours"}


def test_what_is_needed_or_excluded_is_there_and_leads_in_no_circle() -> None:
    for name, measure in MEASURES.items():
        assert {*measure.needs, *measure.excludes} <= set(MEASURES)
        assert all(name in MEASURES[other].excludes for other in measure.excludes)
        seen, ahead = set(), list(measure.needs)
        while ahead:
            one = ahead.pop()
            seen.add(one)
            ahead += [each for each in MEASURES[one].needs if each not in seen]
        assert name not in seen
        assert not seen & set(measure.excludes)
    assert sum(bool(measure.needs) for measure in MEASURES.values()) >= 3
    assert sum(bool(measure.excludes) for measure in MEASURES.values()) >= 4


@pytest.mark.parametrize("name", GRANTS)
def test_the_grants_of_japan_cost_what_is_published(name: str) -> None:
    amount, currency, source = GRANTS[name]
    cost = _cost(MEASURES[name])
    told = cost.capex_amount if currency else cost.capex_usd
    assert (told, cost.currency) == (amount, currency)
    assert cost.status == "published"
    assert source in cost.source.split(";")
    assert cost.payers == {"japan": 1.0}
    assert not currency or "limit" in cost.note


def test_training_writes_the_channels_of_the_road_posts_of_five_countries() -> None:
    measure = MEASURES["customs_training"]
    before, after = PRESENT.table("stages"), apply(PRESENT, measure).table("stages")
    written = after.filter(before["share"] != after["share"])
    shares = dict(written.select("stage", "share").unique().iter_rows())
    assert shares == {"green": 0.81, "recheck": 0.15, "inspect": 0.04}
    procedures = written["procedure"].unique()
    assert written.height == 3 * len(procedures)
    places = CORRIDOR.table("procedures").join(
        CORRIDOR.table("places").select("place", "country"), on="place"
    )
    meant = places.filter(
        pl.col("country").is_in(["KZ", "KG", "UZ", "TJ", "TM"])
        & (pl.col("mode_in") == "road")
        & pl.col("event").is_in(["inbound", "outbound"])
    )["procedure"]
    channels = before.filter(pl.col("choice") == "channel")["procedure"].unique()
    assert set(procedures) == set(meant) & set(channels)
    assert len(procedures) == 62


def test_at_full_effect_training_cuts_more_than_it_keeps_up() -> None:
    """0.288 and 0.384 fall away at full effect; ln 2 / (ln 2 - ln 0.9) = 0.868 is kept up."""
    told = MEASURES["customs_training"].uses[0].parameters
    kept = 0.868053
    assert told["fewer_rechecks"] * kept == pytest.approx(1 / 4, abs=1e-5)
    assert told["fewer_inspections"] * kept == pytest.approx(1 / 3, abs=1e-5)


def test_a_scanner_at_a_port_stands_in_all_four_ways_between_land_and_sea() -> None:
    after = apply(PRESENT, MEASURES["aktau_scanner"])
    scans = after.table("stages").filter(pl.col("resource") == "aktau_port_scan")
    assert scans["procedure"].to_list() == [
        f"aktau_port_transfer_{way}" for way in ("rail_sea", "sea_rail", "road_sea", "sea_road")
    ]
    assert scans["order"].to_list() == [6, 6, 4, 4]
    opened = after.table("stages").filter(
        pl.col("procedure").is_in(scans["procedure"].implode()) & (pl.col("stage") == "inspect")
    )
    assert set(opened["share"]) == {0.015}


def test_the_bridge_has_two_lanes() -> None:
    after = apply(PRESENT, MEASURES["naryn_bridge"]).table("resources")
    assert after.filter(pl.col("stage") == "bridge")["servers"].item() == 2


def test_channels_still_sum_to_one_at_each_draw() -> None:
    for name in ("customs_training", "green_corridor"):
        for draw in range(BLOCK):
            made = changes(at_draw(MEASURES[name], draw))[:3]
            assert sum((each.set or {})["share"] for each in made) == pytest.approx(1)
