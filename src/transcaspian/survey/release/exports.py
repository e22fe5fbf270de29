"""A log in the words of other systems: EPCIS 2.0, XES and OCEL 2.0."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import quoteattr

import polars as pl

from transcaspian.events.log import Events
from transcaspian.readers.messages.epcis import OWN

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def as_epcis(visits: pl.DataFrame, *, run: str, synthetic: bool) -> str:
    """The visits as an EPCIS 2.0 document: an arrival and a departure each, where they are known.

    Trips bear their numbers, not their names.
    """
    head = {
        "@context": [
            "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
            {"transcaspian": "urn:transcaspian:terms:"},
        ],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "1970-01-01T00:00:00Z",
        f"{OWN}synthetic": synthetic,
        "epcisBody": {"eventList": []},
    }
    before, after = json.dumps(head, ensure_ascii=False).split("[]")
    events = ",\n".join(
        json.dumps(event, ensure_ascii=False) for event in _visit_events(visits, run)
    )
    return f"{before}[\n{events}\n]{after}\n"


def _visit_events(visits: pl.DataFrame, run: str) -> Iterator[dict[str, Any]]:
    names = ("trip", "place", "ordinal", "arrived", "left", "grade")
    for trip, place, ordinal, arrived, left, grade in visits.select(names).iter_rows():
        for step, at in (("arriving", arrived), ("departing", left)):
            if at is None:
                continue
            instant = datetime.fromtimestamp(at // 1_000_000, tz=UTC)
            yield {
                "type": "ObjectEvent",
                "action": "OBSERVE",
                "eventID": f"urn:transcaspian:{run}:{trip}:{place}:{ordinal}:{step}",
                "eventTime": instant.isoformat().replace("+00:00", "Z"),
                "eventTimeZoneOffset": "+00:00",
                "epcList": [f"urn:transcaspian:trip:{run}.{trip}"],
                "bizStep": step,
                "disposition": "in_transit",
                "readPoint": {"id": place},
                f"{OWN}grade": grade,
            }


def as_xes(events: Events) -> Iterator[str]:
    """The log as XES (IEEE 1849), piece by piece: a trace a trip, a start and an end a step."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield '<log xes.version="1.0" xmlns="http://www.xes-standard.org/">\n'
    for name, prefix in (("Concept", "concept"), ("Lifecycle", "lifecycle"), ("Time", "time")):
        uri = f"http://www.xes-standard.org/{prefix}.xesext"
        yield f'<extension name="{name}" prefix="{prefix}" uri="{uri}"/>\n'
    ordered = events.steps.sort("run", "trip", "step")
    for (run, trip), steps in ordered.group_by("run", "trip", maintain_order=True):
        yield f'<trace>\n<string key="concept:name" value={quoteattr(f"{run}-{trip}")}/>\n'
        for row in steps.iter_rows(named=True):
            yield from _step(row)
        yield "</trace>\n"
    yield "</log>\n"


def _step(row: dict[str, Any]) -> Iterator[str]:
    began = row["started"] or row["arrived"]
    for transition, at in (("start", began), ("complete", row["ended"])):
        if at is not None:
            yield "<event>\n"
            yield _string("concept:name", row["activity"])
            yield _string("lifecycle:transition", transition)
            yield f'<date key="time:timestamp" value="{at.isoformat()}"/>\n'
            yield _string("place", row["place"])
            yield _string("quality", row["quality"])
            yield "</event>\n"


@lru_cache(maxsize=4096)
def _string(key: str, value: str) -> str:
    return f"<string key={quoteattr(key)} value={quoteattr(value)}/>\n"


OBJECTS = ("trip", "place", "train or convoy", "unit")


def as_ocel(events: Events) -> str:
    """The log as OCEL 2.0 in JSON: each step with its trip, place, train or convoy, and unit.

    A step's event is at its end, or where that is not known at its beginning; one without either is
    left out. Trips bear their numbers, not their names.

    Source: Berti et al. 2023, OCEL 2.0 specification.
    """
    timed = events.steps.with_columns(pl.coalesce("ended", "started", "arrived").alias("at"))
    known = (
        timed.drop_nulls("at")
        .join(events.trips.select("run", "trip", "cluster", "unit"), on=["run", "trip"], how="left")
        .sort("run", "trip", "step")
    )
    named = known.with_columns(
        pl.format("{}-{}", "run", "trip").alias("the trip"),
        pl.format("place {}", "place").alias("the place"),
        pl.when(pl.col("cluster").is_not_null())
        .then(pl.format("train {}", "cluster"))
        .alias("the train"),
        pl.when(pl.col("unit").is_not_null()).then(pl.format("unit {}", "unit")).alias("the unit"),
    )
    columns = ("the trip", "the place", "the train", "the unit")
    objects = [
        {"id": name, "type": kind, "attributes": [], "relationships": []}
        for column, kind in zip(columns, OBJECTS, strict=True)
        for name in named[column].drop_nulls().unique().sort()
    ]
    rows = [_ocel_event(row, columns) for row in named.iter_rows(named=True)]
    document = {
        "objectTypes": [{"name": kind, "attributes": []} for kind in OBJECTS],
        "eventTypes": [
            {"name": code, "attributes": [{"name": "quality", "type": "string"}]}
            for code in named["activity"].unique().sort()
        ],
        "objects": objects,
        "events": rows,
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"


def _ocel_event(row: dict[str, Any], columns: tuple[str, ...]) -> dict[str, Any]:
    return {
        "id": f"{row['run']}-{row['trip']}-{row['step']}",
        "type": row["activity"],
        "time": row["at"].isoformat().replace("+00:00", "Z"),
        "attributes": [{"name": "quality", "value": row["quality"]}],
        "relationships": [
            {"objectId": row[column], "qualifier": kind}
            for column, kind in zip(columns, OBJECTS, strict=True)
            if row[column] is not None
        ],
    }
