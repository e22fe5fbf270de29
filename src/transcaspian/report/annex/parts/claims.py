"""What the values of a measure rest on: found where somebody saw it, assumed where nobody did."""

from __future__ import annotations

from collections.abc import Iterable

from transcaspian.corridor.patch import Evidence, Patch
from transcaspian.report.annex.bearings import Bearings
from transcaspian.report.annex.blocks import Line, Paragraph, Run, Words, line

Value = object
MOST = 3
ELLIPSIS = "\u2026"


def claims(at: Bearings, patch: Patch, *, anchor: str) -> list[Paragraph]:
    """One statement for each value of a measure that has evidence."""
    return [
        Paragraph(_claim(at, patch, evidence), "claim", f"{anchor}-{number}")
        for number, evidence in enumerate(patch.evidence, start=1)
    ]


def _claim(at: Bearings, patch: Patch, evidence: Evidence) -> Line:
    say = at.say
    label, subject, value = _meant(at, patch, evidence.parameter)
    claim = say.line(
        f"claim_{evidence.grade}",
        what=say.line("what_of", label=label, subject=subject) if subject else label,
        value=_value(at, value, evidence),
        sources=at.cite(evidence.source),
    )
    if not evidence.note:
        return claim
    return say.sentences([claim, say.line("note", words=say.cited_words(evidence.note))])


def _value(at: Bearings, value: Value, evidence: Evidence) -> str:
    """The value with its range, or the range alone where the value is no number."""
    say = at.say
    ends = {"low": say.exact(evidence.low), "high": say.exact(evidence.high)}
    if isinstance(value, int | float) and not isinstance(value, bool):
        return say.text("plain_band", value=say.exact(value), **ends)
    return say.exact_span(evidence.low, evidence.high)


def _meant(at: Bearings, patch: Patch, parameter: str) -> tuple[Words, Words, Value]:
    """What a parameter is called, of what it is one, and its value."""
    part, number, *rest = parameter.split(".")
    try:
        if part == "use":
            return _of_use(at, patch, int(number), rest[0])
        return _of_change(at, patch, int(number), rest)
    except (IndexError, ValueError):
        return at.say.foreign(parameter), "", None


def _of_use(at: Bearings, patch: Patch, number: int, name: str) -> tuple[Words, Words, Value]:
    say, use = at.say, patch.uses[number]
    known = say.knows(f"parameter_{name}")
    label: Words = say.told("parameter", name) if known else say.foreign(_spaced(name))
    return label, _subject(at, use.kind, use.parameters.values()), use.parameters.get(name)


def _of_change(
    at: Bearings, patch: Patch, number: int, rest: list[str]
) -> tuple[Words, Words, Value]:
    say, change = at.say, patch.change[number]
    verb, column = rest
    label = say.line(f"written_{verb}", column=say.foreign(_spaced(column)))
    return label, _subject(at, change.table, change.where.values()), change.amounts.get(column)


def _subject(at: Bearings, kind: str, own: Iterable[object]) -> Line:
    """The kind of measure or the table, and what it is told of."""
    words = [
        each
        for value in own
        for each in (value if isinstance(value, list) else [value])
        if isinstance(each, str) and each
    ]
    parts: list[Words] = [at.say.foreign(_spaced(kind))]
    for word in words[:MOST]:
        parts += [at.say("semicolon"), _named(at, word)]
    if len(words) > MOST:
        parts += [at.say("semicolon"), ELLIPSIS]
    return line(*parts)


def _named(at: Bearings, word: str) -> Run:
    kind = next((kind for kind, known in at.english.items() if word in known), None)
    return at.name(kind, word) if kind else at.say.foreign(_spaced(word))


def _spaced(word: str) -> str:
    return " ".join(word.replace("_", " ").split())
