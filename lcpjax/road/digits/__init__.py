"""Autoencoders of handwritten digits: what a latent space is like, where it can be looked at."""

from lcpjax.road.digits.measuring import digits_summary, latent_rows, prior_rows
from lcpjax.road.digits.showing import draw_digits
from lcpjax.road.digits.training import announce_digits, digits_plan, digits_settings, load_parts, train_on_digits

__all__ = [
    "announce_digits",
    "digits_plan",
    "digits_settings",
    "digits_summary",
    "draw_digits",
    "latent_rows",
    "load_parts",
    "prior_rows",
    "train_on_digits",
]
