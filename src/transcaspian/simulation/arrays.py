"""The numbers that the compiled corridor is made of: ops, columns, and the arrays themselves."""

from __future__ import annotations

from typing import Any, NamedTuple

# Ops of a trip.
ARRIVE, SERVE, TRAVEL, BRANCH, BOARD, EXIT = range(6)
DEPART, HOLD, RIDE, STAY, BERTH, UNLOADED = range(6, 12)  # aboard: ended by the carrier
FORK, JOIN, GIVE, DWELL = range(12, 16)
# Ops of a carrier, and of a server that fails.
SEIZE, DELAY, RELEASE, LOAD, UNLOAD, NOTIFY, BEGIN, GATE, JUMP, SKIP, LAND, BREAK, MEND = range(
    20, 33
)

# Columns of `steps`. ELSE is where a trip goes that does not join the line or gives up; KEEP is
# HELD where the server is not given back at the end of the step, USED where it never is.
OP, ARG, NEXT, LUCK, LEVEL, RULE, ELSE, KEEP = range(8)
STEP_COLUMNS = 8
HELD, USED = 1, 2
# Columns of `rules`: the queue at which a newcomer turns away, and the draw of its patience.
BALK_AT, PATIENCE = range(2)
# Columns of `luck`: the key, the family, its two parameters.
LUCK_KEY, LUCK_SHAPE, LUCK_FIRST, LUCK_SECOND = range(4)
# Columns of `entities`. While it waits in a line, an entity has its remaining work in TIME and the
# one before it in ORDER; while it is served at a watched resource, its end and its timer. START is
# -1 when nothing is in hand, and -2 less an entity while it waits with a timer or for a carrier.
TIME, ORDER, LINK, STEP, AT, KEY, START, KIND = range(8)
BACK = ORDER
# Columns of `resources`.
(
    CAPACITY,
    BUSY,
    WAITING,
    LINE,
    LEVELS,
    EPOCH,
    WATCHED,
    CURSOR,
    HANDOVER,
    PREEMPTS,
    ON_DUTY,
    SERVERS,
    BROKEN,
    WORKING,
) = range(14)
RESOURCE_COLUMNS = 16
# Columns of `lines`.
HEAD, TAIL = range(2)
# Columns of `served`.
SERVED, BUSY_TIME, WAITED, LONGEST = range(4)
# Columns of `calls`: waiting cargo, waiting carriers, rules, counts.
(
    CARGO,
    CARGO_TAIL,
    LINE_HEAD,
    LINE_TAIL,
    LEAST_SPACE,
    LEAST_SHARE,
    LONGEST_WAIT,
    SAILINGS,
    LOADED,
    LIMIT,
    TIMETABLE,
) = range(11)
CALL_COLUMNS = 11
# Columns of `carriers`.
(
    ABOARD,
    ABOARD_TAIL,
    DECK,
    TAKEN,
    ROUND,
    READY,
    PHASE,
    VERSION,
    LEAST_LOAD,
    BEHIND,
    LANDING,
) = range(11)
CARRIER_COLUMNS = 11
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
    MIRROR,
    LEAST_SPARE,
) = range(23)
REGISTER = 23

# Marks of steps that are no stay at a place.
ON_LINK, ARRIVAL, DEPARTURE, LOSS, FORKED, JOINED = -1, -2, -3, -4, -5, -6
# What the kernel stopped for.
DONE, FULL, GROW, PAUSE = range(4)
# Phases of a carrier.
UNDER_WAY, IN_LINE, LOADING, LEAVING = range(4)
# Hand-overs.
FINISH, OVERLAP, PREEMPT = range(3)
# What a timer, an entity of kind TIMER, rings for: its KEY.
CARGO_OVERDUE, SERVICE_OVER, PATIENCE_OVER = range(3)
# Arrival patterns.
POISSON, REGULAR = range(2)
# KIND of an entity: what it is, then the family it belongs to while it is forked, then the epoch
# of the resource that serves it.
UNCOUNTED, COUNTED, TIMER, FAMILY = range(4)
KIND_BITS = 2
ID_BITS = 24
EPOCH_BIT = KIND_BITS + ID_BITS
# Columns of an entity of kind FAMILY are those of any: STEP counts the tracks not done, KEY is the
# trip, AT chains the tracks.

HOUR = 3_600_000_000
DAY = 24 * HOUR
SPACE = 1000  # parts of one unit of deck space
SHARE = 1_000_000  # parts of a whole deck
ARRIVAL_KEY = 0x5A17D3C94B0E6F21  # any number: the stage of arriving

Array = Any


class Tables(NamedTuple):
    """What a run only reads."""

    steps: Array  # int32 [row, 8]
    rules: Array  # int32 [rule, 2]
    luck: Array  # int64 [draw, 4]
    parameters: Array  # float64 [draw, 4], the same memory
    cell_upto: Array  # float64 [cell], cumulative shares of a branch
    cell_to: Array  # int32 [cell]
    flow_keys: Array  # uint64 [flow], with the seed in them
    flow_rates: Array  # float64 [flow], trips a year
    season_first: Array  # int64 [season + 1]
    season_times: Array  # int64 [boundary]
    seasons: Array  # float64 [boundary], years' worth of traffic so far
    shift_first: Array  # int64 [resource + 1]
    shift_times: Array  # int64 [shift]
    shift_capacities: Array  # int64 [shift]
    gate_first: Array  # int64 [gate + 1]
    gate_closed: Array  # int64 [spell]
    gate_opened: Array  # int64 [spell]
    departs_first: Array  # int64 [timetable + 1]
    departs_at: Array  # int64 [departure]
    carrier_keys: Array  # uint64 [carrier], with the seed in them
    curves: Array  # float64 [curve, point], quantiles


class State(NamedTuple):
    """What a run writes, all that is needed to go on from where it stopped."""

    entities: Array  # int64 [entity, 8]: carriers, flows, resources, then trips and timers
    resources: Array  # int64 [resource, 16]
    lines: Array  # int64 [line, 2]
    served: Array  # int64 [resource, 4]
    calls: Array  # int64 [call, 11]
    carriers: Array  # int64 [carrier, 11]
    flows: Array  # int64 [flow, 6]
    flow_sums: Array  # float64 [flow], cumulative intensity of the last arrival
    wheel: Array  # int64 [bucket]
    heap: Array  # int64 [entry, 2]
    register: Array  # int64 [23]
    records: Array  # int64 [record, 2]: time; entity << 32 | row << 1 | kind


class Sums(NamedTuple):
    """The running statistics that records are drained into."""

    marks: Array  # int32 [row, 2]: the visit, or -1 on a link, or what `drain` knows it for; flow
    classes: Array  # int32 [visit]
    trips: Array  # int64 [entity, 8]
    steps: Array  # int64 [row, 3]: count, wait, service
    visits: Array  # int64 [class, 2]: count, dwell
    visit_squares: Array  # float64 [class], h2
    visit_bins: Array  # int64 [class, bin]
    flows: Array  # int64 [flow, 4]: begun, ended, total, lost
    flow_squares: Array  # float64 [flow], h2
    flow_bins: Array  # int64 [flow, bin]
