"""Each blur of a survey biases an indicator, and the lens takes the bias out again.

The world and the model follow one law with different luck. The survey looks at the world through
blurs written out here, on plain rows; the model is looked at through `observe`, once for each of
eight lucks. With the right lens the survey's figure lies in the 99.9 % prediction interval of the
eight; with the blur in question left out of the lens it does not.
"""

from dataclasses import replace
from datetime import timedelta
from math import sqrt
from statistics import mean, stdev

import numpy as np
import polars as pl
import pytest
from hand_made import CORRIDOR, OUT, at, log, trips
from hypothesis import given, settings
from hypothesis import strategies as st
from random_logs import logs

from transcaspian.events.log import check
from transcaspian.events.observe import SHARP, Lens, lens_of, observe
from transcaspian.events.reduce import tally
from transcaspian.events.tally import quantile_from_bins
from transcaspian.tables.vocabulary import of_class

TRIPS = 3000
BORDER = {"wait_queue": "border", "r02_customs": "border", "r20_seal": "border"}
SERVICES = {"wait_queue": 2.0, "r02_customs": 0.5, "r20_seal": 0.5}
RARELY = 0.25
STUDENT = 5.408  # two-sided 99.9 %, 7 degrees of freedom


def world(seed):
    """Trips through one post: a queue, customs, a seal. Those with grain take longer."""
    luck = np.random.default_rng(seed)
    trip_rows, step_rows = [], []
    for trip in range(1, TRIPS + 1):
        flow, slow = ("grain", 3.0) if trip % 4 == 0 else ("ore", 1.0)
        trip_rows += trips(("r1", trip, flow, 1.0))
        clock = luck.uniform(0, 8000)
        for step, (activity, usual) in enumerate(SERVICES.items(), start=1):
            wait, service = luck.exponential(2 * slow), luck.exponential(usual * slow)
            instants = [at(clock), at(clock + wait), at(clock + wait + service)]
            clock += wait + service
            step_rows.append(
                dict(zip(("arrived", "started", "ended"), instants, strict=True))
                | {"run": "r1", "trip": trip, "step": step, "place": "gate_a"}
                | {"activity": activity, "quality": "observed"}
            )
    return trip_rows, step_rows


@pytest.fixture(scope="module")
def real():
    return world(1)


@pytest.fixture(scope="module")
def models():
    return [log(*world(seed)) for seed in range(2, 10)]


@pytest.fixture(scope="module")
def model(models):
    return models[0]


def mean_dwell(events):
    visits = tally(events, **CORRIDOR).visits
    return visits["dwell_h"].sum() / visits["n"].sum()


def median_dwell(events):
    return quantile_from_bins(tally(events, **CORRIDOR).visit_bins, 0.5, by=[])["value"].item()


def queueing(events):
    """Hours a trip in queues: waits, and what happens in activities that are queues."""
    found = tally(events, **CORRIDOR)
    wait = found.steps["wait_h"].sum()
    queues = found.steps.filter(pl.col("activity").is_in(of_class("queueing")))
    return (wait + queues["service_h"].sum()) / found.trips["n"].sum()


def serving(events):
    """Hours of service a step."""
    found = tally(events, **CORRIDOR).steps
    return found["service_h"].sum() / found["n"].sum()


def foreseen(indicator, models, lens, survey):
    """Whether the survey's figure is one that the models would give through the lens."""
    values = [indicator(observe(model, like=lens)) for model in models]
    half = STUDENT * stdev(values) * sqrt(1 + 1 / len(values))
    return abs(mean(values) - indicator(survey)) <= half


def coarse(rows):
    """The survey knows only: at the border."""
    return [{**row, "activity": BORDER[row["activity"]]} for row in rows]


def one_line(rows):
    """Each stay is one line: reached, first served, left."""
    lines = []
    for first, _, last in zip(rows[::3], rows[1::3], rows[2::3], strict=True):
        lines.append({**first, "activity": "border", "ended": last["ended"]})
    return lines


def rounded(rows, hours):
    def near(instant):
        width = timedelta(hours=hours)
        return at(0) + round((instant - at(0)) / width) * width

    names = ("arrived", "started", "ended")
    return [{**row, **{name: near(row[name]) for name in names}} for row in rows]


