"""A survey wave: the folder in which its settings and its sources lie."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from transcaspian.corridor.corridor import Corridor
from transcaspian.errors import Fault, Faults, Where, nearest
from transcaspian.events.testimony import Testimony, together
from transcaspian.readers.canonical import read_canonical
from transcaspian.readers.forms.form import read_form
from transcaspian.readers.forms.rows import BOOKS
from transcaspian.readers.forms.stamps import Habits, zone_of
from transcaspian.readers.gazetteer import Gazetteer, gazetteer
from transcaspian.readers.messages.dcsa import read_dcsa
from transcaspian.readers.messages.epcis import read_epcis
from transcaspian.readers.messages.iftsta import read_iftsta
from transcaspian.readers.messages.profile import read_profile
from transcaspian.readers.tracks.drawn import read_geojson, read_gpx
from transcaspian.readers.tracks.table import read_track_table
from transcaspian.readers.tracks.zones import Zone, discs, read_zones
from transcaspian.tables.parse import parse
from transcaspian.tables.schema import Column, Table
from transcaspian.tables.sheet import decoded

SETTINGS = "wave.toml"
QUARTER = timedelta(days=92)
"""How far outside the fieldwork what is told may have happened."""
FOLDERS = ("forms", "events", "tracks", "messages")

COUNTS = Table(
    "counts",
    "Official traffic: how many trips each stratum stands for.",
    (
        Column("place", "str", "Post or port.", references="places.place"),
        Column("network", "str", "Surface.", choices=("rail", "road", "sea")),
        Column(
            "direction",
            "str",
            "Seen from the country of the place.",
            choices=("outbound", "inbound", "domestic"),
        ),
        Column("trips", "float", "Trips in the period of the wave.", unit="1", above=0),
    ),
    key=("place", "network", "direction"),
)

SAMPLE = Table(
    "sample",
    "Whom the survey enrolled, and how many real trips each stands for by the design.",
    (
        Column(
            "kind",
            "str",
            "What is named.",
            choices=("vehicle", "equipment", "consignment", "tracker", "driver"),
        ),
        Column("name", "str", "Its name, as in forms, tracks and messages."),
        Column(
            "weight", "float", "Real trips that one of its trips stands for.", unit="1", above=0
        ),
    ),
    key=("kind", "name"),
    sourced=False,
)

RATES = Table(
    "rates",
    "Exchange rates: dollars for one unit of a currency.",
    (
        Column("currency", "str", "ISO 4217 code."),
        Column("usd", "float", "Dollars for one unit.", unit="USD", above=0),
    ),
    key=("currency",),
)


class Wave(BaseModel):
    """What `wave.toml` says of a wave."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: str = Field(pattern=r"^[a-z0-9_]+$")
    """Lower-snake word: the run of the log."""
    title: str
    """What people call it."""
    starts: date
    """First day of the fieldwork."""
    ends: date
    """Last day of it."""
    synthetic: bool = False
    """Whether its rows were made, not collected; said on every page."""
    clock: str = ""
    """Whose clock times without a zone keep: "place", or an IANA zone."""
    date_order: Literal["", "dmy", "mdy"] = ""
    """What 03/04/2026 means."""
    century: Literal[0, 1900, 2000] = 0
    """What years of two digits mean; 0 refuses them."""
    decimal_comma: bool = False
    """Whether 2,5 is two and a half."""
    encoding: str = "utf-8"
    """How text files are written."""
    currency: str = ""
    """Currency of sums that name none."""
    midnight: Literal["hour", "day"] = "hour"
    """Whether 00:00 is an hour, or stands for an unknown one."""
    publish_from: int = Field(default=10, ge=3)
    """Fewest trips behind a published cell."""
    payments_from: int = Field(default=20, ge=3)
    """Fewest trips behind a published sum of unofficial payments."""
    hold_m: float = Field(default=150.0, ge=0)
    """How far a position must be inside or outside a zone to count, in metres."""
    gap_h: float = Field(default=6.0, gt=0)
    """Silence of a tracker after which what happened is not known."""
    seed: int = Field(default=1, ge=0)
    """Seed of what is drawn: bootstraps, permutations, parameters."""

    def habits(self) -> Habits:
        """How its people write."""
        return Habits(
            clock=self.clock,
            date_order=self.date_order,
            century=self.century,
            decimal_comma=self.decimal_comma,
            encoding=self.encoding,
            currency=self.currency,
            midnight=self.midnight,
            opens=datetime.combine(self.starts - QUARTER, time(), UTC),
            closes=datetime.combine(self.ends + QUARTER, time(), UTC),
        )


@dataclass(frozen=True, slots=True)
class Sources:
    """A wave as it was read: its settings, what its files said, its zones, counts and rates."""

    wave: Wave
    testimony: Testimony
    zones: tuple[Zone, ...]
    drawn_zones: bool
    counts: pl.DataFrame
    sample: pl.DataFrame
    rates: pl.DataFrame
    files: tuple[str, ...]


def read_wave(folder: Path | str, corridor: Corridor) -> Sources:
    """The wave of a folder: wave.toml, forms/, events/, tracks/, messages/; zones.geojson,
    counts.csv, sample.csv, rates.csv and names.csv where there are such.

    Errors: V114 for the settings, and every fault of every file at once; a row that cannot be read
    is no fault but a reject.
    """
    path = Path(folder)
    wave = read_settings(path)
    faults: list[Fault] = []
    names = _with_names(gazetteer(corridor), path, faults)
    parts: list[Testimony] = []
    files: list[str] = []
    for file, read in _readers(path, names, wave=wave, faults=faults):
        try:
            parts.append(read())
            files.append(file.relative_to(path).as_posix())
        except Fault as fault:
            faults += fault.faults
    zones = path / "zones.geojson"
    try:
        fences = read_zones(zones, corridor) if zones.is_file() else discs(corridor)
    except Fault as fault:
        fences, _ = (), faults.extend(fault.faults)
    counts = _table(path, COUNTS, faults)
    sample = _table(path, SAMPLE, faults)
    rates = _table(path, RATES, faults)
    if not parts and not faults:
        faults.append(_empty(path))
    if faults:
        raise Faults(faults)
    said = together(parts)
    return Sources(wave, said, fences, zones.is_file(), counts, sample, rates, tuple(files))


