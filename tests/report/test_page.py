from __future__ import annotations

import re
from dataclasses import replace

import pytest
from page_reader import read_page

from transcaspian.report.material import Headline, Opening, Worst
from transcaspian.report.page import CONTENTS, page
from transcaspian.report.words import Quantity

SECTIONS = [name for name, _ in CONTENTS] + ["again"]
ABSURD = re.compile(r"\b(nan|None|inf|null|undefined|NaN)\b")


@pytest.mark.parametrize("kind", ["filled", "bare"])
def test_is_well_formed_and_complete(kind, request):
    reading = read_page(page(request.getfixturevalue(kind)))
    assert reading.tags.count("h1") == 1
    for name in SECTIONS:
        assert f"tc-{name}" in reading.ids
        assert f"tc-h-{name}" in reading.ids
    assert len(reading.ids) == len(set(reading.ids))


@pytest.mark.parametrize("kind", ["filled", "bare"])
def test_loads_nothing(kind, request):
    html = page(request.getfixturevalue(kind))
    reading = read_page(html)
    assert all(load.startswith("#") for load in reading.loads)
    assert "@import" not in html
    assert "url(" not in html
    assert "default-src 'none'" in html


@pytest.mark.parametrize("kind", ["filled", "bare"])
def test_shows_no_absurd_word(kind, request):
    reading = read_page(page(request.getfixturevalue(kind)))
    shown = [*reading.visible, *(value for _, value in reading.attributes)]
    assert not [words for words in shown if ABSURD.search(words)]


def test_unknown_numbers_are_said_to_be_unknown(filled):
    gone = Quantity(float("nan"), float("inf"), None, "h")
    html = page(
        replace(
            filled,
            headlines=[Headline("Time at a border", [("road", gone)], "")],
            worst=[Worst("Midway", "Aland", {"queueing": float("nan")}, gone, gone, 0.0)],
        )
    )
    assert not [words for words in read_page(html).visible if ABSURD.search(words)]


def test_the_same_material_gives_the_same_bytes(filled):
    assert page(filled) == page(filled)


def test_hostile_text_is_escaped(filled):
    evil = "<script>alert('x')</script>\" onload=\"y\x00"
    hostile = replace(
        filled,
        opening=Opening(evil, evil, evil, 2023, evil, 3),
        worst=[replace(row, name=evil, country=evil) for row in filled.worst],
        held=[replace(row, what=evil, source=evil) for row in filled.held],
        effects=[replace(row, title=evil, moved=evil) for row in filled.effects],
        citations=[replace(row, url=evil, title=evil) for row in filled.citations],
    )
    html = page(hostile)
    reading = read_page(html)
    assert reading.tags.count("script") == 1
    assert not [name for name, _ in reading.attributes if name.startswith("on")]
    assert "\x00" not in html


def test_every_picture_says_what_it_is(filled):
    html = page(filled)
    for picture in re.findall(r"<svg[^>]*>", html):
        assert 'aria-hidden="true"' in picture or 'role="img"' in picture
        assert 'role="img"' not in picture or 'aria-label="' in picture


def test_every_table_has_a_caption(filled):
    tags = read_page(page(filled)).tags
    assert tags.count("table") == tags.count("caption") > 0


def test_misses_come_first_and_are_said(filled):
    html = page(filled)
    table = html[html.index("<caption>Published against simulated") :]
    assert table.index("Border time, Midway") < table.index("Door to door")
    assert "1.5 times too high" in table
    assert "a target is no measurement" in table


def test_estimates_are_counted_at_the_top(filled):
    html = page(filled)
    assert "Of the 43 numbers that the simulation reads, 31 (72 %)" in html
    assert html.index("30 estimated") < html.index('id="tc-map"')


def test_long_tables_are_folded(filled):
    html = page(replace(filled, worst=filled.worst * 16))
    assert "Table: Worst places" in html
    assert "(16 rows)" in html
