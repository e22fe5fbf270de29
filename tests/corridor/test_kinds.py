"""Kinds of measure: a contract that each keeps, and what each writes, by hand."""

from __future__ import annotations

import inspect
from math import inf, log
from pathlib import Path

import polars as pl
import pytest

from transcaspian.corridor.apply import apply
from transcaspian.corridor.corridor import Corridor
from transcaspian.corridor.diff import diff
from transcaspian.corridor.kinds import KINDS, changes
from transcaspian.corridor.kinds.registry import TYPES
from transcaspian.corridor.kinds.training import training_effect
from transcaspian.corridor.patch import Patch, Use
from transcaspian.errors import Fault
from transcaspian.readers.folder import read_corridor

ANDES = read_corridor(Path(__file__).parents[1] / "corridors" / "andes")

EXAMPLES = {
    "extra_servers": {"place": "puerto_alto", "stage": "berth", "extra": 1},
    "opening_hours": {"place": "lago_sur", "stage": "inspect", "calendar": "always"},
    "stage_share": {"procedure": "meseta_passage_rail", "stage": "locomotive", "share": 0.5},
    "stage_time": {"procedure": "meseta_passage_rail", "stage": "locomotive", "scale": 0.5},
    "scanner": {
        "place": "lago_sur",
        "procedure": "lago_sur_inbound_road",
        "order": 4,
        "servers": 1,
        "share": 0.2,
        "mean_h": 0.2,
        "cv": 0.3,
        "calendar": "day",
        "mode": "road",
    },
    "extra_carriers": {"fleet": "lake_ferries", "extra": 1},
    "deck_space": {"fleet": "lake_ferries", "scale": 1.1},
    "faster_calls": {"service": "lake_crossing", "place": "orilla", "scale": 0.5},
    "longest_wait": {"service": "lake_crossing", "place": "orilla", "max_wait_h": 5},
    "link_speed": {"link": "orilla__meseta__rail", "speed_kmh": 50.0},
    "open_link": {"link": "orilla__meseta__rail"},
    "close_link": {"link": "orilla__meseta__road"},
    "traffic": {"scope": "background", "scale": 1.3},
    "flow_volume": {"flow": "zinc_out", "trips_per_y": 100.0},
    "weather": {"place": "orilla", "scale": 2.0},
    "new_link": {
        "link": "lago_sur__orilla__road",
        "origin": "lago_sur",
        "destination": "orilla",
        "mode": "road",
        "length_km": 30.0,
        "speed_kmh": 40.0,
        "time_cv": 0.2,
    },
    "closure": {
        "place": "lago_sur",
        "cause": "snow",
        "month": 1,
        "spells": 1.0,
        "mean_h": 20.0,
        "cv": 0.5,
    },
    "extra_berths": {"place": "orilla", "extra": 1},
    "pre_arrival": {"place": "lago_sur", "event": "inbound", "share": 0.5, "rest": 0.2},
    "single_window": {"place": ["orilla", "puerto_alto"], "event": "outbound", "share": 0.6},
    "electronic_transit": {"country": "AR", "mode": "road", "share": 0.3},
    "customs_rail_data": {"place": "quebrada_bo", "share": 0.8, "rest": 0.25},
    "cargo_tracking": {"place": "orilla", "stage": "handling", "spread": 0.5, "scale": 0.9},
    "joint_control": {
        "procedure": "lago_sur_inbound_road",
        "share": 0.5,
        "intake": "lago_norte_outbound_documents",
        "extra": 2,
    },
    "channel_shares": {"place": "lago_sur", "inspect": 0.15},
    "training": {"place": "lago_sur", "inspect": 0.2, "fewer_inspections": 0.4},
    "crane": {"place": "orilla", "extra": 2, "service": "lake_crossing", "scale": 0.8},
    "dredging": {"resource": "orilla_berth", "depth_m": 6.5},
    "bridge": {"link": "lago_sur__meseta__road", "speed": 1.1},
    "road_rehabilitation": {"link": "lago_sur__meseta__road", "speed": 1.2, "spread": 0.5},
    "second_track": {
        "link": "orilla__meseta__rail",
        "speed": 1.5,
        "pairs_per_day": 30.0,
        "capacity_mt_per_y": 9.0,
        "place": "meseta",
        "stage": "locomotive",
        "extra": 2,
    },
    "locomotives": {"place": "meseta", "extra": 3},
    "wagons": {"place": "orilla", "stage": "handling", "extra": 5},
    "plugs": {"place": "orilla", "number": 20},
    "cold_store": {"place": "meseta", "trucks": 12},
    "tariff": {"tariff": "rail", "scale": 0.8},
    "quota": {"resource": "orilla_customs", "daily": 80},
}
"""One use on the small corridor of each kind."""
SHARES = {
    "share",
    "rest",
    "recheck",
    "inspect",
    "green",
    "inspect_share",
    "fewer_rechecks",
    "fewer_inspections",
    "turnover",
    "alone",
}
FACTORS = {
    "scale",
    "speed",
    "spread",
    "speed_kmh",
    "half_years",
    "depth_m",
    "pairs_per_day",
    "capacity_mt_per_y",
}
COUNTS = {"number", "trucks", "daily", "servers"}


