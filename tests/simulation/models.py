"""The builder of small corridors, under the name that tests know it by."""

from transcaspian.simulation.verification.sketch import YEAR, Sketch, queue, tandem

__all__ = ["YEAR", "Sketch", "queue", "tandem"]
