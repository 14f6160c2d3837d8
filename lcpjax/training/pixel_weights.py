"""Weights of occupied and empty cells in the cross entropy of images, and a blur of the target, by progress."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from lcpjax.array_types import PerSample, Samples, Scalar
from lcpjax.errors import InputError
from lcpjax.model import BERNOULLI, Likelihood, PixelLikelihood

Squares = Float[Array, "batch side side"]


@dataclass(frozen=True)
class PixelWeights:
    """Changes to -log p of an image's cells in training; all 1 and no blur: none.

    Args:
        live_weight: of an occupied cell, at the start; an empty one has 1.
        final_live_weight: at the end; linear in between.
        focus: power of the probability that was missing, which weighs every cell, so that cells
            that are predicted already count less. Lin et al., "Focal loss for dense object detection" (2017).
        blur: standard deviation of a Gaussian over the cells of what is to be met, at the start, in cells.
        blur_fraction: of training, at which it has come down to 0, linearly.
    """

    live_weight: float = 1.0
    final_live_weight: float = 1.0
    focus: float = 0.0
    blur: float = 0.0
    blur_fraction: float = 0.5

    @property
    def is_plain(self) -> bool:
        """Whether -log p is unchanged."""
        return not self.blur and not self.weighs

    @property
    def weighs(self) -> bool:
        """Whether some cells count more than others, so that the term is not in nats."""
        return (self.live_weight, self.final_live_weight, self.focus) != (1.0, 1.0, 0.0)

    def check(self, likelihood: Likelihood, sample_shape: tuple[int, ...]) -> None:
        """Refuse an unsuitable likelihood.

        Raises:
            InputError: no likelihood of images without offsets, or weights of cells that are not independent.
        """
        if self.is_plain:
            return
        if not isinstance(likelihood, PixelLikelihood) or len(sample_shape) != 2:
            raise InputError("pixels: weights and blur are of images that count particles, without offsets")
        if self.weighs and (self.blur or likelihood.cell_distribution != BERNOULLI):
            raise InputError("pixels: weights are of independent cells (bernoulli) that are not blurred")

    def term(self, likelihood: Likelihood, logits: Samples, counts: Samples, progress: Scalar | float) -> PerSample:
        """Reconstruction term of each image, in nats without weights.

        Args:
            progress: the fraction of training that is over, 0 to 1.
        """
        if self.weighs:
            return self._weighed(logits, jnp.minimum(counts, 1.0), progress)
        if not isinstance(likelihood, PixelLikelihood):
            raise InputError("pixels: this likelihood is of no images")
        return -likelihood.log_probability_of_cells(blurred(counts, self.blur_at(progress)), logits)

    def blur_at(self, progress: Scalar | float) -> Scalar:
        """Standard deviation in cells."""
        return jnp.float32(self.blur) * jnp.maximum(1.0 - progress / self.blur_fraction, 0.0)

    def _weighed(self, logits: Samples, occupied: Samples, progress: Scalar | float) -> PerSample:
        live, empty = jax.nn.softplus(-logits), jax.nn.softplus(logits)
        # Not as a power of 0: where the probability itself is 0, its slope is not a number.
        if self.focus:
            live = jax.nn.sigmoid(-logits) ** self.focus * live
            empty = jax.nn.sigmoid(logits) ** self.focus * empty
        live_weight = jnp.float32(self.live_weight) + progress * (self.final_live_weight - self.live_weight)
        return jnp.sum(occupied * (live_weight * live) + (1.0 - occupied) * empty, axis=(1, 2))


PLAIN = PixelWeights()
"""No weights, no blur."""


def blurred(counts: Squares, width: Scalar | float) -> Squares:
    """Counts blurred by a Gaussian over rows and columns; the sum of every image stays, also at the walls.

    >>> blurred(jnp.array([[[0.0, 0.0], [0.0, 3.0]]]), 0.0).tolist()
    [[[0.0, 0.0], [0.0, 3.0]]]
    """
    places = jnp.arange(counts.shape[-1], dtype=counts.dtype)
    squared = (places[:, None] - places[None, :]) ** 2
    weights = jax.nn.softmax(-0.5 * squared / jnp.maximum(jnp.float32(width), 1e-2) ** 2, axis=0)
    return jnp.einsum("ri,bij,cj->brc", weights, counts, weights, precision=jax.lax.Precision.HIGHEST)
