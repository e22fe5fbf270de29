"""Measures and sets of them with and without, in time and money, and who has them."""
