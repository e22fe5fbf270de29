"""Itineraries on the graph of a corridor."""

from transcaspian.network.itineraries import Itineraries, itineraries

__all__ = ["Itineraries", "itineraries"]