def without(rows, name, share, seed=3):
    luck = np.random.default_rng(seed)
    return [{**row, name: None if luck.random() < share else row[name]} for row in rows]


def met(trip_rows, step_rows, seed=4):
    """Who is slow is rarely met; the weights say how rarely."""
    luck = np.random.default_rng(seed)
    chance = {row["trip"]: RARELY if row["flow"] == "grain" else 0.8 for row in trip_rows}
    seen = {trip for trip, share in chance.items() if luck.random() < share}
    kept = [{**row, "weight": 1 / chance[row["trip"]]} for row in trip_rows if row["trip"] in seen]
    return kept, [row for row in step_rows if row["trip"] in seen]


def test_the_level_of_activities(real, models):
    survey = log(real[0], coarse(real[1]))
    lens = lens_of(survey)
    assert lens.codes == ("border",)
    assert foreseen(queueing, models, lens, survey)
    assert not foreseen(queueing, models, replace(lens, codes=None), survey)


def test_merged_steps(real, models):
    survey = log(real[0], one_line(real[1]))
    lens = lens_of(survey)
    assert lens.merged
    assert foreseen(queueing, models, lens, survey)
    assert not foreseen(queueing, models, replace(lens, merged=False), survey)


def test_rounded_instants(real, models):
    survey = log(real[0], rounded(real[1], 6))
    lens = lens_of(survey)
    assert lens.rounding_h == 6
    assert foreseen(median_dwell, models, lens, survey)
    assert not foreseen(median_dwell, models, replace(lens, rounding_h=0.0), survey)


def test_missing_starts(real, models):
    survey = log(real[0], without(real[1], "started", 0.4))
    lens = lens_of(survey)
    assert dict(lens.missing)["started"] == pytest.approx(0.4, abs=0.02)
    assert foreseen(queueing, models, lens, survey)
    assert not foreseen(queueing, models, replace(lens, missing=()), survey)


def test_missing_ends(real, models):
    survey = log(real[0], without(real[1], "ended", 0.5))
    lens = lens_of(survey)
    assert foreseen(serving, models, lens, survey)
    assert not foreseen(serving, models, replace(lens, missing=()), survey)


def test_sampling_by_weights(real, models):
    """Whom a survey rarely meets weighs more in it; leaving the weights out moves every mean."""
    survey = log(*met(*real))
    lens = lens_of(survey)
    assert dict(lens.sample) == pytest.approx({"grain": RARELY, "ore": 0.8})
    assert foreseen(mean_dwell, models, lens, survey)

    def bare(events):
        return mean_dwell(replace(events, trips=events.trips.with_columns(weight=pl.lit(1.0))))

    assert foreseen(bare, models, lens, survey)
    assert not foreseen(bare, models, SHARP, survey)


def test_all_blurs_at_once(real, models):
    trip_rows, step_rows = met(*real)
    survey = log(trip_rows, without(rounded(one_line(step_rows), 1), "started", 0.3))
    lens = lens_of(survey)
    assert (lens.merged, lens.rounding_h, lens.codes) == (True, 1, ("border",))
    assert check(observe(models[0], like=survey)) == []
    for indicator in (mean_dwell, median_dwell, queueing, serving):
        assert foreseen(indicator, models, lens, survey), indicator
    assert not foreseen(queueing, models, SHARP, survey)


def test_the_sharp_lens_changes_nothing(model):
    assert observe(model, like=SHARP).steps.equals(model.steps)
    assert observe(model, like=SHARP).trips.equals(model.trips)


LENSES = st.builds(
    Lens,
    codes=st.none() | st.sampled_from([("border", "moving", "stop"), ("r02_customs",)]),
    merged=st.booleans(),
    rounding_h=st.sampled_from([0.0, 0.25, 1.0, 24.0]),
    missing=st.sampled_from([(), (("started", 0.5),), (("arrived", 1.0), ("ended", 0.3))]),
    sample=st.sampled_from([(), (("", 0.5),), (("ore", 0.5), ("grain", 1.0))]),
    seed=st.integers(0, 10),
)


