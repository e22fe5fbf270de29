"""The sections of a survey's report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from transcaspian.report.markup import Child, Markup, tag
from transcaspian.report.sections.frame import figure, section
from transcaspian.report.survey.bars import Ribbon, cascade, ribbon
from transcaspian.report.survey.charts import Line, Stand, ecdf, time_distance, week
from transcaspian.report.survey.listing import (
    Row,
    Tables,
    around,
    crossing_name,
    figures,
    in_hours,
    listed,
    real,
    shares,
    sizes,
    told,
    way,
    words,
)
from transcaspian.report.survey.speech import Speech
from transcaspian.report.tabular import Cell, Entry, Head, table
from transcaspian.report.words import number
from transcaspian.tables.vocabulary import vocabulary

MOST = 6
SHOWN = 15
"""Crossings that are not folded away: those with the most trips."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def countries(tables: Tables, say: Speech) -> Markup:
    """Hours by country: the ribbon and the table."""
    hours = tables["country_hours"].filter(
        (pl.col("per") == "trip") & pl.col("value").is_not_null()
    )
    wide = {
        str(code): {
            str(kind): float(value) for kind, value in group.select("kind", "value").iter_rows()
        }
        for (code,), group in hours.group_by("country", maintain_order=True)
    }
    total = {str(row["country"]): row for row in hours.filter(kind="total").iter_rows(named=True)}
    means = {str(row["country"]): row for row in tables["countries"].iter_rows(named=True)}
    ordered = sorted(total, key=lambda code: -_mean_of(means, code, total))
    kinds = ("moving", "border", "port", "other", "unseen")
    rows = [_ribbon(wide[code], means.get(code), say=say, code=code) for code in ordered]
    names = {kind: say(kind) for kind in kinds}
    listed = tables["countries"].filter(~pl.col("withheld")).sort("n", descending=True)
    per = {
        str(row["country"]): row
        for row in tables["country_hours"]
        .filter((pl.col("per") == "100 km") & (pl.col("kind") == "total"))
        .iter_rows(named=True)
    }
    lines: list[Sequence[Entry]] = [
        [
            say.country(str(row["country"])),
            int(str(row["n"])),
            int(str(row["open"])),
            real(row["n_eff"]),
            str(row["grade"]),
            told(row, "p50"),
            told(row, "mean"),
            told(per[str(row["country"])], "value") if str(row["country"]) in per else "",
        ]
        for row in listed.iter_rows(named=True)
    ]
    heads = [
        Head(say("country")),
        Head(say("n"), numeric=True),
        Head(say("open"), numeric=True),
        Head(say("n_eff"), numeric=True),
        Head(say("grade")),
        Head(say("median"), say("h"), numeric=True),
        Head(say("mean"), say("h"), numeric=True),
        Head(say("per_100"), numeric=True),
    ]
    return section(
        "countries",
        say("countries"),
        tag("p", say("countries_text")),
        ribbon(rows, names=names, axis=say("hours"), label=say("countries")),
        table(say("countries"), heads, lines, folded=say("countries")),
    )


def _mean_of(means: Mapping[str, Row], code: str, total: Mapping[str, Row]) -> float:
    """The mean of all trips; that of those known in full where there is none."""
    mean = real(means[code]["mean_h"]) if code in means else None
    return mean if mean is not None else float(str(total[code]["value"]))


def _ribbon(parts: Mapping[str, float], mean: Row | None, *, say: Speech, code: str) -> Ribbon:
    """The hours of a country by kind, and what trips not seen to their end add to the mean."""
    value = real(mean["mean_h"]) if mean else None
    words = "" if mean is None or value is None else around(mean["mean_low"], mean["mean_high"])
    known = parts.get("total", 0.0)
    hours = {kind: parts.get(kind, 0.0) for kind in ("moving", "border", "port", "other")}
    hours["unseen"] = max((value or known) - known, 0.0)
    shown = number(value if value is not None else known)
    return Ribbon(say.country(code), hours, f"{shown} ({words})" if words else shown)


def distance(tables: Tables, say: Speech) -> Markup:
    """Time over distance."""
    rows = list(tables["time_distance"].iter_rows(named=True))
    if not rows:
        return Markup("")
    stands = [
        Stand(
            say.place(str(row["place"])),
            float(row["km"]),
            _three(row, "arrived"),
            _three(row, "left"),
        )
        for row in rows
    ]
    title = f"{say.place(str(rows[0]['origin']))} \u2192 {say.place(str(rows[0]['destination']))}"
    return section(
        "distance",
        say("distance"),
        tag("p", say("distance_text")),
        figure(
            time_distance(stands, across=say("km"), up=say("since"), title=title),
            caption=f"{title}; n = {max(int(row['n']) for row in rows)}",
        ),
    )


def _three(row: Row, end: str) -> tuple[float, float, float]:
    """When a tenth, half and nine tenths came to a place, or left it."""
    first, middle, last = (float(str(row[f"{end}_{q}"])) for q in ("p10", "p50", "p90"))
    return first, middle, last


