"""The fit: targets and their errors, the law of what the model cannot say, draws, leave-outs."""
