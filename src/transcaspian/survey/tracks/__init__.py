"""Positions into stays: fences, hysteresis, silence, and stops on the way."""
