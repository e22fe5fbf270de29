"""Parts of a corridor that share nothing: what a measure does in one is not felt in another.

Two flows are in one part when they use the same resource, berth or service, or are counted in the
same visits. Luck is keyed, so a part that a measure leaves as it was gives the same result again,
to the last bit, and need not be simulated anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from transcaspian.simulation.arrays import LIMIT, TIMETABLE
from transcaspian.simulation.model.compile import Model

VISIT = ["place", "network", "direction"]
NUMBERS = ("at", "flow_at", "block", "rank", "level", "levels")  # differ with other flows


@dataclass(frozen=True, slots=True)
class Touched:
    """What a change touches: flows, resources and services, and the visits that those flows make.

    Shape: visits is place, network, direction, of the corridor before and after.
    """

    flows: frozenset[str]
    resources: frozenset[str]
    services: frozenset[str]
    visits: pl.DataFrame
    share: float


def touched(before: Model, after: Model) -> Touched:
    """What differs between two compiled corridors, with all that shares something with it.

    `share` is that of the trips a year of the corridor after.
    """
    old, new = _Known(before), _Known(after)
    parts = {flow: (old.part.get(flow), part) for flow, part in new.part.items()}
    changed = {
        flow
        for flow, (was, now) in parts.items()
        if was != now or any(old.flows.get(each) != new.flows[each] for each in now)
    }
    changed |= set(old.part) - set(new.part)
    used = _used(before, changed), _used(after, changed)
    resources = {name for name, sign in new.resources.items() if old.resources.get(name) != sign}
    services = {name for name, sign in new.services.items() if old.services.get(name) != sign}
    trips = after.flows.select("flow", "trips_per_y")
    mine = float(trips.filter(pl.col("flow").is_in(list(changed)))["trips_per_y"].sum())
    return Touched(
        frozenset(changed),
        frozenset(resources | used[0][0] | used[1][0]),
        frozenset(services | used[0][1] | used[1][1]),
        pl.concat([_visits(model, changed).select(VISIT) for model in (before, after)]).unique(),
        mine / float(trips["trips_per_y"].sum()),
    )


class _Known:
    """The part of each flow, and a signature of all that its trips meet."""

    def __init__(self, model: Model) -> None:
        self.resources = _resource_signs(model)
        self.services = _service_signs(model, self.resources)
        self.flows = _flow_signs(model, self.resources, self.services)
        self.part = _parts(model)


@dataclass(frozen=True, slots=True)
class Part:
    """Flows that share nothing with the rest, the resources they use, berths among them, and a
    signature of all that they meet: the same in another process.
    """

    flows: frozenset[str]
    resources: frozenset[str]
    sign: str


def parts_of(model: Model) -> tuple[Part, ...]:
    """The parts of a compiled corridor, in the order of their first flows."""
    known = _Known(model)
    return tuple(
        Part(
            flows,
            frozenset(_used(model, flows)[0]),
            f"{_sign(sorted((flow, known.flows[flow]) for flow in flows)):032x}",
        )
        for flows in dict.fromkeys(known.part.values())
    )


def _sign(*facts: object) -> int:
    """A signature of some facts, the same in every process."""
    return int.from_bytes(hashlib.blake2b(repr(facts).encode(), digest_size=16).digest())


def _signs(frame: pl.DataFrame, key: str) -> dict[str, int]:
    """A signature of the rows of each key, in their order."""
    plain = frame.select(
        pl.col(name).cast(pl.List(pl.String)).list.join(";")
        if isinstance(dtype, pl.List)
        else pl.col(name)
        for name, dtype in frame.schema.items()
    )
    hashed = plain.select(key, pl.Series("sign", plain.hash_rows(seed=7)))
    grouped = hashed.group_by(key, maintain_order=True).agg("sign")
    return {str(name): _sign(signs) for name, signs in grouped.iter_rows()}


def _resource_signs(model: Model) -> dict[str, int]:
    """A resource: its row, its timeline, how it fails, the weather of its place."""
    corridor = model.corridor
    rows = _signs(model.resources.drop("resource_at", "levels"), "resource")
    failures = _signs(corridor.table("failures"), "resource")
    closures = _signs(corridor.table("closures"), "place")
    columns = model.resources.select("resource", "place", "weather").iter_rows()
    return {
        name: _sign(
            rows[name],
            line.times.tobytes(),
            line.servers.tobytes(),
            failures.get(name),
            closures.get(place) if weather else None,
        )
        for (name, place, weather), line in zip(columns, model.timelines, strict=True)
    }


def _service_signs(model: Model, resources: dict[str, int]) -> dict[str, int]:
    """A service: its calls, legs and fleet, its carriers, its berths and the weather there."""
    corridor = model.corridor
    calls, legs = (
        _signs(model.fleet.calls.drop("call_at"), "service"),
        _signs(model.fleet.legs, "service"),
    )
    fleets, loading = (
        _signs(corridor.table("fleets"), "fleet"),
        _signs(corridor.table("loading"), "fleet"),
    )
    closures = _signs(corridor.table("closures"), "place")
    met: dict[str, list[object]] = {}
    columns = model.fleet.calls.select("service", "call_at", "berth", "place")
    for service, at, berth, place in columns.iter_rows():
        number = int(model.fleet.call_table[at, TIMETABLE])
        leaves = model.fleet.timetables[number].tobytes() if number >= 0 else b""
        deck = int(model.fleet.call_table[at, LIMIT])
        met.setdefault(service, []).append(
            (leaves, deck, resources.get(berth), closures.get(place))
        )
    carriers = pl.Series(model.fleet.carrier_names).str.split("/").list.first().value_counts()
    count = dict(carriers.iter_rows())
    pairs = corridor.table("services").select("service", "fleet").iter_rows()
    return {
        name: _sign(
            calls.get(name),
            legs.get(name),
            fleets.get(fleet),
            loading.get(fleet),
            count.get(name),
            met.get(name),
        )
        for name, fleet in pairs
    }


def _flow_signs(
    model: Model, resources: dict[str, int], services: dict[str, int]
) -> dict[str, int]:
    """A flow: its row, its waves, its steps, and the resources and services on the way."""
    own = _signs(model.flows.drop("flow_at"), "flow")
    steps = _signs(model.rows.drop(NUMBERS), "flow")
    met: dict[str, set[int]] = {}
    for flow, resource, service in _uses(model).iter_rows():
        found = met.setdefault(flow, set())
        found |= {resources[resource]} if resource else set()
        found |= {services[service]} if service else set()
    waves = {
        number: _sign(model.waves.worth[first:last].tobytes())
        for number, (first, last) in enumerate(
            zip(model.waves.first[:-1], model.waves.first[1:], strict=True)
        )
    }
    of_flow = zip(model.flows["flow"], model.waves.of_flow, strict=True)
    return {
        flow: _sign(own[flow], steps.get(flow), waves[wave], sorted(met.get(flow, ())))
        for flow, wave in of_flow
    }


def _uses(model: Model) -> pl.DataFrame:
    return model.rows.select("flow", "resource", "service").unique(maintain_order=True)


def _visits(model: Model, flows: Iterable[str]) -> pl.DataFrame:
    """The classes of visits that some flows make."""
    rows = model.rows.filter(pl.col("flow").is_in(list(flows)) & pl.col("visit").is_not_null())
    return rows.group_by("flow", "visit", maintain_order=True).agg(
        pl.col("place", "direction").first(), pl.col("surface").first().alias("network")
    )


def _used(model: Model, flows: Collection[str]) -> tuple[set[str], set[str]]:
    """The resources and the services that some flows use, berths among the resources."""
    uses = _uses(model).filter(pl.col("flow").is_in(list(flows)))
    services = set(uses["service"].drop_nulls())
    calls = model.fleet.calls.filter(pl.col("service").is_in(list(services)))
    return set(uses["resource"].drop_nulls()) | set(calls["berth"].drop_nulls()), services


def _parts(model: Model) -> dict[str, frozenset[str]]:
    """The flows of the part of each flow."""
    uses = list(_uses(model).iter_rows())
    edges = [
        *((f"flow {flow}", f"resource {name}") for flow, name, _ in uses if name),
        *((f"flow {flow}", f"service {name}") for flow, _, name in uses if name),
        *(
            (f"service {service}", f"resource {berth}")
            for service, berth in model.fleet.calls.select("service", "berth").iter_rows()
            if berth
        ),
        *(
            (f"flow {flow}", f"visit {place} {network} {direction}")
            for flow, place, direction, network in _visits(model, model.flows["flow"])
            .select("flow", "place", "direction", "network")
            .unique()
            .iter_rows()
        ),
    ]
    flows = model.flows["flow"].to_list()
    labels = _labels([f"flow {flow}" for flow in flows], edges)
    members: dict[int, list[str]] = {}
    for flow in flows:
        members.setdefault(labels[f"flow {flow}"], []).append(flow)
    sets = {label: frozenset(names) for label, names in members.items()}
    return {flow: sets[labels[f"flow {flow}"]] for flow in flows}


def _labels(names: list[str], edges: list[tuple[str, str]]) -> dict[str, int]:
    """A number for each name, the same for all that edges connect."""
    from scipy.sparse import coo_array  # noqa: PLC0415  # heavy
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415  # heavy

    every = list(dict.fromkeys([*names, *(end for edge in edges for end in edge)]))
    at = {name: number for number, name in enumerate(every)}
    ends = np.array([[at[a], at[b]] for a, b in edges], dtype=np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(len(every),) * 2)
    _, labels = connected_components(graph, directed=False)
    return dict(zip(every, labels.tolist(), strict=True))
