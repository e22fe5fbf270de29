"""Published tables, looked through for what cannot be."""

from transcaspian.survey.published.lint import COLUMNS, Known, lint

__all__ = ["COLUMNS", "Known", "lint"]
