"""What things are called: every name on the page comes from the corridor's own tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from transcaspian.corridor.corridor import Corridor
from transcaspian.report.figures.projection import Point
from transcaspian.tables.vocabulary import vocabulary

AT_SEA = "at sea"
HELD_CLASSES = frozenset({"queueing", "carrier", "weather", "rest"})
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Names:
    """Rows of the corridor by their key."""

    places: Mapping[str, Row]
    links: Mapping[str, Row]
    countries: Mapping[str, str]
    modes: Mapping[str, Row]
    goods: Mapping[str, str]
    units: Mapping[str, str]
    flows: Mapping[str, Row]
    activities: Mapping[str, Row]

    def place(self, place: str) -> str:
        """The name of a place, or of the ends of a link."""
        if place in self.places:
            return str(self.places[place]["name"])
        if place in self.links:
            link = self.links[place]
            return f"{self.place(link['origin'])} to {self.place(link['destination'])}"
        return place

    def country(self, code: str | None) -> str:
        """The name of a country; the sea where there is none."""
        return AT_SEA if not code else self.countries.get(code, code)

    def country_of(self, place: str) -> str | None:
        """The code of the country a place lies in."""
        row = self.places.get(place)
        return None if row is None else row["country"]

    def point(self, place: str) -> Point:
        """Longitude and latitude of a place."""
        row = self.places[place]
        return row["lon_deg"], row["lat_deg"]

    def network(self, link: str) -> str:
        """The surface of a link."""
        mode = self.modes.get(self.links[link]["mode"])
        return str(mode["network"]) if mode else ""

    def flow(self, flow: str) -> str:
        """Who travels: from where to where, with what, in what."""
        row = self.flows.get(flow)
        if row is None:
            return flow
        cargo = self.goods.get(row["good"], row["good"])
        unit = self.units.get(row["unit"], row["unit"])
        return f"{self.ends(flow)}: {cargo.lower()}, {unit.lower()}"

    def ends(self, flow: str) -> str:
        """From where to where a flow travels."""
        row = self.flows[flow]
        return f"{self.place(row['origin'])} to {self.place(row['destination'])}"

    def ledger(self, activity: str) -> str:
        """The class of the ledger that an activity's service belongs to."""
        row = self.activities.get(activity)
        return str(row["ledger"]) if row else "handling"

    def waiting(self, activity: str) -> str:
        """The class of the ledger that waiting for an activity belongs to."""
        ledger = self.ledger(activity)
        return ledger if ledger in HELD_CLASSES else "queueing"

    def activity(self, activity: str) -> str:
        """What an activity is called."""
        row = self.activities.get(activity)
        return str(row["name"]) if row else activity


def names_of(corridor: Corridor) -> Names:
    """The names of a corridor."""

    def rows(table: str, key: str) -> dict[str, Row]:
        return {row[key]: row for row in corridor.table(table).iter_rows(named=True)}

    def words(table: str, key: str) -> dict[str, str]:
        return {code: str(row["name"]) for code, row in rows(table, key).items()}

    return Names(
        places=rows("places", "place"),
        links=rows("links", "link"),
        countries=words("countries", "country"),
        modes=rows("modes", "mode"),
        goods=words("goods", "good"),
        units=words("units", "unit"),
        flows=rows("flows", "flow"),
        activities={row["code"]: row for row in vocabulary("activities").iter_rows(named=True)},
    )
