"""A toy: an invented corridor of seven stages and twenty measures, with a known best set.

Every number here is made up to try methods of choice on; none is a fact of any corridor.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from transcaspian.appraisal.package.problem import Array, Evaluate, Option, Package, Problem

STAGES = ("collection", "first_border", "railway", "port", "ferry", "second_border", "delivery")
CAPACITY = (80.0, 62.0, 68.0, 63.0, 59.0, 65.0, 84.0)
"""Units of cargo a week that a stage moves on average, before any measure."""
UNEVENNESS = (0.08, 0.20, 0.10, 0.18, 0.22, 0.18, 0.08)
WEEKS = 156
DEMAND = 78.0
GROWTH = 0.10
PATIENCE = 3.0
MARGIN = 1.0
HOLDING = (0.005, 0.01, 0.02, 0.05, 0.13, 0.04, 0.03)
"""Money lost a unit of cargo and week of waiting before each stage."""
DISCOUNT = 0.06
YEAR = 52
MEMORY = 0.75
LASTING = 0.02
BLOCK = 6000


@dataclass(frozen=True, slots=True)
class Measure:
    """An invented measure: what it adds to the stages, steadies, and draws in.

    Unit: `adds` cargo a week; `steadies` the share of the unevenness taken away; `draws` the share
    of demand gained.
    """

    name: str
    cost: float
    adds: tuple[tuple[str, float], ...] = ()
    steadies: tuple[tuple[str, float], ...] = ()
    draws: float = 0.0
    needs: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()


MEASURES = (
    Measure("pooled_wagons", 9, adds=(("collection", 8),)),
    Measure("loading_slots", 5, steadies=(("collection", 0.4),), draws=0.01),
    Measure("single_window", 8, adds=(("first_border", 9), ("second_border", 5))),
    Measure("border_lanes", 16, adds=(("first_border", 18),)),
    Measure("night_shift", 11, adds=(("first_border", 12),), excludes=("border_lanes",)),
    Measure("risk_rules", 6, adds=(("first_border", 5),), steadies=(("first_border", 0.3),)),
    Measure("second_track", 34, adds=(("railway", 26),), draws=0.02),
    Measure("longer_trains", 14, adds=(("railway", 12),)),
    Measure("signals", 12, adds=(("railway", 8),), steadies=(("railway", 0.4),)),
    Measure("cranes", 18, adds=(("port", 16),)),
    Measure("berth", 26, adds=(("port", 14), ("ferry", 6))),
    Measure("yard_software", 6, adds=(("port", 6),), steadies=(("port", 0.35),)),
    Measure("extra_vessel", 24, adds=(("ferry", 17),)),
    Measure("third_vessel", 22, adds=(("ferry", 14),), needs=("extra_vessel",)),
    Measure("fixed_timetable", 7, adds=(("ferry", 5),), steadies=(("ferry", 0.45),)),
    Measure("dredging", 15, adds=(("ferry", 9), ("port", 3))),
    Measure("second_lanes", 13, adds=(("second_border", 14),)),
    Measure("joint_control", 10, adds=(("second_border", 8),), needs=("single_window",)),
    Measure("inland_depot", 17, adds=(("delivery", 10),), draws=0.03),
    Measure("through_tariff", 7, draws=0.06),
)
BUDGET = 118.0


@dataclass(frozen=True, slots=True)
class Physics:
    """What a set makes of the corridor.

    Shape: a row a stage, a column a set; `draw` one a set.
    """

    capacity: Array
    unevenness: Array
    draw: Array


def toy_problem(*, measures: Sequence[str] | None = None, budget: float = BUDGET) -> Problem:
    """The toy's options under its budget, or some of them.

    Source: invented.
    """
    kept = [each for each in MEASURES if measures is None or each.name in measures]
    names = {each.name for each in kept}
    return Problem(
        tuple(
            Option(
                each.name,
                each.cost,
                needs=frozenset(each.needs) & names,
                excludes=frozenset(each.excludes) & names,
            )
            for each in kept
        ),
        budget,
    )


def toy_evaluate(seed: int) -> Evaluate:
    """A function that values sets of toy measures, against nothing done on the same luck.

    Shape: what it gives has a row a set, a column a replication. Unit: invented money.
    """
    kept: dict[tuple[Package, int], float] = {}

    def evaluate(packages: Sequence[Package], replications: range) -> Array:
        asked = [(package, number) for package in packages for number in replications]
        new = list(dict.fromkeys(key for key in asked if key not in kept))
        for start in range(0, len(new), BLOCK):
            part = new[start : start + BLOCK]
            kept.update(zip(part, _cells(part, seed), strict=True))
        values = np.array([kept[key] for key in asked])
        return values.reshape(len(packages), len(replications))

    return evaluate


def _cells(cells: Sequence[tuple[Package, int]], seed: int) -> Iterator[float]:
    numbers = sorted({number for _, number in cells})
    place = {number: at for at, number in enumerate(numbers)}
    paths = np.stack([luck_of(seed, number) for number in numbers], axis=2)
    at = np.array([place[number] for _, number in cells])
    base = np.array([worth_of_nothing(seed, number) for number in numbers])
    state = physics([package for package, _ in cells])
    return iter((worth(state, paths, at=at) - base[at]).tolist())


@lru_cache(maxsize=4096)
def worth_of_nothing(seed: int, replication: int) -> float:
    """What the traffic is worth in one replication when nothing is done."""
    luck = luck_of(seed, replication)[:, :, None]
    return float(worth(physics([frozenset()]), luck, at=np.zeros(1, dtype=np.int64))[0])


@lru_cache(maxsize=512)
def luck_of(seed: int, replication: int) -> Array:
    """Shocks of one replication.

    Shape: a row a week, a column a stage.
    """
    rng = np.random.default_rng([seed, replication])
    lasting = rng.standard_normal(len(STAGES))
    fresh = rng.standard_normal((WEEKS, len(STAGES)))
    shocks = np.empty_like(fresh)
    now = rng.standard_normal(len(STAGES))
    for week in range(WEEKS):
        now = MEMORY * now + np.sqrt(1 - MEMORY**2) * fresh[week]
        shocks[week] = now
    return np.asarray(shocks + lasting * LASTING / np.mean(UNEVENNESS))


def physics(packages: Sequence[Package]) -> Physics:
    """Capacity, unevenness and demand under each set.

    Shape: as Physics.
    """
    names = {each.name: at for at, each in enumerate(MEASURES)}
    chosen = np.zeros((len(MEASURES), len(packages)))
    for column, package in enumerate(packages):
        chosen[[names[name] for name in package], column] = 1.0
    return physics_of(chosen)


def physics_of(chosen: Array) -> Physics:
    """Capacity, unevenness and demand under sets given as columns of 1 and 0.

    Shape: `chosen` a row a measure, a column a set; the result as Physics.
    """
    adds = np.zeros((len(STAGES), len(MEASURES)))
    calms = np.zeros((len(STAGES), len(MEASURES)))
    for at, each in enumerate(MEASURES):
        for stage, amount in each.adds:
            adds[STAGES.index(stage), at] = amount
        for stage, share in each.steadies:
            calms[STAGES.index(stage), at] = np.log1p(-share)
    draws = np.array([each.draws for each in MEASURES])
    capacity = np.array(CAPACITY)[:, None] + adds @ chosen
    unevenness = np.array(UNEVENNESS)[:, None] * np.exp(calms @ chosen)
    return Physics(capacity, unevenness, np.asarray(1 + draws @ chosen))


def worth(state: Physics, luck: Array, *, at: NDArray[np.int64]) -> Array:
    """The worth of the traffic of each set on the luck of one replication.

    Stages are passed one a week: what leaves a stage reaches the next the week after, so that a
    queue stands before the slowest of them.

    Shape: one a set.
    """
    count = state.capacity.shape[1]
    queue = np.zeros((len(STAGES), count))
    arriving = np.zeros((len(STAGES), count))
    total = np.zeros(count)
    held = np.array(HOLDING)
    for week in range(WEEKS):
        shocks = luck[week][:, at]
        room = state.capacity * np.exp(state.unevenness * shocks)
        queue += arriving
        moved = np.minimum(queue, room)
        queue -= moved
        waiting = queue.sum(axis=0)
        grown = DEMAND * (1 + GROWTH * week / YEAR)
        arriving[1:] = moved[:-1]
        arriving[0] = grown * state.draw * np.exp(-waiting / (PATIENCE * DEMAND))
        total += (MARGIN * moved[-1] - held @ queue) / (1 + DISCOUNT) ** (week / YEAR)
    return total
