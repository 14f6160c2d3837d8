"""Likelihoods, rates and densities, and the exact density of the fluid."""
