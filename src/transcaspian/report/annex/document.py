"""The annex as blocks in one language, in their order."""

from __future__ import annotations

from transcaspian.report.annex.bearings import Bearings
from transcaspian.report.annex.blocks import Block
from transcaspian.report.annex.parts.gains import gains
from transcaspian.report.annex.parts.measures import measures
from transcaspian.report.annex.parts.opening import opening
from transcaspian.report.annex.parts.packages import packages
from transcaspian.report.annex.parts.rests import rests


def document(at: Bearings) -> list[Block]:
    """All blocks of the annex."""
    return [*opening(at), *packages(at), *measures(at), *gains(at), *rests(at)]
