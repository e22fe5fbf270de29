"""The steps of a path: what a trip goes through at each place and along each link."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil
from typing import NamedTuple

from transcaspian.network.book import Book, Leg
from transcaspian.network.graph import Move
from transcaspian.network.procedures import Row

REST = "r17_rest"
REST_CV = 0.1
HOLD = "p05_weather_closed"
BERTH = "wait_berth"
SPACE = "wait_space"
PERMIT = "r16_permit_wait"
ROAD = {"board": "r13_escort_convoy", "depart": "r13_escort_convoy", "unload": "r13_escort_convoy"}
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
    fork: str | None = None
    track: str | None = None
    balk_at: int | None = None
    patience_h: float | None = None
    patience_shape: str = "exponential"
    otherwise: str = "skip"


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
    _links: dict[Move, int] = field(default_factory=dict)
    _asked: dict[tuple[Stop, str], list[Asked]] = field(default_factory=dict)

    def along(self, moves: list[Move], *, unit: str) -> list[int]:
        """The numbers of the steps of a path, in order.

        Errors: N102 where several procedures fit one event alike.
        """
        found: list[int] = []
        driver = Driver()
        halts, legs = stops(self.book, moves)
        for halt, there, move in zip(halts, halts[1:], legs, strict=False):
            found += self._at(halt, unit)
            if move.kind == "service":
                ride = self._ride(move, halt, there, driver=driver)
                found += [self._number(step) for step in ride]
                found += self._ahead(there, unit, stands=halt)
            else:
                found += self._ahead(there, unit, stands=halt)
                found += self._drive(move, driver)
        return found + self._at(halts[-1], unit)

    def _number(self, step: Step) -> int:
        return self.known.setdefault(step, len(self.known))

    def _at(self, stop: Stop, unit: str) -> list[int]:
        if (stop, unit) not in self._places:
            steps = _served(self.book, stop, unit)
            self._places[stop, unit] = [self._number(step) for step in steps]
        return self._places[stop, unit]

    def _ahead(self, stop: Stop, unit: str, *, stands: Stop) -> list[int]:
        """The numbers of the permit and the space that a trip takes before it goes to a place; it
        stands where it is until it has them.
        """
        if (stop, unit) not in self._asked:
            self._asked[stop, unit] = list(_spaces(self.book, stop, unit))
        return [
            self._number(_taken(self.book, procedure, stands, network, what=what))
            for procedure, network, what in self._asked[stop, unit]
        ]

    def _drive(self, move: Move, driver: Driver) -> list[int]:
        """The numbers of the steps along a link: the way, and a rest that falls due on it."""
        row = self.book.links[move.name]
        mode = self.book.modes[row["mode"]]
        hours = row["length_km"] / row["speed_kmh"]
        rest = driver.rests(mode, hours)
        if move not in self._links:
            self._links[move] = self._number(
                self._along(move)._replace(
                    activity=mode["activity"],
                    stage="travel",
                    mean_h=hours,
                    cv=row["time_cv"],
                    km=row["length_km"],
                )
            )
        if not rest:
            return [self._links[move]]
        resting = self._along(move)._replace(
            op="rest", activity=REST, stage="rest", mean_h=rest, cv=REST_CV
        )
        return [self._links[move], self._number(resting)]

    def _along(self, move: Move) -> Step:
        """A bare step along a link."""
        mode = self.book.links[move.name]["mode"]
        country = _between(self.book, move.origin, move.destination, network=move.network)
        return Step(move.name, country, "travel", move.network, mode, shape="lognormal")

    def _ride(self, move: Move, start: Stop, end: Stop, *, driver: Driver) -> Iterator[Step]:
        """The steps of a ride: board, load, wait for weather, ride, wait for a berth, unload."""
        legs = ridden(self.book, move)
        driver.rides(sum(leg.travel_h for leg in legs))
        mode, network = self.book.carrier(move.name)
        words = {"sea": SEA, "rail": RAIL, "road": ROAD}[network]
        bare = Step(
            "", "", "", network, mode, service=move.name, call=move.call, call_to=move.call_to
        )
        yield _ashore(bare, start, "board", activity=words["board"])
        yield _ashore(bare, start, "depart", activity=words["depart"])
        yield _ashore(bare, start, "hold", activity=HOLD)
        yield from self._leg(legs[0], bare)
        for leg, onward in pairwise(legs):
            yield _ashore(bare, self._call(leg, onward, network), "stay", activity=words["unload"])
            yield from self._leg(onward, bare)
        yield _ashore(bare, end, "berth", activity=BERTH)
        yield _ashore(bare, end, "unload", activity=words["unload"])

    def _call(self, leg: Leg, onward: Leg, network: str) -> Stop:
        """A call on the way, with the trip aboard."""
        country = [
            self.book.places[place]["country"] or ""
            for place in (leg.place, leg.next_place, onward.next_place)
        ]
        return Stop(leg.next_place, country[1], network, network, country[0], country[2])

    def _leg(self, leg: Leg, bare: Step) -> Iterator[Step]:
        """The ride of one leg, link by link; its hours are the carrier's."""
        activity = self.book.modes[bare.mode]["activity"]
        here = leg.place
        for name in leg.links:
            link = self.book.links[name]
            there = link["destination"] if link["origin"] == here else link["origin"]
            yield bare._replace(
                place=name,
                country=_between(self.book, here, there, network=bare.network),
                op="ride",
                stage="ride",
                activity=activity,
                km=link["length_km"],
            )
            here = there


