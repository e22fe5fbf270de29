"""The sections that set crossings, or waves, beside each other."""

from __future__ import annotations

import polars as pl

from transcaspian.report.figures.axis import linear, logarithmic
from transcaspian.report.markup import Child, Markup, tag
from transcaspian.report.sections.frame import figure, section
from transcaspian.report.survey.bars import Span, spans
from transcaspian.report.survey.charts import Dot, funnel
from transcaspian.report.survey.listing import Tables, around, crossing_name, real, way
from transcaspian.report.survey.speech import Speech
from transcaspian.report.words import number

LEAGUE = 25


def funnels(tables: Tables, say: Speech) -> Markup:
    """The funnel of crossings by road."""
    known = tables["crossings"].filter(
        ~pl.col("withheld")
        & (pl.col("network") == "road")
        & pl.col("direction").is_in(["outbound", "inbound"])
        & (pl.col("p50_h") > 0)
        & pl.col("sigma").is_not_null()
    )
    if known.is_empty():
        return Markup("")
    dots = [
        Dot(
            f"{crossing_name(row, say)}, {say(str(row['direction']))}",
            float(row["n_eff"]),
            float(row["p50_h"]),
        )
        for row in known.iter_rows(named=True)
    ]
    sigma = float(known["sigma"].median() or 1.0)  # type: ignore[arg-type]
    drawn = funnel(
        dots,
        sigma=sigma,
        across=say("n_eff"),
        up=f"{say('median')}, {say('h')}",
        title=say("funnel"),
    )
    return section("funnel", say("funnel"), tag("p", say("funnel_text")), figure(drawn))


def league(tables: Tables, say: Speech) -> Markup:
    """The slowest crossings with the intervals of their ranks."""
    blocks: list[Child] = []
    for network in ("road", "rail", "sea"):
        rows = (
            tables["league"]
            .filter(
                (pl.col("network") == network) & pl.col("direction").is_in(["outbound", "inbound"])
            )
            .sort("rank")
            .head(LEAGUE)
        )
        if rows.is_empty():
            continue
        last = float(rows["rank_high"].max() or 1)  # type: ignore[arg-type]
        marks = [
            Span(
                f"{crossing_name(row, say)}, {say(str(row['direction']))}",
                float(row["rank"]),
                float(row["rank_low"]),
                float(row["rank_high"]),
                f"{row['rank_low']}\u2013{row['rank_high']}; "
                f"{number(real(row['pooled_h']))} {say('h')}",
            )
            for row in rows.iter_rows(named=True)
        ]
        blocks += [
            tag("h3", say(network)),
            spans(marks, linear(1, max(last, 2.0)), axis=say("rank"), label=say("league")),
        ]
    return section("league", say("league"), tag("p", say("league_text")), *blocks)


def forest(tables: Tables, say: Speech) -> Markup:
    """The change since another wave; nothing where there is none."""
    change = tables.get("change")
    if change is None or change.is_empty():
        return Markup("")
    rows = change.sort("p").head(LEAGUE)
    low, high = float(rows["low"].min() or 0.5), float(rows["high"].max() or 2.0)  # type: ignore[arg-type]
    marks = [
        Span(
            f"{crossing_name(row, say)}, {way(row, say)}",
            float(row["ratio"]),
            float(row["low"]),
            float(row["high"]),
            f"{number(real(row['ratio']), places=2)} ({around(row['low'], row['high'])})",
            filled=bool(row["changed"]),
        )
        for row in rows.iter_rows(named=True)
    ]
    return section(
        "change",
        say("change"),
        tag("p", say("change_text")),
        spans(marks, logarithmic(max(low, 0.05), min(high, 20.0)), axis="", label=say("change")),
    )
