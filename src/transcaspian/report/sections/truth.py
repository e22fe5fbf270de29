"""Why to believe it: what was fitted, what was foretold unseen, and what it all hangs on."""

from __future__ import annotations

from collections.abc import Sequence

from transcaspian.report.markup import Markup, join, tag
from transcaspian.report.material import Held, Material, Pair, Parameter, Truth
from transcaspian.report.sections.foretold import foretold, places
from transcaspian.report.sections.frame import section
from transcaspian.report.tabular import Cell, Entry, Head, table
from transcaspian.report.words import Quantity, between, listed, number, plural, share

FACTS = 5
PAIRS = 3
USES = {
    "fitted": "fitted",
    "bound": "a least time",
    "range": "a range",
    "shown": "only shown",
    "input": "given",
}
STANDINGS = {"told": "told", "together": "told together only", "untold": "not told"}


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
        *foretold(known),
        tag("h3", "What nobody publishes, and what knowing it would be worth"),
        *_worth(known),
        tag("h3", "Which inputs the figures tell"),
        *_identified(known),
        tag("h3", "Follow a number"),
        tag("p", *_followed(known, base_year=material.opening.base_year)),
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


def _fitted(known: Truth) -> str:
    """How many figures were put to which use, from how many runs."""
    uses = known.uses
    first, last = known.years
    when = f"of the year {first}" if first == last else f"of the years {first} to {last}"
    fitted = uses.get("fitted", 0)
    parts = [f"The corridor was fitted to {plural(fitted, 'published figure')} {when}."]
    if known.cells < fitted:
        parts.append(
            f"They are of {plural(known.cells, 'different time')}: the others are the same in "
            "another year or source."
        )
    others = [
        f"{uses[use]} as {words}"
        for use, words in (
            ("bound", "the least that a trip may take"),
            ("range", "a range to lie in"),
            ("input", "given"),
        )
        if uses.get(use)
    ]
    if others:
        parts.append(f"It took {listed(others)}.")
    if uses.get("shown"):
        why = "; ".join(f"{reason} ({count})" for reason, count in known.reasons.items())
        parts.append(f"{plural(uses['shown'], 'figure')} it did not use and only shows: {why}.")
    parts.append(
        f"What it would give was learned from {plural(known.runs, 'run')}; each simulated year of "
        f"this page has one of {plural(known.draws, 'draw')} of the inputs."
    )
    return " ".join(parts)


def _parameters(known: Truth) -> str:
    """How many inputs stand beside how many figures."""
    told, together = known.standings.get("told", 0), known.standings.get("together", 0)
    untold = known.standings.get("untold", 0)
    words = (
        f"{plural(told + together + untold, 'input')} were free to move, beside "
        f"{plural(known.uses.get('fitted', 0), 'fitted figure')}. They are not free one by one: "
        "what posts have in common, by surface, direction and country, is told together. The "
        f"figures tell something of {told}, of {together} more only together with another, and "
        f"next to nothing of {untold}, which stay about as wide as they were thought to be."
    )
    if known.lent:
        words += (
            f" Of those told, {known.lent} have no fitted figure that hangs on them: they are told "
            "only through what they share with others."
        )
    if known.alone:
        words += f" {plural(known.alone, 'input')} told so rest on a single figure."
    if known.strayed:
        words += (
            f" {known.strayed} ended outside the range in which they were thought to lie in 9 "
            "cases of 10: there, the figures and what was thought before are at odds."
        )
    return words


def _worth(known: Truth) -> list[Markup]:
    facts = known.facts[:FACTS]
    if not facts:
        return [tag("p", "No unpublished input holds a part of the doubt that could be told.")]
    named = _heads_once([f"{fact.what} ({share(fact.share)})" for fact in facts])
    heads = [
        Head("Not published", roomy=True),
        Head("Share of the doubt", numeric=True),
        Head("Narrows most", roomy=True),
        Head("Share of that answer's doubt", numeric=True),
    ]
    rows: list[Sequence[Entry]] = [
        [fact.what, _share(fact.share), fact.answer, _share(fact.most)] for fact in known.facts
    ]
    words = (
        f"{'A survey of these ' + str(len(facts)) if len(facts) > 1 else 'A survey of this'} would "
        "narrow the answers most. The share is how much of the variance of times from door to "
        f"door and at borders each holds by itself, on average: {named}."
    )
    return [tag("p", words), table("What knowing each would be worth", heads, rows)]


def _share(value: float) -> Cell:
    return Cell(share(value), value)


