"""A made-up wave as a folder: forms, tracks, messages, counts, and the truth beside them."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.events.log import Events
from transcaspian.survey.example.draw import Draw, draw
from transcaspian.survey.example.forms import (
    Cells,
    Visit,
    rows_of_trip,
    visits_of,
    with_ends,
    write_form,
)
from transcaspian.survey.example.messages import (
    dcsa_events,
    epcis_events,
    smgs_rows,
    trs_rows,
)
from transcaspian.survey.example.people import cast
from transcaspian.survey.example.tracks import fixes_of
from transcaspian.tables.store import whole_folder
from transcaspian.tables.vocabulary import vocabulary

WORTH_COPYING = 3
KEEPS_STAMPS = 3
"""Every so many posts has a customs system that keeps stamps."""
BOOKS = 3
"""Every so many associations one sends workbooks."""
WAVE = """name = "{name}"
title = "{title}"
starts = {starts}
ends = {ends}
synthetic = true
clock = "place"
decimal_comma = true
"""
Trip = Mapping[str, object]


def fill_wave(
    folder: Path,
    log: Events,
    *,
    corridor: Corridor,
    trips: int,
    period: tuple[date, date],
    seed: int,
) -> Draw:
    """The draw; a made-up wave stands in a new folder, with the truth in truth/.

    Everything in it is synthetic: the trips are those of a simulated log, the dirt is drawn.
    """
    rng = np.random.default_rng(seed)
    drawn = draw(log, corridor, trips=trips, period=period, seed=seed)
    places = corridor.table("places")
    homes = dict(places.select("place", "country").iter_rows())
    people = cast(drawn.trips, homes, rng=rng)
    people = people.join(
        places.select(pl.col("place").alias("origin"), pl.col("zone").alias("home_zone")),
        on="origin",
        how="left",
        maintain_order="left",
    )
    paid = log.payments.join(people.select("trip"), on="trip", how="semi", maintain_order="left")
    visits = with_ends(visits_of(drawn.steps, paid), people, steps=drawn.steps, places=places)
    ends = {
        place: (lat, lon)
        for place, lat, lon in places.select("place", "lat_deg", "lon_deg").iter_rows()
    }
    with whole_folder(folder) as inside:
        for name in ("forms", "tracks", "messages", "truth"):
            (inside / name).mkdir()
        _settings(inside, period)
        _forms(inside / "forms", people, visits=visits, names=_names(corridor), rng=rng)
        fixes_of(people, drawn.steps, ends=ends, rng=rng).with_columns(
            pl.col("instant").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        ).write_csv(inside / "tracks" / "trackers.csv")
        _messages(inside / "messages", people, drawn=drawn, visits=visits, rng=rng)
        _counts(drawn).write_csv(inside / "counts.csv")
        _sample(people).write_csv(inside / "sample.csv")
        _truth(inside / "truth", drawn, people)
    return drawn


def _settings(inside: Path, period: tuple[date, date]) -> None:
    text = WAVE.format(
        name=f"example_{period[0].year}_{period[0].month:02d}",
        title="A made-up wave, drawn from the simulated corridor",
        starts=period[0],
        ends=period[1],
    )
    (inside / "wave.toml").write_text(text, encoding="utf-8")


def _names(corridor: Corridor) -> dict[str, list[str]]:
    """What drivers call each place: its id, its name, and what names.csv adds."""
    found = {
        place: [place, name]
        for place, name in corridor.table("places").select("place", "name").iter_rows()
    }
    others = corridor.table("names").filter(kind="place")
    for place, name in others.select("key", "name").iter_rows():
        found[place].append(name)
    return found


def _forms(
    folder: Path,
    people: pl.DataFrame,
    *,
    visits: Mapping[int, list[Visit]],
    names: Mapping[str, list[str]],
    rng: np.random.Generator,
) -> None:
    files: dict[tuple[str, str], list[Cells]] = {}
    seed = int(rng.integers(0, 2**31))
    pattern: tuple[Trip, Sequence[Visit]] | None = None
    for trip in people.filter(pl.col("form")).sort("carrier", "name").iter_rows(named=True):
        own: Sequence[Visit] = visits.get(trip["trip"], [])
        luck, teller = trip["trip"], trip
        if trip["copied"] and pattern is not None and len(pattern[1]) == len(own):
            own = _copied(own, pattern[1])
            luck = pattern[0]["trip"]
            teller = {**trip, "unit_min": pattern[0]["unit_min"], "home_clock": False}
        elif len(own) >= WORTH_COPYING and not trip["home_clock"]:
            pattern = (trip, own)
        tellers = [(teller, luck)]
        if trip["twice"]:
            again = {**trip, "name": f"x{trip['name']}", "carrier": "other_association"}
            tellers.append((again, -luck))
        for one, own_luck in tellers:
            rows = files.setdefault((str(one["carrier"]), str(one["language"])), [])
            drawn = np.random.default_rng([seed, abs(own_luck), int(own_luck < 0)])
            rows.extend(rows_of_trip(one, own, names=names, rng=drawn))
    for number, ((carrier, language), rows) in enumerate(sorted(files.items())):
        ending = "xlsx" if number % BOOKS == 0 else "csv"
        write_form(folder / f"{carrier}_{language}.{ending}", rows, language=language)


def _copied(own: Sequence[Visit], pattern: Sequence[Visit]) -> Sequence[Visit]:
    """The stops of a trip with the times of another, some whole days later."""
    days = timedelta(days=(own[0].arrived - pattern[0].arrived).days)
    return [
        replace(mine, arrived=theirs.arrived + days, left=theirs.left + days, zone=theirs.zone)
        for mine, theirs in zip(own, pattern, strict=True)
    ]


def _messages(
    folder: Path,
    people: pl.DataFrame,
    *,
    drawn: Draw,
    visits: Mapping[int, list[Visit]],
    rng: np.random.Generator,
) -> None:
    dcsa: list[dict[str, object]] = []
    epcis: list[dict[str, object]] = []
    stamps: list[tuple[str, ...]] = []
    at_places = drawn.steps.filter(pl.col("kind").is_not_null())
    groups = at_places.select("trip", "place", "activity", "zone", "ended").partition_by(
        "trip", as_dict=True, maintain_order=True
    )
    for trip in people.filter(pl.col("equipment").is_not_null()).iter_rows(named=True):
        name, note, number = str(trip["equipment"]), str(trip["consignment"]), trip["trip"]
        if trip["unit"] == "container" and (number,) in groups:
            rows = _through(groups[(number,)].drop("trip"))
            dcsa += dcsa_events(name, rows, rng=rng)
        if trip["unit"] == "wagon":
            epcis += epcis_events(name, visits.get(number, []), rng=rng)
            stamps += smgs_rows(note, name, visits.get(number, []), rng=rng)
    _customs(folder / "customs.trs.csv", people, steps=at_places)
    _write_json(folder / "carriers.json", dcsa)
    document = {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-01-01T00:00:00Z",
        "epcisBody": {"eventList": epcis},
    }
    _write_json(folder / "railways.jsonld", document)
    with (folder / "notes.smgs.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("consignment", "wagon", "station", "act", "date"))
        writer.writerows(stamps)


def _customs(path: Path, people: pl.DataFrame, *, steps: pl.DataFrame) -> None:
    """What the customs systems of every third post noted of the trips that were enrolled."""
    posts = steps.filter(kind="border_post")["place"].unique().sort()[::KEEPS_STAMPS]
    ledger = vocabulary("activities").select(pl.col("code").alias("activity"), "ledger")
    noted = (
        steps.filter(pl.col("place").is_in(posts.implode()))
        .with_columns(pl.col("place").rle_id().over("trip").alias("visit"))
        .join(ledger, on="activity", how="left", maintain_order="left")
        .partition_by("trip", "visit", as_dict=True, maintain_order=True)
    )
    named = {
        trip: (str(note), str(equipment or ""), str(vehicle or ""))
        for trip, note, equipment, vehicle in people.filter(pl.col("form") | pl.col("track"))
        .select("trip", "consignment", "equipment", "vehicle")
        .iter_rows()
    }
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("consignment", "equipment", "vehicle", "office", "act", "time"))
        for (trip, _), own in noted.items():
            if trip in named:
                writer.writerows(trs_rows(named[trip], own))


def _through(steps: pl.DataFrame) -> list[tuple[str, str, str, datetime]]:
    """The steps of a container at places; it is out of the gate when it leaves, not before."""
    left = pl.col("ended").max().over(pl.col("place").rle_id())
    out = pl.when(pl.col("activity") == "p02_gate_out").then(left).otherwise(pl.col("ended"))
    return steps.with_columns(out.alias("ended")).rows()


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _counts(drawn: Draw) -> pl.DataFrame:
    """The official counts: everybody who passed."""
    known = drawn.truth.filter(pl.col("network") != "")
    return known.select(
        "place",
        "network",
        "direction",
        pl.col("trips").cast(pl.Float64),
        pl.lit("synthetic").alias("source"),
        pl.lit("estimated").alias("status"),
    )


def _sample(people: pl.DataFrame) -> pl.DataFrame:
    """Who was enrolled, with the weight that the sampling gave them."""
    parts = [
        people.filter(pl.col(kind).is_not_null()).select(
            pl.lit(kind).alias("kind"), pl.col(kind).alias("name"), pl.col("weight").round(4)
        )
        for kind in ("vehicle", "equipment")
    ]
    return pl.concat(parts).sort("kind", "name")


def _truth(folder: Path, drawn: Draw, people: pl.DataFrame) -> None:
    drawn.truth.write_csv(folder / "census.csv")
    names = people.select("trip", "name")
    drawn.true_stays.join(names, on="trip", how="left", maintain_order="left").write_parquet(
        folder / "stays.parquet"
    )
