"""Tables of crossings: what each row of cells says, with its interval below it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from transcaspian.report.markup import Child, Markup, tag
from transcaspian.report.survey.speech import Speech
from transcaspian.report.tabular import Cell, Entry, Head, table
from transcaspian.report.words import number, share

Tables = Mapping[str, pl.DataFrame]
Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table of crossings: its head, and what it says of a row."""

    head: Head
    entry: Callable[[Row], Entry]


def listed(
    rows: pl.DataFrame, columns: Sequence[Column], say: Speech, *, caption: str, folded: bool = True
) -> Markup:
    """The table of crossings: post, surface and direction, then the columns."""
    heads = [Head(say("place")), Head(say("direction")), *(column.head for column in columns)]
    entries: list[Sequence[Entry]] = [
        [crossing_name(row, say), way(row, say), *(column.entry(row) for column in columns)]
        for row in rows.iter_rows(named=True)
    ]
    words = f"{caption} ({len(entries)})" if folded else None
    return table(caption, heads, entries, folded=words)


def words(name: str, entry: Callable[[Row], str]) -> Column:
    """A column of words."""
    return Column(Head(name), entry)


def sizes(say: Speech, *names: str) -> list[Column]:
    """Columns of whole numbers, of effective sizes, and the grade."""
    return [
        words(say(name), lambda row: str(row["grade"]))
        if name == "grade"
        else Column(Head(say(name), numeric=True), _size(name))
        for name in names
    ]


def _size(name: str) -> Callable[[Row], Entry]:
    if name == "n_eff":
        return lambda row: real(row[name])
    return lambda row: int(float(str(row[name])))


def in_hours(say: Speech, **names: str) -> list[Column]:
    """Columns of hours with their intervals: the word of each and the name of its figure."""
    return [figures(say(word), name, unit=say("h")) for word, name in names.items()]


def figures(head: str, name: str, *, unit: str = "") -> Column:
    """A column of figures with their intervals."""
    return Column(Head(head, unit, numeric=True), lambda row: told(row, name))


def shares(head: str, name: str) -> Column:
    """A column of shares with their intervals."""
    return Column(Head(head, "%", numeric=True), lambda row: parted(row, name))


def real(value: object) -> float | None:
    """A cell as a number; none where it is blank."""
    return float(value) if isinstance(value, int | float) else None


def around(low: object, high: object) -> str:
    """An interval in words; a limit beyond the sample is said to be longer than the other."""
    least, most = real(low), real(high)
    if least is None and most is None:
        return ""
    if most is None:
        return f"> {number(least)}"
    return f"{number(least or 0.0)}\u2013{number(most)}"


def told(row: Row, name: str) -> Cell:
    """A figure with its interval below it."""
    value = real(row[f"{name}_h"] if f"{name}_h" in row else row[name])
    return _held(value, around(*_ends(row, name)), number)


def parted(row: Row, name: str, *, limits: str = "") -> Cell:
    """A share with its interval below it, in per cent; `limits` is what its limits are named by."""
    low, high = (real(end) for end in _ends(row, limits or name))
    known = low is not None and high is not None
    return _held(real(row[name]), f"{share(low)}\u2013{share(high)}" if known else "", share)


def _ends(row: Row, name: str) -> tuple[object, object]:
    """The limits of a figure: by its own name, or of the row's one figure."""
    return row.get(f"{name}_low", row.get("low")), row.get(f"{name}_high", row.get("high"))


def _held(value: float | None, span: str, say: Callable[[float], Child]) -> Cell:
    """A value in words above its interval; a dash where there is none."""
    if value is None:
        return Cell(tag("span", "\u2013", class_="tc-none"), None)
    below = tag("span", span, class_="tc-interval") if span else ""
    return Cell(tag("span", say(value), below), value)


def crossing_name(row: Row, say: Speech) -> str:
    """A post with its country."""
    return f"{say.place(str(row['place']))} ({say.country(str(row['country']))})"


def way(row: Row, say: Speech) -> str:
    """Surface and direction in words."""
    network = str(row["network"])
    return ", ".join(
        word
        for word in (
            say(network) if network else "",
            say(str(row["direction"])) if row["direction"] else "",
        )
        if word
    )
