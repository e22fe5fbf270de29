"""The parts of the annex, in order: what it is, packages, measures, gains, what it rests on."""
