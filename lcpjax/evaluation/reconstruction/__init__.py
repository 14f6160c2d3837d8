"""Errors of reconstructions: distances, coordinates, energies, occupied cells."""
