"""Distributions of stays for the simulation: censored, heaped and ping-bounded lengths."""
