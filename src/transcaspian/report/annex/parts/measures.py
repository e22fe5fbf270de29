"""The measures one by one: what they are and change, what that is worth, on what it rests."""

from __future__ import annotations

from typing import Any

from transcaspian.appraisal.worth.results import BASES, Appraisal, Remark
from transcaspian.corridor.patch import Cost, Patch
from transcaspian.report.annex.bearings import FACTORS, Bearings
from transcaspian.report.annex.blocks import (
    Block,
    Heading,
    Line,
    Listing,
    Paragraph,
    Run,
    Words,
    line,
)
from transcaspian.report.annex.parts.claims import claims
from transcaspian.report.annex.parts.packages import remarks
from transcaspian.report.annex.parts.tables import figures, inputs, moved, who
from transcaspian.report.words import finite

MILLION = 1e6
DOLLARS = "USD"
RETURN = "eirr"
REASONS = {"sign_changes", "never_positive", "no_cost", "no_benefits"}


def measures(at: Bearings) -> list[Block]:
    """Each appraisal with its figures and its evidence."""
    found: list[Block] = [Heading(2, line(at.say("part_measures")), "part-measures")]
    for number, appraisal in enumerate(at.brief.appraisals, start=1):
        found += _measure(at, appraisal, number)
    return found


def _measure(at: Bearings, appraisal: Appraisal, number: int) -> list[Block]:
    head = Heading(3, at.heading(appraisal), f"measure-{number}")
    reasons = _reasons(appraisal)
    return [
        head,
        *_about(at, appraisal, number),
        Paragraph(_declared(at, appraisal, number)),
        *figures(at, appraisal, number),
        *_no_return(at, reasons),
        *who(at, appraisal),
        *moved(at, appraisal),
        *_reappears(at, appraisal),
        *inputs(at, appraisal, number),
        *remarks(at, appraisal, said=reasons),
        *_evidence(at, appraisal, number),
    ]


def _about(at: Bearings, appraisal: Appraisal, number: int) -> list[Block]:
    """What the measure is and what it costs, or which measures the set is of."""
    anchor = f"cost-{number}"
    if len(appraisal.patches) != 1:
        names = at.titles(patch.name for patch in appraisal.patches)
        return [Paragraph(at.say.line("set_of", measures=names), anchor=anchor)]
    patch = appraisal.patches[0]
    said = [*_where(at, patch), *_cost(at, patch)]
    found: list[Block] = [Paragraph(at.say.sentences(said), anchor=anchor)]
    told = any(remark.code == "missing" for remark in appraisal.remarks)
    for key, words in (("missing_note", "" if told else patch.missing), ("note", patch.note)):
        if words:
            found.append(Paragraph(at.say.line(key, words=at.say.cited_words(words)), "fine"))
    return found


def _where(at: Bearings, patch: Patch) -> list[Line]:
    say = at.say
    codes = [code.strip() for code in patch.country.replace(",", ";").split(";") if code.strip()]
    countries = say.listed([at.name("country", code) for code in codes])
    status = say.line("status_is", status=say.told("status", patch.status))
    return [*([say.line("done_in", countries=countries)] if codes else []), status]


def _cost(at: Bearings, patch: Patch) -> list[Line]:
    say, cost = at.say, patch.cost
    if cost is None:
        return [say.line("cost_none")]
    found: list[Line] = []
    if capex := _capex(at, cost):
        found.append(say.line("cost_capex", amount=capex))
    if opex := _dollars(
        at, cost.opex_usd_per_year, cost.opex_low_usd_per_year, cost.opex_high_usd_per_year
    ):
        found.append(say.line("cost_opex", amount=opex))
    if not found:
        found.append(say.line("cost_none"))
    if cost.life_years is not None:
        found.append(say.line("cost_life", life=say.exact(cost.life_years)))
    if cost.start_year is not None:
        found.append(say.line("starts", year=str(cost.start_year)))
    return [*found, _prices(at, cost), *_paid(at, cost)]


def _prices(at: Bearings, cost: Cost) -> Line:
    parts: dict[str, Words] = {
        "status": at.say.told("status", cost.status),
        "sources": at.cite(cost.source),
    }
    if cost.price_year is None:
        return at.say.line("cost_status", **parts)
    return at.say.line("cost_prices", year=str(cost.price_year), **parts)


