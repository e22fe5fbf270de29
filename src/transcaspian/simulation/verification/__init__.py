"""The engine against queueing theory: small corridors whose answers are known."""
