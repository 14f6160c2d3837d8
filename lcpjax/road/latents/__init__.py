"""What the latent space of trained models knows."""

from lcpjax.road.latents.clusters import cluster_rows, draw_clusters
from lcpjax.road.latents.codes import codes_of, facts_of, latent_kl_rows
from lcpjax.road.latents.few_latents import few_latent_rows
from lcpjax.road.latents.information import (
    draw_information,
    gamma_rows,
    latent_summary,
    readout_rows,
    warn_of_gamma_leaks,
)
from lcpjax.road.latents.traversals import draw_paths, path_rows, probe_summary, relevance_rows, traversal_rows
from lcpjax.road.latents.zero import zero_rows

__all__ = [
    "cluster_rows",
    "codes_of",
    "draw_clusters",
    "draw_information",
    "draw_paths",
    "facts_of",
    "few_latent_rows",
    "gamma_rows",
    "latent_kl_rows",
    "latent_summary",
    "path_rows",
    "probe_summary",
    "readout_rows",
    "relevance_rows",
    "traversal_rows",
    "warn_of_gamma_leaks",
    "zero_rows",
]
