"""Tracks that maps draw: GPX, GeoJSON and MF-JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError, iterparse

import polars as pl

from transcaspian.errors import Fault, Where
from transcaspian.events.testimony import Testimony, row_hash
from transcaspian.readers.forms.stamps import Habits
from transcaspian.readers.tracks.trail import RAW, Named, settle

Point = tuple[str, str | None, float | None, float | None, str | None]
"""Tracker, time as written, latitude, longitude, vehicle."""
IDS = ("tracker", "id", "name", "device", "unit", "track", "trajectory")


def read_gpx(path: Path, *, run: str, habits: Habits) -> Testimony:
    """The fixes of a GPX file, a tracker a track.

    Errors: V115 when the file is not GPX.
    """
    try:
        return _settled(list(_gpx(path)), path, run=run, habits=habits)
    except ParseError as error:
        raise Fault("V115", str(error), where=Where(file=path.name), expected="GPX") from error


def _gpx(path: Path) -> Iterator[Point]:
    name, number = "", 0
    for event, element in iterparse(path, events=("start", "end")):  # noqa: S314  # expat bounds entities
        tag = element.tag.rpartition("}")[2]
        if event == "start" and tag == "trk":
            number += 1
            name = f"{path.stem}-{number}"
        elif event == "end" and tag == "trkseg":
            continue
        elif event == "end" and tag == "name" and element.text:
            name = element.text.strip()
        elif event == "end" and tag == "trkpt":
            yield _trkpt(element, name)
            element.clear()


def _trkpt(element: Element, name: str) -> Point:
    time = next((child.text for child in element if child.tag.endswith("time")), None)
    return name, time, _number(element.get("lat")), _number(element.get("lon")), None


def _number(text: object) -> float | None:
    try:
        return float(text)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None


def read_geojson(path: Path, *, run: str, habits: Habits) -> Testimony:
    """The fixes of GeoJSON or of MF-JSON (OGC 19-045r3).

    Points with a time, lines with coordTimes, and moving points with datetimes are taken; a tracker
    is the id, or the tracker, name or device among the properties.

    Errors: V115 when the file is not JSON or draws no moving thing.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        raise Fault(
            "V115",
            f"line {error.lineno}: {error.msg}",
            where=Where(file=path.name),
            expected="JSON",
        ) from error
    points = [
        point
        for number, feature in enumerate(_features(data), start=1)
        for point in _feature(feature, f"{path.stem}-{number}")
    ]
    if not points:
        raise Fault(
            "V115",
            "nothing that moves",
            where=Where(file=path.name),
            expected="points with a time, lines with coordTimes, or temporalGeometry",
        )
    return _settled(points, path, run=run, habits=habits)


def _features(data: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401  # any JSON
    if isinstance(data, Mapping):
        listed = data.get("features")
        yield from listed if isinstance(listed, list) else [data]


def _feature(feature: Mapping[str, Any], otherwise: str) -> Iterator[Point]:
    said = feature.get("properties") or {}
    name = str(feature.get("id") or next((said[key] for key in IDS if said.get(key)), otherwise))
    vehicle = str(said["vehicle"]) if said.get("vehicle") else None
    moving = feature.get("temporalGeometry") or (feature if "datetimes" in feature else None)
    if moving is not None:
        parts = moving.get("prisms") or moving.get("sequences") or [moving]
        for part in parts:
            yield from _along(part.get("coordinates", ()), part.get("datetimes", ()), name, vehicle)
        return
    shape = feature.get("geometry") or {}
    if shape.get("type") == "Point":
        time = next((said[key] for key in ("time", "instant", "timestamp") if said.get(key)), None)
        yield from _along([shape.get("coordinates", ())], [time], name, vehicle)
    elif shape.get("type") == "LineString":
        times = said.get("coordTimes") or said.get("coordinateProperties", {}).get("times") or ()
        yield from _along(shape.get("coordinates", ()), times, name, vehicle)


def _along(
    positions: Sequence[Sequence[float]], times: Sequence[object], name: str, vehicle: str | None
) -> Iterator[Point]:
    """The points of a line; without as many times as positions, each lacks its time."""
    whole = len(times) == len(positions)
    for at, position in enumerate(positions):
        lon, lat = (*position, None, None)[:2]
        yield name, _said(times[at]) if whole else None, _number(lat), _number(lon), vehicle


def _said(time: object) -> str | None:
    """A time as text; MF-JSON also allows milliseconds since 1970."""
    if isinstance(time, int | float):
        return datetime.fromtimestamp(time / 1000, tz=UTC).isoformat()
    return str(time) if time else None


def _settled(points: Sequence[Point], path: Path, *, run: str, habits: Habits) -> Testimony:
    instants = [_instant(time) for _, time, _, _, _ in points]
    raw = pl.DataFrame(
        {
            "row": range(1, len(points) + 1),
            "tracker": [point[0] for point in points],
            "instant": instants,
            "lat_deg": [point[2] for point in points],
            "lon_deg": [point[3] for point in points],
            "vehicle": [point[4] for point in points],
        },
        schema={**RAW, "vehicle": pl.String},
    )
    hashes = lambda row: row_hash(points[row - 1])  # noqa: E731  # hashed only where it is told
    return settle(raw, Named(path.name, run, hashes, habits))


def _instant(time: str | None) -> datetime | None:
    """The instant of a text with an offset; none where there is no text or no offset."""
    try:
        found = datetime.fromisoformat(time) if time else None
    except ValueError:
        return None
    return found.astimezone(UTC) if found is not None and found.tzinfo is not None else None
