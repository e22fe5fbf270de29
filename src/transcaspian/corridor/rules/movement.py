"""What must hold of what moves and of the ways it takes: places, links, flows, tariffs."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.corridor.rules.telling import numbered, told
from transcaspian.errors import Fault, Where, nearest
from transcaspian.tables.check import MOST, rest, split

TOTAL_TOLERANCE = 0.005
VOLUMES = {"tonnes_kt": "kt", "teu": "TEU", "trips": "trips"}


def rests(corridor: Corridor) -> list[Fault]:
    """Modes with a limit to driving and no rest after it, or the other way round."""
    halves = ("drive_limit_h", "rest_h")
    faults: list[Fault] = []
    for blank, given in (halves, halves[::-1]):
        frame = numbered(corridor, "modes").filter(
            pl.col(blank).is_null() & pl.col(given).is_not_null()
        )
        faults += told(
            frame,
            "C201",
            at=f"modes.{blank}",
            what=lambda row, blank=blank, given=given: f"{row['mode']} has {given} and no {blank}",
            expected="both or neither",
        )
    return faults


def zones(corridor: Corridor) -> list[Fault]:
    """Places whose time zone is not known."""
    frame = numbered(corridor, "places")
    unknown = {zone for zone in frame["zone"].drop_nulls().unique() if not _is_zone(zone)}
    wrong = frame.filter(pl.col("zone").is_in(unknown))
    return [
        Fault(
            "C206",
            f"seen {row['zone']!r}",
            where=Where(
                file="places.csv",
                row=row["row"] + 1,
                column="zone",
                more=rest(wrong.height, number),
            ),
            expected="an IANA time zone, as Pacific/Auckland",
            nearest=nearest(row["zone"], available_timezones()),
        )
        for number, row in enumerate(wrong.head(MOST).iter_rows(named=True))
    ]


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def links(corridor: Corridor) -> list[Fault]:
    """Links that join a place to itself, rails without a gauge, gauges off the rails."""
    modes = corridor.table("modes").select("mode", "network")
    frame = numbered(corridor, "links").join(modes, on="mode", maintain_order="left")
    railway = pl.col("network") == "rail"
    return [
        *told(
            frame.filter(pl.col("origin") == pl.col("destination")),
            "C503",
            at="links.destination",
            what=lambda row: f"{row['link']} begins and ends at {row['origin']}",
            expected="another place",
        ),
        *told(
            frame.filter(railway & pl.col("gauge_mm").is_null()),
            "C201",
            at="links.gauge_mm",
            what=lambda row: f"{row['link']} has no gauge",
            expected="the gauge of a railway, in mm",
        ),
        *told(
            frame.filter(~railway & pl.col("gauge_mm").is_not_null()),
            "C205",
            at="links.gauge_mm",
            what=lambda row: f"{row['link']} is {row['network']} and has a gauge",
            expected="a blank off the rails",
        ),
    ]


def ends(corridor: Corridor) -> list[Fault]:
    """Flows that begin and end at one place."""
    frame = numbered(corridor, "flows")
    return told(
        frame.filter((pl.col("origin") == pl.col("destination")) & pl.col("via").is_null()),
        "C505",
        at="flows.destination",
        what=lambda row: f"{row['flow']} begins and ends at {row['origin']}",
        expected="another place, or places to pass in via",
    )


def flows(corridor: Corridor) -> list[Fault]:
    """Flows whose unit moves on none of the networks of their modes."""
    table = corridor.table("flows")
    modes = corridor.table("modes").select("mode", "network")
    allowed = corridor.table("units").select("unit", "networks")
    units = table.with_row_index("row").select("row", "unit").cast({"row": pl.Int64})
    frame = (
        split(table, "modes")
        .cast({"row": pl.Int64})
        .join(modes, left_on="value", right_on="mode", maintain_order="left")
        .join(units, on="row", maintain_order="left")
        .join(allowed, on="unit", maintain_order="left")
        .filter(~pl.col("networks").str.split(";").list.contains(pl.col("network")))
    )
    return told(
        frame,
        "C505",
        at="flows.modes",
        what=lambda row: f"a {row['unit']} cannot move by {row['value']}",
        expected=lambda row: f"modes on {', '.join(sorted(row['networks'].split(';')))}",
    )


def boardings(corridor: Corridor) -> list[Fault]:
    """Flows that may board only services which do not take their unit or their goods."""
    table = corridor.table("flows")
    rows = table.with_row_index("row").select("row", "flow", "unit", "good")
    services = corridor.table("services").select("service", "fleet", "goods")
    takes = corridor.table("loading").with_columns(pl.lit(value=True).alias("taken"))
    frame = (
        split(table, "services")
        .cast({"row": pl.Int64})
        .join(rows.cast({"row": pl.Int64}), on="row", maintain_order="left")
        .join(services, left_on="value", right_on="service", maintain_order="left")
        .join(takes, on=["fleet", "unit"], how="left", maintain_order="left")
    )
    goods = pl.col("goods").str.split(";")
    refused = pl.col("taken").is_null() | (
        pl.col("goods").is_not_null() & ~goods.list.contains(pl.col("good"))
    )
    return told(
        frame.group_by("row", "flow", "unit", "good", maintain_order=True)
        .agg(refused.all().alias("refused"), pl.col("value").str.join(", "))
        .filter("refused"),
        "C505",
        at="flows.services",
        what=lambda row: f"{row['value']}: takes no {row['unit']} of {row['good']}",
        expected="a service whose fleet takes the unit (loading.csv) and which takes the goods",
    )


def tariffs(corridor: Corridor) -> list[Fault]:
    """Tariffs that name no rate."""
    bare = pl.col("usd_per_t_km").is_null() & pl.col("usd_per_trip").is_null()
    return told(
        numbered(corridor, "tariffs").filter(bare),
        "C201",
        at="tariffs.usd_per_t_km",
        what=lambda row: f"{row['tariff']} has no rate",
        expected="usd_per_t_km, usd_per_trip, or both",
    )


def totals(corridor: Corridor) -> list[Fault]:
    """Flows that do not add up to the published total they name."""
    sums = _sums(corridor).filter(
        pl.col("seen").is_null() | ((pl.col("seen") / pl.col("value") - 1).abs() > TOTAL_TOLERANCE)
    )
    return [
        Fault(
            "C506",
            f"the flows of {row['total']} add up to {row['seen']:,.6g}"
            if row["seen"] is not None
            else f"flows name the total {row['total']}, which counts {row['quantity']}",
            where=Where(file="flows.csv", column="total"),
            expected=f"{row['value']:,.6g} ({row['quantity']}), within 0.5 %"
            if row["seen"] is not None
            else f"a figure that counts {', '.join(VOLUMES)}",
        )
        for row in sums.iter_rows(named=True)
    ]


def _sums(corridor: Corridor) -> pl.DataFrame:
    """What the flows of each total add up to, in the quantity of the total; else null."""
    units = corridor.table("units").select("unit", "teu")
    published = corridor.table("published").select("figure", "quantity", "value")
    kilotonnes = pl.col("trips_per_y") * pl.col("tonnes_per_trip") / 1000
    quantity = pl.col("quantity")
    return (
        corridor.table("flows")
        .filter(pl.col("total").is_not_null())
        .join(units, on="unit")
        .group_by("total")
        .agg(
            kilotonnes.sum().alias("tonnes_kt"),
            (pl.col("trips_per_y") * pl.col("lot") * pl.col("teu")).sum().alias("teu"),
            pl.col("trips_per_y").sum().alias("trips"),
        )
        .join(published, left_on="total", right_on="figure")
        .with_columns(
            pl.coalesce(pl.when(quantity == name).then(pl.col(name)) for name in VOLUMES).alias(
                "seen"
            )
        )
        .sort("total")
    )
