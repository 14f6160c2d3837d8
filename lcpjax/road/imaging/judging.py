"""What models of images, and models of everything else, are worth on the same grid."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import Configurations2D
from lcpjax.build import build_system
from lcpjax.config import Config
from lcpjax.dataset import Dataset
from lcpjax.evaluation import (
    ModelImages,
    assigned_rmsd,
    cell_f1,
    chance_f1,
    compare_energies,
    excess,
    fluid_log_density,
    image_f1,
    images_of_model,
    pair_energies,
    share_of_mean_image,
    share_of_rows,
    share_that_share_a_cell,
    smallest_distances,
)
from lcpjax.model import EXACTLY, PixelLikelihood
from lcpjax.reconstruction import align
from lcpjax.report import RunFolder
from lcpjax.representation import OccupancyGrid
from lcpjax.road.entropy import fluid_free_energy
from lcpjax.road.imaging.recipes import all_cells
from lcpjax.road.imaging.training import ImageModel
from lcpjax.road.reconstructing.energies import MEAN, SAMPLE
from lcpjax.road.reconstructing.reconstructions import HeldOutReconstructions
from lcpjax.system import System

# Of the posterior samples.
_SEED = 15

RANDOM_CELLS, MEAN_IMAGE, MEAN_OF_GAMMA, MEAN_ROWS = "random cells", "mean image", "mean image of gamma", "mean rows"
"""Guesses that see nothing of a configuration, but the third one its gamma."""
TRUTH = "true images"


class Fluid(NamedTuple):
    """The test part, and what is known of it."""

    system: System
    positions: Configurations2D
    gamma: np.ndarray
    energies: np.ndarray
    """Of pairs, in epsilon."""
    log_density: np.ndarray
    """Ln p of each set of positions under the fluid, in nats."""
    entropy_error: float
    """Of its mean, by that of ln Z, in nats."""


def imaged_fluid(config: Config, dataset: Dataset, run_folder: RunFolder) -> Fluid:
    """The test part with its exact density: of sets, N! times that of labelled particles."""
    system, known, positions = build_system(config), fluid_free_energy(config, run_folder), dataset.test.positions
    of_sets = fluid_log_density(system, known, positions) + math.lgamma(system.num_particles + 1)
    energies = np.asarray(pair_energies(positions, system))
    return Fluid(
        system, positions, np.asarray(dataset.test.gamma), energies, of_sets, float(known.mixture_entropy_error)
    )


def sharing_rows(config: Config, dataset: Dataset) -> list[dict[str, Any]]:
    """A row for each number of cells: how often cells are shared, in all configurations there are.

    Columns: cells (a side), cell_side in sigma; configurations_share: with two or more particles in some cell;
    cells_share: of occupied cells, those that hold two or more; base_rate: particles a cell.
    """
    system = build_system(config)
    everything = jnp.concatenate([part.positions for part in dataset])
    rows = []
    for cells in all_cells(config):
        configurations, occupied = share_that_share_a_cell(everything, cells, system.box_side)
        rows.append(
            {
                "cells": cells,
                "cell_side": system.box_side / cells,
                "configurations_share": configurations,
                "cells_share": occupied,
                "base_rate": system.num_particles / cells**2,
            }
        )
    return rows


def baseline_rows(config: Config, fluid: Fluid, dataset: Dataset) -> list[dict[str, Any]]:
    """A row for each number of cells and each guess that sees nothing of a configuration.

    Columns: cells, guess; f1 of the test part; mean_image_share, rows_share: of true images, which models stand beside.
    """
    rows = []
    for cells in all_cells(config):
        grid = OccupancyGrid(cells, fluid.system.box_side)
        true, mean = np.asarray(grid.represent(fluid.positions)) > 0, mean_image(dataset, grid)
        told = {
            RANDOM_CELLS: chance_f1(fluid.positions, cells, grid.box_side),
            MEAN_ROWS: _f1_of_rows(fluid, grid, mean),
            MEAN_IMAGE: image_f1(fluid.positions, mean, grid.box_side),
            MEAN_OF_GAMMA: _f1_by_gamma(fluid, dataset, grid),
            TRUTH: 1.0,
        }
        shares = {"mean_image_share": share_of_mean_image(true, mean), "rows_share": share_of_rows(true)}
        nothing = dict.fromkeys(shares, math.nan)
        rows += [
            {"cells": cells, "guess": name, "f1": f1, **(shares if name == TRUTH else nothing)}
            for name, f1 in told.items()
        ]
    return rows


def mean_image(dataset: Dataset, grid: OccupancyGrid, gamma: float | None = None) -> np.ndarray:
    """The share of training configurations in which each cell is occupied; of one gamma, if it is given."""
    chosen = slice(None) if gamma is None else np.asarray(dataset.train.gamma) == gamma
    counting = OccupancyGrid(grid.cells, grid.box_side)
    return (np.asarray(counting.represent(dataset.train.positions[chosen])) > 0).mean(axis=0)


def _f1_of_rows(fluid: Fluid, grid: OccupancyGrid, mean: np.ndarray) -> float:
    """Of the N cells of the fullest rows; of equal ones, the mean over which of them are taken."""
    chance, number = np.zeros(grid.cells), fluid.positions.shape[1]
    fullest = np.argsort(-mean.mean(axis=1), kind="stable")
    for place, row in enumerate(fullest):
        chance[row] = np.clip(number - place * grid.cells, 0, grid.cells) / grid.cells
    true = np.asarray(OccupancyGrid(grid.cells, grid.box_side).represent(fluid.positions)) > 0
    hits = float(true.sum(axis=2).mean(axis=0) @ chance)
    return 2.0 * hits / (float(true.sum()) / len(true) + number)


def _f1_by_gamma(fluid: Fluid, dataset: Dataset, grid: OccupancyGrid) -> float:
    guess = np.zeros(fluid.positions.shape, np.float32)
    for gamma in np.unique(fluid.gamma):
        image = mean_image(dataset, grid, gamma)
        plain = OccupancyGrid(grid.cells, grid.box_side)
        guess[fluid.gamma == gamma] = plain.positions(jnp.asarray(image)[None], guess.shape[1])
    return cell_f1(fluid.positions, jnp.asarray(guess), grid.cells, grid.box_side)


def image_rows(config: Config, fluid: Fluid, models: Sequence[ImageModel], dataset: Dataset) -> list[dict[str, Any]]:
    """Two rows for each model of images, decoded from the latent mean and from a posterior sample.

    - case, seed, cells (a side), latent_dim, kl_weight; decoded: mean or sample.
    - f1: of occupied cells; rmsd: under the best assignment of particles, in the box, in sigma.
    - kl_nats: of the code; excess_over_shannon_nats: KL less Shannon's lower bound at the sample's rmsd, below 0 there
      is a bug; above_entropy_nats, its error: how far the bound on ln p of sets of positions is from the
      fluid's own, where cells are exactly N and have offsets; infinite if particles of the test part share a cell.
    - wasserstein: W1 of pair energies clipped at 100, in epsilon; median_smallest_distance in sigma.
    - mean_image_share: R^2 between decoded probabilities and the training part's mean image, which no
      configuration has to do with; rows_share: of their variance, what the rows of each image explain.
    """
    return [row for model in models for row in _rows_of(config, fluid, model, dataset)]


def _rows_of(config: Config, fluid: Fluid, model: ImageModel, dataset: Dataset) -> list[dict[str, Any]]:
    grid = model.plan.representation
    found = decoded_images(config, model, fluid.positions)
    about = {"case": model.case, **model.setting._asdict(), "cells": grid.cells}
    mean = mean_image(dataset, grid)
    drawn = {
        "mean_image_share": share_of_mean_image(found.probabilities, mean),
        "rows_share": share_of_rows(found.probabilities),
    }
    above, error = _above_entropy(fluid, model, found)
    kl_nats = _mean(found.kl_nats) if model.noise else math.nan
    rows = []
    for decoded, positions in ((MEAN, found.of_mean), (SAMPLE, found.of_sample)):
        nats = {"above_entropy_nats": above, "above_entropy_error_nats": error}
        told = decoded == SAMPLE
        columns = positions_columns(fluid, positions, grid.cells, kl_nats if told else math.nan)
        nats = nats if told else dict.fromkeys(nats, math.nan)
        rows.append({**about, "decoded": decoded, **columns, "kl_nats": kl_nats, **nats, **drawn})
    return rows


def _mean(nats: jax.Array) -> float:
    return float(np.mean(np.asarray(nats), dtype=np.float64))


def decoded_images(config: Config, model: ImageModel, positions: Configurations2D) -> ModelImages:
    """What a model makes of configurations."""
    key, size = jax.random.key(_SEED), config.evaluation.batch_size
    return images_of_model(
        model.plan.model, model.plan.representation, model.variables, positions, key, size, model.noise
    )


def positions_columns(
    fluid: Fluid, positions: Configurations2D, cells: int, kl_nats: float = math.nan
) -> dict[str, float]:
    """What decoded positions are worth, whatever decoded them.

    Args:
        kl_nats: of the code they were decoded from, posterior samples; not a number where Shannon's bound says nothing.
    """
    rmsds = assigned_rmsd(fluid.positions, positions)
    rmsd = float(np.sqrt(np.mean(rmsds**2)))
    energies = compare_energies(np.asarray(pair_energies(positions, fluid.system)), fluid.energies)
    # The bound holds for sets too: given what was decoded, a set is its errors, whatever the assignment.
    entropy = -float(fluid.log_density.mean())
    return {
        "f1": cell_f1(fluid.positions, positions, cells, fluid.system.box_side),
        "rmsd": rmsd,
        "wasserstein": energies.wasserstein,
        "median_smallest_distance": float(np.median(np.asarray(smallest_distances(positions)))),
        "excess_over_shannon_nats": excess(kl_nats, entropy, positions.shape[1], rmsd**2 / 2),
    }


def _above_entropy(fluid: Fluid, model: ImageModel, found: ModelImages) -> tuple[float, float]:
    """How far the bound on ln p of sets lies from the fluid's own density, and its standard error, in nats."""
    grid, likelihood = model.plan.representation, model.plan.model.likelihood
    is_density = isinstance(likelihood, PixelLikelihood) and likelihood.cells == EXACTLY and grid.with_offsets
    if not (is_density and model.noise):
        return math.nan, math.nan
    if share_that_share_a_cell(fluid.positions, grid.cells, grid.box_side)[0] > 0:
        return math.inf, math.nan
    # Offsets are in sides of a cell.
    of_offsets = 2 * fluid.system.num_particles * math.log(grid.cell_side)
    bound = np.asarray(found.log_likelihood, np.float64) - np.asarray(found.kl_nats, np.float64) - of_offsets
    gaps = fluid.log_density - bound
    return float(gaps.mean()), math.hypot(float(gaps.std(ddof=1)) / math.sqrt(len(gaps)), fluid.entropy_error)


