"""EPCIS 2.0 in JSON-LD: visibility events of goods and vehicles."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from transcaspian.errors import Fault, Where
from transcaspian.events.testimony import Testimony, row_hash
from transcaspian.readers.forms.stamps import Habits, Stamp, stamp_of, zone_of
from transcaspian.readers.gazetteer import Gazetteer
from transcaspian.readers.messages.notebook import Act, Notebook
from transcaspian.tables.cells import Wrong
from transcaspian.tables.vocabulary import vocabulary

Event = Mapping[str, Any]
STEP = re.compile(r"(?:BizStep-|bizstep:|cbv:)?([a-z_]+)$")
FEWEST_DIGITS = 7
"""A name without its company's prefix is still one when it is at least as long."""
OWN = "transcaspian:"
"""The prefix of our extension terms: activity and lifecycle, which the standard lacks."""


@cache
def steps() -> dict[str, Act]:
    """Each business step with the activity and the end of it that it marks."""
    return {step: (activity, end) for step, activity, end in vocabulary("epcis_steps").iter_rows()}


def bare(step: str) -> str:
    """The name of a business step, whether bare, as cbv: CURIE, as URN or as a link."""
    found = STEP.search(step)
    return found[1] if found else step


def read_epcis(path: Path, gazetteer: Gazetteer, *, run: str, habits: Habits) -> Testimony:
    """What the events of a document, or of a file of one event a line, said.

    An event that an error declaration withdraws is told, not taken; so is its original where the
    declaration names it by the same eventID.

    Errors: V115 when the file is not JSON or holds no events.
    """
    events = [dict(event) for event in _events(path)]
    withdrawn = {
        event["eventID"] for event in events if "errorDeclaration" in event and "eventID" in event
    }
    book = Notebook(path.name, run, gazetteer, habits)
    for number, event in enumerate(events, start=1):
        hash_ = row_hash([json.dumps(event, sort_keys=True, ensure_ascii=False)])
        wrong = _take(book, event, hash_=hash_, withdrawn=withdrawn)
        if wrong is not None:
            book.reject(number, wrong, column="", hash_=hash_)
    return book.testimony()


def load(path: Path) -> Iterator[Any]:
    """The JSON values of a file: one document, or one a line.

    Errors: V115 with the line when it is neither.
    """
    text = path.read_text(encoding="utf-8-sig")
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2 or not lines[0].endswith("}"):  # noqa: PLR2004  # one line is a document
            raise _unreadable(path, error.lineno, error.msg) from error
    else:
        yield found
        return
    for number, line in enumerate(lines, start=1):
        try:
            yield json.loads(line)
        except json.JSONDecodeError as error:
            raise _unreadable(path, number, error.msg) from error


def _unreadable(path: Path, line: int, why: str) -> Fault:
    return Fault("V115", f"line {line}: {why}", where=Where(file=path.name), expected="JSON")


def _events(path: Path) -> Iterator[Event]:
    for value in load(path):
        if isinstance(value, list):
            yield from value
            continue
        if not isinstance(value, dict):
            raise Fault("V115", f"seen {type(value).__name__}", where=Where(file=path.name))
        body: Any = value.get("epcisBody", {})
        listed = body.get("eventList", body.get("event"))
        if listed is None and "eventTime" not in value:
            raise Fault(
                "V115",
                "no events",
                where=Where(file=path.name),
                expected="epcisBody.eventList, or an event a line",
            )
        yield from [value] if listed is None else listed if isinstance(listed, list) else [listed]


def _take(book: Notebook, event: Event, *, hash_: str, withdrawn: set[str]) -> Wrong | None:
    """What keeps an event from being taken; none when it was."""
    if "errorDeclaration" in event or event.get("eventID") in withdrawn:
        return Wrong("V111", "an event that its sender withdrew", "")
    stamp = _stamp(event)
    if isinstance(stamp, Wrong):
        return stamp
    place = _place(book, event)
    if isinstance(place, Wrong):
        return place
    names = list(_names(event))
    if not names:
        return Wrong("V115", "an event of nothing", "epcList, parentID or bizTransactionList")
    said = book.when(stamp, place)
    if isinstance(said, Wrong):
        return said
    act = _act(book, event)
    trip = book.trip(names[0][1], names)
    told = (str(event.get("bizStep", "")), hash_)
    book.say(trip, place, act=act, when=said[0], zone=said[1], told=told)
    return None


def _stamp(event: Event) -> Stamp | Wrong:
    """The instant of an event; its zone stands in a field of its own, which must be there."""
    offset = event.get("eventTimeZoneOffset")
    if not isinstance(offset, str) or zone_of(offset) is None:
        return Wrong("V105", f"eventTimeZoneOffset is {offset!r}", "an offset, as +05:00")
    if not isinstance(event.get("eventTime"), str):
        return Wrong("V103", "no eventTime", "an ISO 8601 instant")
    text = str(event["eventTime"])
    stamp = stamp_of(re.sub(r"(\d{2}:\d{2}:\d{2})\.\d+", r"\1", text), Habits())
    if isinstance(stamp, Wrong):
        return stamp
    return Stamp(stamp.local, stamp.width, stamp.offset or zone_of(offset))


def _place(book: Notebook, event: Event) -> str | Wrong:
    for name in ("readPoint", "bizLocation"):
        point = event.get(name)
        said = point.get("id") if isinstance(point, Mapping) else point
        if said:
            found = book.gazetteer.place(str(said))
            if isinstance(found, str):
                return found
    said = str(event.get("readPoint") or event.get("bizLocation") or {})
    return Wrong("V106", f"seen {said}", "a readPoint or bizLocation that names.csv knows")


def _names(event: Event) -> Iterator[tuple[str, str]]:
    """The names of what moved, the most lasting first."""
    listed = [event["parentID"]] if event.get("parentID") else []
    for said in [*listed, *(event.get("epcList") or event.get("childEPCs") or ())]:
        name = str(said).rpartition(":")[2].rpartition("/")[2]
        yield "equipment", name
        own = name.rpartition(".")[2]  # without the prefix of the company: as others know it
        if own != name and len(own) >= FEWEST_DIGITS:
            yield "equipment", own
    for transaction in event.get("bizTransactionList") or ():
        yield "consignment", str(transaction.get("bizTransaction", "")).rpartition(":")[2]


def _act(book: Notebook, event: Event) -> Act:
    step = bare(str(event.get("bizStep", "")))
    activity, end = steps().get(step) or book.unknown(step)
    return str(event.get(f"{OWN}activity", activity)), str(event.get(f"{OWN}lifecycle", end))
