"""Measures with and without, as the page shows them."""

from __future__ import annotations

import polars as pl

from transcaspian.appraisal.compare import Comparison
from transcaspian.appraisal.study import Study
from transcaspian.corridor.patch import Cost
from transcaspian.report.material import Effect
from transcaspian.report.reading.names import Names
from transcaspian.report.words import Quantity, number, spoken

MOVED = 2
SURE = 2.6


def effects(study: Study, names: Names) -> list[Effect]:
    """What each measure saves, costs and moves."""
    return [_effect(each, names) for each in study.comparisons]


def _effect(each: Comparison, names: Names) -> Effect:
    patch = each.measure
    return Effect(
        title=patch.title,
        saved=_saved(each, "door to door, mean"),
        tail=_saved(each, "door to door, 19 in 20"),
        waits=_saved(each, "waiting of all traffic"),
        cost=_cost(patch.cost),
        payer=patch.cost.payer if patch.cost else "",
        moved=_moved(each, names),
        source=patch.source.replace(";", ", "),
        status=patch.status,
        note=patch.note,
    )


def _saved(each: Comparison, figure: str) -> Quantity:
    row = each.effects.filter(pl.col("figure") == figure).row(0, named=True)
    high = None if row["low"] is None else -row["low"]
    low = None if row["high"] is None else -row["high"]
    return Quantity(-row["value"], low, high, "h")


def _cost(cost: Cost | None) -> str:
    if cost is None:
        return "not known"
    if cost.capex_usd is not None:
        return f"{_million(cost.capex_usd)} ({cost.status})"
    if cost.capex_amount is not None:
        return f"{number(cost.capex_amount / 1e6)} million {cost.currency} ({cost.status})"
    if cost.capex_low_usd is not None and cost.capex_high_usd is not None:
        low = _million(cost.capex_low_usd, bare=True)
        return f"{low} to {_million(cost.capex_high_usd)} ({cost.status})"
    return "not known"


def _million(usd: float, *, bare: bool = False) -> str:
    return number(usd / 1e6) + ("" if bare else " million USD")


def _moved(each: Comparison, names: Names) -> str:
    """Where waiting of all traffic changed for certain, largest change first.

    Hundreds of places are looked at, so a change must exceed 2.6 times the half-width of its 90 %
    interval: with ten replications about one place in a thousand would by chance.
    """
    half = (pl.col("high") - pl.col("low")) / 2
    sure = each.moved.filter(pl.col("value").abs() > SURE * half)
    if sure.is_empty():
        return "no change at any place that can be told from chance"
    rows = sure.head(MOVED + 1).iter_rows(named=True)
    words = [f"{names.place(row['place'])} {_change(row['value'])}" for row in rows]
    return "; ".join(words)


def _change(hours: float) -> str:
    return f"{'+' if hours > 0 else ''}{number(hours)} h a year"


def earlier(study: Study) -> list[tuple[str, str]]:
    """What earlier studies of exactly this corridor found."""
    titles = {name: patch.title for name, patch in study.base.measures.items()}
    return [
        (
            f"{titles.get(str(row['measure']), str(row['measure']))}:",
            "waiting of all traffic changed by "
            + spoken(Quantity(_float(row["value"]), _float(row["low"]), _float(row["high"]), "h"))
            + f" a year ({row['replications']} replications, seed {row['seed']}, "
            f"version {row['version']})",
        )
        for row in study.earlier
    ]


def _float(value: object) -> float | None:
    return None if value is None else float(str(value))
