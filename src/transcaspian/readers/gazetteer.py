"""Names as people say them, and the places of the corridor that they mean."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.errors import nearest
from transcaspian.readers.forms.words import plain
from transcaspian.tables.cells import Wrong
from transcaspian.tables.letters import latin


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """What each name may mean, and where each place lies."""

    names: dict[str, tuple[str, ...]]
    countries: dict[str, str]
    networks: dict[str, frozenset[str]]
    country: dict[str, str]
    zone: dict[str, str]
    kind: dict[str, str]
    units: frozenset[str]
    goods: dict[str, str]

    def place(self, name: str, *, country: str = "", network: str = "") -> str | Wrong:
        """The place of a name; where several bear it, the one in the country, on the network.

        A name that nobody bears is read once more with its letters that only look Latin as Latin.

        Errors: V106 and V107 come back as what is wrong.
        """
        known = list(self.names.get(plain(name)) or self.names.get(plain(latin(name)), ()))
        if country and known:
            known = [place for place in known if self.country[place] == country]
            if not known:
                said = f"seen {name!r} in {country}, where no place of the corridor has that name"
                return Wrong("V106", said, self._like(name))
        if network and len(known) > 1:
            on = [place for place in known if network in self.networks[place]]
            known = on or known
        if not known:
            return Wrong("V106", f"seen {name!r}", self._like(name))
        if len(known) > 1:
            places = " or ".join(f"{place} ({self.country[place]})" for place in known)
            return Wrong("V107", f"seen {name!r}, which is {places}", "its country and its mode")
        return known[0]

    def country_of(self, name: str) -> str | Wrong:
        """The code of a country's name or code."""
        code = self.countries.get(plain(name))
        return code if code is not None else Wrong("V106", f"seen {name!r}", "a country")

    def good(self, name: str | None) -> str | None:
        """The good of the corridor that a name means; the name itself where there is none."""
        return None if name is None else self.goods.get(plain(name), name.strip() or None)

    def _like(self, name: str) -> str:
        near = nearest(plain(name), self.names)
        places = dict.fromkeys(place for word in near for place in self.names[word])
        also = f", perhaps {' or '.join(places)}" if places else ""
        return f"a place of the corridor or a name of names.csv{also}"


def gazetteer(corridor: Corridor) -> Gazetteer:
    """The names of a corridor: ids, English names, UN/LOCODEs, and what names.csv adds."""
    places = corridor.table("places")
    known: dict[str, dict[str, None]] = {}
    for place, name, code in places.select("place", "name", "unlocode").iter_rows():
        bare = name.partition(" (")[0]
        for word in {place, name, bare, code or place}:
            known.setdefault(plain(word), {})[place] = None
    goods: dict[str, str] = {}
    for good, name in corridor.table("goods").select("good", "name").iter_rows():
        goods |= {plain(good): good, plain(name): good}
    countries: dict[str, str] = {}
    for code, name in corridor.table("countries").select("country", "name").iter_rows():
        countries |= {plain(code): code, plain(name): code}
    for kind, key, name in corridor.table("names").select("kind", "key", "name").iter_rows():
        if kind == "place":
            known.setdefault(plain(name), {})[key] = None
        else:
            (countries if kind == "country" else goods)[plain(name)] = key
    return Gazetteer(
        {word: tuple(found) for word, found in known.items()},
        countries,
        _networks(corridor),
        _column(places, "country"),
        _column(places, "zone"),
        _column(places, "kind"),
        frozenset(corridor.table("units")["unit"]),
        goods,
    )


def _column(places: pl.DataFrame, name: str) -> dict[str, str]:
    return {place: value or "" for place, value in places.select("place", name).iter_rows()}


def _networks(corridor: Corridor) -> dict[str, frozenset[str]]:
    links = corridor.table("links").join(
        corridor.table("modes").select("mode", "network"), on="mode"
    )
    ends = pl.concat(
        [links.select(pl.col(end).alias("place"), "network") for end in ("origin", "destination")]
    )
    found = {place: frozenset[str]() for place in corridor.table("places")["place"]}
    for place, network in ends.unique().iter_rows():
        found[place] |= {network}
    return found
