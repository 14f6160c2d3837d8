"""A workspace and a report on Weights & Biases, made from the same names, labels and units as figures and pages."""

from .sections import SECTIONS as SECTIONS
from .sections import Section as Section
from .sections import joined as joined
from .sections import sections_of_run as sections_of_run
