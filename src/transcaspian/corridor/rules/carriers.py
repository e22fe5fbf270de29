"""What must hold of services: calls, the way between them, decks, berths."""

from __future__ import annotations

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.corridor.rules.telling import numbered, told
from transcaspian.errors import Fault

FEWEST = 2  # there and back

Ways = dict[str, dict[str, set[str]]]


def rotations(corridor: Corridor) -> list[Fault]:
    """Services with fewer than two calls."""
    calls = corridor.table("calls").group_by("service").len()
    frame = numbered(corridor, "services").join(
        calls, on="service", how="left", maintain_order="left"
    )
    return told(
        frame.with_columns(pl.col("len").fill_null(0)).filter(pl.col("len") < FEWEST),
        "C504",
        at="services.service",
        what=lambda row: f"{row['service']} has {row['len'] or 'no'} call{'s' * (row['len'] != 1)}",
        expected="two or more in calls.csv",
    )


def ways(corridor: Corridor) -> list[Fault]:
    """Calls from which no links in service, of the mode of the fleet, lead to the next call."""
    modes = corridor.table("fleets").select("fleet", "mode")
    services = corridor.table("services").select("service", "fleet").join(modes, on="fleet")
    around = [pl.col("place").shift(-1).over("service"), pl.col("place").first().over("service")]
    calls = (
        numbered(corridor, "calls")
        .join(services, on="service")
        .sort("service", "order")
        .with_columns(pl.coalesce(around).alias("next"), pl.len().over("service").alias("count"))
        .filter(pl.col("count") >= FEWEST)
    )
    known = _ways(corridor)
    lost = [
        not _leads(known.get(mode, {}), here, there)
        for mode, here, there in calls.select("mode", "place", "next").iter_rows()
    ]
    return told(
        calls.filter(pl.Series(lost, dtype=pl.Boolean)).sort("row"),
        "C504",
        at="calls.place",
        what=lambda row: (
            f"{row['service']} calls twice running at {row['place']}"
            if row["place"] == row["next"]
            else f"no {row['mode']} leads from {row['place']} to {row['next']}"
        ),
        expected=lambda row: f"links of mode {row['mode']} in service between two calls",
    )


def _ways(corridor: Corridor) -> Ways:
    """Where the links in service lead to from each place, by mode."""
    found: Ways = {}
    links = corridor.table("links").filter(pl.col("in_service"))
    for mode, here, there, one_way in links.select(
        "mode", "origin", "destination", "one_way"
    ).iter_rows():
        found.setdefault(mode, {}).setdefault(here, set()).add(there)
        if not one_way:
            found[mode].setdefault(there, set()).add(here)
    return found


def _leads(ways: dict[str, set[str]], here: str, there: str) -> bool:
    """Whether one may go from here to another place that is there."""
    seen, ahead = {here}, [here]
    while ahead:
        after = ways.get(ahead.pop(), set()) - seen
        if there in after:
            return True
        seen |= after
        ahead += after
    return False


def decks(corridor: Corridor) -> list[Fault]:
    """Fleets of services that take no unit, units larger than a deck or foreign to its network."""
    loading = numbered(corridor, "loading")
    modes = corridor.table("modes").select("mode", "network")
    fleets = corridor.table("fleets").join(modes, on="mode")
    units = corridor.table("units").select("unit", "networks")
    taken = loading.join(
        fleets.select("fleet", "capacity", "capacity_unit", "network"),
        on="fleet",
        maintain_order="left",
    ).join(units, on="unit", maintain_order="left")
    on_network = pl.col("networks").str.split(";").list.contains(pl.col("network"))
    return [
        *told(
            numbered(corridor, "services").join(
                loading, on="fleet", how="anti", maintain_order="left"
            ),
            "C504",
            at="services.fleet",
            what=lambda row: f"fleet {row['fleet']} takes no unit",
            expected="a row in loading.csv",
        ),
        *told(
            taken.filter(pl.col("space") > pl.col("capacity")),
            "C504",
            at="loading.space",
            what=lambda row: (
                f"a {row['unit']} takes {row['space']:g}, and a carrier of {row['fleet']} has "
                f"{row['capacity']:g}"
            ),
            expected=lambda row: f"deck space of one unit, in {row['capacity_unit']}",
        ),
        *told(
            taken.filter(~on_network),
            "C504",
            at="loading.unit",
            what=lambda row: f"a {row['unit']} does not move by {row['network']}",
            expected=lambda row: f"a unit with {row['network']} among its networks",
        ),
    ]


def numbers(corridor: Corridor) -> list[Fault]:
    """Fleets with fewer carriers than services to run."""
    run = corridor.table("services").group_by("fleet").len()
    frame = numbered(corridor, "fleets").join(run, on="fleet", maintain_order="left")
    return told(
        frame.filter(pl.col("number") < pl.col("len")),
        "C504",
        at="fleets.number",
        what=lambda row: (
            f"fleet {row['fleet']} has {row['number']} carriers for {row['len']} services"
        ),
        expected="one each or more",
    )


def berths(corridor: Corridor) -> list[Fault]:
    """Calls whose berth lies at another place."""
    berth = corridor.table("resources").select(
        pl.col("resource").alias("berth"), pl.col("place").alias("lies")
    )
    frame = numbered(corridor, "calls").join(berth, on="berth", maintain_order="left")
    return told(
        frame.filter(pl.col("place") != pl.col("lies")),
        "C510",
        at="calls.berth",
        what=lambda row: f"{row['berth']} lies at {row['lies']}",
        expected=lambda row: f"a resource of {row['place']}",
    )
