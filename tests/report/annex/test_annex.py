"""The annex of a made-up brief: what it says, where its figures come from, how it is written."""

from __future__ import annotations

import dataclasses
import math
import re
import subprocess
import sys
from itertools import pairwise

import polars as pl
import pytest
from made_up_brief import EVIL, FACTORS, made_up_brief
from page_reader import read_page

from transcaspian.appraisal.worth.results import FIGURES, Brief, Remark
from transcaspian.errors import Fault
from transcaspian.report.annex import LANGUAGES, annex_page, annex_pdf, write_annex
from transcaspian.report.annex.bearings import bearings
from transcaspian.report.annex.document import document
from transcaspian.report.annex.setting.sheet import sheets

NUMBER = re.compile(r"(?<![A-Za-z\d_#.,-])\u2212?\d[\d,\u00a0]*(?:\.\d+)?(?![A-Za-z\d_])")
FIXED = {90.0, 2.0}  # the share that a band holds, and how near a set must be to be listed
ABSURD = re.compile(r"\b(nan|None|inf|null|NaN)\b")
ASSUMED = {"en": "It is assumed", "ja": "仮定する", "ru": "редполагается"}
FOUND = {"en": "was seen", "ja": "確認され", "ru": "аблюдалось"}


@pytest.fixture(scope="module")
def brief() -> Brief:
    return made_up_brief()


@pytest.fixture(scope="module")
def pages(brief) -> dict[str, str]:
    return {language: annex_page(brief, language) for language in LANGUAGES}


def known_numbers(thing) -> set[float]:
    """Every number that a brief holds, as it is, as a percentage and in millions."""
    if isinstance(thing, bool | str) or thing is None:
        return set()
    if isinstance(thing, int | float):
        return {float(thing), 100.0 * thing, thing / 1e6}
    parts = thing
    if isinstance(thing, pl.DataFrame):
        parts = [thing.height, *thing.rows()]
    elif dataclasses.is_dataclass(thing):
        parts = [getattr(thing, field.name) for field in dataclasses.fields(thing)]
    elif not isinstance(thing, tuple | list):
        parts = dict(thing).values()
    return set().union(*(known_numbers(each) for each in parts))


def printed(pages: dict[str, str], language: str, brief: Brief) -> list[str]:
    """The numbers that a reader sees, but for those in quoted words and in the version."""
    words = " ".join(read_page(pages[language]).visible)
    for quoted in (brief.corridor_hash, f"transcaspian {brief.version}", EVIL, brief.version):
        words = words.replace(quoted, " ")
    words = re.sub(r"https?://\S+|[SW]\d+|alert\(1\)", " ", words)
    if language == "ru":
        words = re.sub(r"(?<=\d)\u00a0(?=\d)", "", words)
        words = re.sub(r"(?<=\d),(?=\d)", ".", words)
        words = words.replace("90-", "90 ")
    return NUMBER.findall(words)


def is_of(number: str, known: set[float]) -> bool:
    bare = number.replace("\u2212", "-").replace(",", "").replace("\u00a0", "")
    value = float(bare)
    places = len(bare.partition(".")[2])
    half = 0.5001 * 10**-places
    if abs(value) >= 10_000:
        half = max(half, 0.5001 * 10 ** (math.floor(math.log10(abs(value))) - 2))
    return any(abs(abs(each) - abs(value)) <= half for each in known)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_is_in_the_tables(brief, pages, language):
    known = known_numbers(brief) | FIXED
    numbers = printed(pages, language, brief)
    assert len(numbers) > 400
    assert [number for number in numbers if not is_of(number, known)] == []


