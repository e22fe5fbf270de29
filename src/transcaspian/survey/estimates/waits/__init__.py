"""What is waited for: a release, a sailing."""
