"""Scores of models of images, and of all other models, on the same grid."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import numpy as np

from lcpjax.array_types import Configurations2D
from lcpjax.config import Config
from lcpjax.dataset import Dataset
from lcpjax.evaluation.density.rate import rate_above_shannon_bound
from lcpjax.evaluation.reconstruction.energies import compare_energies, pair_energies
from lcpjax.model import EXACTLY, PixelLikelihood
from lcpjax.pipeline.reconstructions import MEAN, SAMPLE, HeldOutReconstructions
from lcpjax.pipeline.summary import grouped_means
from lcpjax.reconstruction import align
from lcpjax.representation import OccupancyGrid
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler.streams import Seed
from lcpjax.system import smallest_distances
from lcpjax.trained_model import TrainedModel

from .baselines import mean_image
from .occupied_cells import (
    ModelImages,
    assigned_rmsd,
    cell_f1,
    fraction_of_mean_image,
    fraction_of_rows,
    fraction_that_share_a_cell,
    images_of_model,
)
from .test_set import ImagedFluid


def image_rows(
    fluid: ImagedFluid, models: Sequence[TrainedModel[OccupancyGrid]], dataset: Dataset
) -> list[dict[str, Any]]:
    """Two rows for each model of images, decoded from the latent mean and from a posterior sample.

    - variant, seed, cells (a side), latent_dim, kl_weight; decoded: mean or sample.
    - f1: of occupied cells; rmsd: under the best assignment of particles, in the box, in sigma.
    - kl_nats: of the code; above_shannon_nats: rate above the Shannon bound at the sample's rmsd, below 0 is a
      bug; above_entropy_nats, its error: gap between the bound on ln p of sets of positions and the fluid's own, where
      cells are exactly N and have offsets; infinite if particles of the test set share a cell.
    - wasserstein: W1 of pair energies clipped at 100, in epsilon; median_smallest_distance in sigma.
    - mean_image_fraction: R^2 between decoded probabilities and the training set's mean image, independent of the
      configuration; rows_fraction: of their variance, the fraction explained by the rows of each image.
    """
    return [row for model in models for row in _rows_of(fluid, model, dataset)]


def _rows_of(fluid: ImagedFluid, model: TrainedModel[OccupancyGrid], dataset: Dataset) -> list[dict[str, Any]]:
    grid = model.representation
    images = decoded_images(model, fluid.positions)
    ids = {"variant": model.name, **model.setting._asdict(), "cells": grid.cells}
    mean = mean_image(dataset, grid)
    drawn = {
        "mean_image_fraction": fraction_of_mean_image(images.probabilities, mean),
        "rows_fraction": fraction_of_rows(images.probabilities),
    }
    above, error = nats_above_entropy_of_sets(fluid, model, images)
    kl_nats = _mean(images.kl_nats) if model.is_variational else math.nan
    rows = []
    for decoded, positions in ((MEAN, images.of_mean), (SAMPLE, images.of_sample)):
        nats = {"above_entropy_nats": above, "above_entropy_error_nats": error}
        is_sample = decoded == SAMPLE
        columns = positions_columns(fluid, positions, grid.cells, kl_nats if is_sample else math.nan)
        nats = nats if is_sample else dict.fromkeys(nats, math.nan)
        rows.append({**ids, "decoded": decoded, **columns, "kl_nats": kl_nats, **nats, **drawn})
    return rows


def _mean(nats: jax.Array) -> float:
    return float(np.mean(np.asarray(nats), dtype=np.float64))


def decoded_images(model: TrainedModel[OccupancyGrid], positions: Configurations2D) -> ModelImages:
    """Images and positions decoded by a model."""
    return images_of_model(model, positions, key_of_seed(Seed.OCCUPANCY_IMAGES))


def positions_columns(
    fluid: ImagedFluid, positions: Configurations2D, cells: int, kl_nats: float = math.nan
) -> dict[str, float]:
    """Scores of decoded positions.

    Args:
        kl_nats: of the code they were decoded from, posterior samples; nan where Shannon's bound does not apply.
    """
    rmsds = assigned_rmsd(fluid.positions, positions)
    rmsd = float(np.sqrt(np.mean(rmsds**2)))
    energies = compare_energies(np.asarray(pair_energies(positions, fluid.system)), fluid.energies)
    # The bound holds for sets too: given the decoded positions, a set is its errors, under any assignment.
    entropy = -float(fluid.log_density.mean())
    return {
        "f1": cell_f1(fluid.positions, positions, cells, fluid.system.box_side),
        "rmsd": rmsd,
        "wasserstein": energies.wasserstein,
        "median_smallest_distance": float(np.median(np.asarray(smallest_distances(positions)))),
        "above_shannon_nats": rate_above_shannon_bound(kl_nats, entropy, positions.shape[1], rmsd**2 / 2),
    }


def nats_above_entropy_of_sets(
    fluid: ImagedFluid, model: TrainedModel[OccupancyGrid], images: ModelImages
) -> tuple[float, float]:
    """Gap between the bound on ln p of sets and the fluid's own density, and its standard error, in nats."""
    grid, likelihood = model.representation, model.model.likelihood
    is_density = (
        isinstance(likelihood, PixelLikelihood) and likelihood.cell_distribution == EXACTLY and grid.with_offsets
    )
    if not (is_density and model.is_variational):
        return math.nan, math.nan
    if fraction_that_share_a_cell(fluid.positions, grid.cells, grid.box_side)[0] > 0:
        return math.inf, math.nan
    # Offsets are in sides of a cell.
    of_offsets = 2 * fluid.system.num_particles * math.log(grid.cell_side)
    # Both of one sample: its noise cancels in the difference, as it does not from the mean KL.
    bound = np.asarray(images.log_likelihood, np.float64) - np.asarray(images.rate_of_sample, np.float64) - of_offsets
    gaps = fluid.log_density - bound
    return float(gaps.mean()), math.hypot(float(gaps.std(ddof=1)) / math.sqrt(len(gaps)), fluid.entropy_error)


