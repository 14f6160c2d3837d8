"""Likelihoods of images of particles: a decoder's logits for the cells, and its offsets for the positions."""

from dataclasses import dataclass
from typing import ClassVar

import jax
import jax.numpy as jnp

from lcpjax.array_types import Nats, Samples
from lcpjax.errors import InputError, did_you_mean
from lcpjax.model.exactly_n import Logits, log_number_weight, tilt_to_number
from lcpjax.model.likelihood import SHARED, Likelihood, Scale, gaussian_log_likelihood

BERNOULLI, MULTINOMIAL, EXACTLY = "bernoulli", "multinomial", "exactly"
CELL_DISTRIBUTIONS = (BERNOULLI, MULTINOMIAL, EXACTLY)


@dataclass(frozen=True)
class PixelLikelihood(Likelihood):
    """p(image | z) from one logit a cell, and a Gaussian around the decoder's offset in each occupied cell.

    Args:
        cell_distribution: ``bernoulli``: every cell is occupied or not, independently (the study's binary
            cross entropy); ``multinomial``: N particles, each in a cell of its own draw, which may be the same one;
            ``exactly``: N different cells. The last one, with offsets, is a density of sets of positions, of
            which a cell without two particles is the support; the tails of the Gaussian beyond a cell are
            lost to it, never gained.
        num_particles: N.
        base_rate: the probability of a particle that logits of 0 stand for: a bias of the output. 1/2: none.
        variance: of offsets: ``shared``, in sides of a cell.

    Raises:
        InputError: an unknown distribution of the cells, or a rate that is no probability.
    """

    variance: str = SHARED
    initial_scale: float = 0.3
    cell_distribution: str = BERNOULLI
    num_particles: int = 1
    base_rate: float = 0.5
    gives_logits: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.cell_distribution not in CELL_DISTRIBUTIONS:
            hint = did_you_mean(self.cell_distribution, CELL_DISTRIBUTIONS)
            raise InputError(f"cell_distribution = {self.cell_distribution}: {hint}")
        if not 0 < self.base_rate < 1:
            raise InputError(f"base_rate = {self.base_rate}: must be above 0 and below 1")

    def scale_shape(self, sample_shape: tuple[int, ...]) -> tuple[int, ...] | None:
        """One scale of all offsets, and None without offsets."""
        return () if _has_offsets(sample_shape) else None

    def outputs(self, raw: Samples) -> Samples:
        """Logits that begin at the base rate, and offsets, from network output."""
        bias = jax.scipy.special.logit(jnp.float32(self.base_rate))
        return raw.at[..., 0].add(bias) if _has_offsets(raw.shape[1:]) else raw + bias

    def means(self, outputs: Samples) -> Samples:
        """Probability that a cell is occupied, in place of its logit.

        Of exactly N cells that of independent ones with N on average, which differs little from the exact one.
        """
        probabilities = self._probabilities(_flat_logits(outputs))
        if not _has_offsets(outputs.shape[1:]):
            return probabilities.reshape(outputs.shape)
        return outputs.at[..., 0].set(probabilities.reshape(outputs.shape[:-1]))

    def _probabilities(self, logits: Logits) -> Logits:
        if self.cell_distribution == BERNOULLI:
            return jax.nn.sigmoid(logits)
        if self.cell_distribution == MULTINOMIAL:
            return 1.0 - (1.0 - jax.nn.softmax(logits, axis=-1)) ** self.num_particles
        return jax.nn.sigmoid(logits + tilt_to_number(logits, self.num_particles)[:, None])

    def log_likelihood(self, samples: Samples, outputs: Samples, scale: Scale) -> Nats:
        """Ln p(image | z) in nats; of offsets as a density in sides of a cell, of occupied cells alone."""
        nats = self.log_probability_of_cells(samples, outputs)
        if not _has_offsets(samples.shape[1:]):
            return nats
        occupied = jnp.broadcast_to(samples[..., :1] > 0, samples[..., 1:].shape)
        densities = gaussian_log_likelihood(
            samples[..., 1:].reshape(-1, 1), outputs[..., 1:].reshape(-1, 1), scale
        ).reshape(occupied.shape)
        return nats + jnp.sum(jnp.where(occupied, densities, 0.0), axis=(1, 2, 3))

    def log_probability_of_cells(self, samples: Samples, outputs: Samples) -> Nats:
        """Ln of the probability of the counts alone; they may be blurred, then it is a cross entropy."""
        counts, logits = _flat_logits(samples), _flat_logits(outputs)
        if self.cell_distribution == BERNOULLI:
            return jnp.sum(jnp.minimum(counts, 1.0) * logits - jax.nn.softplus(logits), axis=-1)
        if self.cell_distribution == MULTINOMIAL:
            orders = jax.lax.lgamma(jnp.float32(self.num_particles + 1)) - jnp.sum(jax.lax.lgamma(counts + 1), axis=-1)
            return orders + jnp.sum(counts * jax.nn.log_softmax(logits, axis=-1), axis=-1)
        return jnp.sum(counts * logits, axis=-1) - log_number_weight(logits, self.num_particles)


def _has_offsets(sample_shape: tuple[int, ...]) -> bool:
    return len(sample_shape) == 3


def _flat_logits(images: Samples) -> Logits:
    cells = images[..., 0] if _has_offsets(images.shape[1:]) else images
    return cells.reshape(cells.shape[0], -1)
