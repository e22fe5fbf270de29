"""The report: one self-contained HTML page of a study that opens from disk, without a network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from transcaspian.report.page import page
from transcaspian.report.reading.study import material
from transcaspian.tables.store import write_whole

if TYPE_CHECKING:
    from transcaspian.appraisal.study import Study
    from transcaspian.appraisal.worth.results import Brief
    from transcaspian.calibration.kept import Calibration

__all__ = ["render", "write_report"]


def render(
    study: Study, *, calibration: Calibration | None = None, brief: Brief | None = None
) -> str:
    """The report of a study as one HTML page; the same study gives the same bytes.

    `calibration` is what the study's corridor was fitted by, `brief` what was found of its measures
    and packages.
    """
    return page(replace(material(study, calibration=calibration), support=brief))


def write_report(
    study: Study,
    path: Path,
    *,
    calibration: Calibration | None = None,
    brief: Brief | None = None,
) -> Path:
    """The path of the report, written whole or not at all.

    Errors: O102 when the disk is full or may not be written.
    """
    write_whole(path, render(study, calibration=calibration, brief=brief).encode("utf-8"))
    return path
