"""Figures that a fit never saw: how far off it foretold them, beside the naive rule."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from transcaspian.report.figures.axis import linear
from transcaspian.report.figures.bars import Mark, ranges
from transcaspian.report.markup import Markup, tag
from transcaspian.report.material import Refit, Score, Truth
from transcaspian.report.tabular import Cell, Entry, Head, table
from transcaspian.report.words import Quantity, listed, number, plural, share

INTERVAL = 0.8
"""What share of figures the intervals of the leave-outs are meant to hold."""


def foretold(known: Truth) -> list[Markup]:
    """Ours beside the naive rule for each way of leaving out, those short of the aim as plain."""
    scores = known.scores
    if not scores:
        return [tag("p", "This calibration left no figure out, so nothing is known of that.")]
    return [
        tag("p", _how(scores)),
        tag("p", tag("strong", _aims(scores)), _beaten(scores), _coverage(scores)),
        tag(
            "ul",
            tag("li", tag("i", class_="tc-swatch tc-b-naive"), "naive rule"),
            tag("li", tag("i", class_="tc-swatch tc-b-hit"), "ours, aim reached"),
            tag("li", tag("i", class_="tc-swatch tc-b-miss"), "ours, short of the aim"),
            class_="tc-legend",
        ),
        _chart(scores),
        _scores(scores),
        tag(
            "p",
            "CRPS, the continuous ranked probability score, is how far the whole of what was "
            "foretold, with its interval, stands off the figure, in logarithms. A smaller one is "
            "better. A cell is one direction of one post or country on one surface.",
            class_="tc-fine",
        ),
        *_refits(known.refits),
    ]


def _how(scores: Sequence[Score]) -> str:
    first = scores[0]
    return (
        "What a row names was left out, with whatever else would give it away: its other "
        "direction, other editions of it, the means that hold it. The rest was fitted anew and "
        "foretold it. The miss is the size of the logarithm of foretold over published, at the "
        f"median of the figures: {_two(first.ours)} is a factor of {_two(math.exp(first.ours))}. "
        "A naive rule foretells the same figures. The aim is that our miss is not more than "
        f"{_aim(scores)}; where there is no naive rule, that it is small by itself."
    )


def _aim(scores: Sequence[Score]) -> str:
    aims = sorted({score.aim for score in scores if score.ratio is not None})
    return f"{listed([_two(aim) for aim in aims])} of the naive one" if aims else "the aim"


def _aims(scores: Sequence[Score]) -> str:
    met = sum(score.met for score in scores)
    return (
        f"{met} of {plural(len(scores), 'row')} reached the aim; {len(scores) - met} fell short "
        "of the aim. "
    )


def _beaten(scores: Sequence[Score]) -> str:
    """Where the naive rule was the better one."""
    worse = [score for score in scores if score.ratio is not None and score.ratio > 1]
    if not worse:
        return "In no row is the naive rule nearer than ours. "
    words = "; ".join(f"{score.what}, beside {score.rule}" for score in worse)
    return f"In {plural(len(worse), 'row')} the naive rule is nearer than ours: {words}. "


def _coverage(scores: Sequence[Score]) -> str:
    """How many figures the intervals held, and whether they are too narrow."""
    held = [score.coverage for score in scores if score.coverage is not None]
    if not held:
        return ""
    narrow = sum(part < INTERVAL for part in held)
    words = (
        f"The {share(INTERVAL)} intervals held {share(min(held))} to {share(max(held))} of the "
        "figures"
    )
    return f"{words}: they are too narrow in {plural(narrow, 'row')}." if narrow else f"{words}."


def _chart(scores: Sequence[Score]) -> Markup:
    top = max(max(score.ours, score.naive or 0.0) for score in scores)
    marks = [
        Mark(
            tag("span", score.what, tag("small", f" {_rule(score)}")),
            Quantity(score.ours),
            Quantity(score.naive),
            tag("span", *_verdict(score), class_="tc-hit" if score.met else "tc-miss"),
            "hit" if score.met else "miss",
            words=("ours", "naive rule"),
        )
        for score in scores
    ]
    axis = "median miss, in logarithms"
    return ranges(marks, linear(0.0, top * 1.05), axis=axis, label="Ours and the naive rule")


def _rule(score: Score) -> str:
    return "no naive rule" if score.naive is None else f"beside {score.rule}"


def _verdict(score: Score) -> list[Markup | str]:
    """The number that was aimed for, and whether it was reached."""
    value = f"miss {_two(score.ours)}" if score.ratio is None else f"ratio {_two(score.ratio)}"
    words = "within" if score.met else "short of"
    return [value, tag("small", f" {words} the aim of {_two(score.aim)}")]


def _scores(scores: Sequence[Score]) -> Markup:
    heads = [
        Head("Left out"),
        Head("Aim reached"),
        Head("Naive rule", roomy=True),
        Head("Figures", numeric=True),
        Head("Ours", numeric=True),
        Head("Ours", "as a factor", numeric=True),
        Head("Naive", numeric=True),
        Head("Ratio", numeric=True),
        Head("Aim", numeric=True),
        Head(f"In the {share(INTERVAL)} interval", numeric=True),
        Head("CRPS", numeric=True),
    ]
    rows: list[Sequence[Entry]] = [_row(score) for score in scores]
    return table("Figures left out, ours beside the naive rule", heads, rows)


def _row(score: Score) -> list[Entry]:
    word = "yes" if score.met else "short of the aim"
    return [
        score.what,
        tag("span", word, class_="tc-hit" if score.met else "tc-miss"),
        score.rule,
        score.figures,
        places(score.ours),
        places(math.exp(score.ours)),
        places(score.naive),
        places(score.ratio),
        places(score.aim),
        Cell(share(score.coverage), score.coverage),
        places(score.crps),
    ]


def places(value: float | None) -> Cell:
    """A pure number to two decimals."""
    return Cell(_two(value), value)


def _two(value: float | None) -> str:
    return number(value, places=2)


def _refits(refits: Sequence[Refit]) -> list[Markup]:
    if not refits:
        return []
    gaps = [math.exp(abs(row.gap)) for row in refits]
    heads = [
        Head("Figure"),
        Head("Left out"),
        Head("Published", numeric=True),
        Head("Foretold", numeric=True),
        Head("Fitted and simulated again", numeric=True),
    ]
    rows: list[Sequence[Entry]] = [
        [row.what, row.split, row.theirs, row.foretold, row.refitted] for row in refits
    ]
    words = (
        "The leave-outs share one set of runs and set out from the whole fit. "
        f"{len(refits)} were done again from the beginning, and their draws simulated: at the "
        f"median the two differ by a factor of {_two(median(gaps))}, at most of "
        f"{_two(max(gaps))}."
    )
    return [tag("p", words), table("Leave-outs done again in full", heads, rows)]