def _capex(at: Bearings, cost: Cost) -> str:
    if cost.capex_amount is not None:
        unit = at.say.text("million_of", currency=cost.currency)
        return at.say.text("amount", value=at.say.exact(cost.capex_amount / MILLION), unit=unit)
    return _dollars(at, cost.capex_usd, cost.capex_low_usd, cost.capex_high_usd)


def _dollars(at: Bearings, value: float | None, low: float | None, high: float | None) -> str:
    """An amount of dollars in millions with what is known of its range."""
    say = at.say
    unit = say.told("unit", "MUSD")
    middle, least, most = (
        say.exact(each / MILLION) if each is not None else None for each in (value, low, high)
    )
    if middle is not None and least is not None and most is not None:
        return say.text("amount_band", value=middle, low=least, high=most, unit=unit)
    if least is not None and most is not None:
        return say.text("span_unit", low=least, high=most, unit=unit)
    only = middle or least or most
    if only is None:
        return ""
    told = say.text("amount", value=only, unit=unit)
    return told if middle is not None else say.text("least" if least else "most", amount=told)


def _paid(at: Bearings, cost: Cost) -> list[Line]:
    say = at.say
    if cost.payers:
        shares = [
            say.line("payer_share", payer=at.payer(payer), share=say.exact_share(share))
            for payer, share in cost.payers.items()
        ]
        return [say.line("paid_by", payers=say.listed(shares))]
    return [say.line("paid_by", payers=say.foreign(cost.payer))] if cost.payer else []


def _declared(at: Bearings, appraisal: Appraisal, number: int) -> Line:
    """What the participants note of time and value, and on what it rests."""
    say = at.say
    evidence = f"#evidence-{number}"
    found: list[Line] = []
    if time := _figure(at, appraisal, "time_mean"):
        found.append(say.line("measure_time", time=Run(time, evidence)))
    worth = {basis: _figure(at, appraisal, "npv", basis) for basis in BASES}
    if all(worth.values()):
        told = {basis: Run(words, evidence) for basis, words in worth.items()}
        found.append(say.line("measure_npv", rate=at.rate, **told))
    else:
        found.append(say.line("measure_no_npv"))
    links = {
        "evidence": Run(say("its_evidence"), evidence),
        "factors": Run(say("the_factors"), f"#{FACTORS}"),
    }
    return say.sentences([*found, say.line("rests_on", **links)])


def _figure(at: Bearings, appraisal: Appraisal, name: str, basis: str = "") -> str:
    """A figure with its band and unit, at the first rate; nothing where there is none."""
    try:
        found: dict[str, Any] = appraisal.figure(name, basis=basis)
    except KeyError:
        return ""
    if not finite(found["value"]):
        return ""
    return at.say.band(found["value"], found["low"], found["high"], unit=found["unit"])


def _reasons(appraisal: Appraisal) -> list[Remark]:
    """Why there is no rate of return, where there is none."""
    rows = appraisal.figures.filter(figure=RETURN)
    if any(finite(value) for value in rows["value"].to_list()):
        return []
    return [each for each in appraisal.remarks if each.code in REASONS]


def _no_return(at: Bearings, reasons: list[Remark]) -> list[Block]:
    if not reasons:
        return []
    said = [at.say.line("eirr_why"), *(at.remark(each) for each in reasons)]
    return [Paragraph(at.say.sentences(said))]


def _reappears(at: Bearings, appraisal: Appraisal) -> list[Block]:
    places = appraisal.moved.filter("reappears")["place"].to_list()
    if not places:
        return []
    named = at.say.listed([at.name("place", place) for place in places])
    return [Paragraph(at.say.line("reappears", places=named))]


def _evidence(at: Bearings, appraisal: Appraisal, number: int) -> list[Block]:
    """The statements on the values of the measures that are told of nowhere else."""
    say, anchor = at.say, f"evidence-{number}"
    found: list[Block] = [Heading(4, line(say("evidence_head")), anchor)]
    own = [each for each in appraisal.patches if at.measures[each.name] == f"measure-{number}"]
    if not own:
        names = at.titles(patch.name for patch in appraisal.patches)
        found.append(Paragraph(say.line("set_of", measures=names)))
    for place, patch in enumerate(own, start=1):
        name = anchor if len(own) == 1 else f"{anchor}-{place}"
        told = claims(at, patch, anchor=name)
        if told:
            found.append(Listing(tuple(told)))
        else:
            status = say.told("status", patch.status)
            found.append(Paragraph(say.line("evidence_none", status=status)))
        sources = at.cite(patch.source)
        found.append(Paragraph(say.line("sourced", sources=sources), "fine"))
    return found
