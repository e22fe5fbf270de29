"""DCSA Track & Trace events: what carriers of containers tell."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from transcaspian.events.testimony import Testimony, row_hash
from transcaspian.readers.forms.stamps import Habits, stamp_of
from transcaspian.readers.gazetteer import Gazetteer
from transcaspian.readers.messages.epcis import load
from transcaspian.readers.messages.notebook import Act, Notebook
from transcaspian.tables.cells import Wrong
from transcaspian.tables.vocabulary import vocabulary

Event = Mapping[str, Any]
CODES = (
    "transportEventTypeCode",
    "equipmentEventTypeCode",
    "shipmentEventTypeCode",
    "documentTypeCode",
)
KINDS = {"BKG": "consignment", "BOL": "consignment", "TRD": "consignment", "EQ": "equipment"}


@cache
def acts() -> dict[str, Act]:
    """Each event code with the activity and the end of it that it marks."""
    return {code: (activity, end) for code, activity, end in vocabulary("dcsa_events").iter_rows()}


def read_dcsa(path: Path, gazetteer: Gazetteer, *, run: str, habits: Habits) -> Testimony:
    """What the events of a file said; only what actually happened is taken.

    Planned and estimated events are told, not taken, so an estimate never enters a duration.

    Errors: V115 when the file is not JSON.
    """
    book = Notebook(path.name, run, gazetteer, habits)
    for number, event in enumerate(_events(path), start=1):
        hash_ = row_hash([json.dumps(event, sort_keys=True, ensure_ascii=False)])
        wrong = _take(book, event, hash_=hash_)
        if wrong is not None:
            book.reject(number, wrong, column="", hash_=hash_)
    return book.testimony()


def _events(path: Path) -> Iterator[Event]:
    for value in load(path):
        yield from value if isinstance(value, list) else value.get("events", [value])


def _take(book: Notebook, event: Event, *, hash_: str) -> Wrong | None:
    classifier = event.get("eventClassifierCode")
    if classifier != "ACT":
        return Wrong("V110", f"eventClassifierCode {classifier!r}", "'ACT': what has happened")
    text = re.sub(r"(\d{2}:\d{2}:\d{2})\.\d+", r"\1", str(event.get("eventDateTime", "")))
    stamp = stamp_of(text, Habits())
    if isinstance(stamp, Wrong):
        return stamp
    place = _place(book, event)
    if isinstance(place, Wrong):
        return place
    names = list(_names(event))
    if not names:
        return Wrong("V115", "an event of nothing", "equipmentReference or a document reference")
    said = book.when(stamp, place)
    if isinstance(said, Wrong):
        return said
    code = next((str(event[name]) for name in CODES if event.get(name)), "")
    act = acts().get(code) or book.unknown(code)
    trip = book.trip(names[0][1], names)
    book.say(trip, place, act=act, when=said[0], zone=said[1], told=(code, hash_))
    return None


def _place(book: Notebook, event: Event) -> str | Wrong:
    call = event.get("transportCall") or {}
    where = event.get("eventLocation") or call.get("location") or {}
    said = [
        where.get("facilityCode") or call.get("facilityCode"),
        where.get("UNLocationCode") or call.get("UNLocationCode"),
        where.get("locationName"),
    ]
    for word in said:
        found = book.gazetteer.place(str(word)) if word else None
        if isinstance(found, str):
            return found
    return Wrong("V106", f"seen {[word for word in said if word]}", "a place that names.csv knows")


def _names(event: Event) -> Iterator[tuple[str, str]]:
    if event.get("equipmentReference"):
        yield "equipment", str(event["equipmentReference"])
    for one in event.get("documentReferences") or ():
        kind = KINDS.get(str(one.get("documentReferenceType", "")))
        if kind and one.get("documentReferenceValue"):
            yield kind, str(one["documentReferenceValue"])
    for one in event.get("references") or ():
        kind = KINDS.get(str(one.get("referenceType", "")))
        if kind and one.get("referenceValue"):
            yield kind, str(one["referenceValue"])
