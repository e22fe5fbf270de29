"""The top of the page: title, answer, large figures, and what they rest on."""

from __future__ import annotations

from transcaspian.report.markup import Markup, tag
from transcaspian.report.material import Headline, Material
from transcaspian.report.words import Quantity, between, number, plural, unit

STATUS_WORDS = {
    "published": "stated by a source named on this page",
    "derived": "computed from published figures",
    "estimated": "set by this project, each with a range",
    "unconfirmed": "recalled or second-hand; to be confirmed",
}

LUCK = ": they say how much chance moves a figure, not how wrong an input may be."
DRAWN = (
    ", each with one of the draws of the inputs that were fitted: they say how much luck and the "
    "doubt about those inputs move a figure, not how wrong the others may be."
)
DECLARED = (
    "Estimated times and capacities at posts and ports were set with the published border times in "
    "view: where a simulated border time agrees with a published one, that shows the estimate was "
    "set with care, not that the model foretold it."
)
FITTED = (
    "Many of those were fitted to published figures: where a simulated time agrees with one that "
    "was fitted, that shows the fit, not that the model foretold it. How it foretells figures that "
    "it never saw stands under Why believe it."
)


def summary(material: Material) -> Markup:
    """The title, the answer in one sentence, the large figures and the banner."""
    opening = material.opening
    return tag(
        "header",
        tag("p", opening.subtitle, class_="tc-over"),
        tag("h1", opening.title),
        tag("p", opening.answer, class_="tc-answer"),
        tag("p", *_years(material), class_="tc-years"),
        tag("div", *(_headline(headline) for headline in material.headlines), class_="tc-heads"),
        tag(
            "p",
            "Small figures are 90 % intervals over ",
            plural(opening.replications, "simulated year"),
            DRAWN if material.drawn else LUCK,
            class_="tc-fine",
        ),
        banner(material),
        class_="tc-top",
    )


def _years(material: Material) -> list[Markup]:
    opening = material.opening
    return [
        tag("span", tag("b", "The present: "), opening.present, class_="tc-chip"),
        tag("span", tag("b", "Base year: "), str(opening.base_year), class_="tc-chip"),
    ]


def _headline(headline: Headline) -> Markup:
    return tag(
        "div",
        tag("h3", headline.label),
        *(_part(words, quantity) for words, quantity in headline.parts),
        tag("p", headline.note, class_="tc-note"),
        class_="tc-head",
    )


def _part(words: str, quantity: Quantity) -> Markup:
    span = between(quantity.low, quantity.high)
    return tag(
        "p",
        tag("span", words, class_="tc-part") if words else "",
        tag("span", number(quantity.value), class_="tc-big"),
        tag("span", f" {unit(quantity.unit)}", class_="tc-unit") if quantity.known else "",
        tag("span", span, class_="tc-interval", title="90 % interval") if span else "",
    )


def banner(material: Material) -> Markup:
    """What the figures rest on: inputs by status, and how the estimated ones were set."""
    total = sum(material.inputs.values())
    if not total:
        return Markup("")
    bar = [
        tag(
            "span",
            style=f"flex-grow:{count}",
            class_=f"tc-st-{status}",
            title=f"{status}: {count:,}",
        )
        for status, count in material.inputs.items()
        if count
    ]
    words = [
        tag(
            "li",
            tag("i", class_=f"tc-swatch tc-st-{status}"),
            tag("b", f"{count:,} {status}"),
            f" \u2013 {STATUS_WORDS.get(status, '')}",
        )
        for status, count in material.inputs.items()
    ]
    guessed = material.inputs.get("estimated", 0) + material.inputs.get("unconfirmed", 0)
    return tag(
        "aside",
        tag("h2", "What this rests on", id="tc-rests"),
        tag("div", *bar, class_="tc-bar", aria_hidden="true"),
        tag("ul", *words, class_="tc-legend"),
        tag(
            "p",
            f"Of the {total:,} numbers that the simulation reads, {guessed:,} "
            f"({100 * guessed / total:.0f} %) are not published by anyone. ",
            DECLARED if material.truth is None else FITTED,
        ),
        class_="tc-banner",
        aria_labelledby="tc-rests",
    )
