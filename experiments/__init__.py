"""Experiments: what each one asks, expects and does, top to bottom."""
