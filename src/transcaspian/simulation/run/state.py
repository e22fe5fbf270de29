"""The arrays of one run: weather drawn, everything at its start."""

from __future__ import annotations

import numpy as np
import polars as pl

from transcaspian.events.tally import BINS
from transcaspian.simulation import arrays as a
from transcaspian.simulation.arrays import State, Sums, Tables
from transcaspian.simulation.kernel.draws import mix
from transcaspian.simulation.luck import curves, key
from transcaspian.simulation.model.compile import Model
from transcaspian.simulation.model.rotations import carrier_keys
from transcaspian.simulation.model.timeline import shut, spells

WHEEL = 1 << 14
RECORDS = 1 << 12
ENTITIES = 1 << 14
PER_BUCKET = 4.0
SPARE = 16  # entities that one event may need: the tracks of a fork, timers
HANDOVERS = {"finish": a.FINISH, "overlap": a.OVERLAP, "preempt": a.PREEMPT}


def seed_of(seed: int, replication: int) -> int:
    """The number that stands for one replication of one seed in every key."""
    return key("seed", seed, replication)


def _seeded(names: np.ndarray, seed: int) -> np.ndarray:
    return np.array([mix(each ^ np.uint64(seed)) for each in names], dtype=np.uint64)


def tables_of(model: Model, seed: int, *, mirror: int = 0) -> Tables:
    """What one run reads; a mirrored run has the weather of mirrored luck."""
    closed = _weather(model, seed, mirror)
    lines = _lines(model, closed)
    gates = [closed.get(name, (_NONE, _NONE)) for name in model.fleet.gates]
    flow_keys = np.array([key("flow", name) for name in model.flows["flow"]], dtype=np.uint64)
    return Tables(
        steps=model.steps,
        rules=model.rules,
        luck=model.luck,
        parameters=model.luck.view(np.float64),
        cell_upto=model.cells[0],
        cell_to=model.cells[1],
        flow_keys=_seeded(flow_keys, seed),
        flow_rates=model.flows["trips_per_y"].to_numpy().copy(),
        season_first=model.waves.first,
        season_times=model.waves.times,
        seasons=model.waves.worth,
        shift_first=_pointers([len(times) for times, _ in lines]),
        shift_times=_joined([times for times, _ in lines]),
        shift_capacities=_joined([values for _, values in lines]),
        gate_first=_pointers([len(begins) for begins, _ in gates]),
        gate_closed=_joined([begins for begins, _ in gates]),
        gate_opened=_joined([ends for _, ends in gates]),
        departs_first=_pointers([len(times) for times in model.fleet.timetables]),
        departs_at=_joined(model.fleet.timetables),
        carrier_keys=_seeded(carrier_keys(model.fleet.carrier_names), seed),
        curves=curves(),
    )


_NONE = np.zeros(0, dtype=np.int64)


