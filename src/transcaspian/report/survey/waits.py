"""The sections on what is waited for: the release, a vessel, and what trackers saw of it."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from transcaspian.report.markup import Markup, tag
from transcaspian.report.sections.frame import section
from transcaspian.report.survey.listing import (
    Tables,
    around,
    crossing_name,
    in_hours,
    listed,
    parted,
    real,
    sizes,
    told,
    way,
    words,
)
from transcaspian.report.survey.speech import Speech
from transcaspian.report.tabular import Cell, Entry, Head, table
from transcaspian.report.words import number, share

SHOWN = 10
"""Rows that are not folded away."""


def release_chain(tables: Tables, say: Speech) -> Markup:
    """The release chain, interval by interval."""
    found = tables["chain"]
    if found.is_empty():
        return Markup("")
    columns = [
        words(say("from_m"), lambda row: say(f"m_{row['since']}")),
        words(say("to_m"), lambda row: say(f"m_{row['until']}")),
        words(say("party"), lambda row: say(str(row["party"]))),
        *sizes(say, "n", "grade"),
        *in_hours(say, median="p50", p90="p90", mean="mean"),
    ]
    return section(
        "chain",
        say("chain"),
        tag("p", say("chain_text")),
        _parties(tables, say),
        listed(found, columns, say, caption=say("chain")),
    )


def _parties(tables: Tables, say: Speech) -> Markup:
    """Who took the time at the crossings with the most stamps."""
    found = tables["chain_parties"]
    keys = ["place", "country", "network", "direction"]
    most = found.group_by(keys, maintain_order=True).agg(pl.col("n").max())
    shown = most.sort("n", "place", descending=[True, False]).head(SHOWN)
    heads = [
        Head(say("place")),
        Head(say("direction")),
        Head(say("n"), numeric=True),
        *(Head(say(party), say("h"), numeric=True) for party in ("trader", "agency", "onward")),
    ]
    rows: list[Sequence[Entry]] = []
    for row in shown.iter_rows(named=True):
        own = found.filter(*(pl.col(name) == row[name] for name in keys))
        by = {str(each["party"]): each for each in own.iter_rows(named=True)}
        hours = [told(by[party], "value") for party in ("trader", "agency", "onward")]
        rows.append([crossing_name(row, say), way(row, say), int(row["n"]), *hours])
    return table(say("party"), heads, rows)


def sea(tables: Tables, say: Speech) -> Markup:
    """Waiting for a vessel."""
    found = tables["sailings"].filter(pl.col("missed").is_not_null())
    if found.is_empty():
        return Markup("")
    heads = [
        Head(say("place")),
        Head(say("to_m")),
        Head(say("n"), numeric=True),
        Head(say("vessels"), numeric=True),
        Head(say("headway"), say("h"), numeric=True),
        Head(say("missed"), numeric=True),
        Head(say("misconnection"), numeric=True),
    ]
    rows: list[Sequence[Entry]] = [
        [
            say.place(str(row["place"])),
            say.place(str(row["next"])),
            int(row["n"]),
            int(row["sailings"]),
            number(real(row["headway_p50_h"])),
            told(row, "missed"),
            parted(row, "misconnection_share", limits="misconnection"),
        ]
        for row in found.iter_rows(named=True)
    ]
    return section(
        "sailings",
        say("sailings"),
        tag("p", say("sailings_text")),
        table(say("sailings"), heads, rows),
    )


def ports(tables: Tables, say: Speech) -> Markup:
    """What a stay in a port is made of."""
    found = tables["ports"].filter(~pl.col("withheld"))
    if found.is_empty():
        return Markup("")
    columns = [
        words(say("stage"), lambda row: say(f"st_{row['stage']}")),
        *sizes(say, "n", "open", "grade"),
        *in_hours(say, median="p50", p90="p90", mean="mean"),
    ]
    return section(
        "ports",
        say("ports"),
        tag("p", say("ports_text")),
        listed(found, columns, say, caption=say("ports")),
    )


def trackers(tables: Tables, say: Speech) -> Markup:
    """What trackers saw, naively and by the number of their positions."""
    found = tables["pings"].filter(pl.col("mean_h").is_not_null())
    if found.is_empty():
        return Markup("")
    heads = [
        Head(say("place")),
        Head(say("direction")),
        Head(say("n"), numeric=True),
        Head(say("ping"), say("h"), numeric=True),
        Head(say("once"), numeric=True),
        Head(say("naive"), say("h"), numeric=True),
        Head(say("aware"), say("h"), numeric=True),
    ]
    ordered = found.sort("interval_p50_h", "n", "place", descending=[True, True, False])
    rows: list[Sequence[Entry]] = [
        [
            crossing_name(row, say),
            way(row, say),
            int(row["n"]),
            number(real(row["interval_p50_h"])),
            share(real(row["once_share"])),
            number(real(row["naive_mean_h"])),
            Cell(
                tag(
                    "span",
                    number(real(row["mean_h"])),
                    tag("span", around(row["mean_low"], row["mean_high"]), class_="tc-interval"),
                ),
                real(row["mean_h"]),
            ),
        ]
        for row in ordered.iter_rows(named=True)
    ]
    return section(
        "pings",
        say("pings"),
        tag("p", say("pings_text")),
        table(say("pings"), heads, rows[:SHOWN]),
        table(say("pings"), heads, rows, folded=f"{say('all_rows')} ({len(rows)})")
        if len(rows) > SHOWN
        else "",
    )
