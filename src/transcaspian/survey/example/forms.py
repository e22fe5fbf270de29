"""Forms as drivers and associations fill them in, faults included."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from transcaspian.readers.forms.words import activity_title, title
from transcaspian.survey.example.people import FAULTS

COLUMNS = (
    "trip",
    "carrier",
    "vehicle",
    "equipment",
    "mode",
    "unit",
    "goods",
    "tonnes",
    "origin",
    "destination",
    "cluster",
    "place",
    "country",
    "arrived",
    "departed",
    "official",
    "unofficial",
    "currency",
    "remark",
)
MODES = {
    "en": {"road": "road", "rail": "rail", "sea": "sea"},
    "ru": {"road": "авто", "rail": "жд", "sea": "морской"},
    "ja": {"road": "道路", "rail": "鉄道", "sea": "海上"},
}
FORMATS = {"en": "%Y-%m-%d %H:%M", "ru": "%d.%m.%Y %H:%M", "ja": "%Y年%m月%d日 %H時%M分"}
HOURS = {"en": "h", "ru": "ч", "ja": "時間"}
ENDS = ("origin", "destination")
"""Where a trip only sets out there is no arrival, where it only comes in no departure."""
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  # as spreadsheets count
Cells = dict[str, object]


@dataclass(frozen=True, slots=True)
class Visit:
    """One stop of a trip as it was: the place, its ends, and the hours of each activity.

    `role`: origin or destination, where a trip only sets out or comes in.
    """

    place: str
    kind: str
    country: str
    zone: str
    network: str
    arrived: datetime
    left: datetime
    hours: Mapping[str, float]
    official: float = 0.0
    role: str = ""


def with_ends(
    visits: Mapping[int, list[Visit]],
    trips: pl.DataFrame,
    *,
    steps: pl.DataFrame,
    places: pl.DataFrame,
) -> dict[int, list[Visit]]:
    """The stops of each trip, with where it set out and came in when it did not stop there."""
    known = {str(row["place"]): row for row in places.iter_rows(named=True)}
    spans = steps.group_by("trip", maintain_order=True).agg(
        pl.col("arrived").first().alias("began"),
        pl.col("ended").last().alias("came"),
        pl.col("network").drop_nulls().first().alias("first"),
        pl.col("network").drop_nulls().last().alias("last"),
    )
    found: dict[int, list[Visit]] = {}
    rows = trips.select("trip", "origin", "destination").join(spans, on="trip", how="left")
    for row in rows.iter_rows(named=True):
        own = list(visits.get(row["trip"], []))
        for role, at, network in (("origin", "began", "first"), ("destination", "came", "last")):
            place, instant = known.get(str(row[role])), row[at]
            edge = (own[0] if role == "origin" else own[-1]).place if own else ""
            if place is None or instant is None or edge == row[role]:
                continue
            end = _end(place, instant, role=role, network=str(row[network] or "road"))
            own = [end, *own] if role == "origin" else [*own, end]
        found[row["trip"]] = own
    return found


def _end(place: Mapping[str, Any], at: datetime, *, role: str, network: str) -> Visit:
    """Setting out from a place, or coming in."""
    name, kind, country, zone = (
        str(place[key] or "") for key in ("place", "kind", "country", "zone")
    )
    return Visit(name, kind, country, zone or "UTC", network, at, at, {}, role=role)


def visits_of(steps: pl.DataFrame, payments: pl.DataFrame) -> dict[int, list[Visit]]:
    """The stops of each trip, in order; the wait for an officer at a road post is queueing."""
    paid: dict[tuple[int, int], float] = {}
    for trip, step, amount in payments.select("trip", "step", "amount").iter_rows():
        paid[(trip, step)] = paid.get((trip, step), 0.0) + amount
    found: dict[int, list[Visit]] = {}
    names = (
        "trip",
        "step",
        "place",
        "activity",
        "arrived",
        "started",
        "ended",
        "kind",
        "country",
        "zone",
        "network",
    )
    trip, network, open_ = -1, "road", False
    for row in steps.select(names).iter_rows():
        if row[0] != trip:
            trip, network, open_ = row[0], "road", False
            found[trip] = []
        if row[10] is not None:
            network, open_ = row[10], False
            continue
        amount = paid.get((trip, row[1]), 0.0)
        if open_ and found[trip][-1].place == row[2]:
            found[trip][-1] = _longer(found[trip][-1], row, amount)
        else:
            hours = _hours(row, network)
            found[trip].append(
                Visit(
                    row[2],
                    row[7] or "",
                    row[8] or "",
                    row[9] or "UTC",
                    network,
                    row[4],
                    row[6],
                    hours,
                    amount,
                )
            )
        open_ = True
    return found


def _hours(row: tuple[Any, ...], network: str) -> dict[str, float]:
    """The hours of one step by activity."""
    arrived, started, ended = row[4], row[5], row[6]
    wait = (started - arrived).total_seconds() / 3600
    work = (ended - started).total_seconds() / 3600
    if row[7] == "border_post" and network == "road":
        return {"wait_queue": wait, str(row[3]): work}
    return {str(row[3]): wait + work}


def _longer(visit: Visit, row: tuple[Any, ...], amount: float) -> Visit:
    hours = dict(visit.hours)
    for activity, more in _hours(row, visit.network).items():
        hours[activity] = hours.get(activity, 0.0) + more
    return replace(visit, left=row[6], hours=hours, official=visit.official + amount)


def rows_of_trip(
    trip: Mapping[str, object],
    visits: Sequence[Visit],
    *,
    names: Mapping[str, list[str]],
    rng: np.random.Generator,
) -> Iterator[Cells]:
    """The rows of a trip's form, faults included."""
    language = str(trip["language"])
    shared = {
        name: trip[name] for name in ("carrier", "vehicle", "equipment", "unit", "goods", "cluster")
    }
    for visit in visits:
        clock = ZoneInfo(str(trip["home_zone"]) if trip["home_clock"] else visit.zone)
        luck = rng.random(8)
        ends = [
            _rounded(at.astimezone(clock), int(str(trip["unit_min"])), rng)
            for at in (visit.arrived, visit.left)
        ]
        if luck[0] < FAULTS.swapped:
            ends.reverse()
        stamps: list[object] = [_written(end, language, luck[1]) for end in ends]
        if luck[2] < FAULTS.no_departure:
            stamps[1] = ""
        elif luck[2] < FAULTS.no_departure + FAULTS.no_arrival:
            stamps[0] = ""
        stamps = [
            "" if visit.role == end else stamp for end, stamp in zip(ENDS, stamps, strict=True)
        ]
        strange = luck[3] < FAULTS.strange_word
        yield {
            **shared,
            "trip": trip["name"],
            "mode": MODES[language][visit.network],
            "tonnes": trip["tonnes"],
            "origin": trip["origin"],
            "destination": trip["destination"],
            "place": "nowhere" if luck[4] < FAULTS.unknown_place else _called(visit, names, rng),
            "country": visit.country,
            "arrived": stamps[0],
            "departed": stamps[1],
            "remark": "",
            **_money(visit, luck[5:8], rng),
            **_durations(visit, int(str(trip["unit_min"])), strange=strange),
        }


