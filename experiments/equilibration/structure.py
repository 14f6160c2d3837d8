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
from lcpjax.system.barometric_law import fraction_below

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
    run_folder.save_figure(
        f"configurations_{box.label}",
        figure,
        data,
        caption="Sampled configurations of each gamma in this box, particles as discs of diameter sigma.",
    )
    heights, distances = [], []
    with run_folder.stage("structure"):
        for index, gamma in enumerate(box.gammas):
            of_gamma = positions[index::num_gammas]
            heights += _rows(box, gamma, _height_columns(box, gamma, of_gamma))
            distances += _rows(box, gamma, _distance_columns(box, of_gamma))
    return heights, distances


def _height_columns(box: Box, gamma: float, positions: jax.Array) -> dict[str, np.ndarray]:
    system = box.plan.system
    profile = height_profile(positions, system.box_side)
    rate, side = np.array(gamma / system.temperature), np.array(system.box_side)
    ideal = system.num_particles * np.diff(fraction_below(profile.edges, rate, side)) / np.diff(profile.edges)
    columns = {"height": _centres(profile.edges), "density": profile.density}
    return columns | {"standard_error": profile.standard_error, "ideal_density": ideal}


def _distance_columns(box: Box, positions: jax.Array) -> dict[str, np.ndarray]:
    correlation = pair_correlation(positions, box.config.system.box_side / 2)
    columns = {"distance": _centres(correlation.edges), "pair_correlation": correlation.ratio}
    return columns | {"standard_error": correlation.standard_error}


def _rows(box: Box, gamma: float, columns: dict[str, np.ndarray]) -> list[dict[str, Any]]:
    """A row for each bin."""
    ids = {"box_side": box.config.system.box_side, "gamma": gamma}
    return [
        {**ids, **{name: float(value) for name, value in zip(columns, values, strict=True)}}
        for values in zip(*columns.values(), strict=True)
    ]


def _centres(edges: np.ndarray) -> np.ndarray:
    return (edges[1:] + edges[:-1]) / 2
