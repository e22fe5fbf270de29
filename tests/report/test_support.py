"""What to support: the packages and the ranking on the page of a run."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from page_reader import read_page

from transcaspian.report.page import page
from transcaspian.report.words import number

HERE = Path(__file__).parent


@pytest.fixture
def brief(monkeypatch):
    monkeypatch.syspath_prepend(str(HERE / "annex"))
    from made_up_brief import made_up_brief

    return made_up_brief()


@pytest.fixture
def html(filled, brief):
    return page(replace(filled, support=brief))


def section(html: str) -> str:
    return html[html.index('id="tc-support"') :].split("</section>", maxsplit=1)[0]


def test_it_is_there_with_its_line_in_the_contents_and_not_without_a_brief(html, filled):
    reading = read_page(html)
    assert "tc-support" in reading.ids
    assert 'href="#tc-support"' in html
    assert "tc-support" not in page(filled)


def test_every_package_is_told_with_its_measures_and_shares(html, brief):
    said = section(html)
    for chosen in brief.chosen:
        assert f"With {number(chosen.budget_musd, places=0)} million USD" in said
        assert number(chosen.value) in said
        for row in chosen.shares.iter_rows(named=True):
            assert number(row["share"]) in said
        for remark in chosen.remarks:
            assert str(remark).split(":")[0][:20] in said.replace("&#39;", "'")


def test_every_measure_has_both_values_of_time_and_what_it_rests_on(html, brief):
    said = section(html)
    for each in brief.appraisals:
        assert each.patches[0].title.split("<")[0][:12].split("&")[0] in said
        for basis in ("market", "carrying"):
            try:
                value = each.figure("npv", basis=basis)["value"]
            except KeyError:
                continue
            assert number(value) in said
    assert "market" in said
    assert "carrying" in said


def test_nothing_absurd_is_printed(html):
    assert not re.search(r"\b(nan|None|inf|null|NaN)\b", re.sub("<[^>]+>", " ", section(html)))
