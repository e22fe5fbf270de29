"""Which waits stays are of: openings, timetables and sailings found again where they were drawn."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.stats import kstest

from transcaspian.readers.folder import read_corridor
from transcaspian.survey.fits.calendars import WEEK_H, wait_to_sail
from transcaspian.survey.fits.candidates import Stays, Waits, candidates
from transcaspian.survey.fits.choose import uniform
from transcaspian.survey.fits.crossings import (
    crossing_fits,
    opening_hours,
    ordered,
    sailing_hours,
    sea_legs,
)
from transcaspian.survey.fits.spells import spells

ANDES = Path(__file__).parents[2] / "corridors" / "andes"
DAILY = tuple((24.0 * day + 8, 24.0 * day + 20) for day in range(7))
MONDAY = datetime(2023, 3, 6, tzinfo=UTC)


@pytest.fixture(scope="module")
def corridor():
    return read_corridor(ANDES)


def stood(arrived, hours, *, place="lago_norte", direction="outbound"):
    at = [round((MONDAY + timedelta(hours=float(hour))).timestamp() * 1e6) for hour in arrived]
    return pl.DataFrame(
        {"place": place, "country": "CL", "network": "road", "direction": direction,
         "hours": hours, "half_h": 0.0, "open": False, "weight": 1.0, "arrived": at}
    )  # fmt: skip


def best(known, waits):
    return ordered(candidates(known, waits, seed=1))[0]


def test_calendars_that_close_are_hours_of_the_week(corridor):
    found = opening_hours(corridor)
    declared = set(corridor.table("calendars")["calendar"])
    assert found
    assert set(found) <= declared
    for spans in found.values():
        assert sum(end - begin for begin, end in spans) < WEEK_H
        assert all(one[1] < other[0] for one, other in pairwise(spans))


def test_a_place_that_closes_at_night_is_told_from_one_that_does_not():
    rng = np.random.default_rng(1)
    arrived = rng.uniform(0, WEEK_H, 600)
    service = rng.lognormal(0, 0.5, 600)
    hour = arrived % 24
    wait = np.where(hour < 8, 8 - hour, np.where(hour >= 20, 32 - hour, 0.0))
    waits = Waits({"day": DAILY}, {}, by_sea=False)
    found = best(Stays(spells(wait + service), arrived, 0), waits)
    assert (found["family"], found["calendar"]) == ("opening hours, then lognormal", "day")
    assert found["mean_h"] == pytest.approx((wait + service).mean(), rel=0.05)
    plain = best(Stays(spells(service), arrived, 0), waits)
    assert not plain["family"].startswith("opening")


def test_sailings_even_uneven_and_of_a_timetable_are_told_apart():
    rng = np.random.default_rng(2)
    arrived = rng.uniform(0, WEEK_H, 500)
    even = 4 + rng.uniform(0, 24, 500) + 24 * (rng.geometric(0.7, 500) - 1)
    found = best(Stays(spells(even), arrived, 0), Waits({}, {}, by_sea=True))
    assert found["family"] == "next sailing with room"
    sails = (20.0, 90.0)
    missed = rng.geometric(0.8, 500) - 1
    wait = wait_to_sail(arrived, sails=sails, count=30)[np.arange(500), missed]
    told = Stays(spells(wait + rng.lognormal(0, 0.3, 500)), arrived, 0)
    found = best(told, Waits({}, {"twice": sails}, by_sea=True))
    assert (found["family"], found["calendar"]) == (
        "sailing of a timetable, then lognormal",
        "twice",
    )
    headway = rng.gamma(3, 10, 40_000)
    ends = np.cumsum(headway)
    at = rng.uniform(0, ends[-1000], 500)
    nth = np.searchsorted(ends, at) + rng.geometric(0.9, 500) - 1
    uneven = Stays(spells(ends[nth] - at), at % WEEK_H, 0)
    rows = candidates(uneven, Waits({}, {}, by_sea=True), seed=1)
    by = {str(row["family"]): row for row in rows}
    assert by["next uneven sailing with room"]["aic"] < by["next sailing with room"]["aic"]
    assert by["next uneven sailing with room"]["mean_h"] == pytest.approx(
        (ends[nth] - at).mean(), rel=0.05
    )


def test_a_table_of_crossings_names_the_best_first(corridor):
    rng = np.random.default_rng(3)
    frame = pl.concat(
        [
            stood(rng.uniform(0, WEEK_H, 120), rng.lognormal(1, 0.6, 120)),
            stood(rng.uniform(0, WEEK_H, 30), rng.lognormal(1, 0.6, 30), direction="inbound"),
            stood(rng.uniform(0, WEEK_H, 90), rng.lognormal(1, 0.6, 90), direction="domestic"),
        ]
    )
    ticks = []
    found = crossing_fits(
        frame, corridor, least=50, sea=frozenset(), seed=1,
        progress=lambda *said: ticks.append(said),
    )  # fmt: skip
    assert found["direction"].unique().to_list() == ["outbound"]
    assert found["rank"].to_list() == list(range(1, found.height + 1))
    assert found["n"].unique().to_list() == [120]
    assert ticks == [(0, 1, "fitting lago_norte")]
    row = found.row(0, named=True)
    assert row["mean_h"] == pytest.approx(float(np.exp(1.18)), rel=0.2)


def test_legs_by_sea_are_where_most_trips_sailed(corridor):
    links = corridor.table("links").join(
        corridor.table("modes").select("mode", "network"), on="mode"
    )
    here, there = links.filter(network="sea").select("origin", "destination").row(0)
    visits = pl.DataFrame(
        {"place": [here] * 3, "direction": ["outbound"] * 2 + ["inbound"],
         "next": [there, there, "lago_norte"]}
    )  # fmt: skip
    assert sea_legs(visits, corridor) == {(here, "outbound")}


def test_timetables_are_those_of_the_calls_at_a_place(corridor):
    calls = corridor.table("calls")
    one = calls["place"][0]
    kept = calls.with_columns(
        pl.when(pl.col("place") == one).then(pl.lit("week")).alias("timetable")
    )
    table = pl.DataFrame(
        {"timetable": ["week", "week"], "days": ["mon", "thu-fri"], "departs_h": [6.0, 18.5]}
    )
    changed = replace(corridor, tables={**corridor.tables, "calls": kept, "timetables": table})
    assert sailing_hours(changed) == {one: {"week": (6.0, 90.5, 114.5)}}


def test_weighted_transforms_are_held_against_the_uniform():
    rng = np.random.default_rng(4)
    pit = rng.random(400)
    far, chance = uniform(pit, np.ones(400))
    plain = kstest(pit, "uniform")
    assert far == pytest.approx(plain.statistic)
    assert chance == pytest.approx(plain.pvalue, abs=0.02)
    both = np.concatenate([rng.random(300), rng.random(300) ** 4])
    weight = np.concatenate([np.full(300, 50.0), np.full(300, 0.01)])
    assert uniform(both, weight)[1] > 0.001
    assert uniform(both, np.ones(600))[1] < 1e-6