def crossings(tables: Tables, say: Speech) -> Markup:
    """The table of crossings."""
    heads = [
        Head(say("place")),
        Head(say("direction")),
        Head(say("n"), numeric=True),
        Head(say("open"), numeric=True),
        Head(say("n_eff"), numeric=True),
        Head(say("grade")),
        Head(say("median"), say("h"), numeric=True),
        Head(say("p90"), say("h"), numeric=True),
        Head(say("mean"), say("h"), numeric=True),
        Head(say("pooled"), say("h"), numeric=True),
        Head(say("shrink"), numeric=True),
    ]
    rows: list[Sequence[Entry]] = []
    for row in (
        tables["crossings"].sort("n", "place", descending=[True, False]).iter_rows(named=True)
    ):
        hidden: Entry = Cell(tag("span", say("withheld"), class_="tc-none"), None)
        shown = [hidden if row["withheld"] else told(row, name) for name in ("p50", "p90", "mean")]
        pooled = told(row, "pooled")
        own = real(row["shrink"])
        rows.append(
            [
                crossing_name(row, say),
                way(row, say),
                int(row["n"]),
                int(row["open"]),
                real(row["n_eff"]),
                str(row["grade"]),
                *shown,
                pooled,
                number(own, places=2) if own is not None else "",
            ]
        )
    return section(
        "crossings",
        say("crossings"),
        tag("p", say("crossings_text")),
        table(say("crossings"), heads, rows[:SHOWN]),
        table(say("crossings"), heads, rows, folded=f"{say('all_rows')} ({len(rows)})")
        if len(rows) > SHOWN
        else "",
        _reliability(tables, say),
    )


def _reliability(tables: Tables, say: Speech) -> Markup:
    """How far slow stays lie from usual ones, and how many are short."""
    known = tables["crossings"].filter(~pl.col("withheld"))
    if known.is_empty():
        return Markup("")
    columns = [
        *sizes(say, "n_eff"),
        figures(say("p95_p50"), "p95_p50"),
        figures(say("buffer"), "buffer"),
        shares(say("within_24"), "within_24h"),
        shares(say("within_72"), "within_72h"),
    ]
    ordered = known.sort("n", "place", descending=[True, False])
    return listed(ordered, columns, say, caption=say("reliability"))


def goods(tables: Tables, say: Speech) -> Markup:
    """Stays by what was carried."""
    known = tables["by_goods"].filter(~pl.col("withheld"))
    if known.is_empty():
        return Markup("")
    columns = [
        words(say("good"), lambda row: say.good(str(row["goods"]))),
        *sizes(say, "n", "grade"),
        *in_hours(say, median="p50", mean="mean"),
        figures(say("p95_p50"), "p95_p50"),
    ]
    return section(
        "goods",
        say("goods"),
        tag("p", say("goods_text")),
        listed(known, columns, say, caption=say("goods")),
    )


def top(tables: Tables, *, most: int = MOST) -> list[Row]:
    """The published crossings with the most trips."""
    known = tables["crossings"].filter(
        ~pl.col("withheld") & pl.col("direction").is_in(["outbound", "inbound"])
    )
    return list(known.sort("n", "place", descending=[True, False]).head(most).iter_rows(named=True))


def of_cell(frame: pl.DataFrame, row: Row) -> pl.DataFrame:
    """The rows of a frame that belong to a cell."""
    return frame.filter(*(pl.col(name) == row[name] for name in ("place", "network", "direction")))


def ecdfs(tables: Tables, say: Speech) -> Markup:
    """How long stays last, at the places most surveyed."""
    pictures: list[Markup] = []
    for row in top(tables):
        points = of_cell(tables["curves"], row)
        open_ = points["open_until"].to_list()
        ticks = [
            float(x)
            for x, now, was in zip(points["hours"], open_, [0.0, *open_[:-1]], strict=True)
            if now > was
        ]
        line = Line(list(points.select("hours", "ended").iter_rows()), ticks)
        words = f"{crossing_name(row, say)}, {way(row, say)}"
        pictures.append(
            figure(ecdf(line, across=say("hours"), title=words), caption=f"{words}; n = {row['n']}")
        )
    return section(
        "ecdf",
        say("ecdf"),
        tag("p", say("ecdf_text")),
        tag("div", *pictures, class_="tc-sv-multiples"),
    )


def stages(tables: Tables, say: Speech) -> Markup:
    """What fills a stay at the places most surveyed."""
    ledger = dict(vocabulary("activities").select("code", "ledger").iter_rows())
    blocks: list[Child] = []
    for row in top(tables, most=4):
        found = (
            of_cell(tables["activities"], row)
            .filter(pl.col("value").is_not_null() & (pl.col("value") > 0))
            .sort("value", descending=True)
        )
        if found.is_empty():
            continue
        parts = [
            (say.activity(str(code)), float(value), str(ledger.get(code, "rest")))
            for code, value in found.select("activity", "value").iter_rows()
        ]
        blocks += [
            tag("h3", f"{crossing_name(row, say)}, {way(row, say)}; n = {found['n'].max()}"),
            cascade(parts, axis=say("hours"), label=say("activities")),
        ]
    return section("activities", say("activities"), tag("p", say("activities_text")), *blocks)


def hours_of_week(tables: Tables, say: Speech) -> Markup:
    """The heat map of the week, by surface."""
    found = tables["hours_of_week"]
    blocks: list[Child] = []
    for network in ("road", "rail"):
        rows = found.filter(network=network)
        if rows["p50_h"].drop_nulls().is_empty():
            continue
        cells = {
            (int(day), int(hour)): real(value)
            for day, hour, value in rows.select("day", "hour", "p50_h").iter_rows()
        }
        days = [say(day) for day in DAYS]
        blocks += [
            tag("h3", say(network)),
            figure(
                week(cells, days=days, unit=say("h"), title=f"{say('week')}: {say(network)}"),
                caption=f"n = {rows['n'].sum()}",
            ),
        ]
    return section("week", say("week"), tag("p", say("week_text")), *blocks)
