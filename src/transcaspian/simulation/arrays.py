"""The numbers that the compiled corridor is made of: ops, columns, and the arrays themselves."""

from __future__ import annotations

from typing import Any, NamedTuple

# Ops of a trip. FORK, JOIN and PREEMPT are reserved.
ARRIVE, SERVE, TRAVEL, BRANCH, BOARD, EXIT = range(6)
DEPART, HOLD, RIDE, STAY, BERTH, UNLOADED = range(6, 12)  # aboard: ended by the carrier
FORK, JOIN, PREEMPT = range(12, 15)
# Ops of a carrier.
SEIZE, DELAY, RELEASE, LOAD, UNLOAD, NOTIFY, BEGIN, GATE, JUMP, SKIP = range(20, 30)

# Columns of `steps`.
OP, ARG, NEXT, LUCK = range(4)
# Columns of `luck`: the key, the family, its two parameters.
LUCK_KEY, LUCK_SHAPE, LUCK_FIRST, LUCK_SECOND = range(4)
# Columns of `entities`.
TIME, ORDER, LINK, STEP, AT, KEY, START, KIND = range(8)
# Columns of `resources`.
CAPACITY, BUSY, HEAD, TAIL, EPOCH, CURSOR, HANDOVER = range(7)
# Columns of `served`.
SERVED, BUSY_TIME, WAITED, LONGEST = range(4)
# Columns of `calls`: waiting cargo, waiting carriers, rules, counts.
CARGO, CARGO_TAIL, LINE, LINE_TAIL, LEAST_SPACE, LEAST_SHARE, LONGEST_WAIT, SAILINGS, LOADED = (
    range(9)
)
# Columns of `carriers`.
ABOARD, ABOARD_TAIL, DECK, TAKEN, ROUND, READY, PHASE, VERSION, LEAST_LOAD, BEHIND = range(10)
# Columns of `flows`.
FIRST, PATTERN, SEASON, COUNT, SEGMENT, TRIP = range(6)
# Cells of `register`.
(
    NOW,
    SEQUENCE,
    HEAPED,
    BUCKET,
    RESCAN,
    FAR,
    FREE,
    SPARE,
    FILLED,
    INSIDE,
    EVENTS,
    SHIFT,
    FROM,
    UNTIL,
    STOP,
    CLOSED,
    CARRIERS,
    FLOWS,
    RESOURCES,
    MARGIN,
    WRITTEN,
) = range(21)
REGISTER = 21

# What the kernel stopped for.
DONE, FULL, GROW, PAUSE = range(4)
# Phases of a carrier.
UNDER_WAY, IN_LINE, LOADING, LEAVING = range(4)
# Hand-overs.
FINISH, OVERLAP = range(2)
# Arrival patterns.
POISSON, REGULAR = range(2)
# KIND of an entity.
UNCOUNTED, COUNTED, TIMER = range(3)
KIND_BITS = 2

ID_BITS = 24
HOUR = 3_600_000_000
DAY = 24 * HOUR
SPACE = 1000  # parts of one unit of deck space
SHARE = 1_000_000  # parts of a whole deck
ARRIVAL_KEY = 0x5A17D3C94B0E6F21  # any number: the stage of arriving

Array = Any


class Tables(NamedTuple):
    """What a run only reads."""

    steps: Array  # int32 [row, 4]
    luck: Array  # int64 [draw, 4]
    parameters: Array  # float64 [draw, 4], the same memory
    cell_upto: Array  # float64 [cell], cumulative shares of a branch
    cell_to: Array  # int32 [cell]
    flow_keys: Array  # uint64 [flow], with the seed in them
    flow_rates: Array  # float64 [flow], trips a year
    season_times: Array  # int64 [boundary]
    seasons: Array  # float64 [season, boundary], years' worth of traffic so far
    shift_first: Array  # int64 [resource + 1]
    shift_times: Array  # int64 [shift]
    shift_capacities: Array  # int64 [shift]
    gate_first: Array  # int64 [gate + 1]
    gate_closed: Array  # int64 [spell]
    gate_opened: Array  # int64 [spell]
    carrier_keys: Array  # uint64 [carrier], with the seed in them
    curves: Array  # float64 [curve, point], quantiles


class State(NamedTuple):
    """What a run writes, all that is needed to go on from where it stopped."""

    entities: Array  # int64 [entity, 8]: carriers, flows, resources, then trips and timers
    resources: Array  # int64 [resource, 7]
    served: Array  # int64 [resource, 4]
    calls: Array  # int64 [call, 9]
    carriers: Array  # int64 [carrier, 10]
    flows: Array  # int64 [flow, 6]
    flow_sums: Array  # float64 [flow], cumulative intensity of the last arrival
    wheel: Array  # int64 [bucket]
    heap: Array  # int64 [entry, 2]
    register: Array  # int64 [21]
    records: Array  # int64 [record, 2]: time; entity << 32 | row << 1 | kind


class Sums(NamedTuple):
    """The running statistics that records are drained into."""

    marks: Array  # int32 [row, 2]: visit and its class; or -1; ARRIVE and EXIT: -2, -3 and the flow
    classes: Array  # int32 [visit]
    trips: Array  # int64 [entity, 6]
    steps: Array  # int64 [row, 3]: count, wait, service
    visits: Array  # int64 [class, 2]: count, dwell
    visit_squares: Array  # float64 [class], h2
    visit_bins: Array  # int64 [class, bin]
    flows: Array  # int64 [flow, 3]: begun, ended, total
    flow_squares: Array  # float64 [flow], h2
    flow_bins: Array  # int64 [flow, bin]
