"""What was published beside what was simulated: hits and misses, and volumes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from transcaspian.report.figures.axis import Scale, linear, logarithmic
from transcaspian.report.figures.bars import Mark, ranges
from transcaspian.report.markup import Markup, tag
from transcaspian.report.material import Held, Material, Silent
from transcaspian.report.sections.frame import nothing, section
from transcaspian.report.sections.truth import USES, expected, within
from transcaspian.report.tabular import Cell, Entry, Head, table
from transcaspian.report.words import finite, listed, number, plural, share, shown

NEAR = 1.5
SHOWN = 20


def miss(held: Held) -> float:
    """How far off ours is, as the size of a ratio; none comes last."""
    ratio = held.ratio
    return abs(math.log(ratio)) if ratio is not None and ratio > 0 else -1.0


def verdict(held: Held) -> str:
    """Hit or miss, in words, and which way."""
    ratio = held.ratio
    if held.inside:
        return "within"
    if ratio is None or ratio <= 0:
        return "miss"
    times = ratio if ratio >= 1 else 1 / ratio
    if times < 1.05:  # noqa: PLR2004  # a ratio of 1.0 says nothing
        return f"{'above' if ratio >= 1 else 'below'} by {share(abs(ratio - 1))}"
    size = number(times, places=1 if times < 10 else 0)  # noqa: PLR2004  # 12 times, 1.2 times
    return f"{size} times {'too high' if ratio >= 1 else 'too low'}"


def published(material: Material) -> Markup:
    """The published figures with ours beside them, furthest first, and those we cannot speak to."""
    held = sorted(material.held, key=lambda row: (-miss(row), row.what))
    if not held:
        return section(
            "published",
            "Published against simulated",
            nothing("No published figure could be held against this simulation."),
            _silent(material.silent),
        )
    return section(
        "published",
        "Published against simulated",
        tag("p", _score(held)),
        tag("p", _expected(held)) if _fitted(held) else "",
        tag(
            "ul",
            tag("li", tag("i", class_="tc-swatch tc-b-theirs"), "published, value or range"),
            tag("li", tag("i", class_="tc-swatch tc-b-hit"), "simulated, within"),
            tag("li", tag("i", class_="tc-swatch tc-b-miss"), "simulated, a miss"),
            *(_band() if _fitted(held) else []),
            class_="tc-legend",
        ),
        *(_chart(unit, rows) for unit, rows in _by_unit(held)),
        _comparison("Published against simulated, furthest first", held),
        _silent(material.silent),
    )


def _score(held: Sequence[Held]) -> str:
    hits = sum(row.inside for row in held)
    near = sum(1 for row in held if not row.inside and 0 <= miss(row) <= math.log(NEAR))
    far = len(held) - hits - near
    return (
        f"{plural(len(held), 'published figure')} can be held against the simulation: "
        f"{hits} agree, {near} miss by less than a factor of {NEAR:g}, {far} miss by more. "
        "A figure agrees when the simulated one lies within the range printed or, where one value "
        "is printed, within a quarter of it either way. Every "
        "miss is listed; the furthest come first."
    )


def _fitted(held: Sequence[Held]) -> bool:
    """Whether anything is known of what was to be expected."""
    return any(row.foretold is not None for row in held)


def _band() -> list[Markup]:
    """The legend of what a fitted corridor's figures have besides."""
    words = "band: where a figure published anew would lie, 9 times in 10"
    return [
        tag("li", tag("i", class_="tc-swatch tc-b-span"), "line: 90 % interval of the simulated"),
        tag("li", tag("i", class_="tc-swatch tc-b-expected"), words),
    ]


def _expected(held: Sequence[Held]) -> str:
    """How many lie where a figure was to be expected, those that the fit saw and the others."""
    known = [row for row in held if row.foretold is not None]
    inside = _lie(known)
    parts = [
        f"{_lie(rows)} of {len(rows)} that the fit {words}"
        for words, rows in (
            ("was fitted to", [row for row in known if row.use == "fitted"]),
            ("took as a least time or a range", [r for r in known if r.use in {"bound", "range"}]),
            ("only shows", [row for row in known if row.use not in {"fitted", "bound", "range"}]),
        )
        if rows
    ]
    return (
        f"For {len(known)} of them the calibration says where a figure published anew would lie in "
        "9 cases of 10, by the draws and by how far figures stand off the model: the band behind "
        f"the dot. {inside} ({share(inside / len(known))}) lie there: {listed(parts)}. A least "
        "time does when it is not above the band."
    )


def _lie(held: Sequence[Held]) -> int:
    return sum(bool(row.foretold) for row in held)


def _by_unit(held: Sequence[Held]) -> list[tuple[str, list[Held]]]:
    groups: dict[str, list[Held]] = {}
    for row in held:
        groups.setdefault(row.theirs.unit, []).append(row)
    return sorted(groups.items(), key=lambda pair: -len(pair[1]))


