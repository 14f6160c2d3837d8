"""Back to coordinates from what a model gives."""
