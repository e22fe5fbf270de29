"""What the words mean: declarations, the corridor, patches."""
