"""Which measures to support together on a corridor, under a budget, whatever comes."""