def _ashore(bare: Step, stop: Stop, op: str, *, activity: str) -> Step:
    """A step of a ride at a place."""
    return bare._replace(
        place=stop.place,
        country=stop.country,
        op=op,
        direction=stop.direction,
        activity=activity,
        stage=op,
    )


def _way(stop: Stop, unit: str) -> tuple[str, str, str]:
    return (stop.came or stop.goes, stop.goes or stop.came, unit)


Asked = tuple[str, str, str]
"""A procedure, the network of whoever comes to it, and what it asks for: a permit or a yard."""


def _spaces(book: Book, stop: Stop, unit: str) -> Iterator[Asked]:
    """The permit and the space that the first procedure of a place asks for."""
    way = _way(stop, unit)
    found = (book.procedures.applying(stop.place, event, way=way) for event in stop.events)
    procedure = next((name for name in found if name), None)
    for what in ("permit", "yard"):
        if procedure and book.procedures.rows[procedure][what]:
            yield procedure, way[0], what


def _taken(book: Book, procedure: str, stop: Stop, network: str, *, what: str) -> Step:
    """The step in which a trip takes the space of a procedure, or a permit for it."""
    return Step(
        stop.place,
        stop.country,
        "take",
        network,
        direction=stop.direction,
        activity=SPACE if what == "yard" else PERMIT,
        stage=what,
        procedure=procedure,
        resource=book.procedures.rows[procedure][what],
    )


def _served(book: Book, stop: Stop, unit: str) -> Iterator[Step]:
    """What the procedures of a place put a trip through.

    What the first asks for is taken before the trip comes, what a further one asks for here.
    """
    way = _way(stop, unit)
    here = not stop.came
    for event in stop.events:
        procedure = book.procedures.applying(stop.place, event, way=way)
        if procedure:
            row = book.procedures.rows[procedure]
            for what in ("permit", "yard"):
                if here and row[what]:
                    yield _taken(book, procedure, stop, way[0], what=what)
            here = True
        for row in book.procedures.stages.get(procedure or "", ()):
            yield Step(stop.place, stop.country, "serve", way[0], "", stop.direction, *row)


def stops(book: Book, moves: list[Move]) -> tuple[list[Stop], list[Move]]:
    """Each place on the way and the moves between; a change of network is part of its place."""
    legs = [move for move in moves if move.kind != "transfer"]
    places = [move.origin for move in legs] + [moves[-1].destination]
    countries = [book.places[place]["country"] or "" for place in places]
    came = ["", *(move.network for move in legs)]
    goes = [*(move.network for move in legs), ""]
    found = [
        Stop(
            place,
            countries[at],
            came[at],
            goes[at],
            before=next((name for name in reversed(countries[:at]) if name), ""),
            after=next((name for name in countries[at + 1 :] if name), ""),
        )
        for at, place in enumerate(places)
    ]
    return found, legs


def ridden(book: Book, move: Move) -> list[Leg]:
    """The legs of a ride, from the call where it begins to that where it ends."""
    orders = [call["order"] for call in book.calls[move.name]]
    first, last = orders.index(move.call), orders.index(move.call_to)
    count = (last - first) % len(orders) or len(orders)
    return [book.legs[move.name, orders[(first + at) % len(orders)]] for at in range(count)]


def _between(book: Book, a: str, b: str, *, network: str) -> str:
    """The country whose time a link takes: at a land border that of the side left, at sea none."""
    here, there = book.places[a]["country"] or "", book.places[b]["country"] or ""
    if here == there:
        return here
    return "" if network == "sea" else here or there
