"""Appraisals and packages gathered for a document or a screen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import polars as pl

from transcaspian.appraisal.appraise.plan import Plan
from transcaspian.appraisal.evaluate.ground import patch_key
from transcaspian.appraisal.worth.results import Appraisal, Brief, Chosen
from transcaspian.corridor.corridor import Corridor
from transcaspian.corridor.patch import Patch

SAID = frozenset({"names", "sources", "climate", "bridges", "vital_goods"})
"""Tables that neither a run nor a value reads."""


def brief_of(
    plan: Plan, appraisals: Sequence[Appraisal], chosen: Sequence[Chosen], *, runs: int
) -> Brief:
    """All that a document shows of some appraisals, in their order, and some packages."""
    from transcaspian import __version__  # noqa: PLC0415  # the face of the package

    ground = plan.ground
    corridor = ground.corridor
    return Brief(
        title=corridor.about.title,
        corridor_hash=corridor_key(corridor, ground.measures.values()),
        version=__version__,
        seed=ground.seed,
        replications=runs,
        draws=ground.draws,
        price_year=plan.prices.base_year,
        first_year=plan.first_year,
        horizon=plan.horizon,
        rates=plan.rates,
        appraisals=tuple(appraisals),
        chosen=tuple(chosen),
        factors=corridor.table("factors"),
        sources=corridor.table("sources"),
        places=_names(corridor.table("places"), "place"),
        countries=_names(corridor.table("countries"), "country"),
        goods=_names(corridor.table("goods"), "good"),
    )


def _names(table: pl.DataFrame, key: str) -> dict[str, str]:
    return dict(table.select(key, "name").iter_rows())


def corridor_key(corridor: Corridor, measures: Iterable[Patch]) -> str:
    """The hash of a corridor and of the measures that were tried on it, their costs included."""
    digest = hashlib.sha256(corridor.hash_without(SAID).encode())
    for patch in sorted(measures, key=lambda each: each.name):
        cost = "" if patch.cost is None else patch.cost.model_dump_json()
        digest.update(f"{patch_key(patch)}{cost}".encode())
    return digest.hexdigest()
