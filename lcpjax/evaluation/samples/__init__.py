"""Configurations as samples of the fluid: structure, observables, distances between distributions."""
