"""The verbs that decide: what measures are worth, and which to support together."""
