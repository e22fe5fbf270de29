"""One trip, many witnesses: who speaks of the same trip, and what happened on it."""
