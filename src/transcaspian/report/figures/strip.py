"""The time-space strip: distance along the corridor across, days down, upright where one waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from transcaspian.report.figures.axis import linear, tick_words
from transcaspian.report.figures.labels import fitted, text_width
from transcaspian.report.markup import Markup, short, tag
from transcaspian.report.words import CLASSES, number

LEFT, RIGHT, TOP, BOTTOM = 62.0, 14.0, 30.0, 92.0
WIDTH, INSIDE = 1060.0, 430.0
NAME = 10.5
SPACING = 14.0
LABELS = 26


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a trip: from where to where along the corridor, from when to when, doing what."""

    from_km: float
    to_km: float
    from_d: float
    to_d: float
    ledger: str
    title: str


@dataclass(frozen=True, slots=True)
class Band:
    """The stretch of the way that lies in one country."""

    name: str
    code: str
    from_km: float
    to_km: float


@dataclass(frozen=True, slots=True)
class Stop:
    """A place along the way and how long the trips stood there."""

    name: str
    km: float
    wait_h: float


@dataclass(frozen=True, slots=True)
class Strip:
    """What one strip shows."""

    trips: list[list[Piece]]
    bands: list[Band]
    stops: list[Stop]
    since: str


def time_space(strip: Strip, *, title: str) -> Markup:
    """The strip as a picture."""
    reach = max((band.to_km for band in strip.bands), default=1.0) or 1.0
    days = max((piece.to_d for trip in strip.trips for piece in trip), default=1.0)
    down = linear(0.0, days, marks=7)
    height = TOP + INSIDE + BOTTOM

    def at_x(km: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * km / reach

    def at_y(day: float) -> float:
        return TOP + INSIDE * day / down.high

    lines = [
        _piece(piece, at_x(piece.from_km), at_x(piece.to_km), at_y(piece.from_d), at_y(piece.to_d))
        for trip in strip.trips
        for piece in trip
    ]
    days_axis = [
        _day(word, at_y(tick)) for tick, word in zip(down.ticks, tick_words(down), strict=True)
    ]
    return tag(
        "svg",
        tag("title", title),
        *(
            _band(band, at_x(band.from_km), at_x(band.to_km), odd=index % 2 == 1)
            for index, band in enumerate(strip.bands)
        ),
        *days_axis,
        tag(
            "text",
            strip.since,
            x=12,
            y=TOP + INSIDE / 2,
            transform=f"rotate(-90 12 {short(TOP + INSIDE / 2)})",
            text_anchor="middle",
            class_="tc-axis-words",
        ),
        *_stops(strip.stops, [at_x(stop.km) for stop in strip.stops]),
        tag("g", *lines, class_="tc-trips"),
        viewBox=f"0 0 {short(WIDTH)} {short(height)}",
        width=WIDTH,
        height=height,
        role="img",
        aria_label=title,
        class_="tc-strip",
    )


def _piece(piece: Piece, x1: float, x2: float, y1: float, y2: float) -> Markup:
    return tag(
        "line",
        tag("title", piece.title),
        x1=x1,
        x2=x2,
        y1=y1,
        y2=y2,
        class_=f"tc-s-{piece.ledger if piece.ledger in CLASSES else 'handling'}",
    )


def _band(band: Band, left: float, right: float, *, odd: bool) -> Markup:
    room = right - left - 4
    words = next(
        (word for word in (band.name, band.code) if text_width(word, NAME + 0.5) <= room), ""
    )
    return tag(
        "g",
        tag("title", f"{band.name}: {number(band.to_km - band.from_km)} km"),
        tag(
            "rect",
            x=left,
            y=TOP,
            width=max(right - left, 0.5),
            height=INSIDE,
            class_="tc-band tc-odd" if odd else "tc-band",
        ),
        tag("text", words, x=(left + right) / 2, y=TOP - 10, text_anchor="middle") if words else "",
        class_="tc-bands",
    )


def _day(word: str, y: float) -> Markup:
    return tag(
        "g",
        tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_="tc-grid"),
        tag("text", word, x=LEFT - 6, y=y + 3.6, text_anchor="end"),
        class_="tc-days",
    )


def _stops(stops: Sequence[Stop], xs: Sequence[float]) -> list[Markup]:
    """Names under the places where trips stand longest, as many as find room."""
    order = sorted(range(len(stops)), key=lambda index: (-stops[index].wait_h, xs[index]))
    kept: list[int] = []
    for index in order:
        if len(kept) < LABELS and all(abs(xs[index] - xs[other]) >= SPACING for other in kept):
            kept.append(index)
    base = TOP + INSIDE
    return [
        tag(
            "g",
            tag("line", x1=xs[index], x2=xs[index], y1=base, y2=base + 5, class_="tc-stop"),
            tag(
                "text",
                fitted(stops[index].name, min(112.0, xs[index] / 0.76), NAME),
                x=xs[index],
                y=base + 12,
                text_anchor="end",
                transform=f"rotate(-42 {short(xs[index])} {short(base + 12)})",
            ),
            tag("title", stops[index].name),
            class_="tc-stops",
        )
        for index in sorted(kept)
    ]
