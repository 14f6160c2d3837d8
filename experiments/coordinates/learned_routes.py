"""Learned coordinates: networks from distances straight to coordinates, by three losses."""

import math
from collections.abc import Sequence
from itertools import product
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import Configurations2D
from lcpjax.build import build_coordinate_network
from lcpjax.config import Config
from lcpjax.config.check import changed
from lcpjax.dataset import Dataset
from lcpjax.evaluation.reconstruction.reconstruction_error import aligned_rmsd, over_all, rmsd
from lcpjax.model import CoordinateNetwork, predicted_coordinates
from lcpjax.pipeline.run import Run
from lcpjax.report import progress
from lcpjax.representation import Representation, distance_matrix

from .coordinate_regression import Regression, regress_coordinates
from .figures import draw_learned_routes


class LearnedRoute(NamedTuple):
    """A way to learn coordinates."""

    loss: str
    """A name in ``LOSSES``."""
    turned: bool
    """Whether each configuration is turned by a random angle in every batch."""

    @property
    def label(self) -> str:
        """Name in words."""
        return f"{self.loss}, turned" if self.turned else self.loss


ROUTES = (
    LearnedRoute("coordinates", turned=False),
    LearnedRoute("coordinates", turned=True),
    LearnedRoute("procrustes", turned=False),
    LearnedRoute("distances", turned=False),
)
"""Squared errors in the frame of the box and in frames of random angles, and two losses that no frame changes."""

NETWORKS = ("convolutional", "residual_perceptron")
"""Encoders whose latents are taken as coordinates."""


def coordinate_networks(config: Config) -> dict[str, CoordinateNetwork]:
    """The networks tried, by name.

    Raises:
        ConfigError: one that cannot be built.
    """
    changes = {"representation.name": "distance_matrix"}
    return {name: build_coordinate_network(changed(config, changes | {"model.encoder": name})) for name in NETWORKS}


def learned_route_rows(
    run: Run, representation: Representation, dataset: Dataset
) -> tuple[list[dict[str, Any]], list[str]]:
    """A row for each network, loss and seed, and a line for each that failed; draws the output for one configuration.

    Columns: network, loss, turned, seed; rmsd_aligned: after the best rigid motion and mirror, in sigma. Of the loss
    in a frame also rmsd_in_frame, in that frame (in which turned ones have any angle), and orbit_mean_rmsd: of the mean
    over all poses with the same distances, the best possible for any such network: the mirror images x -> L - x in the
    box, one point for those turned. size_ratio: the radius of gyration of the output over that of the input;
    width_ratio and height_ratio: the same of the spread in x and in y.

    Args:
        representation: the particle order.
    """
    train = representation.order(representation.augmented(dataset.train.positions))
    test, rows, shown = representation.order(dataset.test.positions), [], {}
    ways = list(product(coordinate_networks(run.config).items(), ROUTES, run.config.sweep.seeds))
    with run.folder.stage("learned_routes"), progress("learned routes", len(ways), "networks") as advance:
        for (name, network), route, seed in ways:
            regression = _regression(run.config, network, route)
            learned = regress_coordinates(regression, train, seed)
            output = predicted_coordinates(network, *learned, distance_matrix(test))
            rows.append({"network": name, **route._asdict(), "seed": seed, **_errors(route, output, test)})
            if seed == run.config.sweep.seeds[0]:
                shown[name, route.label] = np.asarray(output)
            advance(1)
    # The pose is plainest where gravity is strongest.
    index, box_side = int(np.argmax(np.asarray(dataset.test.gamma))), run.config.system.box_side
    run.folder.save_figure(
        "learned_routes",
        *draw_learned_routes(np.asarray(test), shown, index, box_side),
        caption=(
            "One test configuration and the output of each network that was trained from distances to "
            "coordinates, by each loss. The walls are drawn where the loss determines the place in the box; the "
            "others determine the shape alone."
        ),
    )
    failures = [
        f"{row['network']}, loss {row['loss']}, seed {row['seed']}: its output is not finite"
        for row in rows
        if not math.isfinite(row["rmsd_aligned"])
    ]
    return rows, failures


def _regression(config: Config, network: CoordinateNetwork, route: LearnedRoute) -> Regression:
    training = config.training
    return Regression(
        network=network,
        loss=route.loss,
        turned=route.turned,
        batch_size=training.batch_size,
        num_epochs=training.num_epochs,
        optimizer=training.optimizer,
        learning_rate=training.learning_rate,
        schedule=training.schedule,
        warmup_fraction=training.warmup_fraction,
        final_learning_rate_fraction=training.final_learning_rate_fraction,
        gradient_clip=training.gradient_clip,
    )


def _errors(route: LearnedRoute, output: Configurations2D, truth: Configurations2D) -> dict[str, float]:
    around = truth - jnp.mean(truth, axis=1 if route.turned else (0, 1), keepdims=True)
    # Distances do not determine the side, or any angle.
    lost = jnp.sum(around**2, axis=-1) if route.turned else around[..., 0] ** 2
    in_a_frame = route.loss == "coordinates"
    sizes = [_radius_of_gyration(each) for each in (output, truth)]
    spreads = [np.asarray(jnp.std(each, axis=(0, 1)), np.float64) for each in (output, around)]
    return {
        "rmsd_aligned": float(over_all(aligned_rmsd(truth, output))),
        "rmsd_in_frame": float(over_all(rmsd(around, output))) if in_a_frame else math.nan,
        "orbit_mean_rmsd": float(jnp.sqrt(jnp.mean(lost))) if in_a_frame else math.nan,
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
    errors: dict[str, list[float]] = {}
    for row in rows:
        name = f"{row['network']}_{row['loss']}{'_turned' if row['turned'] else ''}"
        errors.setdefault(name, []).append(row["rmsd_aligned"])
    means = {name: float(np.nanmean(each)) for name, each in errors.items() if not np.isnan(each).all()}
    return {f"reconstruction/learned_rmsd_aligned_sigma/{name}": mean for name, mean in means.items()}
