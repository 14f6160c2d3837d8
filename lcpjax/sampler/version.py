"""Version of the sampler's results."""

SAMPLER_VERSION = 1
"""Raised by hand when the same key and settings would give other configurations; part of a stored dataset's name."""
