"""The annex: the support package as a document in the manner of a declaration, HTML and PDF."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from transcaspian.appraisal.worth.results import Brief
from transcaspian.corridor.corridor import Corridor
from transcaspian.report.annex.bearings import Bearings, bearings
from transcaspian.report.annex.document import document
from transcaspian.report.annex.setting.page import page
from transcaspian.report.annex.speech import LANGUAGES
from transcaspian.tables.store import write_whole

__all__ = ["LANGUAGES", "annex_page", "annex_pdf", "write_annex"]


def annex_page(brief: Brief, language: str, *, corridor: Corridor | None = None) -> str:
    """The annex in one language as a page of HTML; the same brief gives the same bytes.

    Names of places, countries and goods are those of the brief, in English, unless a corridor is
    given that has others in the language.
    """
    at = _bearings(brief, language, corridor)
    return page(at, document(at))


def annex_pdf(brief: Brief, language: str, *, corridor: Corridor | None = None) -> bytes:
    """The same as a PDF of A4 sheets; the same brief gives the same bytes."""
    return _sheets(_bearings(brief, language, corridor))


def write_annex(
    brief: Brief,
    folder: Path,
    *,
    languages: Sequence[str] = LANGUAGES,
    corridor: Corridor | None = None,
) -> list[Path]:
    """The files of the annex, a page and a PDF a language; all are made before any is written.

    Errors: O102 when the disk is full or may not be written.
    """
    made: dict[Path, bytes] = {}
    for language in languages:
        at = _bearings(brief, language, corridor)
        made[folder / f"annex.{language}.html"] = page(at, document(at)).encode("utf-8")
        made[folder / f"annex.{language}.pdf"] = _sheets(at)
    with suppress(OSError):  # what cannot be made cannot be written to, and that is told below
        folder.mkdir(parents=True, exist_ok=True)
    for path, data in made.items():
        write_whole(path, data)
    return list(made)


def _sheets(at: Bearings) -> bytes:
    from transcaspian.report.annex.setting.sheet import sheets  # noqa: PLC0415  # heavy

    return sheets(at, document(at))


def _bearings(brief: Brief, language: str, corridor: Corridor | None) -> Bearings:
    """Where all stands in one language.

    Errors: ValueError when it is none of those that there are words in.
    """
    if language not in LANGUAGES:
        message = f"{language}: the annex is in {', '.join(LANGUAGES)}"
        raise ValueError(message)
    return bearings(brief, language, corridor=corridor)