@settings(deadline=None)
@given(logs(), LENSES)
def test_what_is_seen_is_a_log_again_and_luck_does_not_change(events, lens):
    seen = observe(events, like=lens)
    assert check(seen) == []
    assert dict(seen.steps.schema) == dict(events.steps.schema)
    assert seen.steps.equals(observe(events, like=lens).steps)
    assert set(seen.trips["trip"]) <= set(events.trips["trip"])


@settings(deadline=None)
@given(logs(blanks=False), LENSES)
def test_seen_twice_through_one_lens_without_luck_is_seen_once(events, lens):
    calm = replace(lens, missing=(), sample=())
    once = observe(events, like=calm)
    assert observe(once, like=calm).steps.equals(once.steps)


def test_the_luck_of_a_trip_does_not_hang_on_the_others(model):
    lens = Lens(missing=(("started", 0.5),), sample=(("", 0.3),))
    whole = observe(model, like=lens)
    half = replace(
        model,
        trips=model.trips.filter(pl.col("trip") > TRIPS // 2),
        steps=model.steps.filter(pl.col("trip") > TRIPS // 2),
    )
    alone = observe(half, like=lens)
    assert alone.steps.equals(whole.steps.filter(pl.col("trip") > TRIPS // 2))


def test_luck_is_even_and_new_for_each_seed(model):
    shares = [
        observe(model, like=Lens(sample=(("", 0.25),), seed=seed)).trips["trip"].to_list()
        for seed in range(8)
    ]
    for trip_numbers in shares:
        assert len(trip_numbers) / TRIPS == pytest.approx(0.25, abs=0.03)
    both = set(shares[0]) & set(shares[1])
    assert len(both) / TRIPS == pytest.approx(0.0625, abs=0.02)
    even = [number for number in shares[0] if number % 2 == 0]
    assert len(even) / len(shares[0]) == pytest.approx(0.5, abs=0.06)


def test_blanks_fall_on_instants_and_steps_independently(model):
    lens = Lens(missing=(("arrived", 0.5), ("started", 0.5)))
    steps = observe(model, like=lens).steps
    both = steps.select((pl.col("arrived").is_null() & pl.col("started").is_null()).mean()).item()
    assert both == pytest.approx(0.25, abs=0.02)
    third = steps.filter(pl.col("step") == 3)["started"].is_null()
    first = steps.filter(pl.col("step") == 1)["started"].is_null()
    assert (first & third).mean() == pytest.approx(0.25, abs=0.03)


def test_payments_follow_the_step_that_theirs_became():
    paid = [
        {"run": "r1", "trip": 1, "step": step, "kind": "official", "amount": 1.0 * step,
         "currency": "USD"}
        for step in (3, 4, 6)
    ]  # fmt: skip
    events = log(trips(("r1", 1, "ore", 1.0)), OUT, paid)
    seen = observe(events, like=Lens(codes=("border",), merged=True))
    assert seen.payments.sort("step").select("step", "amount").rows() == [(3, 7.0), (6, 6.0)]
    assert tally(seen, **CORRIDOR).payments["usd"].sum() == 13


def test_an_activity_climbs_to_its_nearest_known_ancestor_or_its_root():
    events = log(trips(("r1", 1, "ore", 1.0)), OUT)
    seen = observe(events, like=Lens(codes=("border_control", "r17_rest")))
    assert seen.steps["activity"].to_list() == [
        "stop", "moving", "border_control", "border_control", "moving", "border_control",
        "moving", "r17_rest", "stop",
    ]  # fmt: skip


def test_rounded_instants_carry_half_the_grid_as_slack():
    events = log(trips(("r1", 1, "ore", 1.0)), OUT)
    seen = observe(events, like=Lens(rounding_h=1.0)).steps
    assert set(seen["slack_h"]) == {0.5}
    moved = (seen["ended"] - events.steps["ended"]).dt.total_microseconds().abs().max()
    assert moved <= 1_800_000_000


def test_the_lens_of_nothing_is_sharp():
    assert lens_of(log([], [])) == SHARP