def _used(name: str, **other: object) -> Patch:
    parameters = {**EXAMPLES[name], **other}
    return _patch(name, **{key: value for key, value in parameters.items() if value is not None})


def _patch(name: str, **parameters: object) -> Patch:
    uses = (Use(kind=name, parameters=parameters),)
    return Patch(name="try", title="Try", source="invented", uses=uses)


def _cells(name: str, *, corridor: Corridor = ANDES, **parameters: object) -> dict[str, str]:
    """What a use writes: the cell and its new value."""
    rows = diff(corridor, apply(corridor, _patch(name, **parameters))).rows(named=True)
    return {f"{row['table']}/{row['key']}/{row['column']}": row["after"] for row in rows}


@pytest.mark.parametrize("name", KINDS)
class TestContract:
    def test_it_says_what_it_does(self, name: str) -> None:
        first, *others = (inspect.getdoc(KINDS[name]) or "").split("\n\n")
        assert first.endswith((".", ":"))
        missing = [number for number, other in enumerate(others) if "Missing" in other]
        assert missing in ([], [0])
        assert not missing or others[0].startswith("Missing: ")

    def test_its_parameters_have_types_that_a_file_can_hold(self, name: str) -> None:
        for parameter in inspect.signature(KINDS[name]).parameters.values():
            words = {word.strip() for word in str(parameter.annotation).split("|")} - {"None"}
            assert words, parameter.name
            assert words <= set(TYPES), parameter.name

    def test_its_example_applies_and_changes_something(self, name: str) -> None:
        before = apply(ANDES, _used("close_link")) if name == "open_link" else ANDES
        link = {"link": EXAMPLES["close_link"]["link"]} if name == "open_link" else {}
        assert not diff(before, apply(before, _used(name, **link))).is_empty()

    def test_it_is_the_same_each_time(self, name: str) -> None:
        assert changes(_used(name)) == changes(_used(name))

    def test_it_refuses_nonsense_and_names_it(self, name: str) -> None:
        for parameter in inspect.signature(KINDS[name]).parameters:
            wrong: tuple[float, ...] = ()
            if parameter in SHARES:
                wrong = (1.5, -0.1)
            elif parameter in FACTORS:
                wrong = (-1.0, 0.0)
            elif parameter in COUNTS:
                wrong = (0, -3)
            elif parameter == "extra":
                wrong = (-1000,)
            for value in wrong:
                with pytest.raises(Fault) as caught:
                    changes(_used(name, **{parameter: value}))
                fault = caught.value.faults[0]
                assert fault.code == "P105"
                assert f"{parameter} = {value}" in fault.what


def test_papers_before_arrival_leave_the_counter_to_the_others_and_to_the_rest() -> None:
    # 1 - 0.5 * (1 - 0.2) = 0.6
    found = _cells("pre_arrival", place="lago_sur", event="inbound", share=0.5, rest=0.2)
    assert found == {"stages/lago_sur_inbound_road/1/share": "0.6"}


def test_nobody_left_at_the_counter_is_refused() -> None:
    with pytest.raises(Fault, match="share = 1") as caught:
        changes(_patch("pre_arrival", place="lago_sur", share=1.0))
    assert caught.value.code == "P105"


