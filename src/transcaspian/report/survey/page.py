"""The page of a survey's report in one language."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from string import Template

from transcaspian import __version__
from transcaspian.corridor.corridor import Corridor
from transcaspian.report.markup import Markup, join, tag, text
from transcaspian.report.survey import ends, ranks, sections, waits
from transcaspian.report.survey.speech import Speech, speech
from transcaspian.report.words import number
from transcaspian.survey.release.release import Release

LANGUAGES = ("en", "ru", "ja")
CONTENTS = (
    "countries",
    "distance",
    "crossings",
    "goods",
    "ecdf",
    "activities",
    "chain",
    "ports",
    "sailings",
    "pings",
    "week",
    "funnel",
    "league",
    "totals",
    "notices",
)
SCRIPT_WORDS = "script.js"


@cache
def _template(name: str) -> str:
    return files("transcaspian.report").joinpath(f"templates/{name}").read_text(encoding="utf-8")


def survey_page(release: Release, corridor: Corridor, *, language: str) -> str:
    """The report of a release as one HTML page; the same release gives the same bytes."""
    say = speech(corridor, language)
    tables = release.tables
    wave = release.heard.wave
    body = [
        _head(release, say),
        sections.countries(tables, say),
        sections.distance(tables, say),
        sections.crossings(tables, say),
        sections.goods(tables, say),
        sections.ecdfs(tables, say),
        sections.stages(tables, say),
        waits.release_chain(tables, say),
        waits.ports(tables, say),
        waits.sea(tables, say),
        waits.trackers(tables, say),
        sections.hours_of_week(tables, say),
        ranks.funnels(tables, say),
        ranks.league(tables, say),
        ranks.forest(tables, say),
        ends.totals(tables, say),
        ends.speeds(tables, say),
        ends.payments(tables, say),
        ends.agreement(tables, say),
        ends.heaping(tables, say),
        ends.notices(tables, say, discs=not release.heard.drawn_zones),
    ]
    banner = synthetic_banner(say) if wave.synthetic else Markup("")
    return Template(_template("page.html")).substitute(
        language=language,
        skip=text(say("contents")),
        title=text(wave.title),
        style=_template("style.css").strip() + "\n" + _template("survey.css").strip(),
        script=_template(SCRIPT_WORDS).strip(),
        contents=join([banner, _contents(body, say)]),
        body=join(body, Markup("\n")),
        footer=text(f"{_synthetic(say, wave.synthetic)}transcaspian {__version__}"),
    )


def _synthetic(say: Speech, synthetic: bool) -> str:  # noqa: FBT001  # one flag
    return f"{say('synthetic')} " if synthetic else ""


def synthetic_banner(say: Speech) -> Markup:
    """The line that says that nothing here was observed."""
    return tag("p", say("synthetic"), class_="tc-sv-synthetic", role="note")


def _contents(body: list[Markup], say: Speech) -> Markup:
    """Links to the sections that are there."""
    whole = "".join(body)
    shown = [name for name in CONTENTS if f'id="tc-{name}"' in whole]
    items = (tag("li", tag("a", say(name), href=f"#tc-{name}")) for name in shown)
    return tag("nav", tag("ol", *items), class_="tc-nav", aria_label=say("contents"))


def _head(release: Release, say: Speech) -> Markup:
    heard = release.heard
    crossings = release.tables["crossings"]
    rows = release.tables["rows"]
    figures = (
        (say("trips"), heard.events.trips.height),
        (say("stays"), int(crossings["n"].sum())),
        (say("open_stays"), int(crossings["open"].sum())),
        (say("sources"), int(rows["taken"].sum())),
        (say("rejected"), int((~rows["taken"]).sum())),
    )
    return tag(
        "header",
        tag("p", say("over"), class_="tc-over"),
        tag("h1", heard.wave.title),
        tag(
            "p",
            f"{say('fieldwork')}: {heard.wave.starts} \u2013 {heard.wave.ends}",
            class_="tc-answer",
        ),
        tag(
            "div",
            *(
                tag(
                    "div",
                    tag("h3", words),
                    tag("p", tag("span", number(float(count), places=0), class_="tc-big")),
                    class_="tc-head",
                )
                for words, count in figures
            ),
            class_="tc-heads",
        ),
        tag("p", say("intervals"), class_="tc-fine"),
        class_="tc-top",
    )
