"""Declarations of what moves and with what: units, goods, fleets, services, flows, tariffs."""

from transcaspian.corridor.declared.geography import NOTE
from transcaspian.tables.schema import Column, Table

UNITS = Table(
    "units",
    "What is counted as one moving thing.",
    (
        Column("unit", "str", "Lower-snake word."),
        Column("name", "str", "Name in English."),
        Column(
            "networks",
            "str",
            "Surfaces it can move on.",
            choices=("rail", "road", "sea"),
            many=True,
        ),
        Column(
            "teu",
            "float",
            "Twenty-foot equivalents; 0 for what is not a container.",
            unit="TEU",
            least=0,
        ),
        NOTE,
    ),
    key=("unit",),
)

GOODS = Table(
    "goods",
    "What is carried.",
    (
        Column("good", "str", "Lower-snake word."),
        Column("name", "str", "Name in English."),
        Column("hs", "str", "HS codes.", null=True, many=True),
        Column("value_usd_per_t", "float", "Value.", unit="USD/t", cited=True, above=0),
        NOTE,
    ),
    key=("good",),
)

FLEETS = Table(
    "fleets",
    "Vessels and train sets that go to and fro.",
    (
        Column("fleet", "str", "Lower-snake word."),
        Column("name", "str", "Name in English."),
        Column("mode", "str", "How it moves.", references="modes.mode"),
        Column("number", "int", "Carriers in service.", unit="1", cited=True, least=1, most=1000),
        Column(
            "capacity", "float", "Deck space of one carrier, in capacity_unit.", cited=True, above=0
        ),
        Column("capacity_unit", "str", "What the deck space is counted in: TEU, wagons, trucks."),
        Column(
            "speed_kmh",
            "float",
            "Speed in motion; blank takes the link's.",
            unit="km/h",
            null=True,
            cited=True,
            above=0,
        ),
        Column(
            "empty_speed_kmh",
            "float",
            "Speed with nothing aboard; blank for the same.",
            unit="km/h",
            null=True,
            cited=True,
            above=0,
            optional=True,
        ),
        Column(
            "draught_full_m",
            "float",
            "Draught with a full deck; blank where depth is no limit.",
            unit="m",
            null=True,
            cited=True,
            above=0,
            optional=True,
        ),
        Column(
            "draught_empty_m",
            "float",
            "Draught with nothing aboard.",
            unit="m",
            null=True,
            cited=True,
            above=0,
            optional=True,
        ),
        NOTE,
    ),
    key=("fleet",),
)

LOADING = Table(
    "loading",
    "The deck space each unit takes on a fleet; a unit without a row is not taken.",
    (
        Column("fleet", "str", "Fleet.", references="fleets.fleet"),
        Column("unit", "str", "Unit.", references="units.unit"),
        Column("space", "float", "Deck space of one unit, in the fleet's capacity_unit.", above=0),
    ),
    key=("fleet", "unit"),
    sourced=False,
)

SERVICES = Table(
    "services",
    "Rotations sailed or run by a fleet.",
    (
        Column("service", "str", "Lower-snake word."),
        Column("name", "str", "Name in English."),
        Column("fleet", "str", "Fleet that runs it.", references="fleets.fleet"),
        Column(
            "goods",
            "str",
            "Goods it takes; blank for all.",
            null=True,
            references="goods.good",
            many=True,
        ),
        NOTE,
    ),
    key=("service",),
)

CALLS = Table(
    "calls",
    "The calls of a rotation in order; after the last comes the first.",
    (
        Column("service", "str", "Service.", references="services.service"),
        Column("order", "int", "Place in the rotation.", least=1),
        Column("place", "str", "Where it calls.", references="places.place"),
        Column(
            "berth",
            "str",
            "What the carrier queues for there; blank when nothing is short.",
            null=True,
            references="resources.resource",
        ),
        Column(
            "unload_h", "float", "Mean time to discharge a carrier.", unit="h", cited=True, least=0
        ),
        Column("load_h", "float", "Mean time to load a carrier.", unit="h", cited=True, least=0),
        Column(
            "cv",
            "float",
            "Coefficient of variation of both.",
            unit="1",
            cited=True,
            least=0,
            most=5,
        ),
        Column(
            "shape",
            "str",
            "Family of both.",
            choices=("exponential", "lognormal"),
            default="lognormal",
            optional=True,
        ),
        Column(
            "min_load_share",
            "float",
            "Least share of the deck taken before it leaves, unless the longest wait is over.",
            unit="1",
            cited=True,
            least=0,
            most=1,
        ),
        Column(
            "max_wait_h",
            "float",
            "Longest wait for cargo once ready.",
            unit="h",
            cited=True,
            least=0,
        ),
        Column(
            "timetable",
            "str",
            "Departures it keeps; blank when it leaves full or after the longest wait.",
            null=True,
            references="timetables.timetable",
            optional=True,
        ),
        Column(
            "turnround_h",
            "float",
            "Mean time between unloading and being ready for cargo: crew, bunkers, locomotive.",
            unit="h",
            null=True,
            cited=True,
            least=0,
            optional=True,
        ),
        NOTE,
    ),
    key=("service", "order"),
)

