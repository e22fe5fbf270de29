"""From a study to the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transcaspian.report.material import Material

if TYPE_CHECKING:
    from transcaspian.appraisal.study import Study


def material(study: Study) -> Material:
    """Everything the page says of a study."""
    raise NotImplementedError
