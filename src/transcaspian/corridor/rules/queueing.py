"""What must hold of queues: kinds of resources, impatience, forks, failures, hours, depths."""

from __future__ import annotations

import re

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.corridor.rules.control import days
from transcaspian.corridor.rules.telling import Row, numbered, told
from transcaspian.errors import Fault

FEWEST_TRACKS = 2
MOST_TRACKS = 8
DATE = re.compile(r"(\d{4}-)?(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
ENDS = ("skip", "leave")


def kinds(corridor: Corridor) -> list[Fault]:
    """Resources that are asked for what their kind does not give."""
    known = corridor.table("resources").select("resource", "kind")
    asked = (
        ("stages", "resource", "server"),
        ("calls", "berth", "server"),
        ("failures", "resource", "server"),
        ("procedures", "yard", "space"),
        ("procedures", "permit", "quota"),
    )
    faults: list[Fault] = []
    for name, column, kind in asked:
        frame = numbered(corridor, name).join(
            known.rename({"resource": column}), on=column, how="inner", suffix="_of_it"
        )
        at = "kind_of_it" if "kind_of_it" in frame.columns else "kind"
        faults += told(
            frame.filter(pl.col(at) != kind).sort("row"),
            "C511",
            at=f"{name}.{column}",
            what=lambda row, column=column, at=at: f"{row[column]} is a {row[at]}",
            expected=f"a resource of kind {kind}",
        )
    return faults


def otherwise(corridor: Corridor) -> list[Fault]:
    """Stages whose trips would turn away to nowhere: no such later stage, or out of a fork."""
    rows = numbered(corridor, "stages").filter(
        pl.col("balk_at").is_not_null() | pl.col("patience_h").is_not_null()
    )
    stages = corridor.table("stages").select("procedure", "order", "stage")
    later: dict[str, list[tuple[int, str]]] = {}
    for procedure, order, stage in stages.iter_rows():
        later.setdefault(procedure, []).append((order, stage))
    wrong = [
        row["row"]
        for row in rows.iter_rows(named=True)
        if row["resource"] is None
        or (row["fork"] is not None and row["otherwise"] != "skip")
        or (
            row["otherwise"] not in ENDS
            and not any(
                stage == row["otherwise"] and order > row["order"]
                for order, stage in later[row["procedure"]]
            )
        )
    ]
    return told(
        rows.filter(pl.col("row").is_in(wrong)),
        "C512",
        at="stages.otherwise",
        what=_nowhere,
        expected="skip; outside a fork also leave, or the word of a later stage of the procedure",
    )


def _nowhere(row: Row) -> str:
    if row["resource"] is None:
        return f"{row['stage']} of {row['procedure']} has no resource, so nobody waits for it"
    who = f"those who do not wait for {row['stage']}"
    return f"{row['procedure']} sends {who} to {row['otherwise']}"


def forks(corridor: Corridor) -> list[Fault]:
    """Forks with one track, too many, or with stages that are not next to each other."""
    rows = numbered(corridor, "stages").sort("procedure", "order")
    forked = rows.filter(pl.col("fork").is_not_null() | pl.col("track").is_not_null())
    if forked.is_empty():
        return []
    halves = forked.filter(pl.col("fork").is_null() | pl.col("track").is_null())
    groups = forked.group_by("procedure", "fork", maintain_order=True).agg(
        pl.col("row").first(),
        pl.col("track").n_unique().alias("tracks"),
        (pl.col("track") != pl.col("track").shift(1)).fill_null(value=True).sum().alias("runs"),
        (pl.col("order").max() - pl.col("order").min() + 1 - pl.len()).alias("gaps"),
    )
    odd = groups.filter(
        ~pl.col("tracks").is_between(FEWEST_TRACKS, MOST_TRACKS)
        | (pl.col("runs") != pl.col("tracks"))
        | (pl.col("gaps") != 0)
    )
    return [
        *told(
            halves,
            "C512",
            at="stages.track",
            what=lambda row: f"{row['stage']} of {row['procedure']} has a fork or a track alone",
            expected="both or neither",
        ),
        *told(
            odd,
            "C512",
            at="stages.fork",
            what=lambda row: (
                f"fork {row['fork']} of {row['procedure']} has {row['tracks']} tracks in "
                f"{row['runs']} runs"
            ),
            expected=f"{FEWEST_TRACKS} to {MOST_TRACKS} tracks, the stages of each next to each "
            "other and all in a row",
        ),
    ]


def hours(corridor: Corridor) -> list[Fault]:
    """Windows that close before they open, unknown days, and rhythms without weight."""
    faults: list[Fault] = []
    for name in ("rhythms", "maintenance"):
        frame = numbered(corridor, name)
        faults += days(frame, f"{name}.csv")
        faults += told(
            frame.filter(pl.col("closes_h") <= pl.col("opens_h")),
            "C502",
            at=f"{name}.closes_h",
            what=lambda row: f"it begins at {row['opens_h']:g} and ends at {row['closes_h']:g}",
            expected="a later hour; hours past midnight are a second row that opens at 0",
        )
    faults += days(numbered(corridor, "timetables"), "timetables.csv")
    weights = (
        numbered(corridor, "rhythms")
        .group_by("rhythm", maintain_order=True)
        .agg(pl.col("row").first(), pl.col("weight").sum())
    )
    return faults + told(
        weights.filter(pl.col("weight") <= 0),
        "C502",
        at="rhythms.weight",
        what=lambda row: f"rhythm {row['rhythm']} has no weight at any hour",
        expected="a weight above 0",
    )


def maintained(corridor: Corridor) -> list[Fault]:
    """Maintenance of more servers than there are."""
    servers = corridor.table("resources").select("resource", pl.col("servers").alias("all"))
    rows = numbered(corridor, "maintenance").join(servers, on="resource", how="inner")
    return told(
        rows.filter(pl.col("servers") > pl.col("all")).sort("row"),
        "C205",
        at="maintenance.servers",
        what=lambda row: f"{row['servers']} servers of {row['resource']} are taken off duty",
        expected=lambda row: f"at most the {row['all']} there are",
    )


def holidays(corridor: Corridor) -> list[Fault]:
    """Holidays whose date is not one."""
    frame = numbered(corridor, "holidays")
    wrong = [row for row, date in frame.select("row", "date").iter_rows()
             if not DATE.fullmatch(date)]  # fmt: skip
    return told(
        frame.filter(pl.col("row").is_in(wrong)),
        "C210",
        at="holidays.date",
        what=lambda row: f"seen {row['date']!r}",
        expected="MM-DD for every year, or YYYY-MM-DD",
    )


def depths(corridor: Corridor) -> list[Fault]:
    """Fleets whose draughts are upside down, and calls too shallow for them to carry anything."""
    fleets = numbered(corridor, "fleets")
    upside = fleets.filter(
        (pl.col("draught_full_m").is_null() != pl.col("draught_empty_m").is_null())
        | (pl.col("draught_full_m") <= pl.col("draught_empty_m"))
    )
    water = corridor.table("resources").select(
        pl.col("resource").alias("berth"),
        (pl.col("depth_m") - pl.col("keel_m").fill_null(0.0)).alias("water_m"),
    )
    services = corridor.table("services").select("service", "fleet")
    calls = (
        numbered(corridor, "calls")
        .join(services, on="service")
        .join(fleets.select("fleet", "draught_empty_m"), on="fleet")
        .join(water, on="berth")
    )
    return [
        *told(
            upside,
            "C504",
            at="fleets.draught_full_m",
            what=lambda row: (
                f"{row['fleet']} draws {_metres(row['draught_full_m'])} full and "
                f"{_metres(row['draught_empty_m'])} empty"
            ),
            expected="both or neither, and more when full",
        ),
        *told(
            calls.filter(pl.col("water_m") <= pl.col("draught_empty_m")).sort("row"),
            "C504",
            at="calls.berth",
            what=lambda row: (
                f"{row['berth']} has {row['water_m']:g} m of water, and {row['service']} draws "
                f"{row['draught_empty_m']:g} m with nothing aboard"
            ),
            expected="a deeper berth, or a fleet of less draught",
        ),
    ]


def _metres(value: float | None) -> str:
    return "nothing" if value is None else f"{value:g} m"
