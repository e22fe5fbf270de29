"""Outcomes of sets of measures on one corridor, each part of it simulated once and kept.

A measure leaves most of a corridor as it was, and two measures far apart do not feel each other:
the parts of a corridor that share nothing are looked up by all that they depend on, and only what
nobody has simulated yet is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import polars as pl

from transcaspian.appraisal.evaluate.outcome import Outcome, joined, outcome_of, packed, unpacked
from transcaspian.appraisal.evaluate.store import Store
from transcaspian.corridor.apply import apply, only
from transcaspian.corridor.applying.effects import at_ends
from transcaspian.corridor.corridor import Corridor, limited
from transcaspian.corridor.kinds import changes
from transcaspian.corridor.patch import Patch
from transcaspian.corridor.tables import TOLD
from transcaspian.network import itineraries
from transcaspian.simulation import Cluster, compile_model, run_model
from transcaspian.simulation.model.parts import Part, parts_of
from transcaspian.tables.store import content_hash

Names = frozenset[str]
NOTHING: Names = frozenset()
UNREAD = TOLD | {"tariffs"}
"""Tables that no run reads."""
SIGNED = frozenset(
    {
        "flows",
        "stages",
        "procedures",
        "resources",
        "links",
        "services",
        "calls",
        "fleets",
        "closures",
    }
)
"""Tables whose rows, as far as a part meets them, are in its signature."""
Kept = dict[tuple[str, int], Outcome]


@dataclass(frozen=True, slots=True)
class Keyed:
    """A part of a corridor with some measures, by the key of its outcome."""

    key: str
    flows: tuple[str, ...]
    resources: tuple[str, ...]


@dataclass(frozen=True)
class Ground:
    """A corridor without measures, the measures that may be tried on it, and how they are tried.

    `then` is what befalls the corridor whatever is built: it is applied after the measures.

    Run k takes draw k modulo `draws` of all that is not known, with the luck of run k: as many runs
    again are the same draws with other luck.
    """

    corridor: Corridor
    measures: Mapping[str, Patch]
    seed: int = 1
    draws: int = 8
    threads: int | Cluster | None = None
    store: Store | None = None
    then: tuple[Patch, ...] = ()
    seen: Kept = field(default_factory=dict, repr=False, compare=False)
    known: dict[Names, tuple[Keyed, ...]] = field(default_factory=dict, repr=False, compare=False)
    touches: dict[str, tuple[Names, ...]] = field(default_factory=dict, repr=False, compare=False)
    signs: dict[Names, tuple[Part, ...]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def keys(self) -> dict[str, str]:
        """The hashes under which parts are kept, and which parts there are."""
        return {"base": _base_key(self), "state": _state_key(self)}

    def with_(self, names: Collection[str]) -> Corridor:
        """The corridor with some of the measures, in the order in which they are listed.

        Errors: those of `apply`.
        """
        patches = [patch for name, patch in self.measures.items() if name in names]
        return limited(apply(self.corridor, *patches, *self.then), self.draws)


def outcome(ground: Ground, names: Names, runs: range) -> Outcome:
    """The outcome of the corridor with some measures in each of some runs.

    Errors: those of applying, compiling and simulating; A207 and O102 of the store.
    """
    parts = parts_with(ground, names)
    simulated(ground, names, parts, runs)
    return joined([ground.seen[part.key, run] for run in runs for part in parts])


def simulated(ground: Ground, names: Names, parts: Sequence[Keyed], runs: range) -> None:
    """Nothing; some parts of the corridor with some measures are at hand in each of some runs.

    Errors: as `outcome`.
    """
    _recall(ground, parts, runs)
    lacking: dict[tuple[int, ...], list[Keyed]] = {}
    for part in parts:
        missing = tuple(run for run in runs if (part.key, run) not in ground.seen)
        if missing:
            lacking.setdefault(missing, []).append(part)
    for missing, some in lacking.items():
        _simulate(ground, names, some, missing)


def differing(ground: Ground, names: Names) -> tuple[Keyed, ...]:
    """The parts that some measures change: those that the corridor without them does not have."""
    base = {part.key for part in parts_with(ground, NOTHING)}
    return tuple(part for part in parts_with(ground, names) if part.key not in base)


def _recall(ground: Ground, parts: Sequence[Keyed], runs: range) -> None:
    """Nothing; what the store keeps of some parts is at hand."""
    wanted = [
        (part.key, run) for part in parts for run in runs if (part.key, run) not in ground.seen
    ]
    if ground.store is not None and wanted:
        kept = ground.store.kept(wanted)
        ground.seen.update({key: unpacked(data) for key, data in kept.items()})


def _simulate(
    ground: Ground, names: Names, parts: Sequence[Keyed], missing: tuple[int, ...]
) -> None:
    """Nothing; some parts are simulated in some runs, kept and at hand."""
    model = compile_model(ground.with_(names))
    flows = [flow for part in parts for flow in part.flows]
    if len(flows) < model.flows.height:
        part = only(model.corridor, flows)
        model = compile_model(part, ways=itineraries(part, paths=model.paths))
    made: Kept = {}
    for some in _blocks(missing):
        tally = run_model(model, replications=some, seed=ground.seed, threads=ground.threads).tally
        whole = outcome_of(model.corridor, tally)
        for part in parts:
            mine = whole.of(part.flows, resources=part.resources)
            made |= {(part.key, run): mine.in_run(f"r{run + 1:04d}") for run in some}
    ground.seen.update(made)
    if ground.store is not None:
        ground.store.keep({key: packed(outcome) for key, outcome in made.items()})


def _blocks(runs: Sequence[int]) -> list[range]:
    """Runs as stretches without a gap."""
    blocks: list[range] = []
    for run in sorted(runs):
        if blocks and blocks[-1].stop == run:
            blocks[-1] = range(blocks[-1].start, run + 1)
        else:
            blocks.append(range(run, run + 1))
    return blocks


def parts_with(ground: Ground, names: Names) -> tuple[Keyed, ...]:
    """The parts of the corridor with some measures, each with the key of its outcome.

    The key holds the part's signature, and which measures' ranges are drawn in it.
    """
    if names not in ground.known:
        base = ground.keys["state"]
        told = json.dumps([patch_key(ground.measures[name]) for name in _ordered(ground, names)])
        kept = ground.store.parts(base, told) if ground.store is not None else None
        if kept is None:
            found = _parts(ground, names)
            if ground.store is not None:
                lines = [[each.key, each.flows, each.resources] for each in found]
                ground.store.keep_parts(base, told, parts=json.dumps(lines))
        else:
            found = tuple(
                Keyed(key, tuple(flows), tuple(resources))
                for key, flows, resources in json.loads(kept)
            )
        ground.known[names] = found
    return ground.known[names]


def _parts(ground: Ground, names: Names) -> tuple[Keyed, ...]:
    base = ground.keys["base"]
    ranges = {name: patch for name in names if (patch := ground.measures[name]).evidence}
    meant = {name: touched_by(ground, name) for name in ranges}
    found: list[Keyed] = []
    for part in _signed(ground, names):
        drawn = [
            patch_key(ranges[name])
            for name in _ordered(ground, ranges)
            if any(flows & part.flows for flows in meant[name])
        ]
        digest = hashlib.sha256(json.dumps([base, part.sign, drawn]).encode()).hexdigest()
        found.append(Keyed(digest, tuple(sorted(part.flows)), tuple(sorted(part.resources))))
    return tuple(found)


def touched_by(ground: Ground, name: str) -> tuple[Names, ...]:
    """The flows that a measure alone changes, before and after, as it is written or at the ends of
    what it may be: those that it ties together, together.
    """
    patch = ground.measures[name]
    if not changes_runs(patch):
        return ()
    if name not in ground.touches:
        ground.touches[name] = _remembered(ground, f"tied {patch_key(patch)}", name)
    return ground.touches[name]


def _remembered(ground: Ground, told: str, name: str) -> tuple[Names, ...]:
    base = ground.keys["state"]
    kept = ground.store.parts(base, told) if ground.store is not None else None
    if kept is not None:
        return tuple(frozenset(flows) for flows in json.loads(kept))
    touched = _touched(ground, name)
    if ground.store is not None:
        ground.store.keep_parts(base, told, parts=json.dumps([sorted(each) for each in touched]))
    return touched


def _touched(ground: Ground, name: str) -> tuple[Names, ...]:
    base = _signed(ground, NOTHING)
    old = {part.sign for part in base}
    found: list[Names] = []
    for each in at_ends(ground.measures[name]):
        alone = _signed(replace(ground, measures={name: each}, signs={}), frozenset({name}))
        new = {part.sign for part in alone}
        found += [part.flows for part in alone if part.sign not in old]
        found += [part.flows for part in base if part.sign not in new]
    return tied(found)


def tied(groups: Iterable[Names]) -> tuple[Names, ...]:
    """Sets of names, those that share one joined; in the order of their first names."""
    met: list[Names] = []
    for group in groups:
        joined_ = group
        for each in [other for other in met if other & group]:
            met.remove(each)
            joined_ |= each
        met.append(joined_)
    return tuple(sorted(met, key=min))


def _signed(ground: Ground, names: Names) -> tuple[Part, ...]:
    """The parts of the corridor with some measures, compiled once."""
    if names not in ground.signs:
        ground.signs[names] = parts_of(compile_model(ground.with_(names)))
    return ground.signs[names]


def changes_runs(patch: Patch) -> bool:
    """Whether a patch changes a table that a run reads; prices alone do not move anything."""
    return any(change.table not in UNREAD for change in changes(patch))


def _ordered(ground: Ground, names: Collection[str]) -> list[str]:
    return [name for name in ground.measures if name in names]


def patch_key(patch: Patch) -> str:
    """What a patch does, as a hash: its changes and their ranges."""
    told = patch.model_dump_json(include={"name", "uses", "change", "evidence"})
    return hashlib.sha256(told.encode()).hexdigest()


def _base_key(ground: Ground) -> str:
    """The hash of what every part depends on beside its signature: what is drawn, and from where.

    A shock that leaves a part as it was leaves its outcome, too. Where something was fitted it is
    drawn from the tables as they were before.
    """
    from transcaspian import __version__  # noqa: PLC0415  # the face of the package

    fitted = ground.corridor.fitted
    origin = ground.corridor if fitted is None else fitted.origin
    draws = [
        content_hash(patch.draws)
        for patch in (fitted.patches if fitted else ())
        if patch.draws is not None
    ]
    told = [
        origin.hash_without(UNREAD if draws else UNREAD | SIGNED),
        draws,
        ground.seed,
        ground.draws,
        __version__,
        pl.__version__,
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _state_key(ground: Ground) -> str:
    """The hash of the whole corridor that measures are tried on."""
    then = [patch_key(patch) for patch in ground.then]
    told = [_base_key(ground), ground.corridor.hash_without(UNREAD), then]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
