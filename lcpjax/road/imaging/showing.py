"""The figures of images: the sweep of cells, every model on one grid, and what models draw."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lcpjax.config import Config
from lcpjax.evaluation.occupied_cells import ModelImages
from lcpjax.report import RunFolder
from lcpjax.report.figures import DrawnImages, draw_cell_models, draw_cell_sweep, draw_model_images
from lcpjax.representation import OccupancyGrid
from lcpjax.road.case_models import first_of_each
from lcpjax.road.imaging.fluid import ImagedFluid
from lcpjax.road.imaging.guesses import MEAN_IMAGE, MEAN_OF_GAMMA, RANDOM_CELLS
from lcpjax.road.imaging.judging import decoded_images
from lcpjax.road.imaging.recipes import SLIDES
from lcpjax.road.imaging.training import ImageModel
from lcpjax.road.reconstructing.reconstructions import MEAN

_SHOWN = (SLIDES, "small_lambda", "local", "slides_local", "all")


def draw_images(
    config: Config,
    fluid: ImagedFluid,
    sharing: Sequence[Mapping[str, Any]],
    guesses: Sequence[Mapping[str, Any]],
    images: Sequence[Mapping[str, Any]],
    coordinates: Sequence[Mapping[str, Any]],
    models: Sequence[ImageModel],
    run_folder: RunFolder,
) -> None:
    """All figures; what is drawn is by the models of the first seed."""
    safe = config.evaluation.occupancy.safe_cells
    # The other guesses lie on the mean image's line.
    plain_guesses = [row for row in guesses if row["guess"] in (RANDOM_CELLS, MEAN_IMAGE)]
    swept = [row for row in images if row["case"] == SLIDES and row["decoded"] == MEAN]
    run_folder.save_figure("cells", *draw_cell_sweep(sharing, plain_guesses, swept))
    on_safe_grid = [row for row in [*images, *coordinates] if row["cells"] == safe]
    beside = {row["guess"]: row["f1"] for row in guesses if row["cells"] == safe}
    named = {name: beside[name] for name in (RANDOM_CELLS, MEAN_OF_GAMMA)}
    run_folder.save_figure("models", *draw_cell_models(on_safe_grid, named))
    _, shown = np.unique(fluid.gamma, return_index=True)
    drawn = [_true_images(fluid, shown, safe)]
    for model in first_of_each(models):
        if model.case in _SHOWN:
            found = decoded_images(config, model, fluid.positions)
            drawn.append(_drawn(model.case, found, shown))
    truth = np.asarray(fluid.positions)[shown]
    figure, data = draw_model_images(truth, fluid.gamma[shown], config.system.box_side, drawn)
    run_folder.save_figure("images", figure, data)


def _drawn(case: str, found: ModelImages, shown: np.ndarray) -> DrawnImages:
    return DrawnImages(case.replace("_", " "), np.asarray(found.probabilities)[shown], np.asarray(found.of_mean)[shown])


def _true_images(fluid: ImagedFluid, shown: np.ndarray, cells: int) -> DrawnImages:
    grid, positions = OccupancyGrid(cells, fluid.system.box_side), fluid.positions[shown]
    images = grid.represent(positions)
    return DrawnImages("true image", np.asarray(images), np.asarray(grid.positions(images, positions.shape[1])))
