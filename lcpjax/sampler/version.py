"""Version of the sampler's results."""

SAMPLER_VERSION = 2
"""Raised by hand when the same key and settings would give other configurations; part of a stored dataset's name."""
LOCAL_MOVES_VERSION = 1
"""Of chains of local moves alone, which are still what version 1 made."""