def test_another_value_is_another_text(brief, pages):
    figures = brief.appraisals[1].figures
    changed = figures.with_columns(
        pl.when((pl.col("figure") == "npv") & (pl.col("rate") == 0.09))
        .then(987.6)
        .otherwise("value")
        .alias("value")
    )
    appraisals = list(brief.appraisals)
    appraisals[1] = dataclasses.replace(appraisals[1], figures=changed)
    page = annex_page(dataclasses.replace(brief, appraisals=tuple(appraisals)), "en")
    assert "987.6" not in pages["en"]
    assert page.count("987.6") == 4, "two bases, in the sentence and in the table"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_well_formed_and_in_its_language(pages, language):
    reading = read_page(pages[language])
    assert reading.tags.count("h1") == 1
    assert len(reading.ids) == len(set(reading.ids))
    assert reading.tags.count("table") == reading.tags.count("caption") > 10
    assert f'<html lang="{language}">' in pages[language]
    assert not [words for words in reading.visible if ABSURD.search(words)]
    levels = [int(tag[1]) for tag in reading.tags if re.fullmatch(r"h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    for head in re.findall(r"<th\b[^>]*>", pages[language]):
        assert 'scope="col"' in head or 'scope="row"' in head


@pytest.mark.parametrize("language", LANGUAGES)
def test_anchors_resolve_and_nothing_is_loaded(pages, language):
    reading = read_page(pages[language])
    targets = [value for name, value in reading.attributes if name == "href"]
    inner = {target[1:] for target in targets if target.startswith("#")}
    assert len(inner) > 20
    assert inner <= set(reading.ids)
    outer = [target for target in targets if not target.startswith("#")]
    assert all(target.startswith("https://example.org/") for target in outer)
    assert "default-src 'none'" in pages[language]
    assert "<script" not in pages[language]
    assert not re.search(r"url\(|@import|\bsrc=", pages[language])


def test_figures_lead_to_what_they_rest_on(pages):
    page = pages["en"]
    assert '<a href="#evidence-2">16.5</a>' in page, "the value of a measure to its evidence"
    assert '<a href="#factor-2">' in page, "a band by the market basis to the value of time"
    assert '<a href="#factor-4">' in page, "a band by the carrying basis to the carrying rate"
    assert '<a href="#factor-5">' in page, "carbon to the emission factor"
    assert re.search(r'<tr id="factor-2"><th scope="row">value of a day', page)
    assert re.search(r'<h4 id="evidence-2">', page)


def test_only_sources_that_are_cited_are_listed(brief, pages):
    page = pages["en"]
    assert "A guide" in page
    assert "Never cited" not in page
    assert "not in the table of sources" in page
    ids = re.findall(r'<tr id="source-\d+"><th scope="row">(\w+)</th>', page)
    assert ids == ["S1", "S3", "S20", "S999", "W1", "W2"]
    cited = set(re.findall(r'href="#(source-\d+)"', page))
    assert len(cited) == len(ids)
    assert brief.sources.height == 6


@pytest.mark.parametrize("language", LANGUAGES)
def test_weak_evidence_is_worded_as_an_assumption(pages, language):
    said = re.findall(r'<li id="evidence-\d+-\d+">(.*?)</li>', pages[language])
    graded = {re.sub(r"<[^>]+>", "", words): None for words in said}
    assert len(graded) == 4
    for words in graded:
        grade = re.search(r"(?:Grade |等級|Степень )([ABCD])", words).group(1)
        assert (ASSUMED[language] in words) == (grade in "CD"), words
        assert (FOUND[language] in words) == (grade in "AB"), words


@pytest.mark.parametrize(
    ("language", "estimated", "unconfirmed"),
    [
        ("en", "estimated", "unconfirmed"),
        ("ja", "推計値", "未確認"),
        ("ru", "оценка", "не подтверждено"),
    ],
)
def test_what_is_estimated_says_so(pages, language, estimated, unconfirmed):
    page = pages[language]
    assert re.search(rf"Cranes at Southgate</a>.*?{estimated}", page)
    assert page.count(estimated) >= 5
    assert page.count(unconfirmed) >= 3


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("en", ["64.2\u00a0million USD (12.7 to 131.5)", "512,000", "57\u00a0%"]),
        ("ja", ["64.2百万米ドル（12.7～131.5）", "512,000", "57%"]),
        ("ru", ["64,2\u00a0млн долл. США (от 12,7 до 131,5)", "512\u00a0000", "57\u00a0%"]),
    ],
)
def test_numbers_are_in_the_manner_of_the_language(pages, language, wanted):
    for words in wanted:
        assert words in pages[language]


def test_a_rate_of_return_that_is_not_one_number_is_not_given(pages):
    page = pages["en"]
    mine = page[page.index('id="measure-2"') : page.index('id="measure-3"')]
    assert mine.count("not given") >= 3
    assert (
        "The internal rate of return is not given. The cash flow changes its sign 2 times" in mine
    )
    assert "Part of the gain reappears as waiting at Southgate." in mine


def test_without_a_cost_no_value_against_it_is_formed(pages):
    page = pages["en"]
    mine = page[page.index('id="measure-4"') : page.index('id="part-gains"')]
    assert mine.count("no value against cost is formed") == 1
    assert mine.count("What officers forget.") == 1
    assert "Its cost is not published and no range is given." in mine
    assert "No net present value is formed." in mine
    assert "Benefit-cost ratio" not in mine


def test_the_package_is_declared_with_all_that_is_known_of_it(pages):
    page = re.sub(r"<[^>]+>", "", pages["en"]).replace("\u00a0", " ")
    assert "The participants consider that, with a budget of 20 million USD," in page
    assert "Cranes at Southgate, from 2030, at a cost of 9.2 million USD (estimated);" in page
    assert (
        "value at a discount rate of 9 % is 64.2 million USD (12.7 to 131.5) on the market" in page
    )
    assert "On the carrying basis it is 9.30 million USD" not in page
    assert "On the carrying basis it is 9.3 million USD (−3.1 to 24.4)." in page
    assert "A lower sea38.66.6" in page
    assert "The probability that no other set is better is 57 %." in page
    assert "Sets within 2 % of the best, itself included: 2." in page
    assert "The worst regret of this set over the futures considered is 6.6 million USD." in page
    assert "The measures act together: 64 % of the package" in page


