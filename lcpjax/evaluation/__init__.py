"""Measurements of models and of configurations; import from each subpackage by its name."""
