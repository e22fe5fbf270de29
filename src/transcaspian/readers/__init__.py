"""Files to corridors and logs, and back."""