def _pointers(sizes: list[int]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def _joined(parts: list[np.ndarray]) -> np.ndarray:
    return np.concatenate([_NONE, *parts]).astype(np.int64)


def _weather(model: Model, seed: int, mirror: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The spells of every place that somebody there minds."""
    frame = model.resources
    minded = {*frame.filter(frame["weather"])["place"], *model.fleet.gates}
    rows: dict[str, list[dict[str, object]]] = {}
    for row in model.corridor.table("closures").iter_rows(named=True):
        if row["place"] in minded:
            rows.setdefault(row["place"], []).append(row)
    return {place: spells(part, seed, model.horizon, mirror=mirror) for place, part in rows.items()}


def _lines(
    model: Model, closed: dict[str, tuple[np.ndarray, np.ndarray]]
) -> list[tuple[np.ndarray, np.ndarray]]:
    lines: list[tuple[np.ndarray, np.ndarray]] = []
    rows = model.resources.select("place", "weather", "kind").iter_rows()
    for (place, weather, kind), line in zip(rows, model.timelines, strict=True):
        times, servers = line.times, line.servers
        minds = weather and kind != "quota" and place in closed
        lines.append(shut(times, servers, closed[place]) if minds else (times, servers))
    return lines


def capacity_us(model: Model, tables: Tables) -> np.ndarray:
    """The server-microseconds on duty in the counted year, by resource."""
    first, begin, end = tables.shift_first, model.horizon.begin, model.horizon.end
    if len(first) == 1:
        return np.zeros(0, dtype=np.int64)
    until = np.append(tables.shift_times[1:], end)
    until[first[1:] - 1] = end
    spans = np.clip(until, begin, end) - np.clip(tables.shift_times, begin, end)
    return np.add.reduceat(spans * tables.shift_capacities, first[:-1])


def state_of(model: Model, *, records: int = RECORDS, mirror: int = 0) -> State:
    """A run about to begin."""
    carriers, flows = len(model.fleet.carrier_first), model.flows.height
    resources = model.resources.height
    size = _power(carriers + flows + resources + ENTITIES)
    block = np.zeros((size, 8), dtype=np.int64)
    block[:carriers, a.STEP] = model.fleet.carrier_first
    margin = _margin(model)
    state = State(
        entities=block,
        resources=_resource_table(model),
        lines=np.full((int(model.resources["levels"].sum()) + 1, 2), -1, dtype=np.int64),
        served=np.zeros((resources, 4), dtype=np.int64),
        calls=model.fleet.call_table.copy(),
        carriers=model.fleet.carrier_table.copy(),
        flows=model.flow_table.copy(),
        flow_sums=np.zeros(flows),
        wheel=np.full(WHEEL, -1, dtype=np.int64),
        heap=np.zeros((size, 2), dtype=np.int64),
        register=_register(model, margin, mirror),
        records=np.zeros((records + margin, 2), dtype=np.int64),
    )
    chain(state, carriers + flows + resources, size)
    return state


def _power(size: int) -> int:
    return 1 << (size - 1).bit_length()


def chain(state: State, first: int, last: int) -> None:
    """Nothing; a range of entities is put on the free list."""
    state.entities[first:last, a.LINK] = np.arange(first + 1, last + 1)
    state.entities[last - 1, a.LINK] = state.register[a.FREE]
    state.register[a.FREE] = first
    state.register[a.SPARE] += last - first


def _resource_table(model: Model) -> np.ndarray:
    frame = model.resources
    table = np.zeros((frame.height, a.RESOURCE_COLUMNS), dtype=np.int64)
    levels = frame["levels"].to_numpy()
    table[:, a.WORKING] = -1
    table[:, a.LINE] = np.cumsum(levels) - levels
    table[:, a.LEVELS] = levels
    table[:, a.SERVERS] = frame["servers"].to_numpy()
    table[:, a.WATCHED] = frame["watched"].to_numpy()
    table[:, a.PREEMPTS] = (frame["discipline"] == "preempt").to_numpy()
    renewed = pl.when(pl.col("kind") == "quota").then(pl.lit("overlap")).otherwise("handover")
    handover = frame.select(renewed.replace_strict(HANDOVERS, return_dtype=pl.Int64)).to_series()
    table[:, a.HANDOVER] = handover.to_numpy()
    return table


def _margin(model: Model) -> int:
    """The records that one event can lead to: all aboard, every server, every step of a trip."""
    least = model.fleet.call_table[:, a.LEAST_SPACE].min(initial=np.iinfo(np.int64).max)
    deck = model.fleet.call_table[:, a.LIMIT].max(initial=0)
    aboard = int(deck // max(least, 1)) + 1
    servers = max((int(line.servers.max()) for line in model.timelines), default=0)
    longest = int(model.rows.group_by("flow_at").len()["len"].max() or 0)  # type: ignore[arg-type]
    return 5 * aboard + servers + 2 * longest + 16


def _register(model: Model, margin: int, mirror: int) -> np.ndarray:
    horizon = model.horizon
    watched = model.resources.filter("watched")["servers"].max()
    register = np.zeros(a.REGISTER, dtype=np.int64)
    register[a.NOW] = horizon.start
    register[a.SHIFT] = _shift(model)
    register[a.BUCKET] = horizon.start >> int(register[a.SHIFT])
    register[a.RESCAN] = register[a.BUCKET] + WHEEL // 2
    register[[a.FAR, a.FREE]] = -1
    register[a.FROM], register[a.UNTIL] = horizon.begin, horizon.end
    register[a.STOP], register[a.CLOSED] = horizon.stop, horizon.closed
    register[a.CARRIERS], register[a.FLOWS] = len(model.fleet.carrier_first), model.flows.height
    register[a.RESOURCES], register[a.MARGIN] = model.resources.height, margin
    register[a.MIRROR], register[a.LEAST_SPARE] = mirror, SPARE + int(watched or 0)  # type: ignore[arg-type]
    return register


def _shift(model: Model) -> int:
    """The power of two of microseconds that a bucket of the wheel spans: a few events each."""
    trips = dict(model.flows.select("flow_at", "trips_per_y").iter_rows())
    served = model.rows.filter(model.rows["resource"].is_not_null() | (model.rows["op"] == "board"))
    sizes = dict(served.group_by("flow_at").len().iter_rows())
    events = sum(trips[flow] * (2 + 1.5 * sizes.get(flow, 0)) for flow in trips)
    span = PER_BUCKET * 365 * a.DAY / max(events, 1.0)
    return min(max(int(span).bit_length() - 1, 10), 40)


def grown(state: State) -> State:
    """The same run with room for twice as many entities."""
    size = len(state.entities)
    block = np.concatenate([state.entities, np.zeros_like(state.entities)])
    heap = np.concatenate([state.heap, np.zeros_like(state.heap)])
    larger = state._replace(entities=block, heap=heap)
    chain(larger, size, 2 * size)
    return larger


def sums_of(model: Model, entities: int) -> Sums:
    """Statistics of nothing."""
    flows, classes = model.flows.height, model.visits.height
    return Sums(
        marks=model.marks,
        classes=model.classes,
        trips=np.zeros((entities, 8), dtype=np.int64),
        steps=np.zeros((len(model.steps), 3), dtype=np.int64),
        visits=np.zeros((classes, 2), dtype=np.int64),
        visit_squares=np.zeros(classes),
        visit_bins=np.zeros((classes, BINS), dtype=np.int64),
        flows=np.zeros((flows, 4), dtype=np.int64),
        flow_squares=np.zeros(flows),
        flow_bins=np.zeros((flows, BINS), dtype=np.int64),
    )


def widened(sums: Sums, entities: int) -> Sums:
    """The same statistics with room for more entities."""
    trips = np.zeros((entities, 8), dtype=np.int64)
    trips[: len(sums.trips)] = sums.trips
    return sums._replace(trips=trips)
