"""The package of each budget: the declaration, what each measure adds, and the sets beside it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import polars as pl

from transcaspian.appraisal.worth.results import BASES, Appraisal, Chosen, Remark
from transcaspian.report.annex.bearings import BY_BASIS, FACTORS, Bearings
from transcaspian.report.annex.blocks import (
    Block,
    Grid,
    Head,
    Heading,
    Line,
    Listing,
    Paragraph,
    Row,
    Run,
    line,
    row,
)
from transcaspian.report.annex.speech import MONEY, shared_places


def packages(at: Bearings) -> list[Block]:
    """What the participants consider for each budget."""
    found: list[Block] = [Heading(2, line(at.say("part_package")), "part-package")]
    if not at.brief.chosen:
        return [*found, Paragraph(at.say.line("package_unasked"))]
    for number, chosen in enumerate(at.brief.chosen, start=1):
        found += _package(at, chosen, anchor=f"package-{number}")
    return found


def _package(at: Bearings, chosen: Chosen, *, anchor: str) -> list[Block]:
    say = at.say
    unit = say.told("unit", MONEY)
    budget = say.text("amount", value=say.exact(chosen.budget_musd), unit=unit)
    head = Heading(3, say.line("budget_head", budget=budget), anchor)
    if not chosen.measures:
        return [head, Paragraph(say.line("package_none", budget=budget)), *remarks(at, chosen)]
    return [
        head,
        Paragraph(say.line("package_considers", budget=budget)),
        Listing(tuple(_items(at, chosen))),
        Paragraph(_worth(at, chosen, anchor)),
        _shares(at, chosen, anchor=f"{anchor}-shares"),
        _near(at, chosen, anchor=f"{anchor}-near"),
        *_futures(at, chosen),
        *remarks(at, chosen),
    ]


def money(at: Bearings, chosen: Chosen, value: float | None) -> str:
    """An amount of money without a band, with as many decimals as the value of the package."""
    places = shared_places(chosen.value, unit=MONEY)
    return at.say.band(value, None, None, unit=MONEY, places=places)


def status_of(at: Bearings, name: str) -> str:
    """How far the values of a measure can be trusted."""
    patch = at.patches.get(name)
    return at.say.told("status", patch.status) if patch else at.say("unknown")


def remarks(
    at: Bearings, told: Chosen | Appraisal, *, said: Collection[Remark] = ()
) -> list[Block]:
    """What a reader must know beside the figures, but for what was said already."""
    left = [remark for remark in told.remarks if remark not in said]
    if not left:
        return []
    items = tuple(Paragraph(at.remark(remark)) for remark in left)
    return [Paragraph(at.say.line("remarks")), Listing(items)]


def _items(at: Bearings, chosen: Chosen) -> list[Paragraph]:
    known = {share["measure"]: share for share in chosen.shares.iter_rows(named=True)}
    found: list[Paragraph] = []
    for name in chosen.measures:
        patch, share = at.patches.get(name), known.get(name)
        year = str(share["year"]) if share else at.say("unknown")
        parts = {
            "measure": at.title(name),
            "year": year,
            "cost": money(at, chosen, share["cost_musd"] if share else None),
        }
        if patch is None:
            found.append(Paragraph(at.say.line("package_item", **parts)))
            continue
        parts["status"] = status_of(at, name)
        found.append(Paragraph(at.say.line("package_item_status", **parts)))
    return found


def _worth(at: Bearings, chosen: Chosen, anchor: str) -> Line:
    """Cost and value by both bases, how sure the choice is, and what it may cost elsewhere."""
    say = at.say
    value = say.band(chosen.value, chosen.low, chosen.high, unit=MONEY)
    discount = at.quantities.get("discount_rate")
    said = [
        say.line(
            "package_worth",
            cost=Run(money(at, chosen, chosen.cost_musd), f"#{anchor}-shares"),
            value=Run(value, f"#{anchor}-shares"),
            rate=Run(at.rate, f"#{discount}" if discount else ""),
            basis=say.told("basis", chosen.basis),
        ),
        *_other_basis(at, chosen),
        say.line(
            "package_probable",
            probability=Run(say.share(chosen.probability), f"#{anchor}-near"),
        ),
        say.line(
            "package_near",
            near=Run(say.number(chosen.near.height, places=0), f"#{anchor}-near"),
            sets=say.number(chosen.sets, places=0),
            evaluations=say.number(chosen.evaluations, places=0),
        ),
    ]
    worst = chosen.near["worst_regret"][0] if chosen.near.height else None
    if worst is not None:
        regret = Run(money(at, chosen, worst), f"#{anchor}-near")
        said.append(say.line("package_regret", regret=regret))
    return say.sentences(said)


def _other_basis(at: Bearings, chosen: Chosen) -> list[Line]:
    if chosen.other is None:
        return []
    basis = next(each for each in BASES if each != chosen.basis)
    value = at.say.band(*chosen.other, unit=MONEY)
    told = Run(value, f"#{at.quantities.get(BY_BASIS[basis], FACTORS)}")
    return [at.say.line("package_other", basis=at.say.told("basis", basis), value=told)]


def _shares(at: Bearings, chosen: Chosen, *, anchor: str) -> Grid:
    say = at.say
    places = shared_places(chosen.value, *chosen.shares["share"].to_list(), unit=MONEY)

    def cells(words: object, share: dict[str, Any], status: str) -> tuple[Any, ...]:
        return (
            words,
            str(share["year"]) if share["year"] is not None else "",
            say.number(share["cost_musd"], places=places),
            say.number(share["alone"], places=places) if share["alone"] is not None else "",
            say.number(share["share"], places=places),
            say.span(share["low"], share["high"], places=places),
            status,
        )

    rows: list[Row] = [
        row(*cells(at.title(share["measure"]), share, status_of(at, share["measure"])))
        for share in chosen.shares.iter_rows(named=True)
    ]
    total = {
        "year": None,
        "cost_musd": chosen.cost_musd,
        "alone": None,
        "share": chosen.value,
        "low": chosen.low,
        "high": chosen.high,
    }
    rows.append(row(*cells(say("together"), total, ""), total=True))
    heads = (
        Head(say("head_measure"), width=2.6),
        Head(say("head_year"), numeric=True, width=0.8),
        Head(say("head_cost"), numeric=True),
        Head(say("head_alone"), numeric=True, width=1.1),
        Head(say("head_share"), numeric=True),
        Head(say("head_band"), numeric=True, width=1.6),
        Head(say("head_status"), width=1.2),
    )
    return Grid(say("shares_caption"), heads, tuple(rows), anchor)


def _near(at: Bearings, chosen: Chosen, *, anchor: str) -> Grid:
    say = at.say
    places = shared_places(chosen.value, unit=MONEY)
    rows = [
        row(
            at.titles(near["measures"]),
            say.number(near["cost_musd"], places=places),
            say.band(near["value"], near["low"], near["high"], places=places),
            say.share(near["behind_share"]),
            say.share(near["probability"]),
            say.number(near["worst_regret"], places=places),
            say.share(near["futures_share"]),
        )
        for near in chosen.near.iter_rows(named=True)
    ]
    heads = (
        Head(say("head_measures"), width=2.8),
        Head(say("head_cost"), numeric=True),
        Head(say("head_npv"), numeric=True, width=1.8),
        Head(say("head_behind"), numeric=True, width=1.1),
        Head(say("head_probability"), numeric=True, width=1.1),
        Head(say("head_regret"), numeric=True, width=1.2),
        Head(say("head_futures"), numeric=True, width=1.2),
    )
    return Grid(say("near_caption"), heads, tuple(rows), anchor)


def _futures(at: Bearings, chosen: Chosen) -> list[Block]:
    """What the set is worth in each of the other futures, and how far behind the best there."""
    say = at.say
    if chosen.regrets.is_empty():
        return []
    mine = pl.lit(list(chosen.measures))
    told = chosen.regrets.filter(pl.col("measures").list.sort() == mine.list.sort())
    places = shared_places(chosen.value, unit=MONEY)
    rows = [
        row(
            say.foreign(future["name"]),
            say.number(future["value"], places=places),
            say.number(future["regret"], places=places),
        )
        for future in told.iter_rows(named=True)
    ]
    heads = (
        Head(say("head_future"), width=3.0),
        Head(say("head_npv"), numeric=True),
        Head(say("head_behind_there"), numeric=True),
    )
    return [Grid(say("futures_caption"), heads, tuple(rows))] if rows else []
