"""The verbs of a survey."""
