"""The title block: what the annex is, and what it takes to compute it again."""

from __future__ import annotations

from transcaspian.report.annex.bearings import Bearings
from transcaspian.report.annex.blocks import Block, Grid, Head, Heading, Paragraph, Row, line, row


def opening(at: Bearings) -> list[Block]:
    """The title, what the annex is, how it is to be read, and the basis of the computation."""
    say, brief = at.say, at.brief
    title = say.quoted(brief.title)
    return [
        Paragraph(line(say("annex")), "over"),
        Heading(1, say.line("title", title=title)),
        Paragraph(say.line("what", title=title), "lead"),
        Paragraph(say.line("computed")),
        Paragraph(say.line("bands")),
        Paragraph(say.line("money", year=str(brief.price_year), rate=at.rate)),
        Paragraph(say.line("two_bases")),
        Paragraph(say.line("wording")),
        Grid(
            say("basis_of"),
            (Head(say("fact"), width=1.2), Head(say("fact_value"), width=2.0)),
            tuple(_facts(at)),
        ),
    ]


def _facts(at: Bearings) -> list[Row]:
    say, brief = at.say, at.brief
    facts = {
        "hash": brief.corridor_hash,
        "version": brief.version,
        "seed": str(brief.seed),
        "replications": say.number(brief.replications, places=0),
        "draws": say.number(brief.draws, places=0),
        "price_year": str(brief.price_year),
        "first_year": str(brief.first_year),
        "horizon": str(brief.horizon),
        "rates": say("semicolon").join(say.exact_share(rate) for rate in brief.rates),
    }
    return [row(say(f"fact_{name}"), words) for name, words in facts.items() if words]
