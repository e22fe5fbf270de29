"""What a survey saw, beside a simulated year seen in the same way."""

from __future__ import annotations

from collections.abc import Sequence

from transcaspian.report.figures.axis import logarithmic
from transcaspian.report.figures.bars import Mark, ranges
from transcaspian.report.markup import Markup, tag
from transcaspian.report.material import Material
from transcaspian.report.sections.frame import section
from transcaspian.report.tabular import Entry, Head, table
from transcaspian.report.words import Quantity, number

SHOWN = 25
NEAR = 1.25


def surveyed(material: Material) -> Markup:
    """The surveyed crossings with the simulated hours beside; nothing without a survey."""
    if not material.surveyed:
        return Markup("")
    rows = material.surveyed
    values = [value for row in rows for value in (row.surveyed_h, row.simulated_h) if value > 0]
    scale = logarithmic(min(values), max(values))
    marks = [
        Mark(
            row.what,
            Quantity(row.simulated_h, unit="h"),
            Quantity(row.surveyed_h, unit="h"),
            f"{number(row.surveyed_h)} / {number(row.simulated_h)}",
            "hit" if 1 / NEAR <= row.ratio <= NEAR else "miss",
        )
        for row in rows[:SHOWN]
    ]
    near = sum(1 / NEAR <= row.ratio <= NEAR for row in rows)
    synthetic = "SYNTHETIC, made to try the tools: " if material.survey_synthetic else ""
    lines: list[Sequence[Entry]] = [
        [row.what, row.trips, row.surveyed_h, row.simulated_h, row.ratio] for row in rows
    ]
    heads = [
        Head("Crossing"),
        Head("Trips", "a year", numeric=True),
        Head("Surveyed", "h", numeric=True),
        Head("Simulated", "h", numeric=True),
        Head("Ratio", numeric=True),
    ]
    return section(
        "surveyed",
        "Surveyed beside simulated",
        tag(
            "p",
            f"{synthetic}{material.survey_title}. Mean hours of a stay, the bar what the survey "
            "saw, the dot the base year simulated and then blurred to what such a survey would "
            f"have seen of it. {near} of {len(rows)} are within a quarter.",
        ),
        ranges(marks, scale, axis="hours", label="Surveyed beside simulated"),
        table("Surveyed beside simulated, mean hours", heads, lines),
    )