@pytest.mark.parametrize("name", ["pre_arrival", "single_window", "channel_shares", "training"])
def test_a_rule_for_nowhere_is_refused(name: str) -> None:
    with pytest.raises(Fault, match="of which procedures") as caught:
        changes(_used(name, place=None))
    assert caught.value.faults[0].code == "P105"


def test_a_single_window_spares_a_share_the_documents() -> None:
    found = _cells("single_window", place=["orilla", "puerto_alto"], event="outbound", share=0.6)
    assert found == {
        "stages/orilla_outbound_sea/1/share": "0.2",
        "stages/puerto_alto_outbound_sea/1/share": "0.2",
    }


def test_a_single_window_lets_another_agency_work_beside_customs() -> None:
    found = _cells(
        "single_window",
        place="quebrada_ar",
        mode="rail",
        event="inbound",
        share=0.0,
        beside="gauge_change",
    )
    assert found == {
        "stages/quebrada_ar_inbound_rail/1/fork": "window",
        "stages/quebrada_ar_inbound_rail/1/track": "documents",
        "stages/quebrada_ar_inbound_rail/2/fork": "window",
        "stages/quebrada_ar_inbound_rail/2/track": "gauge_change",
    }


def test_electronic_transit_leaves_the_step_out_for_its_share() -> None:
    found = _cells("electronic_transit", country="AR", mode="road", share=0.25)
    assert found == {
        "stages/quebrada_ar_inbound_road/1/share": "0.75",
        "stages/quebrada_ar_outbound_road/1/share": "0.75",
    }


def test_data_of_railways_reach_the_trains_alone() -> None:
    # 1 - 0.8 * (1 - 0.25) = 0.4
    found = _cells("customs_rail_data", place="quebrada_bo", share=0.8, rest=0.25)
    assert {key: round(float(value), 9) for key, value in found.items()} == {
        "stages/quebrada_bo_inbound_rail/1/share": 0.4,
        "stages/quebrada_bo_outbound_rail/1/share": 0.4,
    }


def test_cargo_that_is_seen_waits_more_steadily() -> None:
    steady = _cells("cargo_tracking", place="meseta", stage="locomotive", spread=0.5)
    assert steady == {"stages/meseta_passage_rail/1/cv": "0.25"}
    both = _cells("cargo_tracking", place="meseta", stage="locomotive", spread=0.5, scale=0.5)
    assert both == steady | {"stages/meseta_passage_rail/1/mean_h": "0.6"}


def test_joint_control_drops_one_side_and_widens_the_intake() -> None:
    found = _cells(
        "joint_control",
        procedure="lago_sur_inbound_road",
        share=0.5,
        intake="lago_norte_outbound_documents",
        extra=2,
    )
    assert found == {
        "stages/lago_sur_inbound_road/1/share": "0.5",
        "resources/lago_norte_outbound_documents/servers": "4",
    }


def test_what_is_not_opened_nor_checked_again_is_released() -> None:
    found = _cells("channel_shares", procedure="lago_sur_inbound_road", inspect=0.05)
    assert found == {
        "stages/lago_sur_inbound_road/2/share": "0.95",
        "stages/lago_sur_inbound_road/3/share": "0.05",
    }


def test_three_channels_are_three_stages() -> None:
    made = changes(_patch("channel_shares", country="BO", mode="road", recheck=0.2, inspect=0.06))
    assert [each.set for each in made] == [{"share": 0.74}, {"share": 0.2}, {"share": 0.06}]
    assert made[1].where == {
        "stage": "recheck",
        "procedure.place.country": "BO",
        "procedure.mode_in": "road",
    }


@pytest.mark.parametrize("shares", [(0.5, 0.2, 0.2), (0.9, 0.2, 0.06)])
def test_channels_that_do_not_sum_to_one_are_refused(shares: tuple[float, ...]) -> None:
    green, recheck, inspected = shares
    with pytest.raises(Fault, match="green, recheck, inspect") as caught:
        changes(
            _patch("channel_shares", place="a", green=green, recheck=recheck, inspect=inspected)
        )
    assert caught.value.code == "P105"


