"""The Gaussian likelihood p(x | z) around what the decoder gives, its variance fixed or learned."""

import math
from dataclasses import dataclass
from typing import ClassVar

import jax.numpy as jnp
from jaxtyping import Array, Float

from lcpjax.array_types import Nats, Samples
from lcpjax.errors import InputError, did_you_mean

FIXED, SHARED, PER_ENTRY = "fixed", "shared", "per_entry"
VARIANCES = (FIXED, SHARED, PER_ENTRY)

Scale = Float[Array, "*scales"]


@dataclass(frozen=True)
class Likelihood:
    """Standard deviation of p(x | z), fixed or learned.

    Args:
        variance: ``fixed``: without a width of its own; the objective is the mean squared
            error, and lambda is the price of a nat in squared error (the study's);
            ``shared``: one learned standard deviation; ``per_entry``: one for every entry of a
            sample. With a learned one the objective has -ln p(x | z) in nats.
        initial_scale: the learned standard deviation at first, in reduced units.
        min_scale: what it cannot fall below: the resolution of the code, in reduced units.

    Raises:
        InputError: an unknown variance, or an initial scale that is not above the smallest.

    Source: Rybkin et al., "Simple and effective VAE training with calibrated decoders" (2021).
    """

    variance: str = FIXED
    initial_scale: float = 1.0
    min_scale: float = 1e-3
    gives_logits: ClassVar[bool] = False
    """Whether decoder outputs are not samples in reduced units, but parameters from which ``means`` makes them."""

    def __post_init__(self) -> None:
        if self.variance not in VARIANCES:
            raise InputError(f"variance = {self.variance}: {did_you_mean(self.variance, VARIANCES)}")
        if not self.initial_scale > self.min_scale:
            raise InputError(f"initial_scale = {self.initial_scale}: must be above min_scale = {self.min_scale}")

    @property
    def is_learned(self) -> bool:
        """Whether the objective is a likelihood in nats."""
        return self.variance != FIXED

    def scale_shape(self, sample_shape: tuple[int, ...]) -> tuple[int, ...] | None:
        """Shape of the learned standard deviation; None: there is none."""
        if not self.is_learned:
            return None
        return sample_shape if self.variance == PER_ENTRY else ()

    @property
    def initial_parameter(self) -> float:
        """The parameter whose ``scale`` is the initial one."""
        return math.log(self.initial_scale - self.min_scale)

    def scale(self, parameter: Scale) -> Scale:
        """Standard deviation from a learned parameter, in reduced units."""
        return self.min_scale + jnp.exp(parameter)

    def outputs(self, raw: Samples) -> Samples:
        """Decoder output from network output."""
        return raw

    def means(self, outputs: Samples) -> Samples:
        """Mean of p(x | z), in the samples' units."""
        return outputs

    def log_likelihood(self, samples: Samples, outputs: Samples, scale: Scale) -> Nats:
        """Log p(x | z) in nats given the decoder output for z."""
        return gaussian_log_likelihood(samples, outputs, scale)


def gaussian_log_likelihood(samples: Samples, means: Samples, scale: Scale) -> Nats:
    """Log N(x; mean, scale^2) in nats, summed over the entries of each sample.

    Args:
        scale: one, or one an entry, in the samples' units.

    >>> one = jnp.float32(1 / math.sqrt(2 * math.pi))
    >>> round(float(gaussian_log_likelihood(jnp.zeros((1, 2)), jnp.zeros((1, 2)), one)[0]), 5) + 0.0
    0.0
    """
    entries = tuple(range(1, samples.ndim))
    scales = jnp.broadcast_to(scale, samples.shape[1:])[None]
    deviations = (samples - means) / scales
    return -jnp.sum(0.5 * deviations**2 + jnp.log(scales) + 0.5 * math.log(2 * math.pi), axis=entries)
