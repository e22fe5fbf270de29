"""Fleets as programs: what a carrier does from call to call, for ever.

At a call a carrier waits for weather, takes a berth, unloads and gives the berth back. It then
joins
the line of carriers that wait for cargo, and the first in line takes cargo in order of coming,
whatever fits. It leaves when it is full or the next in order does not fit; once its longest wait
since it joined the line is over, as soon as it has its least load; and after twice that wait with
whatever it has, so that the other end does not starve. It then takes a berth, is loaded, waits for
weather, and goes. A carrier with nothing to unload or to load skips the berth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from transcaspian.corridor.corridor import Corridor
from transcaspian.errors import Fault, Where
from transcaspian.simulation import arrays as a
from transcaspian.simulation.luck import key
from transcaspian.simulation.model.timeline import Horizon, departures

Row = dict[str, Any]
HANDLING = ("load", "unload")
Draw = Callable[[str, str, float, float], int]


@dataclass(frozen=True, slots=True)
class Fleet:
    """All carriers: their programs, calls and decks.

    Shape: calls is service, order, place and the rules of each call; carriers is service, fleet,
    deck and the first step of each carrier; gates the places that weather shuts to them.
    """

    steps: np.ndarray
    calls: pl.DataFrame
    legs: pl.DataFrame
    call_table: np.ndarray
    carrier_table: np.ndarray
    carrier_first: np.ndarray
    carrier_names: list[str]
    gates: list[str]
    timetables: list[np.ndarray]
    _calls: dict[tuple[str, int], int] = field(default_factory=dict)
    _spaces: dict[tuple[str, str], float] = field(default_factory=dict)
    _decks: dict[str, float] = field(default_factory=dict)

    def call(self, service: str, order: int) -> int:
        """The number of a call."""
        return self._calls[service, order]

    def space(self, service: str, unit: str, *, lot: int, flow: str) -> int:
        """The deck space of a lot, in thousandths.

        Errors: C504 when no deck is large enough.
        """
        space = self._spaces[service, unit] * lot
        if space > self._decks[service] + 1e-9:
            raise Fault(
                "C504",
                f"{flow} travels in lots that take {space:g} of the {self._decks[service]:g} "
                f"of a deck of {service}",
                where=Where(file="flows.csv", column="lot"),
                expected="a lot that fits on one carrier",
            )
        return round(space * a.SPACE)

    def decks(self) -> list[tuple[str, float]]:
        """The deck of the carriers of each service."""
        return list(self._decks.items())

    def boards(self, call: int, space: int) -> None:
        """Nothing; the least space that anyone asks for at a call is kept."""
        least = self.call_table[call, a.LEAST_SPACE]
        self.call_table[call, a.LEAST_SPACE] = min(least, space)


def rotations(
    corridor: Corridor, legs: pl.DataFrame, *, first_row: int, draw: Draw, horizon: Horizon
) -> Fleet:
    """The carriers of a corridor, and its servers that fail; their steps begin at `first_row`."""
    calls = corridor.table("calls").sort("service", "order").with_row_index("call_at")
    fleets = {row["fleet"]: row for row in corridor.table("fleets").iter_rows(named=True)}
    modes = dict(corridor.table("modes").select("mode", "network").iter_rows())
    services = corridor.table("services").sort("service").to_dicts()
    weather = set(corridor.table("closures")["place"])
    build = _Programs(corridor, legs, first_row, draw, {})
    loads: dict[str, list[int]] = {}
    for service in services:
        part = calls.filter(pl.col("service") == service["service"]).to_dicts()
        sea = modes[fleets[service["fleet"]]["mode"]] == "sea"
        loads[service["service"]] = build.add(part, weather if sea else set())
    carriers = list(_carriers(services, fleets, loads))
    failing = build.failures()
    names = [f"{service}/{number}" for service, number, _ in carriers]
    departing, timetables = _timetables(corridor, calls, horizon)
    return Fleet(
        np.array(build.steps, dtype=np.int32).reshape(-1, a.STEP_COLUMNS),
        calls,
        legs,
        _call_table(calls, departing, _decks_afloat(corridor, calls)),
        _carrier_table(len(carriers) + len(failing)),
        np.array([at for _, _, at in carriers] + [at for _, at in failing], dtype=np.int64),
        names + [name for name, _ in failing],
        [name for name, _ in sorted(build.gates.items(), key=lambda gate: gate[1])],
        timetables,
        _calls={
            (row["service"], row["order"]): row["call_at"] for row in calls.iter_rows(named=True)
        },
        _spaces=_spaces(corridor),
        _decks={row["service"]: fleets[row["fleet"]]["capacity"] for row in services},
    )


def _spaces(corridor: Corridor) -> dict[tuple[str, str], float]:
    frame = (
        corridor.table("services")
        .select("service", "fleet")
        .join(corridor.table("loading"), on="fleet")
    )
    return {
        (service, unit): space
        for service, unit, space in frame.select("service", "unit", "space").iter_rows()
    }


def _carriers(
    services: list[Row], fleets: dict[str, Row], loads: dict[str, list[int]]
) -> list[tuple[str, int, int]]:
    """Service, number within it and first step of each carrier.

    A fleet that runs several services is dealt out among them in turn; the carriers of a service
    begin spread evenly over its calls, ready to load.
    """
    found: list[tuple[str, int, int]] = []
    for fleet, row in fleets.items():
        run = [service["service"] for service in services if service["fleet"] == fleet]
        if run and row["number"] < len(run):
            raise Fault(
                "C504",
                f"fleet {fleet} has {row['number']} carriers for {len(run)} services",
                where=Where(file="fleets.csv", column="number"),
                expected="one each or more",
            )
        for at, service in enumerate(run):
            size = len(range(at, row["number"], len(run)))
            calls = loads[service]
            found += [(service, n, calls[n * len(calls) // size]) for n in range(size) if calls]
    return sorted(found)


def _call_table(calls: pl.DataFrame, departing: list[int], decks: list[float]) -> np.ndarray:
    table = np.full((calls.height, a.CALL_COLUMNS), -1, dtype=np.int64)
    table[:, a.LEAST_SPACE] = np.iinfo(np.int64).max
    table[:, a.LONGEST_WAIT] = np.round(calls["max_wait_h"].to_numpy() * a.HOUR)
    table[:, a.LEAST_SHARE] = np.round(calls["min_load_share"].to_numpy() * a.SHARE)
    table[:, [a.SAILINGS, a.LOADED]] = 0
    table[:, a.LIMIT] = np.round(np.array(decks) * a.SPACE)
    table[:, a.TIMETABLE] = departing
    return table


def _timetables(
    corridor: Corridor, calls: pl.DataFrame, horizon: Horizon
) -> tuple[list[int], list[np.ndarray]]:
    """The number of the timetable of each call, -1 for none; the departures of each timetable."""
    rows = {
        str(name): part.to_dicts()
        for (name,), part in corridor.table("timetables").group_by("timetable", maintain_order=True)
    }
    zones = dict(corridor.table("places").select("place", "zone").iter_rows())
    known: dict[tuple[str, str], int] = {}
    lines: list[np.ndarray] = []
    departing: list[int] = []
    for name, place in calls.select("timetable", "place").iter_rows():
        if name is None:
            departing.append(-1)
            continue
        which = (name, zones[place])
        if which not in known:
            known[which] = len(lines)
            lines.append(departures(rows[name], which[1], horizon))
        departing.append(known[which])
    return departing, lines


def _decks_afloat(corridor: Corridor, calls: pl.DataFrame) -> list[float]:
    """The deck space that may be filled when a carrier leaves each call.

    Where the draught is known and the water shallow at either end of the leg, less than the deck:
    the payload rises in proportion to the draught.
    """
    rows = calls.join(corridor.table("services").select("service", "fleet"), on="service",
                      how="left", maintain_order="left")  # fmt: skip
    water = corridor.table("resources").select(
        pl.col("resource").alias("berth"),
        (pl.col("depth_m") - pl.col("keel_m").fill_null(0.0)).alias("water_m"),
    )
    following = pl.coalesce(
        pl.col("water_m").shift(-1).over("service"), pl.col("water_m").first().over("service")
    )
    rows = rows.join(water, on="berth", how="left", maintain_order="left").join(
        corridor.table("fleets"), on="fleet", how="left", maintain_order="left"
    )
    full, empty = pl.col("draught_full_m"), pl.col("draught_empty_m")
    shallow = pl.min_horizontal("water_m", following)
    share = ((shallow - empty) / (full - empty)).clip(0.0, 1.0).fill_null(1.0)
    return rows.select((share * pl.col("capacity")).alias("deck"))["deck"].to_list()


def _carrier_table(number: int) -> np.ndarray:
    table = np.zeros((number, a.CARRIER_COLUMNS), dtype=np.int64)
    table[:, [a.ABOARD, a.ABOARD_TAIL, a.BEHIND]] = -1
    return table


@dataclass(slots=True)
class _Programs:
    """The programs of all services, one after another."""

    corridor: Corridor
    legs: pl.DataFrame
    first_row: int
    draw: Draw
    gates: dict[str, int]
    steps: list[list[int]] = field(default_factory=list)
    _resources: dict[str, int] = field(default_factory=dict)
    _legs: dict[tuple[str, int], Row] = field(default_factory=dict)
    _empty_kmh: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        fleets = self.corridor.table("fleets").select("fleet", "empty_speed_kmh")
        run_by = self.corridor.table("services").select("service", "fleet")
        speeds = run_by.join(fleets, on="fleet").drop_nulls().select("service", "empty_speed_kmh")
        self._empty_kmh = dict(speeds.iter_rows())
        names = self.corridor.table("resources")["resource"].to_list()
        self._resources = {name: at for at, name in enumerate(names)}
        self._legs = {
            (row["service"], row["order"]): row for row in self.legs.iter_rows(named=True)
        }

    @property
    def here(self) -> int:
        """The number of the next step."""
        return self.first_row + len(self.steps)

    def _step(self, op: int, arg: int = 0, luck: int = 0) -> int:
        at = self.here
        self.steps.append([op, arg, at + 1, luck, 0, -1, 0, 0])
        return at

    def failures(self) -> list[tuple[str, int]]:
        """The name and the first step of each server that fails and is repaired, for ever."""
        servers = dict(self.corridor.table("resources").select("resource", "servers").iter_rows())
        found: list[tuple[str, int]] = []
        for row in self.corridor.table("failures").iter_rows(named=True):
            name = row["resource"]
            start = self.here
            for op, what, word in ((a.BREAK, "up", "up_h"), (a.MEND, "repair", "repair_h")):
                shape, cv = row[f"{what}_shape"], row[f"{what}_cv"]
                luck = self.draw(f"failure/{name}/{what}", shape, row[word] * a.HOUR, cv)
                self._step(a.DELAY, luck=luck)
                self._step(op, self._resources[name])
            self._step(a.JUMP)
            self.steps[-1][a.NEXT] = start
            found += [(f"failure/{name}/{number}", start) for number in range(servers[name])]
        return found

    def add(self, calls: list[Row], weather: set[str]) -> list[int]:
        """The steps at which each call of a service loads; none when a leg has no way."""
        if not calls or any((row["service"], row["order"]) not in self._legs for row in calls):
            return []
        start = self.here
        loads: list[int] = []
        for row in calls:
            self._unload(row, weather)
            loads.append(self._load(row))
            self._leave(row, weather)
        self._step(a.JUMP)
        self.steps[-1][a.NEXT] = start
        return loads

    def _times(self, row: Row, what: str, hours: float, cv: float) -> int:
        shape = row["shape"] if what in HANDLING else "lognormal"
        shape = shape if hours > 0 and cv > 0 else "constant"
        return self.draw(
            f"carrier/{row['service']}/{row['order']}/{what}", shape, hours * a.HOUR, cv
        )

    def _gate(self, row: Row, weather: set[str]) -> None:
        if row["place"] in weather:
            self._step(a.GATE, self.gates.setdefault(row["place"], len(self.gates)))

    def _unload(self, row: Row, weather: set[str]) -> None:
        """Nothing; what is bound for here is put ashore at a berth, once weather allows."""
        self._step(a.NOTIFY, a.RIDE)
        skip = self._step(a.SKIP, a.BERTH)
        self._gate(row, weather)
        self._seize(row)
        self._step(a.NOTIFY, a.BERTH)
        self._step(a.DELAY, luck=self._times(row, "unload", row["unload_h"], row["cv"]))
        self._step(a.UNLOAD)
        self._step(a.LAND)
        self._release(row)
        self.steps[skip - self.first_row][a.LUCK] = self.here
        if row["turnround_h"]:
            times = self._times(row, "turnround", row["turnround_h"], row["cv"])
            self._step(a.DELAY, luck=times)

    def _seize(self, row: Row) -> None:
        if row["berth"] is not None:
            self._step(a.SEIZE, self._resources[row["berth"]])

    def _release(self, row: Row) -> None:
        if row["berth"] is not None:
            self._step(a.RELEASE, self._resources[row["berth"]])

    def _load(self, row: Row) -> int:
        """The step of loading: first the wait for cargo in line, then the berth."""
        at = self._step(a.LOAD, row["call_at"])
        self._step(a.NOTIFY, a.BOARD)
        return at

    def _leave(self, row: Row, weather: set[str]) -> None:
        skip = self._step(a.SKIP, a.DEPART)
        self._seize(row)
        self._step(a.BEGIN, a.DEPART)
        self._step(a.DELAY, luck=self._times(row, "load", row["load_h"], row["cv"]))
        self._step(a.NOTIFY, a.DEPART)
        self._gate(row, weather)
        self._step(a.NOTIFY, a.HOLD)
        self._release(row)
        self.steps[skip - self.first_row][a.LUCK] = self.here
        self._gate(row, weather)
        self._step(a.NOTIFY, a.STAY)
        self._travel(row)

    def _travel(self, row: Row) -> None:
        """Nothing; the carrier moves along the links of a leg, and what is aboard with it."""
        leg = self._legs[row["service"], row["order"]]
        empty_kmh = self._empty_kmh.get(row["service"])
        skip = self._step(a.SKIP, a.RIDE) if empty_kmh else None
        for number, (hours, cv) in enumerate(zip(leg["link_h"], leg["link_cv"], strict=True)):
            if number:
                self._step(a.NOTIFY, a.RIDE)
            what = f"travel/{number}" if number else "travel"
            self._step(a.DELAY, luck=self._times(row, what, hours, cv))
        if skip is not None and empty_kmh:
            self.steps[skip - self.first_row][a.LUCK] = self.here
            times = self._times(row, "travel_empty", leg["length_km"] / empty_kmh, leg["cv"])
            full = self.steps[-1]
            full[a.NEXT] = self._step(a.DELAY, luck=times) + 1


def carrier_keys(names: list[str]) -> np.ndarray:
    """The keys of the carriers' luck."""
    return np.array([key("carrier", name) for name in names], dtype=np.uint64)
