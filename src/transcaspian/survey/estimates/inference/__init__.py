"""Quantiles, means, pools and ratios with their intervals."""
