"""The route that the study could not learn: from distances straight to coordinates, by three losses."""

from collections.abc import Sequence
from itertools import product
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import Configurations2D
from lcpjax.build import build_coordinate_network
from lcpjax.config import Config
from lcpjax.config_check import changed
from lcpjax.dataset import Dataset
from lcpjax.evaluation import aligned_rmsd, over_all, rmsd
from lcpjax.model import predicted_coordinates
from lcpjax.report import RunFolder, progress
from lcpjax.report.figures import draw_learned_routes
from lcpjax.representation import Representation, distance_matrix
from lcpjax.training import Regression, regress_coordinates


class LearnedRoute(NamedTuple):
    """A way to learn coordinates."""

    loss: str
    """A name in ``LOSSES``."""
    turned: bool
    """Whether each configuration is turned by a random angle whenever it is seen."""

    @property
    def label(self) -> str:
        """In words."""
        return f"{self.loss}, turned" if self.turned else self.loss


ROUTES = (
    LearnedRoute("coordinates", turned=False),
    LearnedRoute("coordinates", turned=True),
    LearnedRoute("procrustes", turned=False),
    LearnedRoute("distances", turned=False),
)
NETWORKS = ("convolutional", "residual_perceptron")


def learned_route_rows(
    config: Config, representation: Representation, dataset: Dataset, run_folder: RunFolder
) -> list[dict[str, Any]]:
    """A row for each network, loss and seed, and the figure of what each loss makes of one configuration.

    Columns: network, loss, turned, seed; rmsd_in_frame, in sigma, of what the loss was asked for, around the mean
    particle (of the box as it is); rmsd_aligned, after the best rigid motion and mirror; size_ratio, the radius of
    gyration of what came out over that of what went in, and width_ratio, height_ratio, the same of the spread
    in x and y over all particles: 0 where the answer is the same point for all.
    """
    train, test = (representation.order(part.positions) for part in (dataset.train, dataset.test))
    rows, shown = [], {}
    ways = list(product(NETWORKS, ROUTES, config.sweep.seeds))
    with run_folder.stage("learned_routes"), progress("learned routes", len(ways), "networks") as advance:
        for network, route, seed in ways:
            found = _predicted(config, network, route, train, test, seed)
            rows.append({"network": network, **route._asdict(), "seed": seed, **_errors(found, test)})
            if seed == config.sweep.seeds[0]:
                shown[network, route.label] = np.asarray(found)
            advance(1)
    highest = int(np.argmax(np.asarray(dataset.test.gamma)))
    figure, data = draw_learned_routes(np.asarray(test), shown, highest)
    run_folder.save_figure("learned_routes", figure, data)
    return rows


def _predicted(
    config: Config,
    network: str,
    route: LearnedRoute,
    train: Configurations2D,
    test: Configurations2D,
    seed: int,
) -> Configurations2D:
    own = changed(config, {"representation.name": "distance_matrix", "model.encoder": network})
    regression = Regression(
        build_coordinate_network(own),
        route.loss,
        route.turned,
        config.training.batch_size,
        config.training.num_epochs,
        config.training.learning_rate,
    )
    learnt = regress_coordinates(regression, train, seed)
    return predicted_coordinates(regression.network, *learnt, distance_matrix(test))


def _errors(found: Configurations2D, truth: Configurations2D) -> dict[str, float]:
    centred = truth - jnp.mean(truth, axis=(0, 1), keepdims=True)
    sizes = [_radius_of_gyration(each) for each in (found, truth)]
    spreads = [np.asarray(jnp.std(each, axis=(0, 1)), np.float64) for each in (found, centred)]
    return {
        "rmsd_in_frame": float(over_all(rmsd(centred, found))),
        "rmsd_aligned": float(over_all(aligned_rmsd(truth, found))),
        "size_ratio": sizes[0] / sizes[1],
        "width_ratio": float(spreads[0][0] / spreads[1][0]),
        "height_ratio": float(spreads[0][1] / spreads[1][1]),
    }


def _radius_of_gyration(positions: Configurations2D) -> float:
    """Over all configurations, in sigma."""
    around = positions - jnp.mean(positions, axis=1, keepdims=True)
    return float(jnp.sqrt(jnp.mean(jnp.sum(around**2, axis=-1))))


def over_route_seeds(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """The mean over seeds of the aligned RMSD, by names of metrics."""
    found: dict[str, list[float]] = {}
    for row in rows:
        name = f"{row['network']}_{row['loss']}{'_turned' if row['turned'] else ''}"
        found.setdefault(name, []).append(row["rmsd_aligned"])
    return {f"reconstruction/learned_rmsd_aligned_sigma/{name}": float(np.mean(each)) for name, each in found.items()}
