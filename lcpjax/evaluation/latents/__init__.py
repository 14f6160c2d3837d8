"""Latents: information about gamma, axes, active units."""
