"""Densities of latents given gamma, fitted after training."""

from .density import DensityOfAnyGamma as DensityOfAnyGamma
from .density import LatentDensity as LatentDensity
from .density import StandardDensity as StandardDensity
from .flow import FlowDensity as FlowDensity
from .flow import FlowTraining as FlowTraining
from .flow import fit_flow as fit_flow
from .gaussians import Gaussians as Gaussians
from .gaussians import fit_gaussians as fit_gaussians
from .mixtures import Mixtures as Mixtures
from .mixtures import fit_mixtures as fit_mixtures
