"""A wave that is made, not collected: drawn from a simulated log, with the dirt of real forms."""

from transcaspian.survey.example.fill import fill_wave

__all__ = ["fill_wave"]
