"""Reconstructions by a model of images: occupied cells, positions, and the fraction of them that is a mean image."""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped
from scipy.optimize import linear_sum_assignment

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Configurations2D, PerConfiguration, PRNGKey, Scalar
from lcpjax.model import VAE, Variables, autoencode, decode, in_batches_with_keys, log_density, log_prior
from lcpjax.representation import OccupancyGrid
from lcpjax.trained_model import TrainedModel

CellImages = Shaped[np.ndarray | Array, "configurations side side"]
OneImage = Shaped[np.ndarray | Array, "side side"]


class ModelImages(NamedTuple):
    """Images of each configuration, and the positions in them."""

    of_mean: Configurations2D
    """Positions decoded from the latent mean, in sigma: the N most probable cells, and offsets where there are some."""
    of_sample: Configurations2D
    """The same of a posterior sample."""
    probabilities: Float[Array, "configurations side side"]
    """Probability that each cell is occupied, decoded from the latent mean."""
    kl_nats: PerConfiguration
    rate_of_sample: PerConfiguration
    """Ln q(z | image) - ln p(z) at the posterior sample, in nats: its mean is the KL."""
    log_likelihood: PerConfiguration
    """Ln p(image | z) of the posterior sample, in nats."""


@takes_arrays
def images_of_model(trained: TrainedModel[OccupancyGrid], positions: Configurations2D, key: PRNGKey) -> ModelImages:
    """Reconstructions of every configuration by a model of images.

    Args:
        key: of the posterior samples.
    """

    def of_batch(batch: Configurations2D, batch_key: PRNGKey) -> ModelImages:
        return _of_batch(trained.model, trained.representation, trained.variables, batch, batch_key, trained.noise)

    return in_batches_with_keys(of_batch, positions, key, trained.batch_size)


@functools.partial(jax.jit, static_argnames=("model", "grid"))
def _of_batch(
    model: VAE,
    grid: OccupancyGrid,
    variables: Variables,
    positions: Configurations2D,
    key: PRNGKey,
    noise: Scalar | float,
) -> ModelImages:
    output = autoencode(model, variables, grid.represent(positions), key, noise)
    of_mean = decode(model, variables, output.posterior.mean)
    probabilities = model.likelihood.means(of_mean)
    number = positions.shape[1]
    return ModelImages(
        grid.positions(of_mean, number),
        grid.positions(output.reconstruction, number),
        probabilities[..., 0] if grid.with_offsets else probabilities,
        output.kl_nats,
        log_density(output.posterior, output.latent) - log_prior(model, variables, output.latent),
        output.log_likelihood,
    )


@takes_arrays
def cell_f1(positions: Configurations2D, decoded: Configurations2D, cells: int, box_side: float) -> float:
    """F1 of occupied cells: 2 hits / (decoded + true), over all configurations.

    Args:
        positions: the true ones, in sigma.
        decoded: of any model, in the box's frame; what is outside the box counts as at its wall.
        cells: along a side of the box.
    """
    grid = OccupancyGrid(cells, box_side)
    true, guessed = (np.asarray(grid.represent(each)) > 0 for each in (positions, decoded))
    return 2.0 * float(np.sum(true & guessed)) / float(true.sum() + guessed.sum())


@takes_arrays
def image_f1(positions: Configurations2D, image: OneImage, box_side: float) -> float:
    """``cell_f1`` of a constant guess: the N cells where ``image`` is largest."""
    grid = OccupancyGrid(len(image), box_side)
    guess = grid.positions(jnp.asarray(image)[None], positions.shape[1])
    return cell_f1(positions, jnp.broadcast_to(guess, positions.shape), grid.cells, box_side)


@takes_arrays
def chance_f1(positions: Configurations2D, cells: int, box_side: float) -> float:
    """Mean ``cell_f1`` of N cells drawn at random."""
    true = float(np.sum(np.asarray(OccupancyGrid(cells, box_side).represent(positions)) > 0)) / len(positions)
    number = positions.shape[1]
    return 2.0 * (true * number / cells**2) / (true + number)


@takes_arrays
def fraction_that_share_a_cell(positions: Configurations2D, cells: int, box_side: float) -> tuple[float, float]:
    """Fraction of configurations with a cell of two or more particles, and of occupied cells that hold two or more."""
    counts = np.asarray(OccupancyGrid(cells, box_side).represent(positions))
    is_shared = counts > 1
    return float(is_shared.any(axis=(1, 2)).mean()), float(is_shared.sum() / (counts > 0).sum())


@takes_arrays
def fraction_of_mean_image(images: CellImages, mean_image: OneImage) -> float:
    """R^2, over all cells of all images, of the best linear function of one fixed image; nan if nothing varies.

    1: the model decodes to that image whatever its input.
    """
    values = np.asarray(images, np.float64)
    fixed = np.broadcast_to(np.asarray(mean_image, np.float64), values.shape)
    covariance = np.cov(values.ravel(), fixed.ravel())
    scatter = covariance[0, 0] * covariance[1, 1]
    return float(covariance[0, 1] ** 2 / scatter) if scatter > 0 else np.nan


@takes_arrays
def fraction_of_rows(images: CellImages) -> float:
    """Fraction of the variance over all cells of all images that the means of their rows explain.

    1: images have information about heights, and none about x.
    """
    values = np.asarray(images, np.float64)
    total = values.var()
    return float(values.mean(axis=2).var() / total) if total > 0 else np.nan


@takes_arrays
def assigned_rmsd(positions: Configurations2D, decoded: Configurations2D) -> np.ndarray:
    """RMSD of each configuration under the best assignment of particles, (configurations,), in sigma.

    Images do not identify particles. Nothing is moved or turned.

    >>> float(assigned_rmsd(jnp.array([[[0.0, 0.0], [5.0, 5.0]]]), jnp.array([[[5.0, 5.0], [0.0, 2.0]]]))[0]) ** 2
    2.0000000000000004
    """
    pairs = zip(np.asarray(positions, np.float64), np.asarray(decoded, np.float64), strict=True)

    def of_one(first: np.ndarray, second: np.ndarray) -> float:
        costs = np.sum((first[:, None] - second[None]) ** 2, axis=-1)
        return float(np.sqrt(costs[linear_sum_assignment(costs)].mean()))

    return np.array([of_one(first, second) for first, second in pairs])
