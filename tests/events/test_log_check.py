from datetime import timedelta

import polars as pl
from hand_made import OUT, at, log, trips
from hypothesis import given
from hypothesis import strategies as st
from random_logs import logs

from transcaspian.events.log import check

ONE = trips(("r1", 1, "ore", 1.0))
TIMES = st.none() | st.integers(-50, 50).map(at)


def codes(step, **cells):
    events = log(ONE, [{**OUT[0], **cells}] if step is None else step)
    return [fault.code for fault in check(events)]


@given(TIMES, TIMES, TIMES)
def test_a_step_passes_when_its_instants_are_in_order_and_one_is_there(arrived, started, ended):
    known = [time for time in (arrived, started, ended) if time is not None]
    expected = ["R104"] if not known else [] if known == sorted(known) else ["R102"]
    assert codes(None, arrived=arrived, started=started, ended=ended) == expected


@given(logs())
def test_a_log_that_was_made_in_order_passes(events):
    assert check(events) == []


@given(logs(blanks=False), st.data())
def test_one_exchanged_pair_is_found_where_it_is(events, data):
    row = data.draw(st.integers(0, events.steps.height - 1))
    wrong = events.steps.with_columns(
        pl.when(pl.int_range(pl.len()) == row)
        .then(pl.col("arrived") - timedelta(seconds=1))
        .otherwise("ended")
        .alias("ended")
    )
    faults = check(log(events.trips.to_dicts(), wrong.to_dicts()))
    assert [(fault.code, fault.where.row) for fault in faults] == [("R102", row + 1)]


def test_orphans_codes_and_duplicates_are_told_at_once():
    wrong = [
        {**OUT[0], "trip": 9},
        {**OUT[1], "activity": "travel_rails"},
        OUT[2],
        OUT[2],
        {**OUT[3], "quality": "guessed"},
    ]
    assert sorted(codes(wrong)) == ["C206", "C301", "C303", "R103"]
