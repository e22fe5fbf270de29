import polars as pl
from hand_made import CORRIDOR, LINKS, MODES, PLACES
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import tally_by_loop
from random_logs import logs

from transcaspian.events.log import Events
from transcaspian.events.reduce import tally
from transcaspian.events.tally import SCHEMAS

KNOWN = {
    "places": dict(PLACES.iter_rows()),
    "links": {row["link"]: row for row in LINKS.to_dicts()},
    "modes": dict(MODES.iter_rows()),
}
KEYS = {
    "steps": ["run", "flow", "order", "place", "activity"],
    "visits": ["run", "place", "network", "direction"],
    "trips": ["run", "flow"],
}
VALUES = {
    "steps": ["n", "wait_h", "service_h", "km"],
    "visits": ["n", "dwell_h", "dwell_h2"],
    "trips": ["n", "total_h", "total_h2", "unfinished"],
}


def close(one, two):
    return abs(one - two) <= 1e-6 * max(1, abs(one))


@settings(max_examples=100, deadline=None)
@given(logs())
def test_the_tally_of_any_log_is_that_of_a_plain_loop(events):
    found = tally(events, **CORRIDOR)
    sums, bins = tally_by_loop(events.trips.to_dicts(), events.steps.to_dicts(), **KNOWN)
    for name, expected in sums.items():
        frame = getattr(found, name)
        rows = {
            tuple(row[key] for key in KEYS[name]): [row[value] for value in VALUES[name]]
            for row in frame.to_dicts()
        }
        assert set(rows) == set(expected), name
        for key, values in rows.items():
            wanted = expected[key][: len(values)]
            if name == "trips":
                wanted[3] = int(wanted[3])
            assert all(map(close, values, wanted)), (name, key, values, wanted)
    for name, frame in (("visits", found.visit_bins), ("trips", found.trip_bins)):
        counted = {
            tuple(row[key] for key in (*KEYS[name], "bin")): row["n"] for row in frame.to_dicts()
        }
        assert counted == bins[name], name


@given(logs(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter_to_the_last_bit(events, luck):
    order = list(range(events.steps.height))
    luck.shuffle(order)
    shuffled = Events(
        events.trips.reverse(), events.steps[order], events.payments, events.readings,
        events.witnesses,
    )  # fmt: skip
    one, two = tally(events, **CORRIDOR), tally(shuffled, **CORRIDOR)
    for name in SCHEMAS:
        assert getattr(one, name).equals(getattr(two, name)), name


@given(logs(blanks=False))
def test_hours_are_neither_lost_nor_made(events):
    """Without gaps or blanks the hours of the steps are those of the stays and the ways."""
    found = tally(events, **CORRIDOR)
    steps = events.steps.select(
        ((pl.col("ended") - pl.col("arrived")).dt.total_seconds() / 3600).alias("hours"),
        "run", "trip",
    ).join(events.trips, on=["run", "trip"])  # fmt: skip
    expected = (steps["hours"] * steps["weight"]).sum()
    assert close((found.steps["wait_h"] + found.steps["service_h"]).sum(), expected)
    assert close(found.trips["n"].sum(), events.trips["weight"].sum())
    assert close(found.visits["n"].sum(), found.visit_bins["n"].sum())
    assert close(found.trips["n"].sum(), found.trip_bins["n"].sum())
