"""Chosen configurations and what came back of them by each way."""

from collections.abc import Sequence

import numpy as np

from lcpjax.config import Config
from lcpjax.dataset import Dataset
from lcpjax.reconstruction import symmetrised
from lcpjax.report import RunFolder
from lcpjax.report.figures import CoordinatePanel, draw_coordinates
from lcpjax.representation import Representation
from lcpjax.road.reconstructing.models import TestReconstructions
from lcpjax.road.reconstructing.routes import GRAM, IN_THE_BOX, POINTS, TUMBLED, first_of_each, routes_of

_SHOWN = (GRAM, POINTS, TUMBLED, IN_THE_BOX)


def draw_coordinate_examples(
    config: Config,
    dataset: Dataset,
    representation: Representation,
    models: Sequence[TestReconstructions],
    run_folder: RunFolder,
) -> None:
    """The figure of a test configuration of each gamma: true, decoded matrix, coordinates by every way, first seed."""
    gamma = np.asarray(dataset.test.gamma)
    _, shown = np.unique(gamma, return_index=True)
    columns = []
    for model in first_of_each(models):
        columns += _columns(model, shown)
    truth = np.asarray(representation.order(dataset.test.positions))[shown]
    run_folder.save_figure("coordinates", *draw_coordinates(truth, gamma[shown], config.system.box_side, columns))


def _columns(model: TestReconstructions, shown: np.ndarray) -> list[CoordinatePanel]:
    columns, name = [], model.case.replace("_", " ")
    # What has no coordinates but by Gram's matrix shows the matrix too.
    if not (model.knows_frame or model.plan.model.decodes_coordinates):
        columns.append(CoordinatePanel(f"{name}:\nmatrix", np.asarray(symmetrised(model.found.distances))[shown]))
    for route, found in routes_of(model).items():
        if route in _SHOWN:
            positions = np.asarray(found.positions)[shown]
            columns.append(CoordinatePanel(f"{name}:\n{route}", positions, found.knows_place, route == TUMBLED))
    return columns