def _called(visit: Visit, names: Mapping[str, list[str]], rng: np.random.Generator) -> str:
    """One of the names of a place."""
    known = names.get(visit.place, [visit.place])
    return known[int(rng.integers(0, len(known)))]


def _rounded(at: datetime, unit_min: int, rng: np.random.Generator) -> datetime:
    """The time as a driver who thinks in such units notes it, a little late or soon."""
    slip = timedelta(minutes=float(rng.normal(0, 1.5)))
    local = (at + slip).replace(tzinfo=None)
    day = local.replace(hour=0, minute=0, second=0, microsecond=0)
    units = round((local - day) / timedelta(minutes=unit_min))
    return day + units * timedelta(minutes=unit_min)


def _written(at: datetime, language: str, luck: float) -> object:
    if luck < FAULTS.serial:
        return f"{(at - EPOCH) / timedelta(days=1):.4f}"
    if luck < FAULTS.serial + FAULTS.short_year:
        return at.strftime("%d.%m.%y %H:%M")
    return at.strftime(FORMATS[language])


def _money(visit: Visit, luck: NDArray[np.float64], rng: np.random.Generator) -> Cells:
    at_border = visit.kind == "border_post" and visit.network == "road"
    unofficial = round(float(rng.lognormal(2.3, 0.6)), 0) if at_border and luck[0] < 0.15 else ""  # noqa: PLR2004  # one stop in seven
    official = round(visit.official, 2) if visit.official else ""
    paid = official != "" or unofficial != ""
    currency = "USD" if paid and luck[1] >= FAULTS.no_currency else ""
    return {"official": official, "unofficial": unofficial, "currency": currency}


def _durations(visit: Visit, unit_min: int, *, strange: bool) -> Cells:
    """The hours by activity on the driver's grid; what rounds to nothing is left blank."""
    unit = max(unit_min, 5) / 60
    rounded = {code: round(round(hours / unit) * unit, 2) for code, hours in visit.hours.items()}
    told = {code: hours for code, hours in rounded.items() if hours > 0}
    if strange and told:
        told["x90_unknown_stop"] = told.pop(next(iter(told)))
    return dict(told)


def write_form(path: Path, rows: Sequence[Cells], *, language: str) -> None:
    """Nothing; a wide form stands in a file, its header in a language, CSV or XLSX by its name."""
    codes = sorted({name for row in rows for name in row} - set(COLUMNS))
    columns = [*COLUMNS[:15], *codes, *COLUMNS[15:]]
    header = [
        title(name, language)
        if name in COLUMNS
        else f"{activity_title(name, language)} ({HOURS[language]})"
        for name in columns
    ]
    table = [
        [row.get(name) if row.get(name) is not None else "" for name in columns] for row in rows
    ]
    if path.suffix == ".xlsx":
        _write_book(path, [header, *table])
        return
    comma = language == "ru"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=";" if comma else ",", lineterminator="\n")
        writer.writerow(header)
        writer.writerows([_decimal(cell, comma=comma) for cell in row] for row in table)


def _decimal(cell: object, *, comma: bool) -> object:
    """A number with a decimal comma where that is the habit."""
    return str(cell).replace(".", ",") if comma and isinstance(cell, float) else cell


def _write_book(path: Path, rows: Sequence[Sequence[object]]) -> None:
    from openpyxl import Workbook  # noqa: PLC0415  # heavy, and only for workbooks

    book = Workbook(write_only=True)
    book.properties.created = book.properties.modified = datetime(2026, 1, 1)  # noqa: DTZ001  # the same bytes each time
    sheet = book.create_sheet("trips")
    for row in rows:
        sheet.append(list(row))
    book.save(path)
