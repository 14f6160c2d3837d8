"""Configurations out of the latent space, beside those of equilibrium; and as a start for Metropolis chains."""

from lcpjax.road.generating.exact_weights import importance_rows, reweighted_rows, weighted_draws
from lcpjax.road.generating.fluid import EquilibriumFluid, equilibrium_fluid
from lcpjax.road.generating.generated import Generated
from lcpjax.road.generating.judging import generated_rows
from lcpjax.road.generating.nats import nats_rows, warn_of_density_leaks
from lcpjax.road.generating.new_gammas import new_gamma_rows
from lcpjax.road.generating.showing import draw_generation, keep_generated
from lcpjax.road.generating.sources import generate_all, generate_new
from lcpjax.road.generating.summary import generation_summary, reweighting_summary
from lcpjax.road.generating.sweeps_saved import look_rows, warm_start_over_seeds, warm_start_rows
from lcpjax.road.generating.variety import variety_rows
from lcpjax.road.generating.warm_start import check_looks, follow_starts

__all__ = [
    "EquilibriumFluid",
    "Generated",
    "check_looks",
    "draw_generation",
    "equilibrium_fluid",
    "follow_starts",
    "generate_all",
    "generate_new",
    "generated_rows",
    "generation_summary",
    "importance_rows",
    "keep_generated",
    "look_rows",
    "nats_rows",
    "new_gamma_rows",
    "reweighted_rows",
    "reweighting_summary",
    "variety_rows",
    "warm_start_over_seeds",
    "warm_start_rows",
    "warn_of_density_leaks",
    "weighted_draws",
]