def test_channels_that_leave_less_than_nothing_are_refused() -> None:
    with pytest.raises(Fault, match=r"green = -0.1") as caught:
        changes(_patch("channel_shares", place="a", recheck=0.6, inspect=0.5))
    assert caught.value.code == "P105"


class TestLearning:
    """Rates by hand: k = ln 2 / half-life, q = -ln(1 - turnover)."""

    def test_without_turnover_half_is_there_after_the_half_life(self) -> None:
        found = [training_effect(year, 2.0, 0.0) for year in (0.0, 2.0, 4.0, 6.0)]
        assert found == pytest.approx([0.0, 0.5, 0.75, 0.875])
        assert training_effect(inf, 2.0, 0.0) == 1.0

    def test_half_of_the_staff_leaving_in_each_half_life_keeps_half_of_it(self) -> None:
        # k = q = ln 2: S(t) = 1/2 (1 - 4**-t)
        found = [training_effect(year, 1.0, 0.5) for year in (0.5, 1.0, 2.0, inf)]
        assert found == pytest.approx([0.25, 0.375, 0.46875, 0.5])

    def test_a_tenth_leaving_a_year(self) -> None:
        # k = 0.693147, q = 0.105361, k + q = 0.798508; k / (k + q) = 0.868053;
        # exp(-0.798508) = 0.45, so that the first year has 0.868053 * 0.55
        assert training_effect(inf, 1.0, 0.1) == pytest.approx(0.868053, abs=1e-6)
        assert training_effect(1.0, 1.0, 0.1) == pytest.approx(0.868053 * 0.55, abs=1e-6)

    def test_skill_grows_at_once_by_what_is_gained(self) -> None:
        assert training_effect(1e-6, 3.0, 0.2) / 1e-6 == pytest.approx(log(2) / 3, rel=1e-5)

    @pytest.mark.parametrize("wrong", [(-1.0, 1.0, 0.1), (1.0, 0.0, 0.1), (1.0, 1.0, 1.0)])
    def test_what_is_no_time_or_share_is_refused(self, wrong: tuple[float, float, float]) -> None:
        with pytest.raises(Fault) as caught:
            training_effect(*wrong)
        assert caught.value.code == "P105"

    def test_the_share_opened_falls_with_the_years(self) -> None:
        told = {"place": "lago_sur", "event": "inbound", "half_years": 1.0, "turnover": 0.5}
        cut = {"inspect": 0.2, "fewer_inspections": 0.4}
        opened = [
            _cells("training", year=year, **told, **cut).get(
                "stages/lago_sur_inbound_road/3/share", "0.2"
            )
            for year in (0.0, 1.0, 2.0)
        ]
        # 0.2 (1 - 0.4 S): S = 0, 0.375, 0.46875
        assert opened == ["0.2", "0.17", "0.1625"]
        steady = _cells("training", **told, **cut)
        assert steady["stages/lago_sur_inbound_road/3/share"] == "0.16"
        assert steady["stages/lago_sur_inbound_road/2/share"] == "0.84"


def test_cranes_are_more_and_work_faster() -> None:
    found = _cells("crane", place="orilla", extra=2, service="lake_crossing", scale=0.5)
    assert found == {
        "resources/orilla_crane/servers": "5",
        "calls/lake_crossing/2/unload_h": "1.5",
        "calls/lake_crossing/2/load_h": "1.5",
    }


def test_dredged_berths_are_deeper() -> None:
    found = _cells("dredging", resource="orilla_berth", depth_m=6.5)
    assert found == {"resources/orilla_berth/depth_m": "6.5"}


def test_a_new_bridge_has_lanes_and_no_limit_of_weight() -> None:
    made = changes(_patch("bridge", place="meseta", extra=1, alone=0.1, link="l", speed=1.25))
    assert [each.model_dump(exclude_defaults=True) for each in made] == [
        {
            "table": "resources",
            "where": {"place": "meseta", "stage": "bridge"},
            "add": {"servers": 1},
        },
        {
            "table": "stages",
            "where": {"stage": "bridge", "procedure.place": "meseta"},
            "set": {"share": 0.1},
        },
        {"table": "links", "where": {"link": "l"}, "scale": {"speed_kmh": 1.25}},
    ]
    with pytest.raises(Fault, match="nowhere"):
        changes(_patch("bridge", extra=1))


