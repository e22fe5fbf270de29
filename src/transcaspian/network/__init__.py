"""Itineraries on the graph of a corridor, and lengths along it."""

from transcaspian.network.itineraries import Itineraries, itineraries
from transcaspian.network.lengths import distance, lengths

__all__ = ["Itineraries", "distance", "itineraries", "lengths"]
