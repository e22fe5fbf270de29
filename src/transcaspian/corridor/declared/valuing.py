"""Declarations of what worth is counted with: factors, exchange rates, price levels.

No run reads them: an appraisal does, after it.
"""

from transcaspian.corridor.declared.geography import NOTE
from transcaspian.tables.schema import Column, Table

QUANTITIES = (
    "time_value",
    "carrying_rate",
    "reliability_ratio",
    "elasticity",
    "emission",
    "load_factor",
    "carbon_price",
    "accidents",
    "case_value",
    "traffic_growth",
    "discount_rate",
)
BOUNDARIES = ("well_to_wheel", "tank_to_wheel")
EMISSION_UNIT = "g/t-km"
ACCIDENT_UNITS = ("1/Mvkm", "1/Gt-km")

FACTORS = Table(
    "factors",
    "What an appraisal needs and a route does not tell: the user's to replace. The most specific "
    "row that fits a flow holds: its good before its mode before its country.",
    (
        Column("factor", "str", "Lower-snake word."),
        Column("quantity", "str", "What it is a value of.", choices=QUANTITIES),
        Column("good", "str", "Good meant; blank for any.", null=True, references="goods.good"),
        Column("mode", "str", "Mode meant; blank for any.", null=True, references="modes.mode"),
        Column(
            "country",
            "str",
            "Country meant; blank for any.",
            null=True,
            references="countries.country",
        ),
        Column("value", "float", "The middle of its range."),
        Column("low", "float", "Least believable value: no draw is below."),
        Column("high", "float", "Greatest believable value: no draw is above."),
        Column("unit", "str", "Its unit."),
        Column(
            "boundary",
            "str",
            "What an emission factor counts; blank for others.",
            null=True,
            choices=BOUNDARIES,
        ),
        NOTE,
    ),
    key=("factor",),
)

EXCHANGE = Table(
    "exchange",
    "What a dollar cost in other currencies, the mean of a year.",
    (
        Column("currency", "str", "ISO 4217 code."),
        Column("year", "int", "Year of the mean.", least=1970, most=2100),
        Column("rate", "float", "Units of the currency a dollar.", above=0),
        Column("low", "float", "Least believable value.", above=0),
        Column("high", "float", "Greatest believable value.", above=0),
        NOTE,
    ),
    key=("currency", "year"),
)

PRICES = Table(
    "prices",
    "The price level of the dollar; 100 in the year whose prices an appraisal speaks in.",
    (
        Column("year", "int", "Year.", least=1970, most=2100),
        Column("level", "float", "Price level.", unit="1", above=0),
        NOTE,
    ),
    key=("year",),
)

VALUING = (FACTORS, EXCHANGE, PRICES)
