"""The words of the annex in three languages, and how its lines are broken."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

import transcaspian.report.annex as face
from transcaspian.appraisal.worth.results import BASES, REMARKS
from transcaspian.corridor.declared.valuing import QUANTITIES
from transcaspian.report.annex import LANGUAGES
from transcaspian.report.annex.blocks import Grid, Head, Run, row
from transcaspian.report.annex.setting.letters import broken, register
from transcaspian.report.annex.setting.sheet import MEASURE, PAD, _widths
from transcaspian.report.annex.speech import speech
from transcaspian.tables.schema import STATUSES
from transcaspian.tables.vocabulary import vocabulary

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
CYRILLIC = re.compile(r"[\u0400-\u04ff]")
LATIN_WORD = re.compile(r"[A-Za-z]{3,}")
SIGNS = {"quote", "quote_in_english", "comma", "semicolon", "sentence", "percent", "amount"}
SIGNS |= {"payer_share", "what_of", "amount_band", "plain_band", "span", "span_unit", "cited"}
SIGNS |= {"unknown"}
LITERAL = {"transcaspian", "USD", "CO2e"}
CALLED = re.compile(r'(?:say|self)(?:\.line|\.text)?\(\s*"(\w+)"')


def gaps(words: str) -> set[tuple[str, str]]:
    return {(name, spec or "") for _, name, spec, _ in Formatter().parse(words) if name}


def test_every_phrase_is_in_three_languages_with_the_same_gaps():
    for code, *told in vocabulary("annex_words").select("code", *LANGUAGES).iter_rows():
        if code == "sentence":
            continue
        assert all(told), code
        english, *others = (gaps(words) for words in told)
        assert all(english == other for other in others), code


@pytest.mark.parametrize(("language", "script"), [("ja", JAPANESE), ("ru", CYRILLIC)])
def test_every_phrase_is_in_the_script_of_its_language(language, script):
    for code, words in vocabulary("annex_words").select("code", language).iter_rows():
        bare = re.sub(r"\{[^}]*\}", "", words or "")
        if code in SIGNS or code.startswith("unit_"):
            continue
        assert script.search(bare), f"{code}: {words}"
        foreign = set(LATIN_WORD.findall(bare)) - LITERAL - {"JPY"}
        assert not foreign, f"{code}: {foreign}"


def test_codes_are_told_once():
    codes = vocabulary("annex_words")["code"].to_list()
    assert len(codes) == len(set(codes))


def test_every_remark_is_told_as_the_appraisal_has_it():
    english = dict(vocabulary("annex_words").select("code", "en").iter_rows())
    told = {code: english.get(f"remark_{code}") for code in REMARKS}
    assert told == REMARKS


def test_every_code_that_tables_hold_has_words():
    words = speech("en").words
    wanted = [
        *(f"quantity_{each}" for each in QUANTITIES),
        *(f"status_{each}" for each in STATUSES),
        *(f"basis_{each}" for each in BASES),
        *(f"claim_{each}" for each in "ABCD"),
        *(f"written_{each}" for each in ("set", "scale", "add")),
        *(f"kind_{each}" for each in ("country", "good", "payer", "country_hours")),
    ]
    assert [code for code in wanted if code not in words] == []


def test_every_phrase_that_the_code_asks_for_is_there():
    folder = Path(face.__file__).parent
    asked = {
        key
        for path in folder.rglob("*.py")
        for key in CALLED.findall(path.read_text(encoding="utf-8"))
    }
    assert len(asked) > 80
    assert asked - speech("en").words.keys() == set()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("value", [0.0, -0.0, 3.0, -12.34, 1234.5, 4_118_237.0, 0.0135, 6e-5])
def test_a_number_is_read_back_as_it_was(language, value):
    say = speech(language)
    written = say.exact(value).replace("\u2212", "-")
    if language == "ru":
        written = written.replace("\u00a0", "").replace(",", ".")
    assert float(written.replace(",", "")) == pytest.approx(value, rel=5e-4)


def test_numbers_of_each_language():
    assert speech("en").number(1234.5, places=1) == "1,234.5"
    assert speech("ja").number(1234.5, places=1) == "1,234.5"
    assert speech("ru").number(1234.5, places=1) == "1\u00a0234,5"
    assert speech("ru").share(0.0109) == "1,1\u00a0%"
    assert speech("en").share(0.572) == "57\u00a0%"
    assert speech("en").exact_share(0.035) == "3.5\u00a0%"
    assert speech("en").band(None, 1.0, 2.0) == "–"
    assert speech("en").band(5.0, None, None, unit="h") == "5.0\u00a0h"
    assert speech("ru").formatted(-0.388, ".0%") == "\u221239\u00a0%"


TEXTS = [
    "The participants consider that the following measures together are worth most: one, two.",
    "参加者は、20百万米ドルの予算の下で、「Two lanes」（2028年開始）を実施することが適当と考える。",
    "Участники считают, что при бюджете 20 млн долл. США наибольшую ценность имеют меры.",
    "https://example.org/" + "a-very-long-address/" * 12,
]


def lines_of(marked: str) -> list[str]:
    return [re.sub(r"<[^>]+>", "", each) for each in marked.split("<br/>")]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("width", [40.0, 90.0, 300.0])
def test_no_line_is_wider_than_its_measure(text, width):
    from reportlab.pdfbase.pdfmetrics import stringWidth

    register()
    marked = broken((Run(text[:20]), Run(text[20:], to="#there")), width, 8.0)
    for each in marked.split("<br/>"):
        parts = re.findall(r'<font name="([^"]+)">([^<]*)</font>', each)
        assert sum(stringWidth(words, font, 8.0) for font, words in parts) <= width
    joined = "".join(lines_of(marked))
    assert joined.replace(" ", "") == text.replace(" ", "")


def test_japanese_lines_do_not_begin_with_a_stop_nor_split_a_number():
    register()
    text = "費用は、合計1,234.5百万米ドルである。" * 4
    for width in range(50, 200, 7):
        for each in lines_of(broken((Run(text),), float(width), 8.0)):
            assert each[0] not in "、。）"
            assert not re.match(r"[\d,.]+", each) or each.startswith("1,234.5")


def test_words_are_escaped_for_print():
    register()
    marked = broken((Run('<b>&"x"', to='#a"b'),), 300.0, 8.0)
    assert "<b>" not in marked
    assert 'href="#a&quot;b"' in marked


def test_tables_are_as_wide_as_the_sheet_and_hold_their_words():
    register()
    heads = tuple(Head(word, width=part) for word, part in (("A", 9.0), ("Interoperability", 0.1)))
    widths = _widths(Grid("", heads, (row("a", "Вероятность-вероятность"),)))
    assert sum(widths) == pytest.approx(MEASURE)
    assert widths[1] > 60 + 2 * PAD
