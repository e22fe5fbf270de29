"""UN/EDIFACT IFTSTA: multimodal status reports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path

from transcaspian.errors import Fault, Where
from transcaspian.events.testimony import Testimony, row_hash
from transcaspian.readers.forms.stamps import Habits, Stamp, zone_of
from transcaspian.readers.gazetteer import Gazetteer
from transcaspian.readers.messages.notebook import Act, Notebook, whole_day
from transcaspian.tables.cells import Wrong
from transcaspian.tables.vocabulary import vocabulary

Segment = tuple[str, tuple[tuple[str, ...], ...]]
FORMATS = {"102": "%Y%m%d", "203": "%Y%m%d%H%M", "204": "%Y%m%d%H%M%S", "303": "%Y%m%d%H%M"}
ACTUAL = {"7", "178", "186", "334", "131", "137"}
"""Qualifiers of DTM that speak of something that has happened, in order of no importance."""
EXPECTED = {"17", "132", "133", "189", "191", "200", "232"}


@dataclass(slots=True)
class Status:
    """One status of a consignment while its segments are read."""

    code: str
    number: int
    stamp: tuple[str, str, str] | None = None
    place: str = ""
    names: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    text: list[str] = field(default_factory=list[str])


@cache
def acts() -> dict[str, Act]:
    """Each status of element 9011 that is known with its activity and lifecycle."""
    rows = vocabulary("iftsta_status").select("code", "activity", "lifecycle")
    return {code: (activity, end) for code, activity, end in rows.iter_rows()}


def segments(text: str) -> Iterator[tuple[Segment, str]]:
    """The segments of an interchange with their tag, elements and components, and as they stood.

    Signs of the service string advice are honoured, released characters kept.
    """
    component, element, release, end = ":", "+", "?", "'"
    if text.startswith("UNA"):
        component, element, release, end = text[3], text[4], text[6], text[8]
        text = text[9:]
    for raw in _cut(text, end, release):
        bare = raw.strip()
        if not bare:
            continue
        parts = _cut(bare, element, release)
        data = tuple(
            tuple(_freed(word, release) for word in _cut(part, component, release))
            for part in parts[1:]
        )
        yield (parts[0], data), bare


def _cut(text: str, sign: str, release: str) -> list[str]:
    """The parts of a text between signs that are not released."""
    if release not in text:
        return text.split(sign)
    parts, part, free = [], "", False
    for letter in text:
        if free:
            part, free = part + release + letter, False
        elif letter == release:
            free = True
        elif letter == sign:
            parts.append(part)
            part = ""
        else:
            part += letter
    return [*parts, part]


def _freed(text: str, release: str) -> str:
    """The text without its release signs."""
    found, free = "", False
    for letter in text:
        if letter == release and not free:
            free = True
        else:
            found, free = found + letter, False
    return found


def read_iftsta(path: Path, gazetteer: Gazetteer, *, run: str, habits: Habits) -> Testimony:
    """What the statuses of an interchange said.

    Times carry no offset: they are read in the zone of the place or of the wave.

    Errors: V115 when the file is not an interchange.
    """
    text = path.read_text(encoding="latin-1")
    if not text.lstrip().startswith(("UNA", "UNB", "UNH")):
        raise Fault(
            "V115", f"begins with {text[:3]!r}", where=Where(file=path.name), expected="UNB"
        )
    book = Notebook(path.name, run, gazetteer, habits)
    for status in _statuses(text.lstrip()):
        hash_ = row_hash(status.text)
        wrong = _take(book, status, hash_)
        if wrong is not None:
            book.reject(status.number, wrong, column=f"STS {status.code}", hash_=hash_)
    return book.testimony()


def _statuses(text: str) -> Iterator[Status]:
    """Each STS group with its consignment (CNI), references, equipment, time and place."""
    consignment: list[tuple[str, str]] = []
    status: Status | None = None
    number = 0
    for (tag, data), raw in segments(text):
        if tag in {"CNI", "STS", "UNT", "UNH"} and status is not None:
            yield status
            status = None
        if tag in {"UNH", "CNI"}:
            consignment = (
                [("consignment", _at(data, 1, 0))] if tag == "CNI" and _at(data, 1, 0) else []
            )
        elif tag == "STS":
            number += 1
            status = Status(_at(data, 1, 0), number, names=list(consignment), text=[raw])
        elif status is not None:
            _more(status, tag, data)
            status.text.append(raw)
        elif tag == "RFF" and _at(data, 0, 1):
            consignment.append(("consignment", _at(data, 0, 1)))
    if status is not None:
        yield status


def _more(status: Status, tag: str, data: Sequence[Sequence[str]]) -> None:
    if tag == "DTM" and status.stamp is None:
        status.stamp = (_at(data, 0, 0), _at(data, 0, 1), _at(data, 0, 2))
    elif tag == "LOC" and not status.place:
        status.place = _at(data, 1, 0)
    elif tag == "EQD" and _at(data, 1, 0):
        status.names.insert(0, ("equipment", _at(data, 1, 0)))
    elif tag == "RFF" and _at(data, 0, 1):
        status.names.append(("consignment", _at(data, 0, 1)))


def _at(data: Sequence[Sequence[str]], element: int, component: int) -> str:
    try:
        return data[element][component]
    except IndexError:
        return ""


def _take(book: Notebook, status: Status, hash_: str) -> Wrong | None:
    if not status.names:
        return Wrong("V115", "a status of nothing", "CNI, RFF or EQD")
    place = book.gazetteer.place(status.place)
    if isinstance(place, Wrong):
        return place
    stamp = _stamp(status)
    if isinstance(stamp, Wrong):
        return stamp
    said = book.when(stamp, place)
    if isinstance(said, Wrong):
        return said
    act = acts().get(status.code) or book.unknown(f"STS {status.code}")
    trip = book.trip(status.names[0][1], status.names)
    told = (f"STS {status.code}", hash_)
    book.say(trip, place, act=act, when=said[0], zone=said[1], told=told)
    return None


def _stamp(status: Status) -> Stamp | Wrong:
    """The time of a status, if it speaks of the past and in a format that is known."""
    if status.stamp is None:
        return Wrong("V103", "no DTM", "DTM+334:202603041030:203")
    qualifier, value, form = status.stamp
    if qualifier in EXPECTED:
        return Wrong(
            "V110", f"DTM qualifier {qualifier}, a time that is expected", "an actual time"
        )
    offset = value[12:] if form == "303" else ""
    try:
        local = datetime.strptime(value[:12] if offset else value, FORMATS[form])  # noqa: DTZ007  # a local wall clock
    except (KeyError, ValueError):
        return Wrong("V103", f"seen {value!r} in format {form!r}", "formats 102, 203, 204 or 303")
    if form == "102":
        return whole_day(local)
    return Stamp(local, offset=zone_of(offset) if offset else None)
