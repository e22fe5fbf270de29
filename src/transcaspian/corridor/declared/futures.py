"""Declarations of what may come: levels of a sea, and futures that a choice is held against."""

from transcaspian.corridor.declared.geography import NOTE
from transcaspian.tables.schema import Column, Table

LEVELS = Table(
    "levels",
    "Levels of the sea as read or foretold; two of them differ by something only on one gauge.",
    (
        Column("level", "str", "Lower-snake word."),
        Column("gauge", "str", "Gauge, or the mean of gauges, or the zero of a forecast."),
        Column("at", "str", "When: a year, or a year and a month."),
        Column("level_m", "float", "Level above the zero of the gauge.", unit="m", cited=True),
        NOTE,
    ),
    key=("level",),
)

FUTURES = Table(
    "futures",
    "What the corridor may be when the measures work: shocks and editions that come together, and "
    "how far the sea has fallen.",
    (
        Column("future", "str", "Lower-snake word."),
        Column("name", "str", "What people call it."),
        Column("shocks", "str", "Shocks that are in it, in their order.", null=True, many=True),
        Column(
            "level_from",
            "str",
            "Level that the depths of the tables are of.",
            null=True,
            references="levels.level",
        ),
        Column("level_to", "str", "Level of the future.", null=True, references="levels.level"),
        NOTE,
    ),
    key=("future",),
)

OUTLOOK = (LEVELS, FUTURES)
