"""Trip forms, wide (a row a stop) and long (a row an activity), as testimony."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from transcaspian.errors import Fault, Where, nearest
from transcaspian.events.testimony import Testimony, row_hash, testimony
from transcaspian.readers.forms.rows import rows_of
from transcaspian.readers.forms.stamps import Habits, bounds, stamp_of, zone_of
from transcaspian.readers.forms.words import Head, activities, columns, head, networks, plain
from transcaspian.readers.gazetteer import Gazetteer
from transcaspian.tables.cells import COMMA, Wrong
from transcaspian.tables.letters import foreign, latin, mixed, named

NEEDED = ("trip", "place")
STAY = {"border_post": "border", "port": "port", "terminal": "port", "gauge_break": "gauge_break"}
NAMED = {
    "vehicle": "vehicle",
    "equipment": "equipment",
    "consignment": "consignment",
    "driver": "driver",
}
WORDS = ("carrier", "goods", "unit", "origin", "destination", "cluster")
MIDNIGHTS = 0.05
FEWEST = 20
MOST_H = 8784.0
"""No activity takes longer than a year."""
MOST_T = 100_000.0
"""No trip carries more: a large ship on the lower Caspian has 13,000 t."""
MOST_PAID = 1e9
"""No payment is larger in any currency of the route."""
Cells = Mapping[str, object]


@dataclass(slots=True)
class Trip:
    """A trip of a form while its rows are read."""

    number: int
    name: str
    said: dict[str, str] = field(default_factory=dict[str, str])
    tonnes: float | None = None
    places: list[str] = field(default_factory=list[str])
    count: int = 0


@dataclass(slots=True)
class Reader:
    """What is known of a form's file while it is read."""

    file: str
    run: str
    habits: Habits
    gazetteer: Gazetteer
    heads: tuple[Head, ...] = ()
    trips: dict[str, Trip] = field(default_factory=dict[str, Trip])
    witnesses: list[tuple[object, ...]] = field(default_factory=list[tuple[object, ...]])
    payments: list[tuple[object, ...]] = field(default_factory=list[tuple[object, ...]])
    names: set[tuple[object, ...]] = field(default_factory=set[tuple[object, ...]])
    rejects: list[tuple[object, ...]] = field(default_factory=list[tuple[object, ...]])
    unknown: Counter[str] = field(default_factory=Counter[str])
    midnights: Counter[bool] = field(default_factory=Counter[bool])
    alike: Counter[str] = field(default_factory=Counter[str])

    def reject(self, row: int, wrong: Wrong, *, column: str, hash_: str) -> None:
        """Nothing; the cell is told with its reason."""
        self.rejects.append((self.file, row, column, wrong.code, wrong.what, wrong.expected, hash_))


def read_form(path: Path, gazetteer: Gazetteer, *, run: str, habits: Habits) -> Testimony:
    """What a form's file says; rows that cannot be placed and cells that cannot be read are told.

    A wide row is a stop: arrival, departure, and hours by activity in columns of their own. A long
    row is one activity with its start and end or its hours. Blank is unknown, never zero.

    Errors: V101 and V102 for a header that cannot be understood, V115, C106, C110.
    """
    reader = Reader(path.name, run, habits, gazetteer)
    for number, cells in rows_of(path, habits):
        if number == 0:
            reader.heads = _heads(path.name, cells)
        else:
            _row(reader, number, cells)
    if not reader.heads:
        raise Fault("V102", "the file is empty", where=Where(file=path.name), expected="a header")
    return _told(reader)


def _heads(file: str, cells: Sequence[object]) -> tuple[Head, ...]:
    words = [str(cell or "") for cell in cells]
    found = [head(word) if word else Head("") for word in words]
    strange = [word for word, known in zip(words, found, strict=True) if known is None]
    faults = [
        Fault(
            "V101",
            f"seen {word!r} in the header",
            where=Where(file=file, column=word),
            expected="a column of the template or an activity",
            nearest=nearest(plain(word), [*columns(), *activities()]),
            hint="transcaspian survey template; what is not asked for belongs in remark",
        )
        for word in strange
    ]
    heads = tuple(known or Head("") for known in found)
    faults += [
        Fault("V102", f"no {column}", where=Where(file=file), expected=f"a column {column}")
        for column in NEEDED
        if column not in {known.column for known in heads}
    ]
    twice = [
        key
        for key, count in Counter((h.column, h.activity) for h in heads if h.column).items()
        if count > 1
    ]
    faults += [
        Fault("V101", f"{' '.join(key).strip()} stands twice", where=Where(file=file))
        for key in twice
    ]
    if faults:
        from transcaspian.errors import Faults  # noqa: PLC0415  # only when there are any

        raise Faults(faults)
    return heads


