"""The log: its vocabulary, its shape, and what it reduces to."""
