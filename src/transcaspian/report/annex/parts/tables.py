"""The tables of a measure: its figures, who has them, where the waiting went, what sways them."""

from __future__ import annotations

from typing import Any

from transcaspian.appraisal.worth.results import Appraisal
from transcaspian.report.annex.bearings import BY_BASIS, FACTORS, Bearings
from transcaspian.report.annex.blocks import Block, Grid, Head, Line, Row, Run, Words, line, row
from transcaspian.report.annex.speech import MONEY, shared_places
from transcaspian.report.words import finite

RATES_OF_RETURN = {"eirr", "mirr"}
PHYSICAL = {"time_mean", "time_sd", "time_p95", "waiting", "tonnes", "left_over", "price"}
LEADS = {"co2": "emission", "cases": "accidents", "costs": "discount_rate"}
Cells = dict[str, Any]


def figures(at: Bearings, appraisal: Appraisal, number: int) -> list[Block]:
    """The figures with and without; values lead to the evidence, bands to the factors."""
    say = at.say
    if appraisal.figures.is_empty():
        return []
    heads = (
        Head(say("head_figure"), width=2.4),
        Head(say("head_counted"), width=1.5),
        Head(say("head_unit"), width=1.2),
        Head(say("head_without"), numeric=True, width=1.1),
        Head(say("head_value"), numeric=True, width=1.2),
        Head(say("head_band"), numeric=True, width=1.9),
        Head(say("head_parameter"), numeric=True, width=1.1),
    )
    rows = [_figure(at, found, number) for found in appraisal.figures.iter_rows(named=True)]
    return [Grid(say("figures_caption"), heads, tuple(rows), f"figures-{number}")]


def _figure(at: Bearings, found: Cells, number: int) -> Row:
    say = at.say
    percent = found["figure"] in RATES_OF_RETURN
    by = 100.0 if percent else 1.0
    value, low, high, without = (
        None if found[name] is None else by * found[name]
        for name in ("value", "low", "high", "without")
    )
    evidence = f"#evidence-{number}"
    behind = _behind(at, found) or evidence
    places = shared_places(value, low, high, unit=found["unit"])
    shown = say.number(value, places=places) if finite(value) else say("not_given")
    return row(
        say.told("figure", found["figure"]),
        counted(at, found["basis"], found["rate"]),
        say.told("unit", "%" if percent else found["unit"]),
        say.number(without) if finite(without) else "",
        Run(shown, evidence),
        Run(say.span(low, high, places=places), behind if finite(low) and finite(high) else ""),
        say.share(found["parameter_share"]) if finite(found["parameter_share"]) else "",
    )


def _behind(at: Bearings, found: Cells) -> str:
    """The factor that a figure of money, carbon or safety rests on most directly."""
    if found["figure"] in PHYSICAL:
        return ""
    quantity = LEADS.get(found["figure"]) or BY_BASIS.get(found["basis"], "")
    return f"#{at.quantities.get(quantity, FACTORS)}"


def counted(at: Bearings, basis: str, rate: float | None) -> Line:
    """The basis of the value of time and the discount rate of a figure."""
    said: list[Words] = [at.say.told("basis", basis)] if basis else []
    if finite(rate):
        said += [at.say("comma"), at.say.exact_share(rate)] if said else [at.say.exact_share(rate)]
    return line(*said)


def who(at: Bearings, appraisal: Appraisal) -> list[Block]:
    """Who gains and who pays by a measure."""
    say = at.say
    if appraisal.who.is_empty():
        return []
    heads = (
        Head(say("head_kind"), width=1.3),
        Head(say("head_name"), width=1.7),
        Head(say("head_basis"), width=1.1),
        Head(say("head_unit"), width=1.2),
        Head(say("head_worth"), numeric=True, width=1.0),
        Head(say("head_band"), numeric=True, width=1.6),
    )
    rows = [
        row(
            say.told("kind", found["kind"]),
            named(at, found["kind"], found["name"]),
            say.told("basis", found["basis"]) if found["basis"] else "",
            say.told("unit", found["unit"]),
            *valued(at, found),
        )
        for found in appraisal.who.iter_rows(named=True)
    ]
    return [Grid(say("who_caption"), heads, tuple(rows))]


def named(at: Bearings, kind: str, name: str) -> Words:
    """A country, a good or a payer; no country is everyone."""
    if kind == "payer":
        return at.payer(name)
    if not name:
        return at.say("everyone")
    return at.name("good" if kind == "good" else "country", name)


def valued(at: Bearings, found: Cells) -> tuple[str, str]:
    """A value and its band, with the same decimals."""
    places = shared_places(found["value"], found["low"], found["high"], unit=found["unit"])
    return (
        at.say.number(found["value"], places=places),
        at.say.span(found["low"], found["high"], places=places),
    )


def moved(at: Bearings, appraisal: Appraisal) -> list[Block]:
    """Where the waiting went, with what comes back elsewhere marked."""
    say = at.say
    if appraisal.moved.is_empty():
        return []
    heads = (
        Head(say("head_place"), width=2.4),
        Head(say("head_without"), numeric=True),
        Head(say("head_change"), numeric=True),
        Head(say("head_band"), numeric=True, width=1.6),
        Head(say("head_reappears"), width=1.2),
    )
    rows = [
        row(
            at.name("place", found["place"]),
            say.number(found["without"]),
            *valued(at, found),
            say("yes") if found["reappears"] else say("no"),
        )
        for found in appraisal.moved.iter_rows(named=True)
    ]
    return [Grid(say("moved_caption"), heads, tuple(rows))]


def inputs(at: Bearings, appraisal: Appraisal, number: int) -> list[Block]:
    """The inputs that sway the value most, and where nothing would be left of it."""
    say = at.say
    if appraisal.inputs.is_empty():
        return []
    heads = (
        Head(say("head_input"), width=2.6),
        Head(say("head_basis"), width=1.1),
        Head(say("head_unit"), width=1.1),
        Head(say("head_worth"), numeric=True),
        Head(say("head_range"), numeric=True, width=1.6),
        Head(say("head_swing"), numeric=True, width=1.1),
        Head(say("head_switching"), numeric=True, width=1.2),
    )
    rows = [
        row(
            _input(at, found["input"], number),
            say.told("basis", found["basis"]) if found["basis"] else "",
            say.told("unit", found["unit"]),
            say.exact(found["value"]),
            say.exact_span(found["low"], found["high"]),
            say.number(found["swing"], places=shared_places(found["swing"], unit=MONEY)),
            say.exact(found["switching"]),
        )
        for found in appraisal.inputs.iter_rows(named=True)
    ]
    return [Grid(say("inputs_caption"), heads, tuple(rows))]


def _input(at: Bearings, name: str, number: int) -> Line:
    """What an input is called, leading to where it is told of."""
    if name == "cost":
        return line(Run(at.say("input_cost"), f"#cost-{number}"))
    if name == "effect":
        return line(Run(at.say("input_effect"), f"#evidence-{number}"))
    anchor = at.factors.get(name)
    if anchor is None:
        return line(at.say.foreign(name.replace("_", " "), f"#evidence-{number}"))
    factor = at.brief.factors.filter(factor=name).row(0, named=True)
    return tuple(Run(run.words, f"#{anchor}", run.language) for run in at.quantity(factor))
