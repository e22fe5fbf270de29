"""Declarations of where: countries, modes, places and links."""

from transcaspian.tables.schema import Column, Table

NOTE = Column("note", "str", "Anything a reader of the row should know.", null=True)

COUNTRIES = Table(
    "countries",
    "The countries of the corridor and of the ways it competes with.",
    (
        Column("country", "str", "ISO 3166-1 alpha-2 code."),
        Column("name", "str", "Short English name."),
        Column(
            "role",
            "str",
            "How it takes part.",
            choices=("member", "feeder", "gateway", "competing", "market"),
        ),
        Column(
            "union", "str", "Customs union whose inner borders have no customs control.", null=True
        ),
        NOTE,
    ),
    key=("country",),
)

MODES = Table(
    "modes",
    "The ways of moving.",
    (
        Column("mode", "str", "Lower-snake word."),
        Column("network", "str", "The surface it runs on.", choices=("rail", "road", "sea")),
        Column("activity", "str", "Activity of moving by this mode.", vocabulary="activities"),
        Column(
            "drive_limit_h",
            "float",
            "Hours in motion after which the driver must rest; blank for none.",
            unit="h",
            null=True,
            cited=True,
            above=0,
        ),
        Column("rest_h", "float", "Length of that rest.", unit="h", null=True, cited=True, above=0),
        NOTE,
    ),
    key=("mode",),
)

PLACES = Table(
    "places",
    "Where things happen: posts, ports, stations, terminals, gauge breaks, straits.",
    (
        Column("place", "str", "Lower-snake word."),
        Column("name", "str", "Name in English."),
        Column(
            "country",
            "str",
            "Country it lies in; blank for the high sea.",
            null=True,
            references="countries.country",
        ),
        Column(
            "kind",
            "str",
            "What it is.",
            choices=(
                "city",
                "station",
                "terminal",
                "port",
                "border_post",
                "gauge_break",
                "passage",
            ),
        ),
        Column("lat_deg", "float", "Latitude, WGS 84.", unit="deg", cited=True, least=-90, most=90),
        Column(
            "lon_deg", "float", "Longitude, WGS 84.", unit="deg", cited=True, least=-180, most=180
        ),
        Column("zone", "str", "IANA time zone that its calendars keep."),
        Column("unlocode", "str", "UN/LOCODE.", null=True),
        Column("geonames", "int", "GeoNames id.", null=True),
        NOTE,
    ),
    key=("place",),
)

LINKS = Table(
    "links",
    "What one moves along between two places; both ways unless one_way.",
    (
        Column("link", "str", "origin__destination__mode, with __variant where two ways compete."),
        Column("origin", "str", "One end.", references="places.place"),
        Column("destination", "str", "Other end.", references="places.place"),
        Column("mode", "str", "How one moves.", references="modes.mode"),
        Column("length_km", "float", "Length.", unit="km", cited=True, above=0, most=40000),
        Column(
            "speed_kmh",
            "float",
            "Speed in motion, stops excluded.",
            unit="km/h",
            cited=True,
            above=0,
            most=160,
        ),
        Column(
            "time_cv",
            "float",
            "Coefficient of variation of the time in motion.",
            unit="1",
            cited=True,
            least=0,
            most=2,
        ),
        Column("gauge_mm", "int", "Track gauge; blank off the rails.", unit="mm", null=True),
        Column(
            "pairs_per_day",
            "float",
            "Line capacity in train pairs a day where known.",
            unit="1/d",
            null=True,
            cited=True,
            above=0,
        ),
        Column(
            "capacity_mt_per_y",
            "float",
            "Line capacity where known.",
            unit="Mt/y",
            null=True,
            cited=True,
            above=0,
        ),
        Column("one_way", "bool", "Only from origin to destination.", default=False),
        Column("in_service", "bool", "In use in the base year.", default=True),
        NOTE,
    ),
    key=("link",),
)

NAMES = Table(
    "names",
    "What people call places, countries and goods in other languages and spellings; a name may be "
    "that of several.",
    (
        Column("kind", "str", "What bears the name.", choices=("place", "country", "good")),
        Column("key", "str", "Place, country or good."),
        Column("language", "str", "ISO 639-1 code; blank for another spelling.", null=True),
        Column("name", "str", "The name."),
    ),
    key=("kind", "key", "name"),
    sourced=False,
)

GEOGRAPHY = (COUNTRIES, MODES, PLACES, LINKS, NAMES)
