"""Why to believe it: what was fitted, what was foretold unseen, and what it all hangs on."""

from __future__ import annotations

from collections.abc import Sequence

from transcaspian.report.figures.axis import linear
from transcaspian.report.figures.bars import Mark, ranges
from transcaspian.report.markup import Markup, tag
from transcaspian.report.material import Held, Material, Parameter, Score, Truth
from transcaspian.report.sections.frame import section
from transcaspian.report.tabular import Cell, Entry, Head, table
from transcaspian.report.words import Quantity, between, listed, number, plural, share

FACTS = 5
PAIRS = 3
LISTED = 60
USES = {
    "fitted": "fitted",
    "bound": "a least time",
    "range": "a range",
    "shown": "only shown",
    "input": "given",
}
ALIKE = 0.8


def truth(material: Material) -> Markup:
    """What the corridor was fitted to and how far it can be believed; nothing without a fit."""
    known = material.truth
    if known is None:
        return Markup("")
    return section(
        "truth",
        "Why believe it",
        _stale() if known.stale else "",
        tag("p", _fitted(known)),
        tag("p", _parameters(known)),
        tag("h3", "Figures that the fit never saw"),
        *(_unseen(known) if known.scores else [_untried()]),
        tag("h3", "What nobody publishes, and what knowing it would be worth"),
        *_worth(known),
        tag("h3", "Which inputs the figures tell"),
        *_identified(known),
        tag("h3", "Follow a number"),
        tag("p", *_followed(known)),
        _every(known),
    )


def _stale() -> Markup:
    return tag(
        "p",
        tag("strong", "The corridor has been changed since this calibration was made. "),
        "The fit is of the corridor as it was; ",
        tag("code", "transcaspian calibrate"),
        " makes it anew.",
    )


def _untried() -> Markup:
    return tag("p", "This calibration left no figure out, so nothing is known of that.")


def _fitted(known: Truth) -> str:
    uses = known.uses
    first, last = known.years
    of = plural(known.cells, "post, country or route", "posts, countries and routes")
    fitted = plural(uses.get("fitted", 0), "published figure")
    parts = [f"The corridor was fitted to {fitted}, of {of}, from the years {first} to {last}."]
    others = [
        words
        for words, count in (
            (f"{uses.get('bound', 0)} schedules as the least that a trip takes", uses.get("bound")),
            (f"{uses.get('range', 0)} of guidance as a range", uses.get("range")),
            (f"{uses.get('input', 0)} of traffic as given", uses.get("input")),
        )
        if count
    ]
    if others:
        parts.append(f"It took {listed(others)}.")
    shown = uses.get("shown", 0)
    if shown:
        parts.append(
            f"{plural(shown, 'figure')} it did not use and only shows: claims, targets, and what "
            "no input that was fitted is meant to move, such as payments."
        )
    parts.append(
        f"What it would give was learned from {plural(known.runs, 'run')}, and "
        f"{plural(known.draws, 'draw')} of the inputs are carried through every answer on this "
        "page, one a simulated year."
    )
    return " ".join(parts)


def _parameters(known: Truth) -> str:
    """How many inputs stand beside how many figures."""
    told, together = known.standings.get("told", 0), known.standings.get("together", 0)
    untold = known.standings.get("untold", 0)
    return (
        f"{told + together + untold} inputs were free to move, far more than there are places with "
        f"a figure, so that they were not free one by one: most of what a post has it shares with "
        f"its country, its surface and its direction. The figures tell something of {told}, of "
        f"{together} more only together with another, and nothing of {untold}, which stay as wide "
        "as they were thought to be. What a single figure would tell of an input is not taken up: "
        "no input serves one figure."
    )


