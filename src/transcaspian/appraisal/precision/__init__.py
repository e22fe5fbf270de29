"""How sure a simulated figure is: goals, sequential runs, controls, pairs, steady states."""

from transcaspian.appraisal.precision.goal import Goal, parse_goal
from transcaspian.appraisal.precision.sequential import Reached, effect_until, run_until

__all__ = ["Goal", "Reached", "effect_until", "parse_goal", "run_until"]