def test_hostile_text_is_escaped(pages):
    for page in pages.values():
        reading = read_page(page)
        assert "b" not in reading.tags
        assert "lanes" not in reading.tags
        assert "Two &lt;b&gt;more&lt;/b&gt; lanes &amp; a &quot;gate&quot; at Midway" in page
        assert 'href="javascript' not in page


@pytest.mark.parametrize("language", ["ja", "ru"])
def test_english_names_are_marked_and_quoted(pages, language):
    left, right = {"ja": "「」", "ru": "«»"}[language]
    assert f'{left}<span lang="en">Cranes at Southgate</span>{right}' in pages[language]
    assert '<span lang="en">Aland</span>' in pages[language]


def test_names_of_the_corridor_are_taken(brief):
    class Named:
        def table(self, name):
            assert name == "names"
            rows = [
                ("place", "midway", "ja", "ミッドウェイ"),
                ("country", "AA", "ja", "アランド"),
                ("country", "AA", "ja", "別名"),
                ("country", "AA", "ru", "Аланд"),
            ]
            return pl.DataFrame(rows, schema=["kind", "key", "language", "name"], orient="row")

    page = annex_page(brief, "ja", corridor=Named())
    assert "行列は移動する。ミッドウェイにおいて" in page
    assert "アランド（40%）" in page, "a payer that is a country goes by its name"
    assert "別名" not in page


def test_a_brief_with_nothing_in_it_is_still_a_document(brief):
    bare = dataclasses.replace(
        brief,
        appraisals=(),
        chosen=(
            dataclasses.replace(
                brief.chosen[0], measures=(), remarks=(Remark("no_effect", {"measures": "lanes"}),),
                near=brief.chosen[0].near.clear(), shares=brief.chosen[0].shares.clear(),
            ),
        ),
        factors=FACTORS.clear(),
        sources=brief.sources.clear(),
    )  # fmt: skip
    page = annex_page(bare, "en")
    assert "no measure can be recommended" in page
    assert "Left out, since no run of the model feels them: lanes." in page
    reading = read_page(page)
    inner = {v[1:] for n, v in reading.attributes if n == "href" and v.startswith("#")}
    assert inner <= set(reading.ids)
    assert annex_pdf(bare, "ru").startswith(b"%PDF")


def test_gains_are_those_of_the_measures_where_no_package_was_appraised(brief):
    alone = dataclasses.replace(brief, appraisals=brief.appraisals[1:], chosen=brief.chosen[1:])
    page = annex_page(alone, "en")
    part = page[page.index('id="part-gains"') : page.index('id="part-rests"')]
    assert "They must not be added" in part
    assert part.count("Training of officers") >= 3


def test_codes_that_nobody_foresaw_are_shown_as_they_are(brief):
    odd = pl.DataFrame(
        [("odd_figure", "", None, "odd/unit", 1.5, 1.25, 1.75, None, 1, None)],
        schema=FIGURES, orient="row",
    )  # fmt: skip
    first = dataclasses.replace(brief.appraisals[2], figures=odd)
    page = annex_page(dataclasses.replace(brief, appraisals=(first,), chosen=()), "ru")
    assert "odd figure" in page
    assert "odd/unit" in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_brief_gives_the_same_bytes(brief, pages, language):
    assert annex_page(made_up_brief(), language) == pages[language]
    assert annex_pdf(brief, language) == annex_pdf(made_up_brief(), language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_has_its_sheets_links_and_fonts(brief, pages, language):
    at = bearings(brief, language)
    data = sheets(at, document(at), compressed=False)
    count = len(re.findall(rb"/Type /Page\b", data))
    assert 7 <= count <= 12
    assert data.count(b"/MediaBox [ 0 0 595.2756 841.8898 ]") == count
    inner = len(re.findall(r'href="#(?!tc-main|part-package")', pages[language]))
    assert data.count(b"/Dest [") >= inner - 4, "each link of the page, but for its contents"
    assert data.count(b"/URI (https://example.org/") >= 3
    assert f"/Lang ({language})".encode() in data
    assert b"+DejaVuSans" in data
    assert (b"HeiseiKakuGo-W5" in data) == (language == "ja")
    assert b"/FontFile2" in data


def test_all_files_are_written_or_none(brief, tmp_path):
    made = write_annex(brief, tmp_path / "annex", languages=("ru", "en"))
    names = ["annex.ru.html", "annex.ru.pdf", "annex.en.html", "annex.en.pdf"]
    assert [path.name for path in made] == names
    assert sorted(path.name for path in (tmp_path / "annex").iterdir()) == sorted(names)
    assert made[2].read_text(encoding="utf-8") == annex_page(brief, "en")
    with pytest.raises(ValueError, match="the annex is in"):
        write_annex(brief, tmp_path / "other", languages=("en", "xx"))
    assert not (tmp_path / "other").exists()
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(Fault, match="file"):
        write_annex(brief, tmp_path / "file", languages=("en",))
    assert (tmp_path / "file").read_text(encoding="utf-8") == "in the way"


def test_the_press_is_not_loaded_before_it_is_needed():
    code = "import sys, transcaspian.report.annex; print('reportlab' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
