"""What a reader must know beside the figures of a measure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from transcaspian.appraisal.appraise.plan import MILLION, Plan, prices_change
from transcaspian.appraisal.appraise.waiting import LEAST_H
from transcaspian.appraisal.evaluate.ground import Names
from transcaspian.appraisal.evaluate.outcome import Outcome
from transcaspian.appraisal.worth.cashflow import Return
from transcaspian.appraisal.worth.money import real_cost
from transcaspian.appraisal.worth.results import Remark
from transcaspian.corridor.kinds import changes
from transcaspian.corridor.patch import Patch
from transcaspian.corridor.tables import TABLES, keys

WEAK = ("C", "D")
MOSTLY = 0.5


def of_measures(plan: Plan, patches: Sequence[Patch]) -> Iterator[Remark]:
    """What the measures themselves leave open: costs, evidence, what is not counted."""
    for patch in patches:
        if patch.cost is None:
            yield Remark("no_cost")
            continue
        spent = real_cost(patch.cost, plan.prices, name=patch.name)
        if spent.capex_usd is None:
            yield Remark("no_cost")
        elif spent.is_range:
            yield Remark(
                "cost_range", {"low": spent.low_usd / MILLION, "high": spent.high_usd / MILLION}
            )
        life = spent.life_years
        if life is not None and life > plan.horizon:
            yield Remark(
                "beyond_horizon",
                {"life": life, "left": life - plan.horizon, "horizon": plan.horizon},
            )
    grades = [each.grade for patch in patches for each in patch.evidence]
    bare = any(not patch.evidence and patch.status != "published" for patch in patches)
    worst = max([*grades, *(["D"] if bare else [])], default="")
    if worst in WEAK:
        yield Remark("weak_evidence", {"grade": worst})
    yield from (Remark("missing", {"what": patch.missing}) for patch in patches if patch.missing)


def of_luck(figures: pl.DataFrame, *, basis: str) -> Iterator[Remark]:
    """That the runs cannot tell a worth from nothing, since their luck is most of its band."""
    rows = figures.filter((pl.col("figure") == "benefits") & (pl.col("basis") == basis)).head(1)
    for low, high, told, runs in rows.select("low", "high", "parameter_share", "runs").iter_rows():
        if low is not None and low < 0 < high and told is not None and told < MOSTLY:
            yield Remark("luck", {"runs": runs})


def of_prices(plan: Plan, names: Names) -> Iterator[Remark]:
    """That a cheaper tariff is no gain of all."""
    if prices_change(plan.ground, names):
        yield Remark("tariff_transfer")


def of_returns(returns: Mapping[str, Return]) -> Iterator[Remark]:
    """Why a rate of return is not given; of what costs nothing there is none to give."""
    reasons = {found.reason: found for found in returns.values() if found.value is None}
    for reason, found in sorted(reasons.items()):
        if reason == "sign_changes":
            yield Remark("sign_changes", {"count": found.changes})
        elif reason == "never_positive":
            yield Remark("never_positive")
        elif reason == "nothing":
            yield Remark("no_benefits")


def of_bottlenecks(
    plan: Plan, patches: Sequence[Patch], *, before: Outcome, moved: pl.DataFrame
) -> Iterator[Remark]:
    """That more servers were given to what is not short of them, so that no queue is surely
    shorter.
    """
    places = [place for patch in patches for place in _widened(plan, patch)]
    shorter = moved.filter((pl.col("value") < -LEAST_H) & (pl.col("high") < 0))
    if not places or shorter.height:
        return
    resources = plan.ground.corridor.table("resources").select("resource", "place")
    names = dict(plan.ground.corridor.table("places").select("place", "name").iter_rows())
    busy = (
        before.busy.join(resources, on="resource")
        .filter(pl.col("place").is_in(places))
        .group_by("resource", "place")
        .agg((pl.col("busy_h").sum() / pl.col("capacity_h").sum()).alias("busy"))
        .sort("busy", "resource", descending=[True, False])
    )
    place, share = (busy["place"][0], float(busy["busy"][0])) if busy.height else (places[0], 0.0)
    yield Remark("no_bottleneck", {"place": names.get(place, place), "busy": share})


def _widened(plan: Plan, patch: Patch) -> list[str]:
    """The places whose resources a measure gives more servers."""
    if not any(change.table == "resources" for change in changes(patch)):
        return []
    table = TABLES["resources"]
    before = plan.ground.corridor.table("resources")
    after = plan.ground.with_({patch.name}).table("resources")
    old = before.select(keys(before, table).alias("key"), pl.col("servers").alias("old"))
    new = after.select(keys(after, table).alias("key"), "place", "servers")
    both = new.join(old, on="key", how="left", maintain_order="left")
    more = both.filter(pl.col("servers") > pl.col("old"))
    return more["place"].unique(maintain_order=True).to_list()
