"""What must hold of the tables that worth is counted with."""

from __future__ import annotations

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.corridor.declared.valuing import EMISSION_UNIT
from transcaspian.corridor.rules.telling import Row, numbered, told
from transcaspian.errors import Fault

RANGES = {"factors": "value", "exchange": "rate"}


def ranges(corridor: Corridor) -> list[Fault]:
    """Factors and rates outside their own range, and estimates without one."""
    found: list[Fault] = []
    for table, middle in RANGES.items():
        low, value, high = pl.col("low"), pl.col(middle), pl.col("high")
        rows = numbered(corridor, table)
        outside = rows.filter(~((low <= value) & (value <= high)))
        narrow = rows.filter((pl.col("status") == "estimated") & (low == high))
        found += told(
            outside,
            "C205",
            at=f"{table}.{middle}",
            what=lambda row, at=middle: f"{row[at]:g}",
            expected=_range,
        )
        found += told(
            narrow,
            "C205",
            at=f"{table}.low",
            what=lambda row: f"estimated, from {row['low']:g} to {row['high']:g}",
            expected="a range: low below high",
        )
    return found


def _range(row: Row) -> str:
    return f"a value from low {row['low']:g} to high {row['high']:g}"


def emissions(corridor: Corridor) -> list[Fault]:
    """Emission factors that do not count the same: well to wheel, load and empty running once."""
    rows = numbered(corridor, "factors")
    mine = rows.filter(pl.col("quantity") == "emission")
    unit = mine.filter(pl.col("unit") != EMISSION_UNIT)
    tank = mine.filter(pl.col("boundary").fill_null("") != "well_to_wheel")
    loads = rows.filter((pl.col("quantity") == "load_factor") & pl.lit(mine.height > 0))
    return [
        *told(
            tank,
            "A204",
            at="factors.boundary",
            what=lambda row: f"{row['factor']} counts {row['boundary'] or 'nobody knows what'}",
            expected="well_to_wheel: the fuel's making with its burning",
        ),
        *told(
            unit,
            "A204",
            at="factors.unit",
            what=lambda row: f"{row['factor']} is in {row['unit']}",
            expected=EMISSION_UNIT,
        ),
        *told(
            loads,
            "A204",
            at="factors.quantity",
            what=lambda row: f"{row['factor']} would be applied to factors a tonne-kilometre",
            expected="no load factor: load and empty running are in them already",
        ),
    ]


def base_year(corridor: Corridor) -> list[Fault]:
    """A price level that is 100 in no year, so that nobody knows whose prices are meant."""
    rows = numbered(corridor, "prices")
    if rows.is_empty() or rows.filter(pl.col("level") == 100).height == 1:  # noqa: PLR2004
        return []
    return told(
        rows.head(1),
        "A201",
        at="prices.level",
        what=lambda _: "100 in no year, or in several",
        expected="100 in the one year whose prices are spoken in",
    )


def falls(corridor: Corridor) -> list[Fault]:
    """Futures that subtract levels of different gauges, or have one level alone."""
    gauges = dict(corridor.table("levels").select("level", "gauge").iter_rows())
    rows = numbered(corridor, "futures").with_columns(
        pl.col("level_from").replace_strict(gauges, default=None).alias("gauge_from"),
        pl.col("level_to").replace_strict(gauges, default=None).alias("gauge_to"),
    )
    mixed = rows.filter(pl.col("gauge_from") != pl.col("gauge_to"))
    alone = rows.filter(pl.col("level_from").is_null() != pl.col("level_to").is_null())
    known = {**corridor.shocks, **corridor.editions}
    shocks = rows.select("row", pl.col("shocks").str.split(";")).explode("shocks").drop_nulls()
    unknown = shocks.filter(~pl.col("shocks").is_in(list(known)))
    return [
        *told(
            unknown,
            "A209",
            at="futures.shocks",
            what=lambda row: f"no shock {row['shocks']!r}",
            expected="one of " + ", ".join(known),
        ),
        *told(
            mixed,
            "A208",
            at="futures.level_to",
            what=lambda row: (
                f"{row['level_to']} is of {row['gauge_to']}, "
                f"{row['level_from']} of {row['gauge_from']}"
            ),
            expected="two levels of one gauge",
        ),
        *told(
            alone,
            "A209",
            at="futures.level_to",
            what=lambda row: f"{row['level_from'] or 'no level'} to {row['level_to'] or 'none'}",
            expected="both levels, or neither",
        ),
    ]
