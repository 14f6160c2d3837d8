"""Priors p(z): standard normal, or learned of particles one after the other."""

from .coupling_flow import CouplingFlow as CouplingFlow
from .registry import PRIORS as PRIORS
from .registry import PriorSizes as PriorSizes
from .registry import build_prior as build_prior
from .standard import StandardNormal as StandardNormal
