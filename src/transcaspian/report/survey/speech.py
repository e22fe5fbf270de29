"""The words of a language: of the page, of places, countries and activities."""

from __future__ import annotations

from dataclasses import dataclass

from transcaspian.corridor.corridor import Corridor
from transcaspian.readers.forms.words import activity_title
from transcaspian.tables.vocabulary import codes, vocabulary

ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Speech:
    """What things are called in one language."""

    language: str
    words: dict[str, str]
    places: dict[str, str]
    countries: dict[str, str]
    activities: dict[str, str]
    goods: dict[str, str]

    def __call__(self, key: str) -> str:
        """The words of a key."""
        return self.words[key]

    def place(self, place: str) -> str:
        """The name of a place."""
        return self.places.get(place, place)

    def country(self, code: str) -> str:
        """The name of a country."""
        return self.countries.get(code, code)

    def good(self, good: str) -> str:
        """The name of what is carried; empty is what nobody names."""
        return self.goods.get(good, good) if good else self("unnamed")

    def activity(self, code: str) -> str:
        """The name of an activity."""
        return self.activities.get(code, code)


def speech(corridor: Corridor, language: str) -> Speech:
    """The words of a language; a place without a name in it keeps its English one."""
    words = dict(vocabulary("survey_words").select("key", language).iter_rows())
    places = dict(corridor.table("places").select("place", "name").iter_rows())
    countries = dict(corridor.table("countries").select("country", "name").iter_rows())
    goods = dict(corridor.table("goods").select("good", "name").iter_rows())
    kinds = {"place": places, "country": countries, "good": goods}
    if language != ENGLISH:
        own = corridor.table("names").filter(language=language)
        for kind, key, name in own.select("kind", "key", "name").iter_rows():
            kinds[kind][key] = name
    activities = {code: activity_title(code, language) for code in codes("activities")}
    return Speech(language, words, places, countries, activities, goods)
