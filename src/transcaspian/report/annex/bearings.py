"""Where everything of a brief stands in the document, and what it is called there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from transcaspian.appraisal.worth.results import Appraisal, Brief, Remark
from transcaspian.corridor.corridor import Corridor
from transcaspian.corridor.patch import Patch
from transcaspian.report.annex.blocks import Line, Run, Words, line
from transcaspian.report.annex.speech import ENGLISH, Speech, speech

FACTORS = "factors"
BY_BASIS = {"market": "time_value", "carrying": "carrying_rate"}
"""The factor that the value of time rests on, by basis."""
NOTHING = "nothing"
Names = Mapping[str, Mapping[str, str]]
Local = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Bearings:
    """A brief, the words of a language, and anchors.

    Shape: `measures`, `sources`, `factors` and `quantities` lead from a name to an anchor; `local`
    from kind and key to a name in the language, where the corridor has one.
    """

    brief: Brief
    say: Speech
    patches: Mapping[str, Patch]
    measures: Mapping[str, str]
    sources: Mapping[str, str]
    factors: Mapping[str, str]
    quantities: Mapping[str, str]
    english: Names
    local: Local

    @property
    def rate(self) -> str:
        """The rate that ranks."""
        return self.say.exact_share(self.brief.rates[0] if self.brief.rates else None)

    def title(self, name: str) -> Line:
        """The title of a measure, which leads to it."""
        patch = self.patches.get(name)
        anchor = self.measures.get(name)
        return self.say.quoted(patch.title if patch else name, f"#{anchor}" if anchor else "")

    def titles(self, names: Iterable[str]) -> Line:
        """The titles of some measures, as an enumeration."""
        return self.say.listed([self.title(name) for name in names])

    def heading(self, appraisal: Appraisal) -> Line:
        """What an appraisal is of."""
        named = [self.say.quoted(patch.title) for patch in appraisal.patches]
        return self.say.listed(named) if named else self.say.quoted(appraisal.name)

    def cite(self, sources: str) -> Line:
        """Ids of sources in brackets, each of which leads to its row."""
        ids = split(sources)
        if not ids:
            return ()
        parts: list[Words] = []
        for at, each in enumerate(ids):
            parts += [self.say("comma") if at else "", Run(each, f"#{self.sources[each]}")]
        return self.say.line("cited", sources=line(*parts))

    def name(self, kind: str, key: str) -> Run:
        """The name of a place, a country or a good, in the language where it has one.

        An English name will do for a key.
        """
        known = self.english[kind]
        code = key if key in known else _key_of(known, key)
        if code is None:
            return self.say.foreign(key)
        told = self.local.get((kind, code))
        return Run(told) if told else self.say.foreign(known[code])

    def payer(self, payer: str) -> Run:
        """The name of a payer; a country or a place that pays goes by its own."""
        for code, name in self.english["country"].items():
            if payer == code or snake(payer) == snake(name):
                return self.name("country", code)
        known = payer in self.english["place"]
        return self.name("place", payer) if known else self.say.foreign(payer.replace("_", " "))

    def remark(self, remark: Remark) -> Line:
        """A remark in the language."""
        key = f"remark_{remark.code}"
        if not self.say.knows(key):
            return self.say.cited_words(str(remark))
        return self.say.line(key, **{name: self._value(v) for name, v in remark.values.items()})

    def _value(self, value: str | float) -> Words | float:
        if not isinstance(value, str):
            return value
        parts = split(value.replace(",", ";"))
        if parts and all(part in self.patches for part in parts):
            return self.titles(parts)
        if value == NOTHING:
            return self.say(NOTHING)
        return self.say.quoted(value) if self._is_prose(value) else self.name("place", value)

    def _is_prose(self, value: str) -> bool:
        return " " in value and value not in self.english["place"].values()

    def quantity(self, row: Mapping[str, object]) -> Line:
        """What a factor is a value of, and of what it holds."""
        label = self.say.told("quantity", str(row["quantity"]))
        applies = self.applies(row)
        return self.say.line("what_of", label=label, subject=applies) if applies else line(label)

    def applies(self, row: Mapping[str, object]) -> Line:
        """The good, mode and country that a factor holds for; nothing where it holds for all."""
        parts = [
            self.name(kind, str(row[kind])) if kind in self.english else self._mode(str(row[kind]))
            for kind in ("good", "mode", "country")
            if row.get(kind) is not None
        ]
        return self.say.listed(parts)

    def _mode(self, mode: str) -> Run:
        return self.say.foreign(mode.replace("_", " "))


def split(sources: str | None) -> list[str]:
    """The ids of a cell of sources."""
    return [each.strip() for each in (sources or "").split(";") if each.strip()]


def snake(word: str) -> str:
    """A name as a lower-snake word."""
    return re.sub(r"[\W_]+", "_", word.lower()).strip("_")


def _key_of(known: Mapping[str, str], name: str) -> str | None:
    return next((key for key, told in known.items() if told == name), None)


def bearings(brief: Brief, language: str, *, corridor: Corridor | None = None) -> Bearings:
    """Where everything of a brief stands; with a corridor, its names in the language are taken."""
    local: dict[tuple[str, str], str] = {}
    if corridor is not None and language != ENGLISH:
        rows = corridor.table("names").filter(language=language)
        for kind, key, name in rows.select("kind", "key", "name").iter_rows():
            local.setdefault((kind, key), name)
    measures: dict[str, str] = {}
    numbered = list(enumerate(brief.appraisals, start=1))
    for at, appraisal in sorted(numbered, key=lambda each: len(each[1].patches)):
        for patch in appraisal.patches:
            measures.setdefault(patch.name, f"measure-{at}")
    factors = list(brief.factors.iter_rows(named=True))
    quantities: dict[str, str] = {}
    for at, row in enumerate(factors, start=1):
        quantities.setdefault(row["quantity"], f"factor-{at}")
    return Bearings(
        brief,
        speech(language),
        {patch.name: patch for appraisal in brief.appraisals for patch in appraisal.patches},
        measures,
        {each: f"source-{at}" for at, each in enumerate(_cited(brief), start=1)},
        {row["factor"]: f"factor-{at}" for at, row in enumerate(factors, start=1)},
        quantities,
        {"place": brief.places, "country": brief.countries, "good": brief.goods},
        local,
    )


def _cited(brief: Brief) -> list[str]:
    """The ids of all sources that the document names, in order."""
    return sorted({each for cell in _cells(brief) for each in split(cell)}, key=_order)


def _cells(brief: Brief) -> Iterator[str]:
    for appraisal in brief.appraisals:
        for patch in appraisal.patches:
            yield patch.source
            yield patch.cost.source if patch.cost else ""
            yield from (evidence.source for evidence in patch.evidence)
    yield from (cell or "" for cell in brief.factors["source"].to_list())


def _order(source: str) -> tuple[str, int, str]:
    digits = re.search(r"\d+", source)
    return re.sub(r"\d.*", "", source), int(digits.group()) if digits else 0, source
