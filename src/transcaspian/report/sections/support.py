"""What to support: the best package of each budget, and measures by what they are worth alone."""

from __future__ import annotations

from transcaspian.appraisal.worth.results import BASES, Appraisal, Brief, Chosen
from transcaspian.report.markup import Markup, join, tag
from transcaspian.report.material import Material
from transcaspian.report.sections.frame import section
from transcaspian.report.tabular import Entry, Head, table
from transcaspian.report.words import Quantity, listed, number, plural, share, shown

GRADES = {"A": "seen here", "B": "seen elsewhere", "C": "an expert's word", "D": "assumed"}


def support(material: Material) -> Markup:
    """The packages chosen and the measures ranked; nothing where none were."""
    brief = material.support
    if brief is None:
        return Markup("")
    return section(
        "support",
        "What to support",
        tag("p", _lead(brief)),
        *[_package(brief, chosen) for chosen in brief.chosen],
        tag("h3", "Every measure by itself"),
        tag(
            "p",
            "Each alone, with everything else as it is. These must not be added up: measures act "
            "together, which the packages count.",
        ),
        table(
            "Measures by what they are worth, million USD",
            [
                Head("Measure"),
                Head("Costs", "present value", numeric=True),
                *(Head("Worth less cost", basis, numeric=True) for basis in BASES),
                Head("Waiting", "h a year", numeric=True),
                Head("Its effect is"),
            ],
            [_measure(each) for each in brief.appraisals],
        ),
    )


def _lead(brief: Brief) -> str:
    return (
        f"Present values in million USD of {brief.price_year} over {brief.horizon} years at "
        f"{brief.rates[0] * 100:g} % a year, from {brief.replications} runs over {brief.draws} "
        "draws of what is not known; bands are 90 %. Two values of time stand side by side: what "
        "shippers were seen to pay for a day (market), and what a day of carrying the goods costs "
        "(carrying). They differ by one to two orders of magnitude, and so does what a measure is "
        "worth. Most effects are assumptions within a range. The annex beside this page has all "
        "of it, in English, Japanese and Russian."
    )


def _package(brief: Brief, chosen: Chosen) -> Markup:
    titles = {each.patches[0].name: each.patches[0].title for each in brief.appraisals}
    others = (
        [] if chosen.other is None else [" (", shown(Quantity(*chosen.other)), " by the other)"]
    )
    return join(
        [
            tag("h3", f"With {number(chosen.budget_musd, places=0)} million USD to build with"),
            tag(
                "p",
                f"{plural(len(chosen.measures), 'measure')} for {number(chosen.cost_musd)} "
                "million, worth ",
                shown(Quantity(chosen.value, chosen.low, chosen.high)),
                f" million less cost by the {chosen.basis} value of time",
                *others,
                f". The chance that no other set is better: {share(chosen.probability)}; "
                f"{plural(chosen.near.height, 'set')} within 2 % of it, itself one.",
                _futures(chosen),
            ),
            table(
                f"The package for {number(chosen.budget_musd, places=0)} million USD",
                [
                    Head("Measure"),
                    Head("From"),
                    Head("To build", "million USD", numeric=True),
                    Head("Alone", "million USD", numeric=True),
                    Head("Its share", "million USD", numeric=True),
                ],
                [
                    [
                        titles.get(row["measure"], row["measure"]),
                        str(row["year"]),
                        row["cost_musd"],
                        row["alone"],
                        Quantity(row["share"], row["low"], row["high"]),
                    ]
                    for row in chosen.shares.iter_rows(named=True)
                ],
            ),
            tag("ul", *(tag("li", str(remark)) for remark in chosen.remarks)),
        ]
    )


def _futures(chosen: Chosen) -> str:
    if chosen.regrets.is_empty():
        return ""
    count = chosen.regrets["future"].n_unique()
    worst = chosen.near["worst_regret"][0]
    within = chosen.near["futures_share"][0]
    return (
        f" Over {count} futures it is at worst {number(worst)} million behind the best of those "
        f"sets, and within a tenth of it in {share(within)} of them."
    )


def _measure(each: Appraisal) -> list[Entry]:
    worths: list[Entry] = [_figure(each, "npv", basis) for basis in BASES]
    grades = sorted({row.grade for patch in each.patches for row in patch.evidence})
    rests = listed([GRADES[grade] for grade in grades]) if grades else "as published"
    return [
        "; ".join(patch.title for patch in each.patches),
        _figure(each, "costs", ""),
        *worths,
        _figure(each, "waiting", ""),
        rests,
    ]


def _figure(each: Appraisal, name: str, basis: str) -> Quantity:
    try:
        row = each.figure(name, basis=basis)
    except KeyError:
        return Quantity(None)
    return Quantity(row["value"], row["low"], row["high"])  # type: ignore[arg-type]
