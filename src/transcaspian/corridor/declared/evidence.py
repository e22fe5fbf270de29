"""Declarations of what is known: sources, provenance, published figures, domain tables."""

from transcaspian.corridor.declared.geography import NOTE
from transcaspian.tables.schema import STATUSES, Column, Table

SOURCES = Table(
    "sources",
    "Every publication a row rests on, and every convention of this project.",
    (
        Column("source", "str", "Id."),
        Column("title", "str", "Title or short description."),
        Column("publisher", "str", "Publisher.", null=True),
        Column("year", "int", "Year of publication.", null=True),
        Column("url", "str", "Address.", null=True),
        NOTE,
    ),
    key=("source",),
    sourced=False,
)

PROVENANCE = Table(
    "provenance",
    "Where one cell differs from its row, and the range of every estimated cell.",
    (
        Column("table", "str", "Table of the cell."),
        Column("key", "str", "Key of its row; several parts are joined by a slash."),
        Column("column", "str", "Column of the cell."),
        Column("status", "str", "How far the cell can be trusted.", choices=STATUSES),
        Column("low", "float", "Least believable value.", null=True),
        Column("high", "float", "Greatest believable value.", null=True),
        Column(
            "source",
            "str",
            "Where the cell was read or how it was set.",
            references="sources.source",
            many=True,
        ),
        NOTE,
    ),
    key=("table", "key", "column"),
    sourced=False,
)

QUANTITIES = (
    "border_h",
    "border_usd",
    "door_to_door_h",
    "section_h",
    "handling_h",
    "cost_usd_per_500km_20t",
    "speed_with_delay_kmh",
    "speed_without_delay_kmh",
    "tonnes_kt",
    "teu",
    "trips",
    "fleet_teu",
    "crossing_share",
    "waiting_share",
    "time_ratio",
)

PUBLISHED = Table(
    "published",
    "Figures that somebody published and that the model can be held against.",
    (
        Column("figure", "str", "Lower-snake word."),
        Column("quantity", "str", "What was measured.", choices=QUANTITIES),
        Column("year", "int", "Year it speaks of.", least=1970, most=2100),
        Column("place", "str", "Post or port.", null=True, references="places.place"),
        Column(
            "country", "str", "Country it speaks of.", null=True, references="countries.country"
        ),
        Column("network", "str", "Surface.", null=True, choices=("rail", "road", "sea")),
        Column(
            "direction",
            "str",
            "Direction seen from that country; blank for the mean of both.",
            null=True,
            choices=("outbound", "inbound"),
        ),
        Column("origin", "str", "First place of a trip.", null=True, references="places.place"),
        Column("destination", "str", "Last place of a trip.", null=True, references="places.place"),
        Column(
            "via", "str", "Places the trip passes.", null=True, references="places.place", many=True
        ),
        Column("value", "float", "The figure, or the middle of its range.", cited=True),
        Column("low", "float", "Least value printed.", null=True),
        Column("high", "float", "Greatest value printed.", null=True),
        Column("unit", "str", "Unit of the figure: h, USD, km/h, kt, TEU, trips, 1."),
        Column(
            "kind",
            "str",
            "What sort of statement it is.",
            choices=("survey", "count", "schedule", "guidance", "claim", "target"),
        ),
        NOTE,
    ),
    key=("figure",),
)

PRIORS = Table(
    "priors",
    "What a calibration may move, how far, and which cells move together.",
    (
        Column("prior", "str", "Lower-snake word."),
        Column(
            "table", "str", "Table of the cells.", choices=("stages", "resources", "flows", "links")
        ),
        Column("column", "str", "Column of the cells."),
        Column("stage", "str", "Stages meant; blank for all.", null=True, many=True),
        Column("network", "str", "Surface meant.", null=True, choices=("rail", "road", "sea")),
        Column("scope", "str", "Flows meant, by their scope.", null=True),
        Column(
            "split",
            "str",
            "What has a parameter of its own: each side of a post, each post, country, or all.",
            choices=("side", "post", "country", "all"),
        ),
        Column(
            "centre",
            "str",
            "Where the cells stand before any figure is heard: as shipped; at the median of their "
            "like at all posts; servers, at so many as their work needs at a given load, or at "
            "that load whatever the pace; places inside a post, at how many trips are inside on "
            "average.",
            choices=("shipped", "class", "load", "paced", "inside"),
        ),
        Column("low", "float", "Factor that 1 in 20 is below; or the load.", above=0),
        Column("high", "float", "Factor that 1 in 20 is above; or the load.", above=0),
        NOTE,
    ),
    key=("prior",),
)

CLIMATE = Table(
    "climate",
    "Monthly temperature normals of stations near the corridor.",
    (
        Column("station", "str", "Lower-snake word."),
        Column("name", "str", "Name of the station."),
        Column("country", "str", "Country.", references="countries.country"),
        Column(
            "places",
            "str",
            "Places it stands for.",
            null=True,
            references="places.place",
            many=True,
        ),
        Column("lat_deg", "float", "Latitude.", unit="deg", least=-90, most=90),
        Column("lon_deg", "float", "Longitude.", unit="deg", least=-180, most=180),
        Column("month", "int", "Month.", least=1, most=12),
        Column(
            "tmax_c",
            "float",
            "Mean daily maximum.",
            unit="degC",
            null=True,
            cited=True,
            least=-60,
            most=60,
        ),
        Column(
            "tmin_c",
            "float",
            "Mean daily minimum.",
            unit="degC",
            null=True,
            cited=True,
            least=-70,
            most=50,
        ),
        NOTE,
    ),
    key=("station", "month"),
)

BRIDGES = Table(
    "bridges",
    "Bridges on the links.",
    (
        Column("bridge", "str", "Lower-snake word."),
        Column("name", "str", "Name."),
        Column("link", "str", "Link that crosses it.", references="links.link"),
        Column("km", "float", "Road kilometre.", unit="km", null=True, cited=True, least=0),
        Column("built", "int", "Year built.", null=True, cited=True, least=1800, most=2100),
        Column("length_m", "float", "Length.", unit="m", null=True, cited=True, above=0),
        NOTE,
    ),
    key=("bridge",),
)

VITAL_GOODS = Table(
    "vital_goods",
    "Goods whose supply a closed route would touch.",
    (
        Column("vital_good", "str", "Lower-snake word."),
        Column("name", "str", "Name in English."),
        Column("hs", "str", "HS codes.", null=True, many=True),
        Column(
            "import_t",
            "float",
            "Yearly imports of the buying country.",
            unit="t",
            null=True,
            cited=True,
            least=0,
        ),
        Column("import_musd", "float", "Their value.", unit="MUSD", null=True, cited=True, least=0),
        Column(
            "import_hhi",
            "float",
            "Concentration of suppliers.",
            unit="1",
            null=True,
            cited=True,
            least=0,
            most=1,
        ),
        Column(
            "corridor_share",
            "float",
            "Share bought from the corridor's countries.",
            unit="1",
            null=True,
            cited=True,
            least=0,
            most=1,
        ),
        Column("top_supplier", "str", "Largest supplier.", null=True),
        Column(
            "top_supplier_share",
            "float",
            "Its share.",
            unit="1",
            null=True,
            cited=True,
            least=0,
            most=1,
        ),
        Column("route_now", "str", "How it travels today.", null=True),
        Column("route_other", "str", "How it could travel.", null=True),
        NOTE,
    ),
    key=("vital_good",),
)

EVIDENCE = (SOURCES, PROVENANCE, PUBLISHED, PRIORS, CLIMATE, BRIDGES, VITAL_GOODS)
