"""Appraisals and packages for eyes, in 100 columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transcaspian.appraisal.worth.results import Appraisal, Brief, Chosen

WIDTH = 100
FEW = 3
LEAST = 0.05
NAME = 30


def told(brief: Brief, *, basis: str = "market", most: int | None = None) -> str:
    """The measures in their order, at most so many, then each package, then the measures one by one
    if few.
    """
    lines: list[str] = []
    if brief.appraisals:
        lines += [_title(brief, basis), *_ranking(brief, basis, most)]
    for chosen in brief.chosen:
        lines += ["", *_package(chosen)]
    if len(brief.appraisals) <= FEW and not brief.chosen:
        for each in brief.appraisals:
            lines += ["", *_one(each)]
    return "\n".join(lines) + "\n"


def _title(brief: Brief, basis: str) -> str:
    return (
        f"{brief.title}, by the {basis} value of time first:\n"
        f"million USD of {brief.price_year}, {brief.rates[0]:.3g} a year over {brief.horizon} "
        f"years, {brief.replications} runs of {brief.draws} draws, seed {brief.seed}; "
        "bands are 90 %"
    )


def _ranking(brief: Brief, basis: str, most: int | None) -> Iterator[str]:
    other = "carrying" if basis == "market" else "market"
    yield (
        f"{'measure':{NAME}}  {'cost':>6}  {'worth less cost':>24}  {'by ' + other:>9}"
        f"  {'waiting h/y':>12}"
    )
    for each in brief.appraisals[:most]:
        worth = _row(each, "npv", basis)
        also = _row(each, "npv", other)
        cost = _row(each, "costs", "")
        waiting = _row(each, "waiting", "")
        shown = worth or _row(each, "benefits", basis)
        mark = "" if worth else "  (no cost known)"
        yield (
            f"{_cut(each.name, NAME):{NAME}}  {_number(cost, 'value'):>6}  {_band(shown):>24}"
            f"  {_number(also, 'value'):>9}  {_number(waiting, 'value'):>12}{mark}"
        )
    rest = len(brief.appraisals[most:]) if most is not None else 0
    if rest:
        yield f"and {rest} more, worth less"


def _package(chosen: Chosen) -> Iterator[str]:
    band = f"{_short(chosen.value)} ({_short(chosen.low)} to {_short(chosen.high)})"
    other = "" if chosen.other is None else f"; by the other basis {_short(chosen.other[0])}"
    yield (
        f"Budget {_short(chosen.budget_musd)}: {_many(len(chosen.measures), 'measure')} for "
        f"{_short(chosen.cost_musd)}, worth {band} less cost{other}"
    )
    yield (
        f"  the best of all with a chance of {chosen.probability:.0%}; "
        f"{_many(chosen.near.height, 'set')} within 2 % valued; "
        f"{chosen.evaluations} evaluations of {chosen.sets} sets"
    )
    yield (
        f"  {'measure':{NAME}}  {'from':>5}  {'cost':>7}  {'alone':>8}  {'share of the worth':>26}"
    )
    for row in chosen.shares.iter_rows(named=True):
        yield (
            f"  {_cut(row['measure'], NAME):{NAME}}  {row['year']:>5}  "
            f"{_short(row['cost_musd']):>7}  {_short(row['alone']):>8}  {_band(row, 'share'):>26}"
        )
    if chosen.regrets.height:
        worst = chosen.near["worst_regret"][0]
        share = chosen.near["futures_share"][0]
        count = chosen.regrets["future"].n_unique()
        yield (
            f"  over {count} futures: at worst {_short(worst)} behind the best of the near sets, "
            f"within a tenth of it in {share:.0%}"
        )
    for remark in chosen.remarks:
        yield from _wrapped(str(remark), "  - ")


def _one(each: Appraisal) -> Iterator[str]:
    yield f"{each.name}: {'; '.join(patch.title for patch in each.patches)}"
    yield from _wrapped(each.changes, "  ")
    for row in each.figures.iter_rows(named=True):
        rate = "" if row["rate"] is None else f" at {row['rate']:.1%}"
        split = row["parameter_share"]
        of_what = "" if split is None else f"  {split:.0%} of it not known, the rest luck"
        yield f"  {row['figure'] + rate:22} {row['basis']:9} {row['unit']:7} {_band(row)}{of_what}"
    moved = each.moved.head(6)
    if moved.height:
        yield "  where the waiting went, h a year"
        for row in moved.iter_rows(named=True):
            back = "  reappears" if row["reappears"] else ""
            yield f"    {_cut(row['place'], NAME):{NAME}} {_band(row)}{back}"
    yield "  who gains and who pays, million USD"
    who = each.who.filter(each.who["kind"].is_in(["country", "payer"]))
    for row in who.filter(who["value"].abs() >= LEAST).iter_rows(named=True):
        name = row["name"] or "everyone"
        yield f"    {row['kind']:8} {_cut(name, NAME):{NAME}} {row['basis']:9} {_band(row)}"
    yield "  what it would take for nothing to be left"
    for row in each.inputs.filter(each.inputs["switching"].is_not_null()).iter_rows(named=True):
        yield (
            f"    {_cut(row['input'], NAME):{NAME}} {row['basis']:9} "
            f"{_short(row['switching'])} {row['unit']} instead of {_short(row['value'])} "
            f"({_short(row['low'])} to {_short(row['high'])})"
        )
    for remark in each.remarks:
        yield from _wrapped(str(remark), "  - ")


def _row(each: Appraisal, figure: str, basis: str) -> dict[str, object] | None:
    rows = each.figures.filter(
        (each.figures["figure"] == figure) & (each.figures["basis"] == basis)
    )
    return rows.row(0, named=True) if rows.height else None


def _number(row: dict[str, object] | None, name: str) -> str:
    return "" if row is None else _short(row[name])


def _band(row: dict[str, object] | None, name: str = "value") -> str:
    if row is None or row[name] is None:
        return "-"
    value = _short(row[name])
    if row["low"] is None:
        return value
    return f"{value} ({_short(row['low'])} to {_short(row['high'])})"


def _short(value: object) -> str:
    """A number to three digits, or whole from a thousand on."""
    if value is None:
        return ""
    number = float(str(value))
    if abs(number) >= 100:  # noqa: PLR2004  # whole numbers from a hundred on
        return f"{number:,.0f}"
    return f"{number:.3g}"


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _cut(word: str, width: int) -> str:
    return word if len(word) <= width else word[: width - 1] + "…"


def _wrapped(words: str, lead: str) -> list[str]:
    import textwrap

    return textwrap.wrap(words, WIDTH, initial_indent=lead, subsequent_indent=" " * len(lead))
