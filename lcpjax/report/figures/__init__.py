"""Figures that several experiments draw, and the style of all."""
