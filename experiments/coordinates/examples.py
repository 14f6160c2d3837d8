"""Example configurations and their reconstructions by each route."""

from collections.abc import Sequence

import numpy as np

from lcpjax.dataset import Dataset
from lcpjax.pipeline.run import Run
from lcpjax.reconstruction import symmetrised

from .figures import CoordinatePanel, draw_coordinates
from .routes import GRAM, IN_THE_BOX, POINTS, TRUE_DISTANCES, TUMBLED, Route

_SHOWN = (GRAM, POINTS, TUMBLED, IN_THE_BOX)


def draw_coordinate_examples(run: Run, dataset: Dataset, routes: Sequence[Route]) -> None:
    """A test configuration of each gamma: true, decoded matrix, coordinates by every route, first seed."""
    gamma = np.asarray(dataset.test.gamma)
    _, shown = np.unique(gamma, return_index=True)
    first = {(route.variant, route.name): route for route in reversed(routes) if route.variant != TRUE_DISTANCES}
    columns = [column for route in reversed(first.values()) for column in _columns(route, shown)]
    truth = np.asarray(routes[0].truth)[shown]
    run.folder.save_figure("coordinates", *draw_coordinates(truth, gamma[shown], run.config.system.box_side, columns))


def _columns(route: Route, shown: np.ndarray) -> list[CoordinatePanel]:
    if route.name not in _SHOWN:
        return []
    name, positions = route.variant.replace("_", " "), np.asarray(route.positions)[shown]
    column = CoordinatePanel(f"{name}:\n{route.name}", positions, route.knows_place, route.name == TUMBLED)
    if route.name != GRAM:
        return [column]
    # Distances without coordinates are shown as they are.
    matrix = np.asarray(symmetrised(route.distances))[shown]
    return [CoordinatePanel(f"{name}:\ndistances", matrix, is_matrix=True), column]
