"""Sets of measures simulated once, in physical units, and kept."""
