"""Occupancy grids: how often cells are shared, and scores of guesses independent of the configuration."""

import math
from typing import Any

import jax.numpy as jnp
import numpy as np

from lcpjax.build import build_system
from lcpjax.config import Config
from lcpjax.dataset import Dataset
from lcpjax.representation import OccupancyGrid

from .occupied_cells import (
    cell_f1,
    chance_f1,
    fraction_of_mean_image,
    fraction_of_rows,
    fraction_that_share_a_cell,
    image_f1,
)
from .test_set import ImagedFluid
from .variants import all_cells

RANDOM_CELLS, MEAN_IMAGE, MEAN_OF_GAMMA, MEAN_ROWS = "random cells", "mean image", "mean image of gamma", "mean rows"
"""Guesses independent of the configuration; the third one depends on its gamma."""
TRUTH = "true images"


def sharing_rows(config: Config, dataset: Dataset) -> list[dict[str, Any]]:
    """A row for each number of cells: how often cells are shared, over all configurations.

    Columns: cells (a side), cell_side in sigma; configurations_fraction: with two or more particles in some cell;
    cells_fraction: of occupied cells, those that hold two or more; base_rate: particles a cell.
    """
    system = build_system(config)
    everything = jnp.concatenate([split.positions for split in dataset.splits])
    rows = []
    for cells in all_cells(config):
        configurations, occupied = fraction_that_share_a_cell(everything, cells, system.box_side)
        rows.append(
            {
                "cells": cells,
                "cell_side": system.box_side / cells,
                "configurations_fraction": configurations,
                "cells_fraction": occupied,
                "base_rate": system.num_particles / cells**2,
            }
        )
    return rows


def baseline_rows(config: Config, fluid: ImagedFluid, dataset: Dataset) -> list[dict[str, Any]]:
    """A row for each number of cells and each guess independent of the configuration.

    Columns: cells, guess; f1 of the test set; mean_image_fraction, rows_fraction: of true images, for comparison with
    models.
    """
    rows = []
    for cells in all_cells(config):
        grid = OccupancyGrid(cells, fluid.system.box_side)
        true, mean = np.asarray(grid.represent(fluid.positions)) > 0, mean_image(dataset, grid)
        f1_of = {
            RANDOM_CELLS: chance_f1(fluid.positions, cells, grid.box_side),
            MEAN_ROWS: _f1_of_rows(true, mean, fluid.positions.shape[1]),
            MEAN_IMAGE: image_f1(fluid.positions, mean, grid.box_side),
            MEAN_OF_GAMMA: _f1_by_gamma(fluid, dataset, grid),
            TRUTH: 1.0,
        }
        fractions = {"mean_image_fraction": fraction_of_mean_image(true, mean), "rows_fraction": fraction_of_rows(true)}
        nothing = dict.fromkeys(fractions, math.nan)
        rows += [
            {"cells": cells, "guess": name, "f1": f1, **(fractions if name == TRUTH else nothing)}
            for name, f1 in f1_of.items()
        ]
    return rows


def mean_image(dataset: Dataset, grid: OccupancyGrid, gamma: float | None = None) -> np.ndarray:
    """The fraction of training configurations in which each cell is occupied; of one gamma, if it is given."""
    chosen = slice(None) if gamma is None else np.asarray(dataset.train.gamma) == gamma
    counting = OccupancyGrid(grid.cells, grid.box_side)
    return (np.asarray(counting.represent(dataset.train.positions[chosen])) > 0).mean(axis=0)


def _f1_of_rows(true: np.ndarray, mean: np.ndarray, number: int) -> float:
    """F1 of the N cells of the fullest rows; of equal ones, the mean over the choices."""
    cells = len(mean)
    fullest = np.argsort(np.argsort(-mean.mean(axis=1), kind="stable"))
    chance = np.clip(number - fullest * cells, 0, cells) / cells
    hits = float(true.sum(axis=2).mean(axis=0) @ chance)
    return 2.0 * hits / (float(true.sum()) / len(true) + number)


def _f1_by_gamma(fluid: ImagedFluid, dataset: Dataset, grid: OccupancyGrid) -> float:
    guess = np.zeros(fluid.positions.shape, np.float32)
    for gamma in np.unique(fluid.gamma).tolist():
        image = mean_image(dataset, grid, gamma)
        guess[fluid.gamma == gamma] = grid.positions(jnp.asarray(image)[None], guess.shape[1])
    return cell_f1(fluid.positions, jnp.asarray(guess), grid.cells, grid.box_side)
