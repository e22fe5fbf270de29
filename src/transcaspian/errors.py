"""What went wrong, where, and what to do about it: the one family of errors."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

FAULTS: dict[str, str] = {
    "C101": "missing column",
    "C102": "unknown column",
    "C103": "missing table",
    "C104": "byte-order mark",
    "C105": "carriage returns",
    "C106": "not UTF-8",
    "C107": "wrong number of cells",
    "C108": "file that belongs to no table",
    "C109": "corridor.toml",
    "C110": "quote that does not close",
    "C111": "cells not separated by commas",
    "C201": "blank cell",
    "C202": "not a number",
    "C203": "decimal comma",
    "C204": "unit inside a number",
    "C205": "out of range",
    "C206": "not one of the words allowed",
    "C207": "look-alike letters",
    "C208": "not yes or no",
    "C209": "not a whole number",
    "C210": "not a date",
    "C301": "duplicate key",
    "C302": "no such name",
    "C303": "no such code",
    "C401": "row without a source",
    "C402": "estimated value without a range",
    "C403": "value outside its own range",
    "C404": "provenance of no cell",
    "C501": "shares that do not sum to 1",
    "C502": "calendar never open",
    "C503": "link that joins nothing",
    "C504": "service that cannot run",
    "C505": "flow that cannot move",
    "C506": "flows that miss their total",
    "C507": "procedure without stages",
    "C508": "unstable stage",
    "C509": "gap in an order",
    "C510": "resource that cannot serve",
    "C511": "resource of another kind",
    "C512": "stage that leads nowhere",
    "N101": "no route",
    "N102": "two procedures for one event",
    "P101": "measure that cannot be read",
    "P102": "no such measure",
    "P103": "measure that matches no row",
    "P104": "no such kind of measure",
    "P105": "wrong parameter",
    "P106": "measure that breaks the corridor",
    "R101": "log that cannot be read",
    "R102": "instants out of order",
    "R103": "step of no trip",
    "R104": "row without an instant",
    "R105": "log of another corridor",
    "S102": "nothing to simulate",
    "S103": "server that cannot be blocked",
    "S104": "full yards that wait for each other",
    "S105": "seed, count or threads out of range",
    "S106": "cluster that cannot be used",
    "K101": "calibration that cannot be read",
    "K102": "corridor without priors",
    "K103": "screening without SALib",
    "K104": "nothing to fit to",
    "A101": "budget below the cheapest measure",
    "A102": "measures that need each other",
    "A103": "alternatives that are both needed",
    "A104": "measure that is paid for twice",
    "A105": "package that cannot be put together",
    "A201": "money of another kind",
    "A202": "no rate for a currency",
    "A203": "factor that is missing",
    "A204": "emission factors of two kinds",
    "A205": "gain that is counted twice",
    "A206": "nothing to appraise",
    "A207": "findings that cannot be read",
    "A208": "levels of different gauges",
    "A209": "future that is not there",
    "V101": "header that is not known",
    "V102": "column that is needed",
    "V103": "time that cannot be read",
    "V104": "day and month that cannot be told apart",
    "V105": "local time without a zone",
    "V106": "place that is not known",
    "V107": "name of several places",
    "V108": "cell that cannot be read",
    "V109": "position that cannot be",
    "V110": "not yet happened",
    "V111": "withdrawn by its sender",
    "V112": "midnight for an unknown hour",
    "V113": "activity that is not known",
    "V114": "wave that cannot be read",
    "V115": "file that cannot be read",
    "V116": "sum without a currency",
    "V117": "zone that cannot be used",
    "V118": "letters that only look alike",
    "V119": "currency without a rate",
    "V120": "time of another year",
    "V201": "departure before arrival",
    "V203": "clock that is wrong",
    "V204": "told twice",
    "V205": "copied forms",
    "V401": "budget below the least sample",
    "V402": "nothing to plan for",
    "O101": "output that exists",
    "O102": "output that cannot be written",
    "O103": "unknown format",
    "O104": "unknown fault code",
    "O105": "unknown table or indicator",
    "O106": "filter that cannot be applied",
    "O107": "precision that cannot be asked for",
}

WIDTH = 100
ELLIPSIS = "\u2026"


@dataclass(frozen=True, slots=True)
class Where:
    """A place in the user's data: file, row (1 is the first below the header), column.

    `lines` are the numbered lines to show, the last of them the one meant; `mark` is the span
    under it that is wrong; `more` counts the rows below with the same fault that are not told.
    """

    file: str = ""
    row: int | None = None
    column: str = ""
    lines: tuple[tuple[int, str], ...] = ()
    mark: tuple[int, int] | None = None
    more: int = 0

    def __str__(self) -> str:
        """File, line or row, and column in words; empty when nothing is known."""
        row = "" if self.row is None else f"row {self.row}"
        if self.lines:
            row = f"line {self.lines[-1][0]}"
        column = f"column {self.column}" if self.column else ""
        return ", ".join(part for part in (self.file, row, column) if part)


class Fault(Exception):  # noqa: N818  # the house word for what is wrong with the user's data
    """One thing wrong with the user's data or call."""

    def __init__(  # a fault has six parts
        self,
        code: str,
        what: str,
        *,
        where: Where | None = None,
        expected: str = "",
        nearest: Sequence[str] = (),
        hint: str = "",
    ) -> None:
        """A fault with its code, what was seen, where, and what would have been right."""
        super().__init__(what)
        self.code = code
        self.what = what
        self.where = where or Where()
        self.expected = expected
        self.nearest = tuple(nearest)
        self.hint = hint

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All faults that this one stands for."""
        return (self,)

    def __str__(self) -> str:
        """The fault as it is printed."""
        return render(self)


class Faults(Fault):
    """Several faults, raised once."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """All faults found, in the order found."""
        found = tuple(each for fault in faults for each in fault.faults)
        super().__init__(found[0].code if found else "", f"{len(found)} faults")
        self._found = found

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All faults found."""
        return self._found