TIMETABLES = Table(
    "timetables",
    "Departures in the local time of the place of the call; several rows a timetable.",
    (
        Column("timetable", "str", "Lower-snake word."),
        Column("days", "str", "Day or span of days: mon, mon-sat, mon-sun."),
        Column(
            "departs_h", "float", "Local hour of departure.", unit="h", cited=True, least=0, most=24
        ),
        NOTE,
    ),
    key=("timetable", "days", "departs_h"),
)

SEASONS = Table(
    "seasons",
    "How a year's traffic falls on the months.",
    (
        Column("season", "str", "Lower-snake word."),
        Column("month", "int", "Month of the year.", least=1, most=12),
        Column(
            "share",
            "float",
            "Share of the year's traffic; twelve shares sum to 1.",
            unit="1",
            cited=True,
            least=0,
            most=1,
        ),
    ),
    key=("season", "month"),
)

RHYTHMS = Table(
    "rhythms",
    "How traffic falls on the hours of a week, local time of the origin; hours named nowhere "
    "weigh 0, and the mean over the week is set to 1.",
    (
        Column("rhythm", "str", "Lower-snake word."),
        Column("days", "str", "Day or span of days: mon, mon-sat."),
        Column(
            "opens_h", "float", "Local hour from which it holds.", unit="h", cited=True, least=0
        ),
        Column(
            "closes_h", "float", "Local hour of its end.", unit="h", cited=True, least=0, most=24
        ),
        Column("weight", "float", "Relative intensity.", unit="1", cited=True, least=0),
        NOTE,
    ),
    key=("rhythm", "days", "opens_h"),
)

FLOWS = Table(
    "flows",
    "Who travels from where to where: the corridor's cargo, background traffic, competing ways.",
    (
        Column("flow", "str", "Lower-snake word."),
        Column(
            "scope",
            "str",
            "Cargo of the corridor, background traffic, or a competing way.",
            choices=("corridor", "background", "alternative"),
        ),
        Column("good", "str", "Goods.", references="goods.good"),
        Column("unit", "str", "Unit.", references="units.unit"),
        Column("origin", "str", "First place.", references="places.place"),
        Column("destination", "str", "Last place.", references="places.place"),
        Column(
            "via",
            "str",
            "Places it must pass, in order.",
            null=True,
            references="places.place",
            many=True,
        ),
        Column(
            "modes",
            "str",
            "Modes it may use; blank for all its unit can.",
            null=True,
            references="modes.mode",
            many=True,
        ),
        Column(
            "services",
            "str",
            "Services it may board; blank for all that take it.",
            null=True,
            references="services.service",
            many=True,
        ),
        Column(
            "direction",
            "str",
            "Way along the corridor.",
            choices=("westbound", "eastbound", "northbound", "southbound"),
        ),
        Column("trips_per_y", "float", "Trips a year.", unit="1/y", cited=True, above=0),
        Column(
            "lot",
            "int",
            "Units that travel together as one trip (a train of 50 wagons: 50).",
            unit="1",
            least=1,
            default=1,
        ),
        Column("tonnes_per_trip", "float", "Cargo of one trip.", unit="t", cited=True, least=0),
        Column("season", "str", "How it falls on the months.", references="seasons.season"),
        Column(
            "pattern",
            "str",
            "Poisson arrivals, or evenly spaced ones.",
            choices=("poisson", "regular"),
            default="poisson",
        ),
        Column(
            "rhythm",
            "str",
            "How it falls on the hours of a week; blank for evenly.",
            null=True,
            references="rhythms.rhythm",
            optional=True,
        ),
        Column(
            "priority",
            "int",
            "Who goes first where a resource asks for it: the higher number.",
            unit="1",
            least=0,
            most=9,
            default=0,
            optional=True,
        ),
        Column(
            "total",
            "str",
            "Published total it is part of; such flows must add up to it.",
            null=True,
            references="published.figure",
        ),
        NOTE,
    ),
    key=("flow",),
)

TARIFFS = Table(
    "tariffs",
    "What moving costs.",
    (
        Column("tariff", "str", "Lower-snake word."),
        Column("mode", "str", "Mode.", references="modes.mode"),
        Column(
            "country",
            "str",
            "Country; blank for any not named elsewhere.",
            null=True,
            references="countries.country",
        ),
        Column("link", "str", "One link only; blank for all.", null=True, references="links.link"),
        Column(
            "unit",
            "str",
            "Unit; blank for any not named elsewhere.",
            null=True,
            references="units.unit",
        ),
        Column(
            "usd_per_t_km",
            "float",
            "Rate by weight and distance.",
            unit="USD/t-km",
            null=True,
            cited=True,
            least=0,
        ),
        Column("usd_per_trip", "float", "Rate a unit.", unit="USD", null=True, cited=True, least=0),
        NOTE,
    ),
    key=("tariff",),
)

TRAFFIC = (
    UNITS,
    GOODS,
    FLEETS,
    LOADING,
    SERVICES,
    CALLS,
    TIMETABLES,
    SEASONS,
    RHYTHMS,
    FLOWS,
    TARIFFS,
)