def _unseen(known: Truth) -> list[Markup]:
    met = sum(score.met for score in known.scores)
    short = len(known.scores) - met
    words = (
        "Each figure was left out in turn, with every other edition of it, its other direction "
        "and every mean that holds it, and foretold by a fit to the rest. The miss is the size of "
        "the logarithm of foretold over published, at the median: 0.25 is a factor of 1.28. Beside "
        "it stands the naive rule for the same figures. "
        f"{met} of {len(known.scores)} rows reach their aim; {short} fall short of it."
    )
    return [
        tag("p", words),
        tag(
            "ul",
            tag("li", tag("i", class_="tc-swatch tc-b-theirs"), "naive rule"),
            tag("li", tag("i", class_="tc-swatch tc-b-hit"), "ours, aim reached"),
            tag("li", tag("i", class_="tc-swatch tc-b-miss"), "ours, short of the aim"),
            class_="tc-legend",
        ),
        _chart(known.scores),
        _scores(known.scores),
        _refits(known),
    ]


def _chart(scores: Sequence[Score]) -> Markup:
    top = max(max(score.ours, score.naive or 0.0) for score in scores)
    marks = [
        Mark(
            tag("span", score.what, tag("small", f" {_rule(score)}")),
            Quantity(score.ours),
            Quantity(score.naive),
            tag("span", _verdict(score), class_="tc-hit" if score.met else "tc-miss"),
            "hit" if score.met else "miss",
        )
        for score in scores
    ]
    axis = "median size of the logarithmic miss"
    return ranges(marks, linear(0.0, top * 1.05), axis=axis, label="Ours and the naive rule")


def _rule(score: Score) -> str:
    return "" if score.naive is None else f"beside {score.rule}"


def _verdict(score: Score) -> str:
    value = score.ours if score.ratio is None else score.ratio
    aim = number(score.aim, places=2)
    return f"{number(value, places=2)}, {'within' if score.met else 'short of'} {aim}"


def _scores(scores: Sequence[Score]) -> Markup:
    heads = [
        Head("Left out"),
        Head("Naive rule"),
        Head("Figures", numeric=True),
        Head("Ours", numeric=True),
        Head("Naive", numeric=True),
        Head("Ratio", numeric=True),
        Head("Aim", numeric=True),
        Head("Aim reached"),
        Head("Within the 80 % interval", numeric=True),
        Head("CRPS", numeric=True),
    ]
    rows: list[Sequence[Entry]] = [
        [
            score.what,
            score.rule,
            score.figures,
            _places(score.ours),
            _places(score.naive),
            _places(score.ratio),
            _places(score.aim),
            tag(
                "span",
                "yes" if score.met else "short of the aim",
                class_="tc-hit" if score.met else "tc-miss",
            ),
            Cell(share(score.coverage), score.coverage),
            _places(score.crps),
        ]
        for score in scores
    ]
    return table("Figures left out, ours beside the naive rule", heads, rows)


def _places(value: float | None) -> Cell:
    return Cell(number(value, places=2), value)


def _refits(known: Truth) -> Markup:
    if not known.refits:
        return Markup("")
    heads = [
        Head("Figure"),
        Head("Left out"),
        Head("Published", numeric=True),
        Head("Foretold", numeric=True),
        Head("Fitted and simulated again", numeric=True),
    ]
    rows: list[Sequence[Entry]] = [
        [row.what, row.split, row.theirs, row.foretold, row.refitted] for row in known.refits
    ]
    return tag(
        "div",
        tag(
            "p",
            "The leave-outs share one set of runs and set out from the whole fit. Some were done "
            "again from the beginning, and their draws simulated:",
        ),
        table("Leave-outs done again in full", heads, rows),
    )


def _worth(known: Truth) -> list[Markup]:
    facts = known.facts[:FACTS]
    if not facts:
        return [tag("p", "No unpublished input holds a part of the doubt that could be told.")]
    named = listed([f"{fact.what} ({share(fact.share)})" for fact in facts])
    heads = [
        Head("Not published"),
        Head("Share of the doubt", numeric=True),
        Head("Narrows most"),
        Head("Share of that answer's doubt", numeric=True),
    ]
    rows: list[Sequence[Entry]] = [
        [
            fact.what,
            Cell(share(fact.share), fact.share),
            fact.answer,
            Cell(share(fact.most), fact.most),
        ]
        for fact in known.facts[:LISTED]
    ]
    words = (
        f"A survey of these {len(facts)} would narrow the answers most, by the share of the "
        f"variance of times from door to door and at borders that each holds by itself: {named}."
    )
    return [tag("p", words), table("What knowing each would be worth", heads, rows)]


