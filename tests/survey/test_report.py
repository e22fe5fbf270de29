"""The report in three languages: whole, honest, and with a glyph for every letter."""

import re
import shutil
import subprocess

import pytest

from transcaspian.report.survey import LANGUAGES, survey_page
from transcaspian.survey.release.release import released
from transcaspian.tables.vocabulary import codes, vocabulary

NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next(filter(None, map(shutil.which, NAMES)), None)
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--virtual-time-budget=10000",
)  # fmt: skip
LETTERS = {"ru": re.compile(r"[\u0400-\u04ff]"), "ja": re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")}


@pytest.fixture(scope="module")
def pages(heard, release, andes):
    again = released(heard, andes, earlier=release.tables)
    return {language: survey_page(again, andes, language=language) for language in LANGUAGES}


def visible(page):
    return re.sub(r"<(style|script).*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)


def test_every_word_and_every_activity_has_a_name_in_each_language():
    words = vocabulary("survey_words")
    assert words.null_count().row(0) == (0,) * words.width
    assert words["key"].is_unique().all()
    names = vocabulary("activity_names")
    assert names["code"].to_list() == list(codes("activities"))
    assert names.select("ru", "ja").null_count().row(0) == (0, 0)


def test_every_page_has_all_sections_and_says_that_it_is_synthetic(pages):
    for language, page in pages.items():
        words = dict(vocabulary("survey_words").select("key", language).iter_rows())
        for name in (
            "countries",
            "crossings",
            "ecdf",
            "activities",
            "week",
            "funnel",
            "league",
            "change",
            "totals",
            "speeds",
            "payments",
            "agreement",
            "notices",
        ):
            assert f'id="tc-{name}"' in page, name
            assert words[name] in page
        assert page.count(words["synthetic"]) >= 2
        assert f'<html lang="{language}">' in page
        assert "http" not in visible(page)
        assert "None" not in visible(page)
        assert "nan" not in visible(page).split()


def test_pages_are_in_their_language(pages):
    for language, letters in LETTERS.items():
        assert len(letters.findall(visible(pages[language]))) > 500
    assert not LETTERS["ru"].findall(visible(pages["en"]))


def test_the_same_release_gives_the_same_page(pages, release, andes):
    assert survey_page(release, andes, language="ru") == survey_page(release, andes, language="ru")
    assert pages["en"] != survey_page(release, andes, language="en")  # the change has its section


def test_withheld_cells_show_no_figure(pages, release):
    hidden = release.tables["crossings"].filter("withheld").height
    assert hidden
    assert visible(pages["en"]).count("withheld") >= 3 * hidden


PROBE = """
<script>
const box = document.createElement("canvas"); box.width = box.height = 40;
const pen = box.getContext("2d", {willReadFrequently: true});
const family = getComputedStyle(document.body).fontFamily;
const draw = (letter) => {
  pen.clearRect(0, 0, 40, 40); pen.font = "24px " + family; pen.fillText(letter, 6, 28);
  return pen.getImageData(0, 0, 40, 40).data.join();
};
const none = ["\\u{10FFFD}", "\\u{F8F8}", "\\u0378"].map(draw);
const letters = new Set(document.body.innerText.replace(/\\s/gu, ""));
const lost = [...letters].filter((letter) => none.includes(draw(letter)));
document.title = "lost:" + JSON.stringify(lost) + " of " + letters.size;
document.body.innerHTML = "<pre id=probe>" + document.title + "</pre>";
</script>
"""


@pytest.mark.skipif(BROWSER is None, reason="not run: no Chromium here")
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_letter_of_a_page_lacks_its_glyph(pages, tmp_path, language):
    if language == "ja" and not _has_japanese():
        pytest.skip("not run: no Japanese font here (fonts-noto-cjk or fonts-ipafont-gothic)")
    page = pages[language].replace("script-src 'unsafe-inline'", "script-src 'unsafe-inline'")
    path = tmp_path / "page.html"
    path.write_text(page.replace("</body>", PROBE + "</body>"), encoding="utf-8")
    done = subprocess.run(
        [BROWSER, *QUIET, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", path.as_uri()],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    found = re.search(r"lost:(\[.*?\]) of (\d+)", done.stdout)
    assert found, done.stderr[-500:]
    assert found[1] == "[]"
    assert int(found[2]) > 60


def _has_japanese():
    listed = shutil.which("fc-list")
    if listed is None:
        return False
    done = subprocess.run([listed, ":lang=ja"], capture_output=True, text=True, check=False)
    return bool(done.stdout.strip())
