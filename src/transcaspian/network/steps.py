"""The steps of a path: what a trip goes through at each place and along each link."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import ceil
from typing import NamedTuple

from transcaspian.network.book import Book, Leg
from transcaspian.network.graph import Move
from transcaspian.network.procedures import Row

REST = "r17_rest"
REST_CV = 0.1
HOLD = "p05_weather_closed"
BERTH = "wait_berth"
RAIL = {"board": "t16_wait_train", "depart": "t07_wagon_pickup", "unload": "t07_wagon_pickup"}
SEA = {"board": "p04_wait_vessel", "depart": "p08_load_vessel", "unload": "p09_discharge"}


class Step(NamedTuple):
    """One row of an itinerary, without its flow and its number."""

    place: str
    country: str
    op: str
    network: str
    mode: str = ""
    direction: str = ""
    activity: str = ""
    stage: str = ""
    procedure: str = ""
    resource: str | None = None
    share: float = 1.0
    choice: str | None = None
    mean_h: float = 0.0
    cv: float = 0.0
    shape: str = "constant"
    basis: str = "trip"
    fee_usd: float | None = None
    service: str | None = None
    call: int | None = None
    call_to: int | None = None
    km: float = 0.0


class Stop(NamedTuple):
    """A place on the way: how the trip comes, how it goes on, and the countries around it."""

    place: str
    country: str
    came: str
    goes: str
    before: str
    after: str

    @property
    def leaves(self) -> bool:
        """Whether the next place lies in another country."""
        return bool(self.country and self.after and self.after != self.country)

    @property
    def enters(self) -> bool:
        """Whether the place before lay in another country."""
        return bool(self.country and self.before and self.before != self.country)

    @property
    def direction(self) -> str:
        """The direction of the visit, seen from the country of the place; leaving goes first."""
        return "outbound" if self.leaves else "inbound" if self.enters else "domestic"

    @property
    def events(self) -> list[str]:
        """What happens here, in the order in which the procedures for it are gone through."""
        happens = {
            "origin": not self.came,
            "inbound": self.enters,
            "transfer": bool(self.came and self.goes and self.came != self.goes),
            "passage": bool(self.came and self.came == self.goes),
            "outbound": self.leaves,
            "destination": not self.goes,
        }
        return [event for event, does in happens.items() if does]


@dataclass(slots=True)
class Driver:
    """The hours driven since the last rest.

    They run on over road links only. A rest, a ride that lasts as long as one, and a stretch on
    another network set them back to nothing; a stay at a place does not.
    """

    driven_h: float = 0.0
    rest_h: float = 0.0

    def rests(self, mode: Row, hours: float) -> float:
        """The hours of rest that fall due on a link."""
        limit, rest = mode["drive_limit_h"], mode["rest_h"]
        if not limit or not rest:
            self.driven_h = 0.0
            return 0.0
        self.driven_h, self.rest_h = self.driven_h + hours, rest
        times = max(ceil(self.driven_h / limit - 1e-9) - 1, 0)
        self.driven_h -= times * limit
        return times * rest

    def rides(self, hours: float) -> None:
        """Nothing; a ride long enough is a rest."""
        if hours >= self.rest_h:
            self.driven_h = 0.0


@dataclass(slots=True)
class Steps:
    """Every different step that paths are made of, told once."""

    book: Book
    known: dict[Step, int] = field(default_factory=dict)
    _places: dict[tuple[Stop, str], list[int]] = field(default_factory=dict)

    def along(self, moves: list[Move], *, unit: str) -> list[int]:
        """The numbers of the steps of a path, in order.

        Errors: N102 where several procedures fit one event alike.
        """
        found: list[int] = []
        driver = Driver()
        for stop, move in stops(self.book, moves):
            found += self._at(stop, unit)
            if move is not None:
                riding = move.kind == "service"
                steps = self._ride(stop, move, driver) if riding else self._drive(move, driver)
                found += [self._number(step) for step in steps]
        return found

    def _number(self, step: Step) -> int:
        return self.known.setdefault(step, len(self.known))

    def _at(self, stop: Stop, unit: str) -> list[int]:
        if (stop, unit) not in self._places:
            steps = _served(self.book, stop, unit)
            self._places[stop, unit] = [self._number(step) for step in steps]
        return self._places[stop, unit]

    def _drive(self, move: Move, driver: Driver) -> Iterator[Step]:
        row = self.book.links[move.name]
        mode = self.book.modes[row["mode"]]
        hours = row["length_km"] / row["speed_kmh"]
        country = _between(self.book, move.origin, move.destination, network=move.network)
        bare = Step(move.name, country, "travel", move.network, row["mode"], shape="lognormal")
        yield bare._replace(
            activity=mode["activity"],
            stage="travel",
            mean_h=hours,
            cv=row["time_cv"],
            km=row["length_km"],
        )
        rest = driver.rests(mode, hours)
        if rest:
            yield bare._replace(op="rest", activity=REST, stage="rest", mean_h=rest, cv=REST_CV)

    def _ride(self, start: Stop, move: Move, driver: Driver) -> Iterator[Step]:
        """The steps of a ride: board, be loaded, wait for weather, ride, wait for a berth, unload."""
        legs = list(_legs(self.book, move))
        driver.rides(sum(leg.travel_h for leg in legs))
        mode, network = self.book.carrier(move.name)
        words = SEA if network == "sea" else RAIL
        bare = Step("", "", "", network, mode, service=move.name)
        bare = bare._replace(call=move.call, call_to=move.call_to)
        here = bare._replace(place=start.place, country=start.country, direction=start.direction)
        for op, activity in (("board", words["board"]), ("depart", words["depart"]), ("hold", HOLD)):
            yield here._replace(op=op, stage=op, activity=activity)
        for number, leg in enumerate(legs):
            yield self._leg(leg, bare)
            country = self.book.places[leg.next_place]["country"] or ""
            there = bare._replace(place=leg.next_place, country=country)
            if number < len(legs) - 1:
                yield there._replace(op="stay", stage="stay", activity=words["unload"])
        there = there._replace(direction=_landed(self.book, move))
        yield there._replace(op="berth", stage="berth", activity=BERTH)
        yield there._replace(op="unload", stage="unload", activity=words["unload"])

    def _leg(self, leg: Leg, bare: Step) -> Step:
        """The ride of one leg, told as along the longest of its links."""
        link = max(leg.links, key=lambda name: self.book.links[name]["length_km"])
        country = _between(self.book, leg.place, leg.next_place, network=bare.network)
        activity = self.book.modes[bare.mode]["activity"]
        return bare._replace(
            place=link, country=country, op="ride", stage="ride", activity=activity, km=leg.length_km
        )