def _empty(path: Path) -> Fault:
    return Fault(
        "V114",
        "no form, event, track or message",
        where=Where(file=str(path)),
        expected="files in " + ", ".join(f"{name}/" for name in FOLDERS),
        hint="transcaspian survey template",
    )


def read_settings(folder: Path) -> Wave:
    """The settings of a wave's folder.

    Errors: V114.
    """
    path = folder / SETTINGS
    if not path.is_file():
        raise Fault(
            "V114",
            f"no {SETTINGS}",
            where=Where(file=str(folder)),
            hint="transcaspian survey template makes one",
        )
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        wave = Wave.model_validate(data)
    except tomllib.TOMLDecodeError as error:
        raise Fault("V114", str(error), where=Where(file=SETTINGS)) from error
    except ValidationError as error:
        raise Faults(
            Fault(
                "V114",
                f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}",
                where=Where(file=SETTINGS),
                nearest=nearest(str(problem["loc"][-1]), list(Wave.model_fields))
                if problem["type"] == "extra_forbidden"
                else (),
            )
            for problem in error.errors()
        ) from error
    if wave.clock not in {"", "place"} and zone_of(wave.clock) is None:
        raise Fault(
            "V114",
            f"clock = {wave.clock!r}",
            where=Where(file=SETTINGS),
            expected='"place" or an IANA zone, as "Etc/GMT-9"',
        )
    return wave


Read = Callable[[], Testimony]


def _readers(
    path: Path, names: Gazetteer, *, wave: Wave, faults: list[Fault]
) -> Iterator[tuple[Path, Read]]:
    """Each file of the wave with what reads it, in order of their names."""
    run, habits = wave.name, wave.habits()
    for folder in FOLDERS:
        for file in sorted((path / folder).glob("*")):
            if file.name.startswith((".", "~")) or file.suffix == ".md":
                continue
            read = _reader(folder, file, names, run=run, habits=habits)
            if read is None:
                faults.append(
                    Fault(
                        "V115",
                        f"{file.name} is of no kind that {folder}/ may hold",
                        where=Where(file=f"{folder}/{file.name}"),
                    )
                )
                continue
            yield file, read


def _reader(folder: str, file: Path, names: Gazetteer, *, run: str, habits: Habits) -> Read | None:
    end = file.suffix.lower()
    if folder == "messages":
        return _message_reader(file, names, run=run, habits=habits)
    if folder == "tracks":
        return _track_reader(file, run=run, habits=habits)
    if folder == "forms" and end in {".csv", *BOOKS}:
        return lambda: read_form(file, names, run=run, habits=habits)
    if folder == "events" and end in {".csv", ".parquet", ".jsonl"}:
        return lambda: read_canonical(file, names, run=run, habits=habits)
    return None


def _track_reader(file: Path, *, run: str, habits: Habits) -> Read | None:
    end = file.suffix.lower()
    if end in {".csv", ".parquet"}:
        return lambda: read_track_table(file, run=run, habits=habits)
    if end == ".gpx":
        return lambda: read_gpx(file, run=run, habits=habits)
    if end in {".geojson", ".json", ".mfjson"}:
        return lambda: read_geojson(file, run=run, habits=habits)
    return None


def _message_reader(file: Path, names: Gazetteer, *, run: str, habits: Habits) -> Read | None:
    end = file.suffix.lower()
    if end == ".csv":
        return lambda: read_profile(file, names, run=run, habits=habits)
    if end in {".edi", ".edifact", ".iftsta"}:
        return lambda: read_iftsta(file, names, run=run, habits=habits)
    if end in {".json", ".jsonld", ".jsonl"}:
        with file.open(encoding="utf-8-sig") as stream:
            start = stream.read(4096)
        dcsa = "eventClassifierCode" in start
        reader = read_dcsa if dcsa else read_epcis
        return lambda: reader(file, names, run=run, habits=habits)
    return None


def _with_names(names: Gazetteer, path: Path, faults: list[Fault]) -> Gazetteer:
    """The gazetteer with the names that the wave adds of its own."""
    from transcaspian.corridor.declared.geography import NAMES  # noqa: PLC0415  # one declaration
    from transcaspian.readers.forms.words import plain  # noqa: PLC0415  # as above

    own = _table(path, NAMES, faults)
    found = dict(names.names)
    countries = dict(names.countries)
    for kind, key, name in own.select("kind", "key", "name").iter_rows():
        if kind == "country":
            countries[plain(name)] = key
        elif key in names.country:
            found[plain(name)] = tuple(dict.fromkeys([*found.get(plain(name), ()), key]))
        else:
            near = nearest(key, names.country)
            faults.append(
                Fault("C302", f"seen {key!r}", where=Where(file="names.csv"), nearest=near)
            )
    return replace(names, names=found, countries=countries)


def _table(path: Path, table: Table, faults: list[Fault]) -> pl.DataFrame:
    file = path / f"{table.name}.csv"
    text = decoded(file.read_bytes(), file.name) if file.is_file() else ",".join(table.names)
    frame, wrong = parse(text, table, file=file.name)
    faults += wrong
    return frame
