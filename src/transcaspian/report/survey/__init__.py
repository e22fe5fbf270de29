"""The report of a survey wave, in English, Russian and Japanese."""

from transcaspian.report.survey.page import LANGUAGES, survey_page

__all__ = ["LANGUAGES", "survey_page"]
