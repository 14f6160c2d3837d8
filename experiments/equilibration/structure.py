"""Configurations, height profiles and pair correlations of a box."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.evaluation.samples.structure import height_profile, pair_correlation
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import sampled_parts
from lcpjax.report import RunFolder
from lcpjax.report.figures.configurations import draw_configurations
from lcpjax.system.barometric_law import share_below

from .boxes import Box
from .burn_in import BurnInStudy


def measure_structure(study: BurnInStudy, run_folder: RunFolder) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of n(y) with the ideal gas's, and of g(r), of the box's dataset; draws some of its configurations."""
    box = study.box
    with sampled_parts(Run(box.config, run_folder), study.verdict) as parts:
        # One sample of each chain, so that all are independent.
        every = box.config.sampler.samples_per_chain
        positions = jnp.concatenate([part.positions[::every] for part in parts])
    num_gammas, side = len(box.gammas), box.config.system.box_side
    num_shown = box.config.report.num_examples
    shown = np.asarray(positions[: num_gammas * num_shown]), np.tile(np.asarray(box.gammas), num_shown)
    figure, data = draw_configurations(*shown, side, num_shown)
    run_folder.save_figure(f"configurations_{box.label}", figure, data)
    heights, distances = [], []
    with run_folder.stage("structure"):
        for index, gamma in enumerate(box.gammas):
            of_gamma = positions[index::num_gammas]
            heights += _height_rows(box, gamma, of_gamma)
            distances += _distance_rows(box, gamma, of_gamma)
    return heights, distances


def _height_rows(box: Box, gamma: float, positions: jax.Array) -> list[dict[str, Any]]:
    system = box.plan.system
    profile = height_profile(positions, system.box_side)
    rate, side = np.array(gamma / system.temperature), np.array(system.box_side)
    ideal = system.num_particles * np.diff(share_below(profile.edges, rate, side)) / np.diff(profile.edges)
    columns = zip(_centres(profile.edges), profile.density, profile.standard_error, ideal, strict=True)
    return [
        {
            "box_side": system.box_side,
            "gamma": gamma,
            "height": float(height),
            "density": float(density),
            "standard_error": float(error),
            "ideal_density": float(of_ideal_gas),
        }
        for height, density, error, of_ideal_gas in columns
    ]


def _distance_rows(box: Box, gamma: float, positions: jax.Array) -> list[dict[str, Any]]:
    correlation = pair_correlation(positions, box.config.system.box_side / 2)
    columns = zip(_centres(correlation.edges), correlation.ratio, correlation.standard_error, strict=True)
    return [
        {
            "box_side": box.config.system.box_side,
            "gamma": gamma,
            "distance": float(distance),
            "pair_correlation": float(ratio),
            "standard_error": float(error),
        }
        for distance, ratio, error in columns
    ]


def _centres(edges: np.ndarray) -> np.ndarray:
    return (edges[1:] + edges[:-1]) / 2