def _identified(known: Truth) -> list[Markup]:
    heads = [
        Head("Input", roomy=True),
        Head("Thought", "factor, 90 %", numeric=True),
        Head("Fitted", "factor, 90 %", numeric=True),
        Head("Told", "share of its variance", numeric=True),
        Head("Fitted figures", "that hang on it", numeric=True),
        Head("Standing"),
        Head("Least apart from", roomy=True),
        Head("Correlation", numeric=True),
    ]
    rows: list[Sequence[Entry]] = [_input(row) for row in known.parameters]
    caption = "Every input that was free to move, those first that the figures tell most"
    return [tag("p", _entwined(known.pairs)), table(caption, heads, rows)]


def _input(row: Parameter) -> list[Entry]:
    return [
        row.name,
        Cell(_factors(row.before), row.before.low),
        Cell(join([_factor(row.after), _factors(row.after)], " "), row.after.value),
        _share(row.told),
        row.targets,
        STANDINGS[row.standing],
        row.kin,
        places(row.correlation),
    ]


def _factor(quantity: Quantity) -> Markup:
    return tag("span", number(quantity.value), class_="tc-value")


def _factors(quantity: Quantity) -> Markup:
    """A range of factors, each end with digits of its own: one may be a hundred of the other."""
    words = f"{number(quantity.low)}\u2013{number(quantity.high)}"
    return tag("span", words, class_="tc-interval")


def _entwined(pairs: Sequence[Pair]) -> str:
    """The inputs that data cannot tell apart, and which way they hang together."""
    if not pairs:
        return "No two inputs are so entwined that the figures could not tell them apart."
    named = _heads_once(
        [
            f"{_heads_once([pair.one, pair.other], between=' and ')} ({_way(pair.correlation)})"
            for pair in pairs[:PAIRS]
        ]
    )
    many = plural(len(pairs), "pair")
    return f"The figures can hardly tell {many} of inputs apart. Most alike are: {named}."


def _heads_once(words: Sequence[str], *, between: str = "; ") -> str:
    """The words in a row; what stands before the colon is not said again."""
    found: list[str] = []
    last = ""
    for each in words:
        head, colon, rest = each.partition(": ")
        again = bool(colon) and head == last
        found.append(rest if again else each)
        last = head
    return between.join(found)


def _way(correlation: float) -> str:
    words = "one rises with the other" if correlation > 0 else "one makes up for the other"
    return f"correlation {number(correlation, places=2)}: {words}"


def _followed(known: Truth, *, base_year: int) -> list[Markup | str]:
    """Which files hold a number, from its source to its draws."""
    earlier = (
        ", to which for years before the base year what sets that year apart is added"
        if known.years[0] < base_year
        else ""
    )
    return [
        "The folder of this report holds the calibration. ",
        tag("code", "calibration/targets.csv"),
        " has every figure with its source and use; ",
        tag("code", "calibration/runs.csv"),
        f" what each of {plural(known.draws, 'draw')} gives for it when simulated; ",
        tag("code", "calibration/figures.csv"),
        f" their middle and interval{earlier}; ",
        tag("code", "calibration/calibrated.draws.csv"),
        ", which belongs to ",
        tag("code", "calibration/calibrated.toml"),
        ", the inputs of each draw, a column a cell named table/key/column; ",
        tag("code", "calibration/left_out.csv"),
        " what was foretold without it, and ",
        tag("code", "calibration/screening.csv"),
        " what it hangs on.",
    ]


def _every(known: Truth) -> Markup:
    heads = [
        Head("Figure", roomy=True),
        Head("Year", numeric=True),
        Head("Published", numeric=True),
        Head("Simulated", "median of the draws", numeric=True),
        Head("To be expected", "90 %", numeric=True),
        Head("In it"),
        Head("Foretold unseen", "90 %", numeric=True),
        Head("Use"),
        Head("Why"),
        Head("Kind"),
        Head("Source"),
    ]
    rows: list[Sequence[Entry]] = [_row(row) for row in known.figures]
    caption = "Every figure that the model speaks to, of every year, and what was made of it"
    return table(caption, heads, rows)


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
        row.why,
        row.kind,
        row.source,
    ]


def expected(row: Held) -> Cell:
    """The interval in which a figure published anew would lie."""
    span = between(row.expected.low, row.expected.high)
    return Cell(span or tag("span", "\u2013", title="no interval"), row.expected.low)


def within(row: Held) -> Markup:
    """Whether what was published lies where it was to be expected; a least time, not above."""
    inside = row.foretold
    if inside is None:
        return tag("span", "no interval")
    words = ("kept", "undercut") if row.use == "bound" else ("in", "out")
    return tag("span", words[0 if inside else 1], class_="tc-hit" if inside else "tc-miss")
