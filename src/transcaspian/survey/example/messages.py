"""Messages as carriers, railways and customs send them: DCSA, EPCIS, stamps by day and by act."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from transcaspian.survey.example.forms import Visit

DCSA = {
    "p01_gate_in": ("equipmentEventTypeCode", "GTIN"),
    "p08_load_vessel": ("equipmentEventTypeCode", "LOAD"),
    "p09_discharge": ("equipmentEventTypeCode", "DISC"),
    "p02_gate_out": ("equipmentEventTypeCode", "GTOT"),
}
ESTIMATED = 0.3
TOLD = 0.7
Json = dict[str, object]


def local(at: datetime, zone: str) -> datetime:
    """An instant on the clock of a zone, to the second."""
    return at.astimezone(ZoneInfo(zone)).replace(microsecond=0)


def dcsa_events(
    name: str, steps: Sequence[tuple[str, str, str, datetime]], *, rng: np.random.Generator
) -> Iterator[Json]:
    """The events of one container: what its terminals did, and now and then an estimate before.

    `steps`: place, activity, zone, end of it.
    """
    for place, activity, zone, ended in steps:
        if activity not in DCSA:
            continue
        key, code = DCSA[activity]
        event: Json = {
            "eventType": "EQUIPMENT",
            key: code,
            "equipmentReference": name,
            "eventLocation": {"locationName": place},
        }
        at = local(ended, zone).isoformat()
        if rng.random() < ESTIMATED:
            yield {**event, "eventClassifierCode": "EST", "eventDateTime": at}
        yield {**event, "eventClassifierCode": "ACT", "eventDateTime": at}


def epcis_events(name: str, visits: Sequence[Visit], *, rng: np.random.Generator) -> Iterator[Json]:
    """The arrivals and departures of one wagon at the posts and yards that tell of it."""
    for visit in visits:
        if visit.kind not in {"border_post", "gauge_break"} or rng.random() > TOLD:
            continue
        for step, at in (("arriving", visit.arrived), ("departing", visit.left)):
            clock = local(at, visit.zone)
            yield {
                "type": "ObjectEvent",
                "action": "OBSERVE",
                "eventTime": clock.isoformat(),
                "eventTimeZoneOffset": clock.strftime("%z")[:3] + ":" + clock.strftime("%z")[3:],
                "epcList": [f"urn:epc:id:giai:4012345.{name}"],
                "bizStep": step,
                "readPoint": {"id": visit.place},
            }


def smgs_rows(
    note: str, wagon: str, visits: Sequence[Visit], *, rng: np.random.Generator
) -> Iterator[tuple[str, str, str, str, str]]:
    """The stamps of one consignment note: stations and days."""
    for visit in visits:
        if visit.kind != "border_post" or rng.random() > TOLD:
            continue
        for act, at in (("border_arrival", visit.arrived), ("border_departure", visit.left)):
            yield note, wagon, visit.place, act, local(at, visit.zone).date().isoformat()


CUSTOMS = ("r02_customs", "t12_customs_rail")
INSPECTED = {"r19_scan_xray": "scan", "r04_phyto": "inspection", "r05_vet": "inspection"}
CLEARED = ("clearance",)


def trs_rows(
    names: tuple[str, str, str], steps: pl.DataFrame
) -> Iterator[tuple[str, str, str, str, str, str]]:
    """The stamps of one trip in the customs system of a post: papers in, taken up, looked at, out.

    Papers are lodged when the simulated trip joins the queue of customs; goods are released at the
    end of its last control.

    Shape: `names`: consignment, equipment, vehicle; `steps` at one visit with activity, ledger,
    zone, arrived, started, ended.
    """
    customs = steps.filter(pl.col("activity").is_in(CUSTOMS))
    if customs.is_empty():
        return
    first = customs.row(0, named=True)
    acts = [
        ("arrival", steps["arrived"].min()),
        ("lodgement", first["arrived"]),
        ("assessment", first["started"]),
        *(
            (INSPECTED[activity], ended)
            for activity, ended in steps.select("activity", "ended").iter_rows()
            if activity in INSPECTED
        ),
        ("release", steps.filter(pl.col("ledger").is_in(CLEARED))["ended"].max()),
        ("gate_out", steps["ended"].max()),
    ]
    for act, at in acts:
        if isinstance(at, datetime):
            clock = local(at, str(first["zone"]))
            yield (*names, str(first["place"]), act, clock.isoformat())
