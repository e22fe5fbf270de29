"""Indicators: functions from a corridor and a log, or its tally, to a table."""

from transcaspian.indicators.border import border_cost, border_hours, country_border_hours
from transcaspian.indicators.capacity import deck_use, link_flows, utilisation, volumes
from transcaspian.indicators.cost import corridor_cost, speed
from transcaspian.indicators.door import door_to_door, door_to_door_p95
from transcaspian.indicators.ledger import hours_by_country, ledger, waiting_share, worst_places
from transcaspian.indicators.registry import INDICATORS, Indicator

__all__ = [
    "INDICATORS",
    "Indicator",
    "border_cost",
    "border_hours",
    "corridor_cost",
    "country_border_hours",
    "deck_use",
    "door_to_door",
    "door_to_door_p95",
    "hours_by_country",
    "ledger",
    "link_flows",
    "speed",
    "utilisation",
    "volumes",
    "waiting_share",
    "worst_places",
]
