"""The command line."""

from transcaspian.cli.door import main

__all__ = ["main"]