def nearest(word: str, known: Iterable[str], *, limit: int = 3) -> tuple[str, ...]:
    """The known words most like a word, best first."""
    return tuple(difflib.get_close_matches(word, list(known), n=limit, cutoff=0.6))


def render(fault: Fault, *, most: int = 40) -> str:
    """All faults as a text for people: code, place, the rows, the mark, what was expected."""
    shown = [_render_one(each) for each in fault.faults[:most]]
    return "\n".join([*shown, _count(fault.faults, most)])


def _render_one(fault: Fault) -> str:
    lines = [f"{fault.code}  {FAULTS.get(fault.code, fault.what)}"]
    if str(fault.where):
        lines.append(f"  {fault.where}")
    lines += _rows(fault.where)
    said = fault.what if not fault.expected else f"{fault.what}; expected {fault.expected}"
    if fault.nearest:
        said += f". Did you mean {' or '.join(repr(word) for word in fault.nearest)}?"
    lines.append(f"  {said}")
    if fault.hint:
        lines.append(f"  next: {fault.hint}")
    if fault.where.more:
        lines.append(f"  and {fault.where.more:,} more like it in this column")
    return "\n".join(lines)


def _rows(where: Where) -> list[str]:
    """The lines with their numbers and the mark, cut to the part around it."""
    width = max((len(str(number)) for number, _ in where.lines), default=0) + 4
    start, end = where.mark or (0, 0)
    room = WIDTH - width - 3
    longest = max((len(text) for _, text in where.lines), default=0)
    from_here = max(0, min(start - room // 3, longest - room)) if end > room else 0
    shown = [f"{number:>{width}} | {_cut(text, from_here, room)}" for number, text in where.lines]
    if where.mark and where.lines:
        length = max(min(end, from_here + room) - start, 1)
        shown.append(" " * (width + 3 + start - from_here) + "^" * length)
    return shown


def _cut(text: str, start: int, room: int) -> str:
    part = text[start : start + room]
    if start and part:
        part = ELLIPSIS + part[1:]
    return part[:-1] + ELLIPSIS if start + room < len(text) else part


def _count(faults: Sequence[Fault], most: int) -> str:
    files = {fault.where.file for fault in faults if fault.where.file}
    total = sum(1 + fault.where.more for fault in faults)
    count = "1 fault" if total == 1 else f"{total:,} faults"
    place = f" in {len(files)} file{'s' if len(files) != 1 else ''}" if files else ""
    cut = f", the first {most} shown" if len(faults) > most else ""
    code = faults[0].code if faults else ""
    return f"{count}{place}{cut}. Nothing was written. More: transcaspian check --explain {code}"
