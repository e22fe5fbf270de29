"""A release: tables with their descriptor and hashes, exports, and what is kept apart."""
