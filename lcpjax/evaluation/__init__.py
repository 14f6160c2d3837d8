"""What is measured of models and of configurations; each shelf is imported from by its own name."""
