"""Declarations of what a place does to a trip: procedures, stages, resources, calendars."""

from transcaspian.corridor.geography import NOTE
from transcaspian.tables.schema import Column, Table

EVENTS = ("outbound", "inbound", "transfer", "origin", "destination", "passage")
SHAPES = (
    "constant",
    "uniform",
    "triangular",
    "exponential",
    "erlang2",
    "erlang4",
    "lognormal",
    "weibull",
)

CALENDARS = Table(
    "calendars",
    "Opening hours in the local time of the place; several rows a calendar.",
    (
        Column("calendar", "str", "Lower-snake word."),
        Column("days", "str", "Day or span of days: mon, mon-sat, sat-sun, mon-sun."),
        Column(
            "opens_h", "float", "Local hour of opening.", unit="h", cited=True, least=0, most=24
        ),
        Column(
            "closes_h", "float", "Local hour of closing.", unit="h", cited=True, least=0, most=24
        ),
        Column(
            "share", "float", "Share of the servers on duty.", unit="1", cited=True, least=0, most=1
        ),
        NOTE,
    ),
    key=("calendar", "days", "opens_h"),
)

RESOURCES = Table(
    "resources",
    "What a trip queues for: lanes, officers, scanners, cranes, berths, locomotives.",
    (
        Column("resource", "str", "Lower-snake word."),
        Column("place", "str", "Where it works.", references="places.place"),
        Column("stage", "str", "The stage it serves, as in stages.stage."),
        Column(
            "mode",
            "str",
            "Network it serves; blank for all.",
            null=True,
            choices=("rail", "road", "sea"),
        ),
        Column(
            "direction",
            "str",
            "Direction it serves, seen from the country of the place; blank for both.",
            null=True,
            choices=("outbound", "inbound"),
        ),
        Column(
            "servers",
            "int",
            "How many work side by side on a full shift.",
            unit="1",
            cited=True,
            least=1,
            most=10000,
        ),
        Column("calendar", "str", "When they work.", references="calendars.calendar"),
        Column(
            "handover",
            "str",
            "What happens to work in hand when a shift ends.",
            choices=("finish", "overlap", "preempt"),
            default="finish",
        ),
        Column("weather", "bool", "Stops while the place is closed by weather.", default=False),
        NOTE,
    ),
    key=("resource",),
)

PROCEDURES = Table(
    "procedures",
    "Which chain of stages a place puts a trip through, and when it applies.",
    (
        Column("procedure", "str", "Lower-snake word."),
        Column("place", "str", "Where it is kept.", references="places.place"),
        Column(
            "event",
            "str",
            "When it applies: leaving or entering the country, changing mode, starting, "
            "ending or passing through.",
            choices=EVENTS,
        ),
        Column(
            "mode_in",
            "str",
            "Network by which the trip arrives; blank for any.",
            null=True,
            choices=("rail", "road", "sea"),
        ),
        Column(
            "mode_out",
            "str",
            "Network by which it leaves; blank for any.",
            null=True,
            choices=("rail", "road", "sea"),
        ),
        Column(
            "units",
            "str",
            "Units it applies to; blank for all.",
            null=True,
            references="units.unit",
            many=True,
        ),
        NOTE,
    ),
    key=("procedure",),
)

STAGES = Table(
    "stages",
    "The stages of a procedure, in order.",
    (
        Column("procedure", "str", "Procedure it belongs to.", references="procedures.procedure"),
        Column("order", "int", "Place in the order.", least=1),
        Column(
            "stage", "str", "Lower-snake word: queue, documents, scan, inspect, gauge_change, ..."
        ),
        Column("activity", "str", "What the log calls it.", vocabulary="activities"),
        Column(
            "resource",
            "str",
            "What it queues for; blank when nothing is short.",
            null=True,
            references="resources.resource",
        ),
        Column(
            "share",
            "float",
            "Share of trips that go through it.",
            unit="1",
            cited=True,
            above=0,
            most=1,
        ),
        Column(
            "choice",
            "str",
            "Stages with one word here are alternatives whose shares sum to 1.",
            null=True,
        ),
        Column(
            "mean_h",
            "float",
            "Mean time of service, waiting excluded.",
            unit="h",
            cited=True,
            above=0,
            most=2000,
        ),
        Column(
            "cv",
            "float",
            "Its coefficient of variation; used by lognormal and weibull, width of triangular "
            "and uniform.",
            unit="1",
            cited=True,
            least=0,
            most=5,
        ),
        Column(
            "shape", "str", "Family of the time of service.", choices=SHAPES, default="lognormal"
        ),
        Column(
            "basis",
            "str",
            "One time a trip, or one for each unit of its lot.",
            choices=("trip", "unit"),
            default="trip",
        ),
        Column(
            "fee_usd",
            "float",
            "Payment made at the stage, a trip.",
            unit="USD",
            null=True,
            cited=True,
            least=0,
        ),
        NOTE,
    ),
    key=("procedure", "order"),
)

CLOSURES = Table(
    "closures",
    "Spells in which weather shuts a place, by month.",
    (
        Column("place", "str", "What is shut.", references="places.place"),
        Column(
            "cause", "str", "Why.", choices=("wind", "ice", "snow", "flood", "politics", "other")
        ),
        Column("month", "int", "Month of the year.", least=1, most=12),
        Column(
            "spells",
            "float",
            "Mean number of spells beginning in the month.",
            unit="1",
            cited=True,
            least=0,
        ),
        Column("mean_h", "float", "Mean length of a spell.", unit="h", cited=True, above=0),
        Column(
            "cv",
            "float",
            "Coefficient of variation of the length.",
            unit="1",
            cited=True,
            least=0,
            most=5,
        ),
        NOTE,
    ),
    key=("place", "cause", "month"),
)

CONTROL = (CALENDARS, RESOURCES, PROCEDURES, STAGES, CLOSURES)