def coordinate_rows(config: Config, fluid: Fluid, models: Sequence[HeldOutReconstructions]) -> list[dict[str, Any]]:
    """Two rows for each model of coordinates or distances, its coordinates put on the safe grid.

    The columns of ``image_rows`` that they have; laid_on_truth: whether the model knows no frame, so that what it gave
    was first laid on the true configuration by the best rigid motion, a mirror allowed, which flatters it.
    """
    rows = []
    for model in models:
        about = {"case": model.case, **model.setting._asdict(), "cells": config.evaluation.occupancy.safe_cells}
        kl_nats = _mean(model.found.kl_nats) if model.setting.kl_weight > 0 else math.nan
        for decoded, positions in ((MEAN, model.found.of_mean), (SAMPLE, model.found.of_sample)):
            placed = positions if model.knows_frame else align(positions, model.truth)[0]
            told = kl_nats if decoded == SAMPLE and model.knows_frame else math.nan
            columns = positions_columns(fluid, placed, config.evaluation.occupancy.safe_cells, told)
            nats = {"kl_nats": kl_nats, "laid_on_truth": not model.knows_frame}
            rows.append({**about, "decoded": decoded, **columns, **nats})
    return rows


def overfitting_rows(config: Config, models: Sequence[tuple[ImageModel, Dataset]]) -> list[dict[str, Any]]:
    """A row for each model that learnt a few images by heart: case, images, f1 and rmsd of these very ones."""
    rows = []
    for model, learnt in models:
        grid, positions = model.plan.representation, learnt.train.positions
        found = decoded_images(config, model, positions).of_mean
        rmsds = assigned_rmsd(positions, found)
        rows.append(
            {
                "case": model.case,
                "images": len(positions),
                "f1": cell_f1(positions, found, grid.cells, grid.box_side),
                "rmsd": float(np.sqrt(np.mean(rmsds**2))),
            }
        )
    return rows
