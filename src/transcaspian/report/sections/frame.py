"""What every section shares: its heading and anchor, and the key to the colours of the ledger."""

from __future__ import annotations

from transcaspian.report.markup import Child, Markup, join, tag
from transcaspian.report.words import CLASSES


def classes_legend(names: list[str] | None = None) -> Markup:
    """The colours of the ledger's classes, each with its word."""
    return tag(
        "ul",
        *(
            tag("li", tag("i", class_=f"tc-swatch tc-b-{name}"), CLASSES[name])
            for name in (names or list(CLASSES))
        ),
        class_="tc-legend",
    )


def section(name: str, heading: str, *children: Child) -> Markup:
    """One section with its heading and anchor."""
    return tag(
        "section",
        tag("h2", heading, id=f"tc-h-{name}"),
        join(children),
        id=f"tc-{name}",
        aria_labelledby=f"tc-h-{name}",
    )


def figure(*children: Child, caption: Child = None) -> Markup:
    """A picture with its caption, which scrolls sideways where the page is narrow."""
    return tag("figure", *children, tag("figcaption", caption) if caption else "")


def nothing(words: str) -> Markup:
    """A line that says why a section is empty."""
    return tag("p", words, class_="tc-empty")
