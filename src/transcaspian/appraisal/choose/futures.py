"""The corridor in other futures: shocks that come together, and a sea that falls.

What is not known stands at its middle there: futures are what is not known of another kind, on
which no chance is put.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from transcaspian.appraisal.appraise.plan import Plan
from transcaspian.appraisal.evaluate.ground import Ground
from transcaspian.corridor.apply import apply
from transcaspian.corridor.corridor import Corridor
from transcaspian.corridor.patch import Change, Patch
from transcaspian.errors import Fault, Where


@dataclass(frozen=True, slots=True)
class Future:
    """One future of a corridor: its name, and worth counted in it."""

    future: str
    name: str
    plan: Plan


def futures_of(plan: Plan) -> tuple[Future, ...]:
    """The futures that a corridor declares, each with the same measures, luck and prices.

    Errors: A206 when it declares none; those of applying.
    """
    ground = plan.ground
    rows = ground.corridor.table("futures")
    if rows.is_empty():
        raise Fault(
            "A206",
            "no future to hold a choice against",
            where=Where(file="futures.csv"),
            expected="one row a future",
        )
    return tuple(
        Future(row["future"], row["name"], _in(plan, _ground(ground, row)))
        for row in rows.iter_rows(named=True)
    )


def _in(plan: Plan, ground: Ground) -> Plan:
    return Plan(ground, plan.first_year, plan.horizon, plan.factor_draws, middle=True)


def _ground(ground: Ground, row: dict[str, str | None]) -> Ground:
    """The same measures on another corridor, both in the middle of what is not known."""
    corridor = ground.corridor
    known = {**corridor.editions, **corridor.shocks}
    patches = [known[name] for name in (row["shocks"] or "").split(";") if name]
    fall = (
        fallen(corridor, str(row["level_from"]), str(row["level_to"])) if row["level_to"] else 0.0
    )
    then = _lower(corridor, fall, source=str(row["source"]))
    return replace(
        ground,
        corridor=apply(replace(corridor, fitted=None), *patches),
        measures={
            name: patch.model_copy(update={"evidence": (), "draws": None})
            for name, patch in ground.measures.items()
        },
        then=(*ground.then, *then),
        seen={},
        known={},
        signs={},
        touches={},
    )


def fallen(corridor: Corridor, before: str, after: str) -> float:
    """By how much a level is below another of the same gauge.

    Unit: m. Errors: A208 when they are of different gauges, A209 when one is not there.
    """
    levels = {row["level"]: row for row in corridor.table("levels").iter_rows(named=True)}
    lost = [name for name in (before, after) if name not in levels]
    if lost:
        raise Fault(
            "A209",
            f"no level {lost[0]!r}",
            where=Where(file="levels.csv", column="level"),
            expected=", ".join(levels),
        )
    old, new = levels[before], levels[after]
    if old["gauge"] != new["gauge"]:
        raise Fault(
            "A208",
            f"{after} is of {new['gauge']}, {before} of {old['gauge']}",
            where=Where(file="levels.csv", column="gauge"),
            expected="two levels of one gauge",
        )
    return float(old["level_m"] - new["level_m"])


def _lower(corridor: Corridor, fall: float, *, source: str) -> tuple[Patch, ...]:
    """What a fall of the sea does: every berth whose depth is told is shallower by it."""
    told = corridor.table("resources").filter(pl.col("depth_m").is_not_null())
    if told.is_empty() or not fall:
        return ()
    berths = Change(
        table="resources",
        where={"resource": told["resource"].to_list()},
        add={"depth_m": -fall},
    )
    patch = Patch(
        name="lower_sea",
        title=f"The sea {fall:g} m lower",
        role="shock",
        change=(berths,),
        source=source,
    )
    return (patch,)
