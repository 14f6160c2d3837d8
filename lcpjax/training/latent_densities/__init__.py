"""Densities of latents given gamma, fitted after training."""

from lcpjax.training.latent_densities.density import DensityOfAnyGamma, LatentDensity, StandardDensity
from lcpjax.training.latent_densities.flow import FlowDensity, FlowTraining, fit_flow
from lcpjax.training.latent_densities.gaussians import Gaussians, fit_gaussians
from lcpjax.training.latent_densities.mixtures import Mixtures, fit_mixtures

__all__ = [
    "DensityOfAnyGamma",
    "FlowDensity",
    "FlowTraining",
    "Gaussians",
    "LatentDensity",
    "Mixtures",
    "StandardDensity",
    "fit_flow",
    "fit_gaussians",
    "fit_mixtures",
]
