"""Who gains and who pays by the package, or by each measure where no package was appraised."""

from __future__ import annotations

from typing import Any

from transcaspian.appraisal.worth.results import Appraisal
from transcaspian.report.annex.bearings import Bearings
from transcaspian.report.annex.blocks import Block, Grid, Head, Heading, Paragraph, line, row
from transcaspian.report.annex.parts.tables import named, valued

KINDS = ("country", "payer")


def gains(at: Bearings) -> list[Block]:
    """By country and by payer."""
    say = at.say
    found: list[Block] = [Heading(2, line(say("part_gains")), "part-gains")]
    package = best(at)
    told = at.brief.appraisals if package is None else (package,)
    told = tuple(each for each in told if not each.who.filter(kind=KINDS[0]).is_empty()) or told
    if not any(each.who.height for each in told):
        return [*found, Paragraph(say.line("gains_none"))]
    if package is None:
        found.append(Paragraph(say.line("gains_singles")))
    else:
        names = at.titles(patch.name for patch in package.patches)
        found.append(Paragraph(say.line("gains_package", measures=names)))
    return found + [_grid(at, told, kind, single=package is None) for kind in KINDS]


def best(at: Bearings) -> Appraisal | None:
    """The appraisal of the package of most value that was appraised as a whole."""
    known = {frozenset(p.name for p in each.patches): each for each in at.brief.appraisals}
    for chosen in sorted(at.brief.chosen, key=lambda each: -each.value):
        package = known.get(frozenset(chosen.measures))
        if chosen.measures and package is not None and package.who.height:
            return package
    return None


def _grid(at: Bearings, told: tuple[Appraisal, ...], kind: str, *, single: bool) -> Grid:
    say = at.say
    heads = (
        *([Head(say("head_measure"), width=2.4)] if single else []),
        Head(say("head_name"), width=1.7),
        Head(say("head_basis"), width=1.1),
        Head(say("head_worth"), numeric=True),
        Head(say("head_band"), numeric=True, width=1.6),
    )
    rows = [
        row(*([at.heading(each)] if single else []), *_cells(at, found))
        for each in told
        for found in each.who.filter(kind=kind).iter_rows(named=True)
    ]
    return Grid(say(f"gains_{kind}"), heads, tuple(rows))


def _cells(at: Bearings, found: dict[str, Any]) -> tuple[Any, ...]:
    basis = at.say.told("basis", found["basis"]) if found["basis"] else ""
    return named(at, found["kind"], found["name"]), basis, *valued(at, found)
