"""Densities of latents given gamma, fitted after training."""

from lcpjax.training.latent_densities.density import DensityError, LatentDensity, StandardDensity
from lcpjax.training.latent_densities.flow import FlowDensity, FlowTraining, fit_flow
from lcpjax.training.latent_densities.mixtures import Mixtures, fit_mixtures

__all__ = [
    "DensityError",
    "FlowDensity",
    "FlowTraining",
    "LatentDensity",
    "Mixtures",
    "StandardDensity",
    "fit_flow",
    "fit_mixtures",
]
