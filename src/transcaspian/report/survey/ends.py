"""The last sections of a survey's report: totals, money, agreement, and what it rests on."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from transcaspian.report.markup import Markup, tag
from transcaspian.report.sections.frame import section
from transcaspian.report.survey.listing import (
    Column,
    Tables,
    figures,
    in_hours,
    listed,
    parted,
    real,
    sizes,
    told,
    words,
)
from transcaspian.report.survey.speech import Speech
from transcaspian.report.tabular import Entry, Head, table
from transcaspian.report.words import number, share


def totals(tables: Tables, say: Speech) -> Markup:
    """Totals over the published cells, by traffic and by the sample."""
    heads = [
        Head(say("country")),
        Head(say("network")),
        Head(say("n"), numeric=True),
        Head(say("n_eff"), numeric=True),
        Head(say("covered"), numeric=True),
        Head(say("by_traffic"), say("h"), numeric=True),
        Head(say("by_sample"), say("h"), numeric=True),
    ]
    known = tables["totals"].filter((pl.col("direction") == "") & pl.col("value").is_not_null())
    rows: list[Sequence[Entry]] = [
        [
            say.country(str(row["country"])) if row["country"] else say("all_countries"),
            say(str(row["network"])) if row["network"] else "",
            int(row["n"]),
            real(row["n_eff"]),
            share(real(row["covered"])),
            told(row, "value"),
            number(real(row["by_sample_h"])),
        ]
        for row in known.sort("country", "network").iter_rows(named=True)
    ]
    return section(
        "totals",
        say("totals"),
        tag("p", say("totals_text")),
        table(say("totals"), heads, rows, folded=f"{say('totals')} ({len(rows)})"),
        _strata(tables, say),
    )


def _strata(tables: Tables, say: Speech) -> Markup:
    """What each crossing weighs in the total of its surface."""
    known = tables["strata"].sort("network", "of_network", "place", descending=[False, True, False])
    if known.is_empty():
        return Markup("")
    columns = [
        *sizes(say, "traffic"),
        Column(
            Head(say("weight_of"), "%", numeric=True), lambda row: share(real(row["of_network"]))
        ),
        *sizes(say, "n", "n_eff"),
        Column(Head(say("deff"), numeric=True), lambda row: number(real(row["deff"]), places=2)),
        *in_hours(say, mean="mean"),
    ]
    return listed(known, columns, say, caption=say("strata"))


def heaping(tables: Tables, say: Speech) -> Markup:
    """How far hours were rounded."""
    found = tables["heaping"]
    if found.is_empty():
        return Markup("")
    units = sorted(found["unit_min"].unique().to_list(), reverse=True)
    heads = [
        Head(say("sources")),
        Head(""),
        Head(say("n"), numeric=True),
        *(Head(f"{unit} {say('minutes')}", numeric=True) for unit in units),
    ]
    rows: list[Sequence[Entry]] = []
    for (source, what), group in found.group_by("source", "told", maintain_order=True):
        index = dict(group.select("unit_min", "index").iter_rows())
        each = [number(real(index.get(unit))) for unit in units]
        rows.append([say(str(source)), say(str(what)), int(str(group["n"][0])), *each])
    return section(
        "heaping",
        say("heaping"),
        tag("p", say("heaping_text")),
        table(say("heaping"), heads, rows),
    )


def speeds(tables: Tables, say: Speech) -> Markup:
    """Speed with and without delay."""
    known = tables["speeds"].filter(pl.col("value").is_not_null())
    by = {(str(row["country"]), str(row["indicator"])): row for row in known.iter_rows(named=True)}
    heads = [
        Head(say("country")),
        Head(say("n"), numeric=True),
        Head(say("swd"), say("kmh"), numeric=True),
        Head(say("swod"), say("kmh"), numeric=True),
        Head(say("delay_share"), "%", numeric=True),
    ]
    rows: list[Sequence[Entry]] = [
        [
            say.country(code) if code else say("all_countries"),
            int(str(by[(code, "swd")]["n"])),
            told(by[(code, "swd")], "value"),
            told(by[(code, "swod")], "value"),
            parted(by[(code, "delay_share")], "value"),
        ]
        for code in dict.fromkeys(known["country"])
        if all((code, name) in by for name in ("swd", "swod", "delay_share"))
    ]
    return section(
        "speeds",
        say("speeds"),
        tag("p", say("speeds_text")),
        table(say("speeds"), heads, rows, folded=f"{say('speeds')} ({len(rows)})"),
    )


def payments(tables: Tables, say: Speech) -> Markup:
    """Mean payments by crossing, official and unofficial apart."""
    known = tables["payments"].filter(pl.col("value").is_not_null())
    if known.is_empty():
        return Markup("")
    columns = [
        words(say("kind"), lambda row: say(str(row["kind"]))),
        *sizes(say, "n"),
        figures(say("mean"), "value", unit=say("usd")),
    ]
    ordered = known.sort("kind", "n", descending=[False, True])
    return section(
        "payments",
        say("payments"),
        tag("p", say("payments_text")),
        listed(ordered, columns, say, caption=say("payments")),
    )


def agreement(tables: Tables, say: Speech) -> Markup:
    """How far apart sources are."""
    found = tables["agreement"]
    if found.is_empty():
        return Markup("")
    heads = [
        Head(say("pair")),
        Head(say("n"), numeric=True),
        Head(say("apart"), say("h"), numeric=True),
        Head(say("apart90"), say("h"), numeric=True),
    ]
    by = found.group_by("one", "other", maintain_order=True).agg(
        pl.col("n").sum(),
        (pl.col("apart_p50_h") * pl.col("n")).sum() / pl.col("n").sum(),
        (pl.col("apart_p90_h") * pl.col("n")).sum() / pl.col("n").sum(),
    )
    rows: list[Sequence[Entry]] = [
        [f"{say(str(one))} \u2013 {say(str(other))}", int(n), number(half), number(most)]
        for one, other, n, half, most in by.sort("one", "other").iter_rows()
    ]
    return section(
        "agreement",
        say("agreement"),
        tag("p", say("agreement_text")),
        table(say("agreement"), heads, rows),
    )


def notices(tables: Tables, say: Speech, *, discs: bool) -> Markup:
    """What to know of the data: notices, rejects, method."""
    told_rows: list[Sequence[Entry]] = [
        [str(row["file"]), str(row["code"]), int(row["rows"]), str(row["what"])]
        for row in tables["notices"].iter_rows(named=True)
    ]
    heads = [Head(say("file")), Head(""), Head(say("rows"), numeric=True), Head(say("reason"))]
    lost: list[Sequence[Entry]] = [
        [str(row["file"]), str(row["code"]), int(row["rows"])]
        for row in tables["rejected"].sort("rows", descending=True).iter_rows(named=True)
    ]
    lost_heads = [Head(say("file")), Head(say("reason")), Head(say("rows"), numeric=True)]
    return section(
        "notices",
        say("notices"),
        tag("p", say("discs")) if discs else "",
        table(say("notices"), heads, told_rows) if told_rows else "",
        table(
            say("rejects"),
            lost_heads,
            lost,
            folded=f"{say('rejects')} ({tables['rejected']['rows'].sum()})",
        )
        if lost
        else "",  # type: ignore[arg-type]
        tag("h3", say("method")),
        tag("p", say("method_text")),
    )
