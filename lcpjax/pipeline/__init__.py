"""The stages as experiments run them: with progress, metrics, checkpoints and tables."""