def coordinate_rows(
    config: Config, fluid: ImagedFluid, models: Sequence[HeldOutReconstructions]
) -> list[dict[str, Any]]:
    """Two rows for each model of coordinates or distances, its coordinates put on the safe grid.

    The columns of ``image_rows`` that apply; aligned_to_truth: whether the model has no frame, so that its output was
    aligned first to the true configuration by the best rigid motion, a mirror allowed, which flatters it.
    """
    rows = []
    for model in models:
        ids = {"variant": model.name, **model.setting._asdict(), "cells": config.settings.safe_cells}
        kl_nats = _mean(model.decoded.kl_nats) if model.model.is_variational else math.nan
        for decoded, positions in ((MEAN, model.decoded.of_mean), (SAMPLE, model.decoded.of_sample)):
            placed = positions if model.knows_frame else align(positions, model.truth)[0]
            rate = kl_nats if decoded == SAMPLE and model.knows_frame else math.nan
            columns = positions_columns(fluid, placed, config.settings.safe_cells, rate)
            nats = {"kl_nats": kl_nats, "aligned_to_truth": not model.knows_frame}
            rows.append({**ids, "decoded": decoded, **columns, **nats})
    return rows


def overfitting_rows(models: Sequence[tuple[TrainedModel[OccupancyGrid], Dataset]]) -> list[dict[str, Any]]:
    """A row for each overfitted model: variant, images, f1 and rmsd on its training images."""
    rows = []
    for model, learned in models:
        grid, positions = model.representation, learned.train.positions
        decoded = decoded_images(model, positions).of_mean
        rmsds = assigned_rmsd(positions, decoded)
        rows.append(
            {
                "variant": model.name,
                "images": len(positions),
                "f1": cell_f1(positions, decoded, grid.cells, grid.box_side),
                "rmsd": float(np.sqrt(np.mean(rmsds**2))),
            }
        )
    return rows


_MODELS = {
    "f1": "occupancy/f1",
    "rmsd": "occupancy/rmsd_assigned_sigma",
    "wasserstein": "occupancy/wasserstein_epsilon",
    "median_smallest_distance": "occupancy/median_smallest_distance_sigma",
    "kl_nats": "occupancy/kl_nats",
    "above_shannon_nats": "occupancy/above_shannon_nats",
}
_IMAGES = _MODELS | {
    "above_entropy_nats": "occupancy/above_entropy_nats",
    "mean_image_fraction": "occupancy/explained_by_mean_image_fraction",
    "rows_fraction": "occupancy/explained_by_rows_fraction",
}
_SHARING = {
    "configurations_fraction": "occupancy/configurations_sharing_a_cell_fraction",
    "cells_fraction": "occupancy/cells_shared_fraction",
}
_OVERFITTED = {"f1": "overfitting/f1", "rmsd": "overfitting/rmsd_assigned_sigma"}


def occupancy_summary(
    sharing: Sequence[Mapping[str, Any]],
    baselines: Sequence[Mapping[str, Any]],
    overfitted: Sequence[Mapping[str, Any]],
    images: Sequence[Mapping[str, Any]],
    coordinates: Sequence[Mapping[str, Any]],
) -> dict[str, float]:
    """Means over seeds of the scores of each model at each number of cells, of shared cells and of guesses."""
    return {
        **grouped_means(sharing, _SHARING, ("cells",)),
        **grouped_means(baselines, {"f1": "occupancy/f1"}, ("guess", "cells")),
        **grouped_means(overfitted, _OVERFITTED),
        **grouped_means(images, _IMAGES, ("variant", "cells", "decoded")),
        **grouped_means(coordinates, _MODELS, ("variant", "cells", "decoded")),
    }