def _share(value: float) -> Cell:
    return Cell(share(value), value)


def _identified(known: Truth) -> list[Markup]:
    pairs = _pairs(known.parameters)
    words = (
        "Inputs that the figures can least tell apart, since more of the one and less of the other "
        "give the same hours: " + "; ".join(pairs) + "."
        if pairs
        else "No two inputs are so entwined that the figures could not tell them apart."
    )
    heads = [
        Head("Input"),
        Head("Thought", "factor, 90 %", numeric=True),
        Head("Fitted", "factor, 90 %", numeric=True),
        Head("Told", "share of its variance", numeric=True),
        Head("Figures", numeric=True),
        Head("Standing"),
        Head("Least apart from"),
        Head("Correlation", numeric=True),
    ]
    known_ = [row for row in known.parameters if row.standing != "untold"][:LISTED]
    rows: list[Sequence[Entry]] = [
        [
            row.name,
            row.before,
            row.after,
            _share(row.told),
            row.targets,
            row.standing,
            row.kin,
            _places(row.correlation),
        ]
        for row in known_
    ]
    caption = f"The {len(rows)} inputs that the figures tell most; all are in parameters.csv"
    return [tag("p", words), table(caption, heads, rows)]


def _pairs(parameters: Sequence[Parameter]) -> list[str]:
    """The inputs most entwined, each pair once."""
    found: dict[frozenset[str], tuple[float, str]] = {}
    for row in parameters:
        size = abs(row.correlation or 0.0)
        if size >= ALIKE and row.kin:
            words = f"{row.name}, from {row.kin}"
            found.setdefault(frozenset({row.name, row.kin}), (size, words))
    best = sorted(found.values(), key=lambda pair: (-pair[0], pair[1]))
    return [words for _, words in best[:PAIRS]]


def _followed(known: Truth) -> list[Markup | str]:
    return [
        "The folder of this report holds the calibration. ",
        tag("code", "calibration/targets.csv"),
        " has every figure with its source and use; ",
        tag("code", "calibration/runs.csv"),
        f" what each of the {known.draws} draws gives for it; ",
        tag("code", "calibration/calibrated.draws.csv"),
        " the inputs of each draw, a column a cell named table/key/column; ",
        tag("code", "calibration/left_out.csv"),
        " what was foretold without it.",
    ]


def _every(known: Truth) -> Markup:
    heads = [
        Head("Figure"),
        Head("Year", numeric=True),
        Head("Published", numeric=True),
        Head("Simulated", "median of the draws", numeric=True),
        Head("To be expected", "90 %", numeric=True),
        Head("In it"),
        Head("Foretold unseen", "90 %", numeric=True),
        Head("Use"),
        Head("Kind"),
        Head("Source"),
    ]
    rows: list[Sequence[Entry]] = [_row(row) for row in known.figures]
    return table("Every figure of every year that was fitted or shown", heads, rows)


def _row(row: Held) -> list[Entry]:
    return [
        row.what,
        Cell(str(row.year), row.year),
        row.theirs,
        row.ours,
        expected(row),
        within(row),
        row.unseen,
        USES[row.use],
        row.kind,
        row.source,
    ]


def expected(row: Held) -> Cell:
    """The interval in which a figure published anew would lie."""
    span = between(row.expected.low, row.expected.high)
    return Cell(span or tag("span", "\u2013", title="no interval"), row.expected.low)


def within(row: Held) -> Markup:
    """Whether what was published lies where it was to be expected."""
    inside = row.foretold
    if inside is None:
        return tag("span", "no interval")
    return tag("span", "in" if inside else "out", class_="tc-hit" if inside else "tc-miss")
