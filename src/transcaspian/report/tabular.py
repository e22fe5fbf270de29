"""Tables of the page: captioned, sortable, folded away when long, never wider than the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from transcaspian.report.markup import Child, Markup, tag
from transcaspian.report.words import Quantity, finite, number, plural, shown

LONG = 15


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column: name, unit, and whether it holds numbers or words that need room."""

    name: str
    unit: str = ""
    numeric: bool = False
    roomy: bool = False

    @property
    def looks(self) -> str | None:
        """The class of its cells."""
        return "tc-num" if self.numeric else "tc-roomy" if self.roomy else None


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that sorts by a value other than its words."""

    words: Child
    rank: float | None


Entry = Child | float | Cell | Quantity


def table(
    caption: Child,
    heads: Sequence[Head],
    rows: Sequence[Sequence[Entry]],
    *,
    folded: Child = None,
) -> Markup:
    """The table; more than fifteen rows are folded away behind a line that says how many.

    `folded`: the words of that line, where they are not to be English.
    """
    body = tag(
        "div",
        tag(
            "table",
            tag("caption", caption),
            tag("thead", tag("tr", *(_head(head) for head in heads))),
            tag("tbody", *(_row(row, heads) for row in rows)),
        ),
        class_="tc-scroll",
        tabindex="0",
        role="region",
        aria_label="table",
    )
    if len(rows) <= LONG:
        return body
    words = folded or tag("span", "Table: ", caption, f" ({plural(len(rows), 'row')})")
    summary = tag("summary", words)
    return tag("details", summary, body)


def _head(head: Head) -> Markup:
    unit = tag("span", f" {head.unit}", class_="tc-unit") if head.unit else ""
    return tag("th", head.name, unit, scope="col", class_=head.looks)


def _row(row: Sequence[Entry], heads: Sequence[Head]) -> Markup:
    return tag(
        "tr",
        *(
            _cell(entry, head, first=index == 0)
            for index, (entry, head) in enumerate(zip(row, heads, strict=True))
        ),
    )


def _cell(entry: Entry, head: Head, *, first: bool) -> Markup:
    rank: float | None = None
    if isinstance(entry, Cell):
        words, rank = entry.words, entry.rank
    elif isinstance(entry, Quantity):
        words, rank = shown(entry), entry.value
    elif isinstance(entry, int | float):
        words, rank = number(entry, places=0 if isinstance(entry, int) else None), float(entry)
    else:
        words = entry
    return tag(
        "th" if first else "td",
        words,
        scope="row" if first else None,
        class_=head.looks,
        data_rank=f"{rank:.6g}" if rank is not None and finite(rank) else None,
    )
