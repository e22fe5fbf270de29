"""A corridor: a frozen set of tables, with the patches that belong to it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

import polars as pl

from transcaspian.corridor.tables import TABLES
from transcaspian.tables.parse import empty
from transcaspian.tables.store import content_hash

if TYPE_CHECKING:
    from transcaspian.corridor.patch import Patch

ENDLESS = 1 << 30


@dataclass(frozen=True, slots=True)
class About:
    """What `corridor.toml` says: whose corridor it is and which year its tables speak of."""

    name: str
    title: str
    base_year: int
    present: str = ""
    currency: str = "USD"
    subtitle: str = ""
    origin: str = ""
    destination: str = ""


@dataclass(frozen=True)
class Fitted:
    """Where a corridor with fitted patches comes from: each replication draws it anew from there.

    `patches` are all that were applied since, in order; `flows` those that are left, if only some
    are; `most` how many of the draws are taken, if not all.
    """

    origin: Corridor
    patches: tuple[Patch, ...]
    flows: frozenset[str] | None = None
    most: int | None = None

    @property
    def draws(self) -> int:
        """How many draws there are: of several fitted patches the fewest; a measure's effects alone
        are drawn without end.
        """
        heights = [patch.draws.height for patch in self.patches if patch.draws is not None]
        return min([*heights, self.most or ENDLESS])


@dataclass(frozen=True)
class Corridor:
    """A frozen set of tables and the measures, editions and shocks declared beside them.

    A corridor with a fitted patch stands at the middle of what was fitted, and `fitted` leads to
    its draws.
    """

    about: About
    tables: Mapping[str, pl.DataFrame]
    measures: Mapping[str, Patch] = field(default_factory=dict)
    editions: Mapping[str, Patch] = field(default_factory=dict)
    shocks: Mapping[str, Patch] = field(default_factory=dict)
    folder: str = ""
    fitted: Fitted | None = None

    def table(self, name: str) -> pl.DataFrame:
        """One table."""
        return self.tables[name]

    @cached_property
    def hash(self) -> str:
        """The SHA-256 of what the tables and `corridor.toml` hold, and the draws of fitted patches;
        other patches have their own names.
        """
        return self.hash_without()

    def hash_without(self, names: Collection[str] = ()) -> str:
        """The same without some tables: of all that is left to tell two corridors apart by."""
        digest = hashlib.sha256(repr(self.about).encode())
        for name in sorted(set(self.tables) - set(names)):
            digest.update(f"{name}:{content_hash(self.tables[name])}".encode())
        if self.fitted and self.fitted.most is not None:
            digest.update(f"most:{self.fitted.most}".encode())
        for patch in self.fitted.patches if self.fitted else ():
            if patch.draws is not None:
                digest.update(f"draws:{content_hash(patch.draws)}".encode())
            if patch.evidence:
                told = patch.model_dump_json(include={"name", "uses", "change", "evidence"})
                digest.update(f"effects:{told}".encode())
        return digest.hexdigest()


def limited(corridor: Corridor, draws: int) -> Corridor:
    """The corridor with so many of its draws: runs beyond them take them again, with other luck."""
    if corridor.fitted is None:
        return corridor
    return replace(corridor, fitted=replace(corridor.fitted, most=draws))


def corridor_of(
    about: About,
    frames: Mapping[str, pl.DataFrame],
    *,
    measures: Mapping[str, Patch] | None = None,
    editions: Mapping[str, Patch] | None = None,
    shocks: Mapping[str, Patch] | None = None,
    folder: str = "",
) -> Corridor:
    """The corridor of some frames; tables left out are empty."""
    tables = {name: frames.get(name, empty(table)) for name, table in TABLES.items()}
    return Corridor(
        about,
        MappingProxyType(tables),
        MappingProxyType(dict(measures or {})),
        MappingProxyType(dict(editions or {})),
        MappingProxyType(dict(shocks or {})),
        folder,
    )