def _chart(unit: str, rows: Sequence[Held]) -> Markup:
    drawable = [row for row in rows if row.ours.known and (row.ours.value or 0) > 0]
    marks = [_mark(row) for row in drawable]
    values = [
        value
        for row in drawable
        for value in (
            row.ours.value,
            row.ours.low,
            row.ours.high,
            row.expected.low,
            row.expected.high,
            row.theirs.value,
            row.theirs.low,
            row.theirs.high,
        )
        if value is not None and finite(value) and value > 0
    ]
    if not values:
        return Markup("")
    words = f"{_unit_words(unit)}, logarithmic scale"
    scale = logarithmic(min(values), max(values))
    label = f"Published against simulated, {words}"
    first, rest = marks[:SHOWN], marks[SHOWN:]
    more = tag(
        "details",
        tag("summary", f"{plural(len(rest), 'closer figure')} in {_unit_words(unit)}"),
        ranges(rest, scale, axis=words, label=label),
    )
    return tag(
        "div",
        ranges(first, scale, axis=words, label=label),
        more if rest else "",
        class_="tc-block",
    )


def _unit_words(unit: str) -> str:
    return {"h": "hours", "usd": "USD", "kt": "thousand tonnes", "teu": "TEU", "1": "share"}.get(
        unit.lower(), unit
    )


def _mark(row: Held) -> Mark:
    label = tag("span", row.what, tag("small", f" {row.kind} {row.year}"))
    return Mark(
        label,
        row.ours,
        row.theirs,
        tag("span", *_words(row)),
        "hit" if row.inside else "miss",
        row.expected,
    )


def _words(row: Held) -> list[Markup]:
    """The verdict, and whether the figure lies where it was to be expected."""
    words = [tag("span", verdict(row), class_="tc-hit" if row.inside else "tc-miss")]
    if row.foretold is None:
        return words
    where = ("in the band", "outside the band")
    if row.use == "bound":
        where = ("a least time, kept", "a least time, undercut")
    small = tag("small", f" {where[not row.foretold]}", class_=None if row.foretold else "tc-miss")
    return [*words, small]


def _comparison(caption: str, held: Sequence[Held]) -> Markup:
    fitted = _fitted(held)
    more = [
        Head("To be expected", "90 %", numeric=True),
        Head("In it"),
        Head("Foretold unseen", "90 %", numeric=True),
        Head("Use"),
    ]
    return table(
        caption,
        [
            Head("Figure"),
            Head("Published", numeric=True),
            Head("Simulated", "90 % interval", numeric=True),
            Head("Result"),
            *(more if fitted else []),
            Head("Kind, year"),
            Head("Held against"),
            Head("Source"),
        ],
        [_entries(row, fitted=fitted) for row in held],
    )


def _entries(row: Held, *, fitted: bool) -> list[Entry]:
    word = tag("span", verdict(row), class_="tc-hit" if row.inside else "tc-miss")
    what = [row.what, tag("small", " ", row.note)] if row.note else [row.what]
    return [
        tag("span", *what),
        row.theirs,
        row.ours,
        Cell(word, miss(row)),
        *([expected(row), within(row), row.unseen, USES.get(row.use, "")] if fitted else []),
        f"{row.kind}, {row.year}" + (", estimated inputs" if row.estimated else ""),
        row.edition,
        row.source,
    ]


def _silent(silent: Sequence[Silent]) -> Markup:
    if not silent:
        return Markup("")
    reasons = sorted({row.why for row in silent})
    head = f"{plural(len(silent), 'published figure')} the model cannot speak to"
    return tag(
        "div",
        tag("h3", head),
        tag("p", "They are left out of the score, for these reasons: ", listed(reasons), "."),
        table(
            head,
            [
                Head("Figure"),
                Head("Published", numeric=True),
                Head("Kind, year"),
                Head("Source"),
                Head("Why not"),
            ],
            [
                [row.what, row.theirs, f"{row.kind}, {row.year}", row.source, row.why]
                for row in silent
            ],
        ),
    )


def volumes(material: Material) -> Markup:
    """The volumes simulated beside the published totals."""
    rows = material.volumes
    if not rows:
        return section(
            "volumes",
            "Volumes",
            nothing("No published volume could be held against this simulation."),
        )
    return section(
        "volumes",
        "Volumes",
        tag(
            "p",
            "Volumes are inputs: the flows were drawn up so that they add up to the published "
            "totals. What is shown is whether the simulated year carried them.",
        ),
        *(_volume_chart(unit, group) for unit, group in _by_unit(rows)),
        _comparison("Published and simulated volumes of a year", rows),
    )


def _volume_chart(unit: str, rows: Sequence[Held]) -> Markup:
    values = [
        value
        for row in rows
        for value in (row.ours.value, row.theirs.value, row.theirs.high)
        if value is not None and finite(value)
    ]
    scale: Scale = linear(0.0, max(values, default=1.0))
    marks = [
        Mark(
            tag("span", row.what, tag("small", f" {row.kind} {row.year}")),
            row.ours,
            row.theirs,
            shown(row.ours),
            "hit" if row.inside else "miss",
        )
        for row in rows
    ]
    words = f"{_unit_words(unit)} a year"
    return tag(
        "div", ranges(marks, scale, axis=words, label=f"Volumes, {words}"), class_="tc-block"
    )
