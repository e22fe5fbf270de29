"""What changed between waves, and what was said otherwise before."""
