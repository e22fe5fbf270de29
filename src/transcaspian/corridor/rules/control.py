"""What must hold of what a place does to a trip: shares, calendars, stages, resources."""

from __future__ import annotations

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.corridor.rules.telling import numbered, told
from transcaspian.errors import Fault, Where, nearest

TOLERANCE = 1e-6
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS = 12


def choices(corridor: Corridor) -> list[Fault]:
    """Alternatives whose shares do not sum to 1."""
    sums = (
        numbered(corridor, "stages")
        .filter(pl.col("choice").is_not_null())
        .group_by("procedure", "choice", maintain_order=True)
        .agg(pl.col("row").first(), pl.col("share").sum())
    )
    return told(
        sums.filter((pl.col("share") - 1).abs() > TOLERANCE),
        "C501",
        at="stages.share",
        what=lambda row: (
            f"the shares of {row['choice']} in {row['procedure']} sum to {row['share']:.4g}"
        ),
        expected="1",
    )


def seasons(corridor: Corridor) -> list[Fault]:
    """Seasons whose shares are not twelve or do not sum to 1."""
    sums = (
        numbered(corridor, "seasons")
        .group_by("season", maintain_order=True)
        .agg(pl.col("row").first(), pl.col("share").sum(), pl.len())
    )
    return told(
        sums.filter(((pl.col("share") - 1).abs() > TOLERANCE) | (pl.col("len") != MONTHS)),
        "C501",
        at="seasons.share",
        what=lambda row: f"the {row['len']} shares of {row['season']} sum to {row['share']:.4g}",
        expected="twelve that sum to 1",
    )


def calendars(corridor: Corridor) -> list[Fault]:
    """Calendars that never open, rows that close before they open, and unknown days."""
    frame = numbered(corridor, "calendars")
    hours = (pl.col("closes_h") - pl.col("opens_h")).clip(0) * (pl.col("share") > 0)
    backward = pl.col("closes_h") < pl.col("opens_h")
    open_h = frame.group_by("calendar", maintain_order=True).agg(
        pl.col("row").first(), hours.sum().alias("open_h"), backward.any().alias("backward")
    )
    never = told(
        open_h.filter((pl.col("open_h") <= 0) & ~pl.col("backward")),
        "C502",
        at="calendars.closes_h",
        what=lambda row: f"calendar {row['calendar']} is never open",
        expected="a row that closes after it opens, with a share above 0",
    )
    reversed_ = told(
        frame.filter(backward),
        "C502",
        at="calendars.closes_h",
        what=lambda row: (
            f"{row['calendar']} opens at {row['opens_h']:g} and closes at {row['closes_h']:g}"
        ),
        expected="a later hour; hours past midnight are a second row that opens at 0",
    )
    return [*never, *reversed_, *days(frame, "calendars.csv")]


def days(frame: pl.DataFrame, file: str) -> list[Fault]:
    """Rows whose days are no day or span of days."""
    faults: list[Fault] = []
    for row in frame.iter_rows(named=True):
        wrong = [word for word in str(row["days"]).split("-", 1) if word.strip() not in DAYS]
        if wrong:
            where = Where(file=file, row=row["row"] + 1, column="days")
            faults.append(
                Fault(
                    "C206",
                    f"seen {row['days']!r}",
                    where=where,
                    expected=f"a day or a span of days, as mon-sat; days are {', '.join(DAYS)}",
                    nearest=nearest(wrong[0].strip().lower()[:3], DAYS, limit=1),
                )
            )
    return faults


def staged(corridor: Corridor) -> list[Fault]:
    """Procedures without stages."""
    known = corridor.table("stages").select("procedure")
    return told(
        numbered(corridor, "procedures").join(known, on="procedure", how="anti"),
        "C507",
        at="procedures.procedure",
        what=lambda row: f"{row['procedure']} has no stage",
        expected="one row or more in stages.csv",
    )


def orders(corridor: Corridor) -> list[Fault]:
    """Stages and calls whose order has a gap: a row is missing or was numbered wrongly."""
    return [
        *_gaps(corridor, "stages", "procedure"),
        *_gaps(corridor, "calls", "service"),
    ]


def _gaps(corridor: Corridor, name: str, group: str) -> list[Fault]:
    ranked = numbered(corridor, name).with_columns(
        pl.col("order").rank("ordinal").over(group).cast(pl.Int64).alias("rank")
    )
    first = ranked.filter(pl.col("order") != pl.col("rank")).sort("order")
    return told(
        first.unique(group, keep="first", maintain_order=True).sort("row"),
        "C509",
        at=f"{name}.order",
        what=lambda row: f"{row[group]} goes from {row['rank'] - 1} to {row['order']}",
        expected=lambda row: f"{row['rank']}; rows are numbered from 1 without a gap",
    )


def serving(corridor: Corridor) -> list[Fault]:
    """Stages that queue for a resource which serves the other direction."""
    resources = corridor.table("resources").select("resource", pl.col("direction").alias("serves"))
    events = corridor.table("procedures").select("procedure", "event")
    against = (
        numbered(corridor, "stages")
        .join(events, on="procedure", maintain_order="left")
        .join(resources, on="resource", maintain_order="left")
        .filter(pl.col("event").is_in(["outbound", "inbound"]))
        .filter(pl.col("event") != pl.col("serves"))
    )
    return told(
        against,
        "C510",
        at="stages.resource",
        what=lambda row: (
            f"{row['resource']} serves {row['serves']}, and {row['procedure']} is {row['event']}"
        ),
        expected="a resource of that direction, or of both (direction blank)",
    )
