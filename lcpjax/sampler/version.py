"""The version of what the sampler samples."""

SAMPLER_VERSION = 1
"""Raised by hand whenever the same key and settings would give other configurations; a stored dataset's name has it."""
