"""The words of a form's header in the languages of the route, and what they mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from transcaspian.tables.vocabulary import vocabulary

LANGUAGES = ("en", "ru", "ja")
UNITS = {
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "ч", "час", "часы", "часов", "時間"), 1.0),
    **dict.fromkeys(("min", "mins", "minutes", "мин", "минут", "минуты", "分"), 1 / 60),
}
BRACKET = re.compile("[\\(\\[\uff08\u3010](.*?)[\\)\\]\uff09\u3011]")
GAPS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Head:
    """What a column of a form means: a declared one, or the hours of an activity.

    `scale` turns its numbers into hours.
    """

    column: str
    activity: str = ""
    scale: float = 1.0


@lru_cache(maxsize=1 << 14)
def plain(word: str) -> str:
    """The word without case, brackets and marks, for comparing."""
    return GAPS.sub(" ", BRACKET.sub(" ", word.strip().casefold())).strip()


@cache
def columns() -> dict[str, str]:
    """Each known word of a header and the column it means."""
    found: dict[str, str] = {}
    for column, _, words in vocabulary("form_columns").iter_rows():
        found |= {plain(word): column for word in (column, *words.split(";"))}
    return found


@cache
def activities() -> dict[str, str]:
    """Each known word for an activity and its code."""
    found: dict[str, str] = {}
    names = vocabulary("activities").select("code", "cpmm", "name")
    others = {row[0]: row[1:] for row in vocabulary("activity_names").iter_rows()}
    for code, cpmm, name in names.iter_rows():
        ru, ja, aliases = others.get(code, ("", "", ""))
        short = code.partition("_")[0] if code[1:3].isdigit() else code
        words = [code, short, cpmm or "", name or "", ru, ja, *(aliases or "").split(";")]
        found |= {plain(word): code for word in words if word}
    return found


@cache
def networks() -> dict[str, str]:
    """Each known word for a way of moving and its network."""
    return {
        plain(word): network
        for network, words in vocabulary("network_names").iter_rows()
        for word in words.split(";")
    }


def head(word: str) -> Head | None:
    """What a word of a header means; none when it is not known."""
    bare = plain(word)
    column = columns().get(bare)
    if column is not None:
        return Head(column, scale=_unit(word))
    unitless, unit = _tail(bare)
    code = activities().get(bare) or activities().get(unitless)
    if code is None:
        return None
    return Head("hours", code, _unit(word) if bare in activities() else unit)


def _unit(word: str) -> float:
    """The hours that one of the unit in a header's brackets is."""
    for inside in BRACKET.findall(word):
        known = UNITS.get(plain(inside))
        if known is not None:
            return known
    return 1.0


def _tail(bare: str) -> tuple[str, float]:
    """The words before a unit that stands last, and the hours one of it is."""
    before, _, last = bare.rpartition(" ")
    return (before, UNITS[last]) if last in UNITS else (bare, 1.0)


def title(column: str, language: str) -> str:
    """The word for a column in a language, as it stands in the templates."""
    rows = vocabulary("form_columns").filter(column=column, language=language)
    return str(rows["words"][0]).partition(";")[0] if rows.height else column


def activity_title(code: str, language: str) -> str:
    """The name of an activity in a language."""
    if language == "en":
        return str(vocabulary("activities").filter(code=code)["name"][0])
    return str(vocabulary("activity_names").filter(code=code)[language][0])
