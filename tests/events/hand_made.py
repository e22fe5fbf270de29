"""A corridor of five places in two countries and a log of a few trips, made by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from transcaspian.events.declarations import PAYMENTS, STEPS, TRIPS
from transcaspian.events.log import events_of
from transcaspian.tables.parse import schema_of

START = datetime(2023, 3, 1, tzinfo=UTC)
MODES = pl.DataFrame({"mode": ["train", "lorry", "ship"], "network": ["rail", "road", "sea"]})
PLACES = pl.DataFrame(
    {
        "place": ["city", "gate_a", "gate_b", "quay", "strait"],
        "country": ["AA", "AA", "BB", "BB", None],
    }
)
LINKS = pl.DataFrame(
    {
        "link": ["city__gate_a", "gate_a__gate_b", "gate_b__quay", "quay__strait"],
        "mode": ["train", "train", "lorry", "ship"],
        "length_km": [100.0, 5.0, 70.0, 300.0],
    }
)
CORRIDOR = {"places": PLACES, "links": LINKS, "modes": MODES}


def at(hours):
    return None if hours is None else START + timedelta(hours=hours)


def steps(*rows, run="r1", trip=1):
    """Rows of place, activity, arrived, started, ended in hours; numbered in order."""
    return [
        {
            "run": run,
            "trip": trip,
            "step": number,
            "place": place,
            "activity": activity,
            "arrived": at(arrived),
            "started": at(started),
            "ended": at(ended),
            "quality": "observed",
        }
        for number, (place, activity, arrived, started, ended) in enumerate(rows, start=1)
    ]


def trips(*rows):
    """Rows of run, trip, flow, weight; ten tonnes each."""
    return [
        {
            "run": run,
            "trip": trip,
            "flow": flow,
            "origin": "city",
            "destination": "quay",
            "tonnes": 10.0,
            "weight": weight,
        }
        for run, trip, flow, weight in rows
    ]


def log(trip_rows, step_rows, payment_rows=()):
    def frame(rows, table):
        full = [{name: row.get(name) for name in table.names} for row in rows]
        return pl.DataFrame(full, schema=schema_of(table))

    return events_of(
        frame(trip_rows, TRIPS),
        frame(step_rows, STEPS),
        payments=frame(payment_rows, PAYMENTS),
    )


OUT = steps(
    ("city", "r14_load_unload", 0, 1, 2),
    ("city__gate_a", "travel_rail", 2, 2, 4),
    ("gate_a", "r01_border_security", 4, 5, 6),
    ("gate_a", "r02_customs", 6, 8, 9),
    ("gate_a__gate_b", "travel_rail", 9, 9, 9.5),
    ("gate_b", "r02_customs", 9.5, 10, 12),
    ("gate_b__quay", "travel_road", 12, 12, 13),
    ("gate_b__quay", "r17_rest", 13, 13, 14),
    ("quay", "p04_wait_vessel", 14, 14, 20),
)
"""One trip from the city to the quay: 20 hours, of which 4.5 in queues before a service."""
