"""Itineraries on the graph of a corridor, and lengths along it."""

from transcaspian.network.chains import chains
from transcaspian.network.itineraries import Itineraries, itineraries
from transcaspian.network.lengths import distance, lengths
from transcaspian.network.sides import sides

__all__ = ["Itineraries", "chains", "distance", "itineraries", "lengths", "sides"]
