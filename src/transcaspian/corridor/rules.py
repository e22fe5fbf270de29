"""What must hold across the tables of a corridor."""

from __future__ import annotations

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.corridor.provenance import check_provenance
from transcaspian.corridor.tables import REQUIRED, TABLES
from transcaspian.errors import Fault, Where
from transcaspian.tables.check import check_frame, check_references

TOLERANCE = 1e-6
TOTAL_TOLERANCE = 0.005
TONNES = {"tonnes_kt": 1000.0}


def check(corridor: Corridor) -> list[Fault]:
    """Every fault of a corridor at once: each table on its own, then what must hold across them."""
    faults = [
        Fault(
            "C103",
            f"table {name} is empty",
            where=Where(file=f"{name}.csv"),
            expected=TABLES[name].meaning,
        )
        for name in REQUIRED
        if corridor.table(name).is_empty()
    ]
    for name, table in TABLES.items():
        faults += check_frame(corridor.table(name), table, file=f"{name}.csv")
    faults += check_references(corridor.tables, TABLES)
    if faults:
        return faults
    for rule in RULES:
        faults += rule(corridor)
    return faults


def _at(name: str, row: object, column: str) -> Where:
    return Where(file=f"{name}.csv", row=int(str(row)) + 1, column=column)


def shares(corridor: Corridor) -> list[Fault]:
    """Alternatives and seasons whose shares do not sum to 1."""
    stages = corridor.table("stages").with_row_index("row").filter(pl.col("choice").is_not_null())
    chosen = stages.group_by("procedure", "choice", maintain_order=True).agg(
        pl.col("row").first(), pl.col("share").sum()
    )
    seasons = (
        corridor.table("seasons")
        .with_row_index("row")
        .group_by("season", maintain_order=True)
        .agg(pl.col("row").first(), pl.col("share").sum(), pl.len())
    )
    faults = [
        Fault(
            "C501",
            f"the shares of {row['choice']} in {row['procedure']} sum to {row['share']:.4g}",
            where=_at("stages", row["row"], "share"),
            expected="1",
        )
        for row in chosen.iter_rows(named=True)
        if abs(row["share"] - 1) > TOLERANCE
    ]
    return faults + [
        Fault(
            "C501",
            f"the {row['len']} shares of {row['season']} sum to {row['share']:.4g}",
            where=_at("seasons", row["row"], "share"),
            expected="twelve that sum to 1",
        )
        for row in seasons.iter_rows(named=True)
        if abs(row["share"] - 1) > TOLERANCE or row["len"] != 12  # noqa: PLR2004  # months
    ]


def calendars(corridor: Corridor) -> list[Fault]:
    """Calendars that never open."""
    hours = (pl.col("closes_h") - pl.col("opens_h")).clip(0) * (pl.col("share") > 0)
    open_h = (
        corridor.table("calendars")
        .with_row_index("row")
        .group_by("calendar", maintain_order=True)
        .agg(pl.col("row").first(), hours.sum().alias("open_h"))
    )
    return [
        Fault(
            "C502",
            f"calendar {row['calendar']} is never open",
            where=_at("calendars", row["row"], "closes_h"),
            expected="a row that closes after it opens, with a share above 0",
        )
        for row in open_h.iter_rows(named=True)
        if row["open_h"] <= 0
    ]


def links(corridor: Corridor) -> list[Fault]:
    """Links that join a place to itself, and rails without a gauge."""
    modes = corridor.table("modes").select("mode", "network")
    frame = corridor.table("links").with_row_index("row").join(modes, on="mode", how="left")
    loops = frame.filter(pl.col("origin") == pl.col("destination"))
    bare = frame.filter((pl.col("network") == "rail") & pl.col("gauge_mm").is_null())
    return [
        *(
            Fault(
                "C503",
                f"{row['link']} begins and ends at {row['origin']}",
                where=_at("links", row["row"], "destination"),
                expected="another place",
            )
            for row in loops.iter_rows(named=True)
        ),
        *(
            Fault(
                "C201",
                f"{row['link']} has no gauge",
                where=_at("links", row["row"], "gauge_mm"),
                expected="the gauge of a railway, in mm",
            )
            for row in bare.iter_rows(named=True)
        ),
    ]


