"""What must hold across the tables of a corridor."""

from transcaspian.corridor.rules.every import LOGIC, RULES, check, logic

__all__ = ["LOGIC", "RULES", "check", "logic"]
