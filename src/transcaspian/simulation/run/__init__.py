"""Runs of a compiled corridor: replications on threads or a cluster, as tallies and logs."""

from transcaspian.simulation.run.cluster import Cluster
from transcaspian.simulation.run.outcome import Luck, Run
from transcaspian.simulation.run.replicate import run_model, simulate

__all__ = ["Cluster", "Luck", "Run", "run_model", "simulate"]
