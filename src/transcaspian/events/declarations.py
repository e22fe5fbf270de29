"""Declarations of the log: trips, steps, payments, readings, witnesses."""

from __future__ import annotations

from transcaspian.tables.schema import Column, Table

QUALITIES = ("observed", "reported", "imputed", "simulated")
GRADES = ("A", "B", "C", "D")

RUN = Column("run", "str", "Survey wave or simulation run.")
TRIP = Column("trip", "int", "With run: key into trips.")

STEPS = Table(
    "steps",
    "One row for each activity of one trip at one place; a link is a place one moves along.",
    (
        RUN,
        TRIP,
        Column("step", "int", "Order within the trip."),
        Column("place", "str", "Place or link of the corridor."),
        Column("activity", "str", "What was done.", vocabulary="activities"),
        Column("arrived", "datetime", "Reached.", null=True),
        Column("started", "datetime", "Service began.", null=True),
        Column("ended", "datetime", "Left.", null=True),
        Column(
            "slack_h",
            "float",
            "Half-width of the instants when they are bounds.",
            unit="h",
            null=True,
            least=0,
        ),
        Column("quality", "str", "How it is known.", choices=QUALITIES),
        Column("grade", "str", "Grade of a surveyed stage.", null=True, choices=GRADES),
    ),
    key=("run", "trip", "step"),
    sourced=False,
)

TRIPS = Table(
    "trips",
    "One row a trip.",
    (
        RUN,
        TRIP,
        Column("name", "str", "The outside world's id.", null=True),
        Column("flow", "str", "The declared flow it belongs to.", null=True),
        Column("goods", "str", "What it carried.", null=True),
        Column("unit", "str", "What moved: container, reefer, wagon, truck.", null=True),
        Column("origin", "str", "First place."),
        Column("destination", "str", "Last place."),
        Column("direction", "str", "Way along the corridor.", null=True),
        Column("tonnes", "float", "Cargo.", unit="t", null=True, least=0),
        Column("value_usd", "float", "Its value.", unit="USD", null=True, least=0),
        Column(
            "weight", "float", "How many real trips it stands for.", unit="1", above=0, default=1.0
        ),
        Column(
            "lost",
            "bool",
            "Whether it left the corridor on the way: turned away, or out of patience.",
            null=True,
            optional=True,
        ),
        Column(
            "carrier", "str", "Who reported it: an association or firm.", null=True, optional=True
        ),
        Column(
            "cluster",
            "str",
            "What it shares its fate with: a train, a convoy, a driver.",
            null=True,
            optional=True,
        ),
    ),
    key=("run", "trip"),
    sourced=False,
)

PAYMENTS = Table(
    "payments",
    "What was paid.",
    (
        RUN,
        TRIP,
        Column("step", "int", "Step at which it was paid."),
        Column(
            "kind",
            "str",
            "Sort of payment.",
            choices=("official", "unofficial", "tariff", "unknown"),
        ),
        Column("amount", "float", "Amount.", least=0),
        Column("currency", "str", "ISO 4217 code."),
    ),
    key=("run", "trip", "step", "kind"),
    sourced=False,
)

READINGS = Table(
    "readings",
    "What an instrument said.",
    (
        RUN,
        TRIP,
        Column("instant", "datetime", "When."),
        Column(
            "kind", "str", "What was read.", choices=("temperature", "door", "position", "shock")
        ),
        Column("value", "float", "The reading."),
    ),
    key=("run", "trip", "instant", "kind"),
    sourced=False,
)

WITNESSES = Table(
    "witnesses",
    "What a form, a tracker or a message said, as it said it: an instant within bounds, or a "
    "length without instants.",
    (
        RUN,
        TRIP,
        Column("witness", "int", "Order within the trip."),
        Column("place", "str", "Place or link of the corridor.", null=True),
        Column("activity", "str", "What was said to be done.", vocabulary="activities"),
        Column("label", "str", "The words it was said in.", null=True, optional=True),
        Column("earliest", "datetime", "Earliest instant it may mean.", null=True),
        Column("latest", "datetime", "Latest instant it may mean.", null=True),
        Column(
            "hours",
            "float",
            "The length it states without instants.",
            unit="h",
            null=True,
            least=0,
            optional=True,
        ),
        Column("zone", "str", "Time zone it was said in.", null=True),
        Column(
            "network",
            "str",
            "The surface by which it came, as said.",
            null=True,
            choices=("rail", "road", "sea"),
            optional=True,
        ),
        Column("side", "str", "Which of the two posts of a crossing.", null=True),
        Column(
            "lifecycle",
            "str",
            "Beginning or end; the whole of it for a length.",
            choices=("start", "complete", "whole"),
        ),
        Column("source", "str", "What said it.", choices=("form", "tracker", "message")),
        Column("row_hash", "str", "Hash of the source row."),
    ),
    key=("run", "trip", "witness"),
    sourced=False,
)

LOG = {table.name: table for table in (TRIPS, STEPS, PAYMENTS, READINGS, WITNESSES)}
