"""The words and numbers of a language."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from string import Formatter

from transcaspian.report.annex.blocks import Line, Run, Words, line
from transcaspian.report.words import decimals, finite, number
from transcaspian.tables.vocabulary import vocabulary

ENGLISH = "en"
LANGUAGES = (ENGLISH, "ja", "ru")
DECIMAL_COMMA = {"ru"}
NO_BREAK = "\u00a0"
MINUS = "\u2212"
DIGITS = 4
MOST_PLACES = 9
PERCENT = "%"
MONEY = "MUSD"
WHOLE = 0.1
LARGE = 10.0


@dataclass(frozen=True, slots=True)
class Speech:
    """What is said in one language, and how its numbers are written."""

    language: str
    words: dict[str, str]

    def __call__(self, key: str) -> str:
        """The words of a key that has no gaps."""
        return self.words[key]

    def knows(self, key: str) -> bool:
        """Whether there are words for a key."""
        return key in self.words

    def told(self, kind: str, code: str) -> str:
        """The words of a code of some kind; those of the code itself where it is not known."""
        return self.words.get(f"{kind}_{code}", code.replace("_", " "))

    def line(self, key: str, **parts: Words | float) -> Line:
        """The words of a key with its gaps filled; a number is written as the gap says."""
        found: list[Words] = []
        for literal, name, spec, _ in Formatter().parse(self.words[key]):
            found.append(literal)
            if name is not None:
                part = parts[name]
                written = isinstance(part, int | float)
                found.append(self.formatted(part, spec or "") if written else part)
        return line(*found)

    def text(self, key: str, **parts: str) -> str:
        """The words of a key with its gaps filled by plain words."""
        return self.words[key].format(**parts)

    def formatted(self, value: float, spec: str) -> str:
        """A number as a format says, in the manner of the language."""
        written = format(value, spec).replace("-", MINUS)
        if written.endswith(PERCENT):
            return self.text("percent", value=self._local(written.removesuffix(PERCENT)))
        return self._local(written)

    def number(self, value: float | None, *, places: int | None = None) -> str:
        """A number with no more digits than it bears, or with so many decimals."""
        return self._local(number(value, places=places))

    def exact(self, value: float | None) -> str:
        """An input as it was given, to four digits."""
        if not finite(value) or value is None:
            return self("unknown")
        size = math.floor(math.log10(abs(value))) if value else 0
        places = min(max(0, DIGITS - 1 - size), MOST_PLACES)
        written = f"{value:,.{places}f}"
        bare = written.rstrip("0").rstrip(".") if "." in written else written
        return self._local(bare.replace("-", MINUS))

    def share(self, value: float | None) -> str:
        """A share as a percentage, to a whole one from ten on."""
        if not finite(value) or value is None:
            return self("unknown")
        places = 0 if round(abs(value), 4) >= WHOLE or value == 0 else 1
        return self.text("percent", value=self.number(100 * value, places=places))

    def exact_share(self, value: float | None) -> str:
        """A share that is an input, as a percentage."""
        if not finite(value) or value is None:
            return self("unknown")
        return self.text("percent", value=self.exact(100 * value))

    def band(
        self,
        value: float | None,
        low: float | None,
        high: float | None,
        *,
        unit: str = "",
        places: int | None = None,
    ) -> str:
        """A value with its band, in a unit that has words."""
        if not finite(value):
            return self("unknown")
        kept = places if places is not None else shared_places(value, low, high, unit=unit)
        unit_words = self.told("unit", unit) if unit else ""
        parts = {"value": self.number(value, places=kept), "unit": unit_words}
        if not (finite(low) and finite(high)):
            return self.text("amount", **parts).strip()
        key = "amount_band" if unit else "plain_band"
        ends = {"low": self.number(low, places=kept), "high": self.number(high, places=kept)}
        return self.text(key, **parts, **ends)

    def span(self, low: float | None, high: float | None, *, places: int | None = None) -> str:
        """A band alone."""
        if not (finite(low) and finite(high)):
            return self("unknown")
        kept = places if places is not None else shared_places(low, high)
        return self.text(
            "span", low=self.number(low, places=kept), high=self.number(high, places=kept)
        )

    def exact_span(self, low: float | None, high: float | None) -> str:
        """The range of an input as it was given; one number where there is no range."""
        if low == high:
            return self.exact(low)
        return self.text("span", low=self.exact(low), high=self.exact(high))

    def listed(self, lines: Sequence[Words]) -> Line:
        """Lines as an enumeration in a sentence."""
        found: list[Words] = []
        for at, each in enumerate(lines):
            if at:
                found.append(self("and" if at == len(lines) - 1 else "comma"))
            found.append(each)
        return line(*found)

    def sentences(self, lines: Sequence[Line]) -> Line:
        """Sentences one after the other."""
        found: list[Words] = []
        for each in lines:
            if each and found:
                found.append(self("sentence"))
            found.append(each)
        return line(*found)

    def foreign(self, words: str, to: str = "") -> Run:
        """English words, marked as such where the language is another."""
        return Run(words, to, "" if self.language == ENGLISH else ENGLISH)

    def quoted(self, words: str, to: str = "") -> Line:
        """A title in English, in the quotation marks of the language where it is another."""
        return self.line("quote", words=self.foreign(words, to))

    def cited_words(self, words: str) -> Line:
        """What somebody said in English, always in quotation marks."""
        return self.line("quote_in_english", words=self.foreign(words))

    def _local(self, written: str) -> str:
        if self.language in DECIMAL_COMMA:
            return written.replace(",", NO_BREAK).replace(".", ",")
        return written


def shared_places(*values: float | None, unit: str = "") -> int | None:
    """The decimals that a value and its band share; none where three digits are enough.

    Millions are told alike everywhere, so that they may be added up by eye.
    """
    largest = max(
        (abs(value) for value in values if value is not None and finite(value)), default=0
    )
    if unit == MONEY:
        return 1 if largest >= LARGE else 2
    return None if largest >= 10_000 else decimals(largest)  # noqa: PLR2004  # as in words.number


def speech(language: str) -> Speech:
    """The words of a language."""
    told = vocabulary("annex_words").select("code", language).fill_null("")
    return Speech(language, dict(told.iter_rows()))
