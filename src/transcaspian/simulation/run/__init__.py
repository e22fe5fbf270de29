"""Runs of a compiled corridor: replications on threads, drained into tallies and logs."""

from transcaspian.simulation.run.replicate import Luck, Run, run_model, simulate

__all__ = ["Luck", "Run", "run_model", "simulate"]
