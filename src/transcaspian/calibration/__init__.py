"""Fits to published figures, and how well they foretell figures that they never saw."""