def _row(reader: Reader, number: int, cells: Sequence[object]) -> None:
    """Nothing; one row of the form is taken or told why not."""
    hash_ = row_hash(cells)
    pairs = list(zip(reader.heads, cells, strict=False))
    said = {h.column: cell for h, cell in pairs if cell not in {None, ""} and not h.activity}
    trip_name = str(said.get("trip", "")).strip()
    if not trip_name:
        wrong = Wrong("C201", "no trip", "the name of the trip")
        reader.reject(number, wrong, column="trip", hash_=hash_)
        return
    place = _place(reader, said)
    if isinstance(place, Wrong):
        reader.reject(number, place, column="place", hash_=hash_)
        return
    trip = reader.trips.setdefault(latin(trip_name), Trip(len(reader.trips) + 1, trip_name))
    reader.alike.update(mixed(f"{trip_name} {said.get('place', '')}"))
    if trip.name != trip_name:
        reader.alike.update(foreign(trip_name + trip.name))
    trip.places.append(place)
    _trip_words(reader, trip, said, row=(number, hash_))
    zone = _zone(reader, said, place)
    if isinstance(zone, Wrong):
        reader.reject(number, zone, column="zone", hash_=hash_)
        return
    at = Row(number, hash_, place, zone, _network(said) or None)
    _stay(reader, trip, said, at=at)
    for known, cell in pairs:
        if known.activity and cell not in {None, ""}:
            _length(reader, trip, (known, cell), at=at)
    _paid(reader, trip, said, at=at)


@dataclass(frozen=True, slots=True)
class Row:
    """Where a row of a form stands and what it speaks of."""

    number: int
    hash: str
    place: str
    zone: str
    network: str | None


def _place(reader: Reader, said: Cells) -> str | Wrong:
    country = ""
    if "country" in said:
        found = reader.gazetteer.country_of(str(said["country"]))
        if isinstance(found, Wrong):
            return found
        country = found
    network = _network(said)
    return reader.gazetteer.place(str(said.get("place", "")), country=country, network=network)


def _network(said: Cells) -> str:
    return networks().get(plain(str(said.get("mode", ""))), "")


def _zone(reader: Reader, said: Cells, place: str) -> str | Wrong:
    """The zone that the times of a row keep."""
    said_zone = str(said.get("zone", "")).strip()
    clock = reader.habits.clock
    zone = said_zone or (reader.gazetteer.zone[place] if clock == "place" else clock)
    if not zone:
        expected = 'a zone in the row, or clock = "place" or an IANA zone in wave.toml'
        return Wrong("V105", "local times without a zone", expected)
    if zone_of(zone) is None:
        return Wrong("V105", f"seen {zone!r}", "an IANA zone or an offset, as +05:00")
    return zone


def _trip_words(reader: Reader, trip: Trip, said: Cells, *, row: tuple[int, str]) -> None:
    """Nothing; what the row says of its trip is kept, the first word said of each."""
    for column in WORDS:
        if column in said:
            trip.said.setdefault(column, str(said[column]))
    for column, kind in NAMED.items():
        if column in said:
            name = identity(str(said[column]))
            reader.names.add((reader.run, trip.number, kind, name))
    if "tonnes" in said and trip.tonnes is None:
        tonnes = number_of(said["tonnes"], reader.habits, most=MOST_T)
        if isinstance(tonnes, Wrong):
            reader.reject(row[0], tonnes, column="tonnes", hash_=row[1])
        else:
            trip.tonnes = tonnes


def identity(name: str) -> str:
    """A plate, a container or a note as it can be compared: Latin capitals and digits."""
    return "".join(letter for letter in latin(name.upper()) if letter.isalnum())


def _stay(reader: Reader, trip: Trip, said: Cells, *, at: Row) -> None:
    """Nothing; the instants of a stop or of an activity are witnessed."""
    label = str(said.get("activity", "")).strip()
    activity = _activity(reader, label, at.place)
    ends = (("started", "start"), ("ended", "complete"))
    if not label:
        ends = (("arrived", "start"), ("departed", "complete"))
    for column, lifecycle in ends:
        if column in said:
            _instant(reader, trip, said, at=at, what=(column, lifecycle, activity, label))
    if "hours" in said:
        _length(reader, trip, (Head("hours", activity), said["hours"]), at=at, label=label)


def _activity(reader: Reader, label: str, place: str) -> str:
    if not label:
        return STAY.get(reader.gazetteer.kind[place], "stop")
    code = activities().get(plain(label))
    if code is None:
        reader.unknown[label] += 1
    return code or "x90_unknown_stop"


def _instant(
    reader: Reader, trip: Trip, said: Cells, *, at: Row, what: tuple[str, str, str, str]
) -> None:
    column, lifecycle, activity, label = what
    stamp = stamp_of(said[column], reader.habits)
    if isinstance(stamp, Wrong):
        reader.reject(at.number, stamp, column=column, hash_=at.hash)
        return
    zone = zone_of(at.zone)
    if zone is None:
        return
    earliest, latest = bounds(stamp, zone)
    outside = reader.habits.outside(earliest, latest)
    if outside is not None:
        reader.reject(at.number, outside, column=column, hash_=at.hash)
        return
    reader.midnights[stamp.local.hour == 0 and stamp.local.minute == 0] += 1
    witness = (activity, label or None, earliest, latest, None)
    _witness(reader, trip, witness, at=at, lifecycle=lifecycle)


