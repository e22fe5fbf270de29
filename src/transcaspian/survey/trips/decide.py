"""What happened at each visit: the best witness of each end, a grade, and the disagreement."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import narwhals as nw

from transcaspian.events.engine import Frame, grouped, settled
from transcaspian.survey.trips.visits import ENDS, FAR, VISIT

SOURCES = ("message", "tracker", "form")
"""The sources, the one to be trusted first where two are as narrow."""
US_PER_H = 3_600_000_000
AGREE_H = 0.5
"""Two sources agree when this much would make their bounds overlap."""
CLASH_H = 3.0
"""Two sources contradict each other when even this would not."""
DOUBT_US = 100 * US_PER_H
"""What is added to the width of a form that a machine contradicts."""


def decided(visits: Frame) -> Frame:
    """One row a visit, its ends those of the witness with the narrowest bounds; where a form and a
    machine contradict each other, those of the machine.

    Grades: A, two sources agree on both ends; B, a message or a tracker gives both ends, or two
    sources agree on one; C, a form alone, or a machine that a form contradicts; D, an end is not
    known, or the departure was told to be before the arrival.

    Shape: run, trip, place, ordinal, in_lo, in_hi, out_lo, out_hi (microseconds since 1970; null
    where that end is not known), in_source, out_source, sources (how many), network (as said),
    grade.
    """
    wide = settled(_beside(visits).with_columns(*_agreement()))
    for end in ("in", "out"):
        wide = wide.with_columns(*_best(end))
    said = ("in_source", "out_source", "sources", "network")
    return wide.select(*VISIT, *ENDS, *said, _grade().alias("grade"))


def disagreements(visits: Frame) -> Frame:
    """How far apart two sources put the same end of the same visit.

    Shape: run, trip, place, ordinal, end (in or out), one, other, apart_h: one minus other.
    """
    wide = _beside(visits)
    parts = [
        wide.select(
            *VISIT,
            nw.lit(end).alias("end"),
            nw.lit(one).alias("one"),
            nw.lit(other).alias("other"),
            ((_middle(one, end) - _middle(other, end)) / US_PER_H).alias("apart_h"),
        ).filter(~nw.col("apart_h").is_null())
        for end in ("in", "out")
        for at, one in enumerate(SOURCES)
        for other in SOURCES[at + 1 :]
    ]
    return nw.concat(parts)


def _beside(visits: Frame) -> Frame:
    """The visits with what each source says side by side: columns SOURCE_in_lo and so on."""
    keys = grouped(visits, VISIT, nw.len().alias("sources"), nw.col("network").max())
    parts = [
        visits.filter(nw.col("source") == source).select(
            *VISIT, *(nw.col(name).alias(f"{source}_{name}") for name in ENDS)
        )
        for source in SOURCES
    ]
    return reduce(lambda left, part: left.join(part, on=list(VISIT), how="left"), parts, keys)


def _width(source: str, end: str) -> nw.Expr:
    """How wide the bounds of an end are; beyond all measure where one is not known."""
    low, high = nw.col(f"{source}_{end}_lo"), nw.col(f"{source}_{end}_hi")
    return (high - low).fill_null(FAR)


def _middle(source: str, end: str) -> nw.Expr:
    low, high = nw.col(f"{source}_{end}_lo"), nw.col(f"{source}_{end}_hi")
    return low + (high - low) / 2


def _best(end: str) -> list[nw.Expr]:
    """The bounds of the source with the narrowest ones, and its name."""
    clash = nw.col(f"{end}_clash") > 0
    widths = [_width(source, end) for source in SOURCES]
    doubt = nw.when(clash & (widths[-1] < FAR)).then(nw.lit(DOUBT_US)).otherwise(nw.lit(0))
    widths[-1] = widths[-1] + doubt
    least = nw.min_horizontal(*widths)
    mine = [
        ~nw.col(f"{source}_in_hi").is_null() & (width == least)
        for source, width in zip(SOURCES, widths, strict=True)
    ]
    bounds = [
        _first(mine, [nw.col(f"{source}_{end}_{bound}") for source in SOURCES]).alias(
            f"{end}_{bound}"
        )
        for bound in ("lo", "hi")
    ]
    return [*bounds, _first(mine, [nw.lit(name) for name in SOURCES]).alias(f"{end}_source")]


def _first(conditions: Sequence[nw.Expr], values: Sequence[nw.Expr]) -> nw.Expr:
    """The value of the first condition that holds."""
    found: nw.Expr = nw.when(conditions[-1]).then(values[-1])
    for condition, value in reversed(list(zip(conditions[:-1], values[:-1], strict=True))):
        found = nw.when(condition).then(value).otherwise(found)
    return found


def _agreement() -> list[nw.Expr]:
    """For each end, how many pairs of sources agree on it, and how many contradict each other."""
    found: list[nw.Expr] = []
    for end in ("in", "out"):
        agree, clash = nw.lit(0), nw.lit(0)
        for at, one in enumerate(SOURCES):
            for other in SOURCES[at + 1 :]:
                apart = nw.max_horizontal(
                    nw.col(f"{one}_{end}_lo") - nw.col(f"{other}_{end}_hi"),
                    nw.col(f"{other}_{end}_lo") - nw.col(f"{one}_{end}_hi"),
                )
                both = ~_middle(one, end).is_null() & ~_middle(other, end).is_null()
                agree = agree + _one(both & (apart <= round(AGREE_H * US_PER_H)))
                clash = clash + _one(both & (apart > round(CLASH_H * US_PER_H)))
        found += [agree.alias(f"{end}_agree"), clash.alias(f"{end}_clash")]
    return found


def _one(condition: nw.Expr) -> nw.Expr:
    return nw.when(condition.fill_null(value=False)).then(nw.lit(1)).otherwise(nw.lit(0))


def _grade() -> nw.Expr:
    known = [~nw.col(name).is_null() for name in ENDS]
    whole = known[0] & known[1] & known[2] & known[3]
    forward = nw.col("out_hi") >= nw.col("in_lo")
    clash = (nw.col("in_clash") > 0) | (nw.col("out_clash") > 0)
    both = (nw.col("in_agree") > 0) & (nw.col("out_agree") > 0)
    one = (nw.col("in_agree") > 0) | (nw.col("out_agree") > 0)
    machine = (nw.col("in_source") != "form") & (nw.col("out_source") != "form")
    good = (
        nw.when(both & ~clash)
        .then(nw.lit("A"))
        .otherwise(nw.when((machine | one) & ~clash).then(nw.lit("B")).otherwise(nw.lit("C")))
    )
    return nw.when(whole & forward & (machine | ~clash)).then(good).otherwise(nw.lit("D"))
