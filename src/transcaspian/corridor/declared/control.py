"""Declarations of what a place does to a trip: procedures, stages, resources, calendars."""

from transcaspian.corridor.declared.geography import NOTE
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
        Column(
            "holidays",
            "bool",
            "Gives way to the holidays of the country of the place.",
            default=False,
            optional=True,
        ),
        NOTE,
    ),
    key=("calendar", "days", "opens_h"),
)

HOLIDAYS = Table(
    "holidays",
    "Days on which calendars that keep holidays have fewer servers on duty.",
    (
        Column("country", "str", "Whose holiday.", references="countries.country"),
        Column("date", "str", "MM-DD for every year, or YYYY-MM-DD."),
        Column("name", "str", "Name in English."),
        Column(
            "share",
            "float",
            "Part of the servers otherwise on duty that work.",
            unit="1",
            cited=True,
            least=0,
            most=1,
        ),
        NOTE,
    ),
    key=("country", "date"),
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
        Column(
            "kind",
            "str",
            "What a trip has of it: a server for the time of a stage; a space for the time of a "
            "procedure; a quota, which is used up and is whole again whenever its calendar opens.",
            choices=("server", "space", "quota"),
            default="server",
            optional=True,
        ),
        Column(
            "discipline",
            "str",
            "Who is next: first come first served; the highest priority; or the highest priority, "
            "who interrupts a lower one at work, which goes on later where it stopped.",
            choices=("fifo", "priority", "preempt"),
            default="fifo",
            optional=True,
        ),
        Column(
            "depth_m",
            "float",
            "Depth of water at a berth; blank where it is no limit.",
            unit="m",
            null=True,
            cited=True,
            above=0,
            optional=True,
        ),
        Column(
            "keel_m",
            "float",
            "Water that must be left under the keel.",
            unit="m",
            null=True,
            cited=True,
            least=0,
            optional=True,
        ),
        NOTE,
    ),
    key=("resource",),
)

FAILURES = Table(
    "failures",
    "How servers break down: each by itself, on the clock, whether it works or not; work in hand "
    "is interrupted and goes on after the repair or at another server.",
    (
        Column("resource", "str", "What breaks.", references="resources.resource"),
        Column("up_h", "float", "Mean time up.", unit="h", cited=True, above=0),
        Column("up_shape", "str", "Family of it.", choices=SHAPES, default="exponential"),
        Column("up_cv", "float", "Its coefficient of variation.", unit="1", cited=True, least=0),
        Column("repair_h", "float", "Mean time of repair.", unit="h", cited=True, above=0),
        Column("repair_shape", "str", "Family of it.", choices=SHAPES, default="lognormal"),
        Column(
            "repair_cv", "float", "Its coefficient of variation.", unit="1", cited=True, least=0
        ),
        NOTE,
    ),
    key=("resource",),
)

MAINTENANCE = Table(
    "maintenance",
    "Windows of preventive maintenance, local time, in which servers are taken off duty.",
    (
        Column("resource", "str", "What is maintained.", references="resources.resource"),
        Column("days", "str", "Day or span of days: mon, mon-sat."),
        Column("opens_h", "float", "Local hour of its begin.", unit="h", cited=True, least=0),
        Column(
            "closes_h", "float", "Local hour of its end.", unit="h", cited=True, least=0, most=24
        ),
        Column("servers", "int", "Servers taken off.", unit="1", cited=True, least=1),
        Column(
            "every_weeks", "int", "Every how many weeks.", unit="1", cited=True, least=1, most=53
        ),
        NOTE,
    ),
    key=("resource", "days", "opens_h"),
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
        Column(
            "yard",
            "str",
            "Space that a trip takes before it goes there and gives back after the last stage; a "
            "trip that finds none keeps the server and the space it has, and blocks them.",
            null=True,
            references="resources.resource",
            optional=True,
        ),
        Column(
            "permit",
            "str",
            "Quota that a trip draws on before it goes there.",
            null=True,
            references="resources.resource",
            optional=True,
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
        Column(
            "fork",
            "str",
            "Stages in a row with one word here run side by side, one after another within a "
            "track; the trip goes on when all tracks are done.",
            null=True,
            optional=True,
        ),
        Column("track", "str", "The track of a fork.", null=True, optional=True),
        Column(
            "balk_at",
            "int",
            "Queue before the stage, in trips, at which a newcomer does not join it.",
            unit="1",
            null=True,
            cited=True,
            least=0,
            optional=True,
        ),
        Column(
            "patience_h",
            "float",
            "Mean wait after which a trip gives up.",
            unit="h",
            null=True,
            cited=True,
            above=0,
            optional=True,
        ),
        Column(
            "patience_shape",
            "str",
            "Family of it.",
            choices=("constant", "exponential"),
            default="exponential",
            optional=True,
        ),
        Column(
            "otherwise",
            "str",
            "Where a trip goes that does not join or gives up: skip the stage, leave the corridor, "
            "or the word of a later stage of the procedure.",
            default="skip",
            optional=True,
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

CONTROL = (CALENDARS, HOLIDAYS, RESOURCES, FAILURES, MAINTENANCE, PROCEDURES, STAGES, CLOSURES)
