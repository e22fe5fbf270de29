"""What measures buy: with and without, and the study behind a report."""

from transcaspian.appraisal.again import Settings
from transcaspian.appraisal.compare import Comparison, with_without
from transcaspian.appraisal.study import Study, run_study
from transcaspian.indicators.published import published_against_simulated

__all__ = [
    "Comparison",
    "Settings",
    "Study",
    "published_against_simulated",
    "run_study",
    "with_without",
]