def procedures(corridor: Corridor) -> list[Fault]:
    """Procedures without stages."""
    staged = corridor.table("stages")["procedure"].unique().implode()
    bare = (
        corridor.table("procedures")
        .with_row_index("row")
        .filter(~pl.col("procedure").is_in(staged))
    )
    return [
        Fault(
            "C507",
            f"{row['procedure']} has no stage",
            where=_at("procedures", row["row"], "procedure"),
            expected="one row or more in stages.csv",
        )
        for row in bare.iter_rows(named=True)
    ]


def services(corridor: Corridor) -> list[Fault]:
    """Services with fewer than two calls, or whose fleet takes no unit."""
    calls = corridor.table("calls").group_by("service").len()
    frame = corridor.table("services").with_row_index("row").join(calls, on="service", how="left")
    loaded = set(corridor.table("loading")["fleet"])
    faults: list[Fault] = []
    for row in frame.iter_rows(named=True):
        where = _at("services", row["row"], "service")
        if (row["len"] or 0) < 2:  # noqa: PLR2004  # there and back
            faults.append(
                Fault(
                    "C504",
                    f"{row['service']} has {row['len'] or 0} calls",
                    where=where,
                    expected="two or more in calls.csv",
                )
            )
        if row["fleet"] not in loaded:
            faults.append(
                Fault(
                    "C504",
                    f"fleet {row['fleet']} takes no unit",
                    where=where,
                    expected="a row in loading.csv",
                )
            )
    return faults


def flows(corridor: Corridor) -> list[Fault]:
    """Flows whose unit moves on none of the networks of their modes."""
    networks = {
        row["mode"]: row["network"] for row in corridor.table("modes").iter_rows(named=True)
    }
    units = {
        row["unit"]: set(row["networks"].split(";"))
        for row in corridor.table("units").iter_rows(named=True)
    }
    faults: list[Fault] = []
    for at, row in enumerate(corridor.table("flows").iter_rows(named=True)):
        for mode in (row["modes"] or "").split(";"):
            if mode and networks[mode] not in units[row["unit"]]:
                faults.append(
                    Fault(
                        "C505",
                        f"a {row['unit']} cannot move by {mode}",
                        where=_at("flows", at, "modes"),
                        expected=f"modes on {', '.join(sorted(units[row['unit']]))}",
                    )
                )
    return faults


def totals(corridor: Corridor) -> list[Fault]:
    """Flows that do not add up to the published total they name."""
    units = corridor.table("units").select("unit", "teu")
    published = corridor.table("published").select("figure", "quantity", "value")
    sums = (
        corridor.table("flows")
        .filter(pl.col("total").is_not_null())
        .join(units, on="unit")
        .group_by("total")
        .agg(
            (pl.col("trips_per_y") * pl.col("tonnes_per_trip") / 1000).sum().alias("tonnes_kt"),
            (pl.col("trips_per_y") * pl.col("lot") * pl.col("teu")).sum().alias("teu"),
            pl.col("trips_per_y").sum().alias("trips"),
        )
        .join(published, left_on="total", right_on="figure")
        .sort("total")
    )
    faults: list[Fault] = []
    for row in sums.iter_rows(named=True):
        seen = row.get(row["quantity"])
        if seen is not None and abs(seen / row["value"] - 1) > TOTAL_TOLERANCE:
            faults.append(
                Fault(
                    "C506",
                    f"the flows of {row['total']} add up to {seen:,.0f}",
                    where=Where(file="flows.csv", column="total"),
                    expected=f"{row['value']:,.0f} ({row['quantity']}), within 0.5 %",
                )
            )
    return faults


RULES = (shares, calendars, links, procedures, services, flows, totals, check_provenance)
