"""Figures with one style; each takes arrays and returns a figure."""

from lcpjax.report.figures.benchmark import draw_sampler_benchmark
from lcpjax.report.figures.configurations import draw_configurations
from lcpjax.report.figures.coordinates import CoordinatePanel, draw_coordinates, draw_learned_routes
from lcpjax.report.figures.digits import LatentPlane, draw_latent_planes
from lcpjax.report.figures.energies import draw_energy_against_error, draw_energy_histograms, draw_repair
from lcpjax.report.figures.equilibration import draw_burn_in, draw_height_profiles, draw_pair_correlations
from lcpjax.report.figures.generated import draw_generated, draw_structures, draw_warm_start, histogram
from lcpjax.report.figures.latents import (
    LatentCloud,
    draw_gamma_information,
    draw_latent_clouds,
    draw_latent_kl,
    draw_readouts,
)
from lcpjax.report.figures.learning_curves import draw_learning_curves
from lcpjax.report.figures.occupancy import DrawnImages, draw_cell_models, draw_cell_sweep, draw_model_images
from lcpjax.report.figures.rate_distortion import draw_rate_distortion
from lcpjax.report.figures.reconstructions import draw_reconstructions
from lcpjax.report.figures.representations import draw_representations
from lcpjax.report.figures.routes import draw_route_errors
from lcpjax.report.figures.sweep_curve import draw_sweep_curve, over_seeds
from lcpjax.report.figures.traversals import Traversal, draw_traversal_readouts, draw_traversals
from lcpjax.report.figures.verification import draw_verification

__all__ = [
    "CoordinatePanel",
    "DrawnImages",
    "LatentCloud",
    "LatentPlane",
    "Traversal",
    "draw_burn_in",
    "draw_cell_models",
    "draw_cell_sweep",
    "draw_configurations",
    "draw_coordinates",
    "draw_energy_against_error",
    "draw_energy_histograms",
    "draw_gamma_information",
    "draw_generated",
    "draw_height_profiles",
    "draw_latent_clouds",
    "draw_latent_kl",
    "draw_latent_planes",
    "draw_learned_routes",
    "draw_learning_curves",
    "draw_model_images",
    "draw_pair_correlations",
    "draw_rate_distortion",
    "draw_readouts",
    "draw_reconstructions",
    "draw_repair",
    "draw_representations",
    "draw_route_errors",
    "draw_sampler_benchmark",
    "draw_structures",
    "draw_sweep_curve",
    "draw_traversal_readouts",
    "draw_traversals",
    "draw_verification",
    "draw_warm_start",
    "histogram",
    "over_seeds",
]
