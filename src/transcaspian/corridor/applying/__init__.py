"""How a patch is applied: which rows, which cells, and what is known of them after."""
