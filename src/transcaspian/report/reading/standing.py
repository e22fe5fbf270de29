"""Where the corridor's cargo stands: hours by country, worst places, busy resources."""

from __future__ import annotations

from typing import Any

import polars as pl

from transcaspian.appraisal.study import Study
from transcaspian.indicators import hours_by_country, utilisation
from transcaspian.report.material import CountryHours, Resource, Ribbon, Worst
from transcaspian.report.reading.atlas import passing, waits
from transcaspian.report.reading.names import Names
from transcaspian.report.reading.spread import spread
from transcaspian.report.words import WAITING, Quantity, number, plural

PLACES = 12
RESOURCES = 40
DAY_H = 24
Row = dict[str, Any]


def ribbons(study: Study, names: Names) -> list[Ribbon]:
    """The hours by country of the main cargoes: from end to end, and the largest."""
    hours = hours_by_country(study.present, study.present_tally)
    return [made for flow in _main(study, names) if (made := _ribbon(study, flow, hours, names))]


def _main(study: Study, names: Names) -> list[str]:
    """The flow between the ends of the corridor, then the largest westbound and eastbound ones."""
    about = study.present.about
    own = {flow: row for flow, row in names.flows.items() if row["scope"] == "corridor"}
    ends = [
        flow
        for flow, row in own.items()
        if (row["origin"], row["destination"]) == (about.origin, about.destination)
    ]
    largest = sorted(own, key=lambda flow: (-_tonnes(own[flow]), flow))
    directions = dict.fromkeys(own[flow]["direction"] for flow in largest)
    firsts = [next(f for f in largest if own[f]["direction"] == each) for each in directions]
    trucks = [flow for flow in largest if own[flow]["unit"] in {"truck", "reefer"}][:1]
    return list(dict.fromkeys([*ends, *firsts[:3], *trucks]))[:5]


def _tonnes(row: Row) -> float:
    return float(row["trips_per_y"] * row["tonnes_per_trip"])


def _ribbon(study: Study, flow: str, hours: pl.DataFrame, names: Names) -> Ribbon | None:
    rows = hours.filter(pl.col("flow") == flow)
    if rows.is_empty():
        return None
    by_run = study.present_tally.steps.filter(pl.col("flow") == flow)
    order = _met(by_run, names)
    countries = sorted(rows["country"].unique(), key=lambda code: order.get(code, len(order)))
    parts = {
        code: dict(rows.filter(pl.col("country") == code).select("class", "value").iter_rows())
        for code in countries
    }
    row = names.flows[flow]
    words = (
        f"{number(row['trips_per_y'])} trips a year, {number(_tonnes(row) / 1000)} thousand tonnes."
    )
    return Ribbon(
        names.flow(flow),
        words,
        [
            CountryHours(
                names.country(code), parts[code], Quantity(sum(parts[code].values()), unit="h")
            )
            for code in countries
            if sum(parts[code].values()) > 0
        ],
    )


def _met(steps: pl.DataFrame, names: Names) -> dict[str, int]:
    """The countries in the order in which a flow meets them."""
    seen: dict[str, int] = {}
    for place in steps.sort("order")["place"]:
        if place in names.places:
            code = names.country_of(place) or ""
        elif place in names.links:
            ends = {
                names.country_of(names.links[place][end]) or "" for end in ("origin", "destination")
            }
            code = ends.pop() if len(ends) == 1 else ""
            if code == "" and names.network(place) != "sea":
                continue
        else:
            continue
        seen.setdefault(code, len(seen))
    return seen


def worst(study: Study, names: Names) -> list[Worst]:
    """The places where the corridor's cargo waits most hours a year."""
    tally = study.present_tally
    stood = waits(tally, names)
    waiting = stood.filter(pl.col("ledger").is_in(list(WAITING)))
    lost = spread(
        waiting.group_by("run", "place", maintain_order=True).agg(pl.col("hours").sum()),
        "place",
        tally,
    )
    trips = _passing(tally, names)
    runs = max(tally.trips["run"].n_unique(), 1)
    found: list[Worst] = []
    for place, quantity in sorted(lost.items(), key=lambda pair: (-(pair[1].value or 0), pair[0])):
        count = trips.get(place, 0.0)
        if count <= 0:
            continue
        hours = (
            stood.filter(pl.col("place") == place)
            .group_by("ledger", maintain_order=True)
            .agg(pl.col("hours").sum())
        )
        parts = {name: total / runs / count for name, total in hours.iter_rows()}
        standing = Quantity(sum(parts.values()), unit="h")
        found.append(
            Worst(
                names.place(place),
                names.country(names.country_of(place)),
                parts,
                standing,
                quantity,
                count,
            )
        )
    return found[:PLACES]


def _passing(tally: Any, names: Names) -> dict[str, float]:  # noqa: ANN401  # a tally
    """Trips of the corridor's cargo through each place in a year."""
    own = [flow for flow, row in names.flows.items() if row["scope"] == "corridor"]
    runs = max(tally.trips["run"].n_unique(), 1)
    counted = (
        tally.steps.filter(pl.col("flow").is_in(own))
        .group_by("run", "flow", "place", maintain_order=True)
        .agg(pl.col("n").max())
    )
    return dict(
        counted.group_by("place", maintain_order=True)
        .agg((pl.col("n").sum() / runs).alias("n"))
        .iter_rows()
    )


def resources(study: Study, names: Names) -> list[Resource]:
    """The busiest resources of the places that the corridor's cargo passes."""
    known = {row["resource"]: row for row in study.present.table("resources").iter_rows(named=True)}
    on_way = set(_passing(study.present_tally, names))
    table = utilisation(study.present, study.present_tally).filter(
        pl.col("place").is_in(list(on_way)) & (pl.col("served") > 0)
    )
    return [
        Resource(
            name=_resource_words(known[row["resource"]]),
            place=names.place(row["place"]),
            stage=row["stage"],
            servers=row["servers"],
            served=row["served"],
            busy=Quantity(row["value"], row["low"], row["high"], "1"),
            wait=Quantity(row["wait_h"], unit="h"),
            longest_h=row["longest_h"],
            status=known[row["resource"]]["status"],
        )
        for row in table.head(RESOURCES).iter_rows(named=True)
    ]


def _resource_words(row: Row) -> str:
    parts = [row["stage"].replace("_", " "), row["mode"] or "", row["direction"] or ""]
    return ", ".join(part for part in parts if part)


def busiest_words(found: list[Worst]) -> str:
    """The worst place in words."""
    if not found:
        return "nowhere"
    return f"{found[0].name} ({plural(round(found[0].trips), 'trip')} a year)"


__all__ = ["DAY_H", "busiest_words", "passing", "resources", "ribbons", "worst"]
