"""All rules of a corridor, each with the tables that it reads."""

from __future__ import annotations

from collections.abc import Callable, Collection

from transcaspian.corridor.corridor import Corridor
from transcaspian.corridor.provenance import check_provenance
from transcaspian.corridor.rules import carriers, control, movement, queueing, valuing
from transcaspian.corridor.tables import REQUIRED, TABLES
from transcaspian.errors import Fault, Where
from transcaspian.tables.check import check_frame, check_references

Rule = Callable[[Corridor], list[Fault]]

LOGIC: dict[Rule, tuple[str, ...]] = {
    control.choices: ("stages",),
    control.seasons: ("seasons",),
    control.calendars: ("calendars",),
    control.serving: ("stages", "procedures", "resources"),
    movement.rests: ("modes",),
    movement.zones: ("places",),
    movement.links: ("links", "modes"),
    movement.ends: ("flows",),
    movement.flows: ("flows", "modes", "units"),
    movement.boardings: ("flows", "services", "fleets", "loading"),
    movement.tariffs: ("tariffs",),
    carriers.rotations: ("services", "calls"),
    carriers.ways: ("calls", "services", "fleets", "links", "modes"),
    carriers.decks: ("services", "fleets", "loading", "units", "modes"),
    carriers.numbers: ("services", "fleets"),
    carriers.berths: ("calls", "resources"),
    queueing.kinds: ("stages", "calls", "failures", "procedures", "resources"),
    queueing.otherwise: ("stages",),
    queueing.forks: ("stages",),
    queueing.hours: ("rhythms", "maintenance", "timetables"),
    queueing.maintained: ("maintenance", "resources"),
    queueing.holidays: ("holidays",),
    queueing.depths: ("fleets", "services", "calls", "resources"),
    valuing.ranges: ("factors", "exchange"),
    valuing.emissions: ("factors",),
    valuing.base_year: ("prices",),
    valuing.falls: ("futures", "levels"),
}
"""What a corridor must obey, patched or not."""

RULES: dict[Rule, tuple[str, ...]] = {
    **LOGIC,
    control.orders: ("stages", "calls"),
    control.staged: ("procedures", "stages"),
    movement.totals: ("flows", "units", "published"),
}
"""What a corridor as declared must obey besides: a patch may break these knowingly."""


def check(corridor: Corridor) -> list[Fault]:
    """Every fault of a corridor at once: each table on its own, then what must hold across them.

    A rule across tables is left out when one of the tables it reads is at fault already: what it
    said would only echo that.
    """
    faults = [*_missing(corridor), *_own(corridor)]
    faults += check_references(corridor.tables, TABLES)
    broken = {fault.where.file.removesuffix(".csv") for fault in faults}
    faults += logic(corridor, rules=RULES, broken=broken)
    if "provenance" not in broken:
        faults += check_provenance(corridor, tables=[name for name in TABLES if name not in broken])
    return faults


def logic(
    corridor: Corridor, *, rules: dict[Rule, tuple[str, ...]], broken: Collection[str] = ()
) -> list[Fault]:
    """The faults that some rules find, those left out that read a broken table."""
    return [
        fault
        for rule, tables in rules.items()
        if not set(tables) & set(broken)
        for fault in rule(corridor)
    ]


def _missing(corridor: Corridor) -> list[Fault]:
    return [
        Fault(
            "C103",
            f"table {name} is empty",
            where=Where(file=f"{name}.csv"),
            expected=TABLES[name].meaning,
        )
        for name in REQUIRED
        if corridor.table(name).is_empty()
    ]


def _own(corridor: Corridor) -> list[Fault]:
    return [
        fault
        for name, table in TABLES.items()
        for fault in check_frame(corridor.table(name), table, file=f"{name}.csv")
    ]