def _length(
    reader: Reader, trip: Trip, cell: tuple[Head, object], *, at: Row, label: str = ""
) -> None:
    """Nothing; the hours of one activity are witnessed."""
    known, value = cell
    hours = number_of(value, reader.habits, most=MOST_H / known.scale)
    if isinstance(hours, Wrong):
        reader.reject(at.number, hours, column=known.activity, hash_=at.hash)
        return
    witness = (known.activity, label or None, None, None, hours * known.scale)
    _witness(reader, trip, witness, at=at, lifecycle="whole")


def _witness(
    reader: Reader, trip: Trip, said: tuple[object, ...], *, at: Row, lifecycle: str
) -> None:
    trip.count += 1
    side = reader.gazetteer.country[at.place] or None
    tail = (at.zone, at.network, side, lifecycle, "form", at.hash)
    reader.witnesses.append((reader.run, trip.number, trip.count, at.place, *said, *tail))


def number_of(cell: object, habits: Habits, *, most: float) -> float | Wrong:
    """The number of a cell, from 0 to the most that can be meant, or what is wrong with it.

    A decimal comma only where the wave writes so.
    """
    if isinstance(cell, bool):
        return Wrong("V108", f"seen {cell!r}", "a number")
    if isinstance(cell, int | float):
        value = float(cell)
    else:
        text = str(cell).strip()
        comma = COMMA.match(text) is not None
        if comma and not habits.decimal_comma:
            expected = f"{text.replace(',', '.')}, or decimal_comma = true in wave.toml"
            return Wrong("C203", f"seen {text!r}", expected)
        try:
            value = float(text.replace(",", ".") if comma else text)
        except ValueError:
            return Wrong("V108", f"seen {text!r}", "a number")
    if not 0 <= value <= most:
        return Wrong("C205", f"seen {value:g}", f"0 to {most:,.0f}")
    return value


def _paid(reader: Reader, trip: Trip, said: Cells, *, at: Row) -> None:
    """Nothing; payments of the row are kept with the last witness of the stop."""
    currency = str(said.get("currency", reader.habits.currency)).strip().upper()
    for kind in ("official", "unofficial"):
        if kind not in said:
            continue
        amount = number_of(said[kind], reader.habits, most=MOST_PAID)
        if not isinstance(amount, Wrong) and not currency:
            amount = Wrong("V116", f"seen {amount:g} without a currency", "a currency, as USD")
        if isinstance(amount, Wrong):
            reader.reject(at.number, amount, column=kind, hash_=at.hash)
            continue
        row = (reader.run, trip.number, trip.count, kind, amount, currency)
        reader.payments.append(row)


def _told(reader: Reader) -> Testimony:
    """The testimony of a file that has been read."""
    trips = [
        (
            *(reader.run, trip.number, trip.name, None),
            reader.gazetteer.good(trip.said.get("goods")),
            *(_unit(reader, trip), _end(reader, trip, "origin"), _end(reader, trip, "destination")),
            *(None, trip.tonnes, None, 1.0, None),
            *(trip.said.get("carrier"), trip.said.get("cluster")),
        )
        for trip in reader.trips.values()
    ]
    return testimony(
        trips=trips,
        witnesses=reader.witnesses,
        payments=reader.payments,
        identities=sorted(reader.names, key=str),
        rejects=reader.rejects,
        notices=_notices(reader),
    )


def _unit(reader: Reader, trip: Trip) -> str | None:
    """What moved: as said where the corridor knows the word."""
    said = plain(trip.said.get("unit", "")).replace(" ", "_")
    return said if said in reader.gazetteer.units else None


def _end(reader: Reader, trip: Trip, which: str) -> str:
    """Where a trip begins or ends: as said, if that is a place; else its first or last stop."""
    said = trip.said.get(which, "")
    found = reader.gazetteer.place(said) if said else None
    if isinstance(found, str):
        return found
    return trip.places[0 if which == "origin" else -1]


def _notices(reader: Reader) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = [
        (reader.file, "V113", count, f"activity {word!r} is not known; kept as an unknown stop")
        for word, count in sorted(reader.unknown.items())
    ]
    if reader.alike:
        letters = named(tuple(sorted(reader.alike)))
        what = f"letters that look Latin stand among Latin ones and were read as those: {letters}"
        found.append((reader.file, "V118", sum(reader.alike.values()), what))
    midnights, stamps = reader.midnights[True], sum(reader.midnights.values())
    if stamps >= FEWEST and midnights > MIDNIGHTS * stamps:
        done = (
            "read as whole days"
            if reader.habits.midnight == "day"
            else 'read as midnight; say midnight = "day" in wave.toml if the hour is unknown'
        )
        share = f"{midnights / stamps:.0%} of the times are 00:00, {done}"
        found.append((reader.file, "V112", midnights, share))
    return found