def test_a_road_made_good_is_faster_and_steadier() -> None:
    link = "lago_sur__meseta__road"
    found = _cells("road_rehabilitation", link=link, speed=1.2, spread=0.5)
    assert found == {f"links/{link}/speed_kmh": "60.0", f"links/{link}/time_cv": "0.1"}


def test_a_second_track_is_faster_and_lets_more_trains_on() -> None:
    found = _cells("second_track", **EXAMPLES["second_track"])
    assert found == {
        "links/orilla__meseta__rail/speed_kmh": "52.5",
        "links/orilla__meseta__rail/pairs_per_day": "30.0",
        "links/orilla__meseta__rail/capacity_mt_per_y": "9.0",
        "resources/meseta_locomotive/servers": "4",
    }


def test_locomotives_and_wagons_are_servers_of_their_stages() -> None:
    assert _cells("locomotives", place="meseta", extra=3) == {
        "resources/meseta_locomotive/servers": "5"
    }
    assert _cells("wagons", place="orilla", stage="handling", extra=5) == {
        "resources/orilla_crane/servers": "8"
    }


def test_plugs_and_stores_are_spaces_that_no_stage_needs() -> None:
    for name, told, row in (
        ("plugs", {"place": "orilla", "number": 20}, ("orilla_plug", "plug", 20)),
        ("cold_store", {"place": "meseta", "trucks": 12}, ("meseta_cold_store", "cold_store", 12)),
    ):
        added = apply(ANDES, _patch(name, **told)).table("resources").tail(1)
        assert added.select("resource", "stage", "servers").row(0) == row
        assert added["kind"].item() == "space"
        assert not ANDES.table("stages")["resource"].is_in([row[0]]).any()


def test_a_rate_is_scaled_or_set() -> None:
    assert _cells("tariff", tariff="rail", scale=0.5) == {"tariffs/rail/usd_per_t_km": "0.02"}
    assert _cells("tariff", tariff="ferry", value=250.0, rate="usd_per_trip") == {
        "tariffs/ferry/usd_per_trip": "250.0"
    }


@pytest.mark.parametrize(
    "told", [{}, {"scale": 0.5, "value": 1.0}, {"value": -1.0}, {"scale": 0.5, "rate": "usd"}]
)
def test_a_rate_that_says_nothing_or_too_much_is_refused(told: dict[str, object]) -> None:
    with pytest.raises(Fault) as caught:
        changes(_patch("tariff", tariff="rail", **told))
    assert caught.value.code == "P105"


def test_a_quota_is_another_or_none() -> None:
    assert _cells("quota", resource="orilla_customs", daily=80) == {
        "resources/orilla_customs/servers": "80"
    }
    drawn_on = apply(
        ANDES,
        _patch("opening_hours", place="lago_sur", stage="inspect", calendar="day"),
        Patch.model_validate(
            {
                "name": "permits",
                "title": "Permits",
                "source": "invented",
                "change": [
                    {
                        "table": "resources",
                        "add": {
                            "resource": "trucks_a_day",
                            "place": "lago_sur",
                            "stage": "permit",
                            "servers": 50,
                            "calendar": "day",
                            "kind": "quota",
                        },
                    },
                    {
                        "table": "procedures",
                        "where": {"procedure": "lago_sur_inbound_road"},
                        "set": {"permit": "trucks_a_day"},
                    },
                ],
            }
        ),
    )
    lifted = apply(drawn_on, _patch("quota", lifted="lago_sur_inbound_road")).table("procedures")
    assert drawn_on.table("procedures")["permit"].null_count() == lifted.height - 1
    assert lifted["permit"].null_count() == lifted.height
    with pytest.raises(Fault, match="daily and lifted"):
        changes(_patch("quota", resource="a", daily=3, lifted="b"))


def test_a_scanner_for_all_networks_leaves_fewer_to_be_opened() -> None:
    told = {**EXAMPLES["scanner"], "inspect_share": 0.2, "resource": "the_scanner"}
    del told["mode"]
    after = apply(ANDES, _patch("scanner", **told))
    row = after.table("resources").filter(pl.col("resource") == "the_scanner")
    assert row["mode"].item() is None
    assert after.table("stages").filter(pl.col("resource") == "the_scanner").height == 1
