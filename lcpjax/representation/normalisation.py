"""Centre and scale of a representation, learned on the training set and stored with the model."""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Samples, Scalar
from lcpjax.errors import InputError


class Normalisation(NamedTuple):
    """x -> (x - mean) / scale, and back."""

    mean: Float[Array, "*entries"]
    """One for each entry, in reduced units."""
    scale: Scalar
    """One for all entries, so that equal errors weigh the same everywhere."""

    @takes_arrays
    def normalise(self, samples: Samples) -> Samples:
        """Samples without their mean, of order 1.

        Raises:
            InputError: samples with other entries than the mean.
        """
        self._check_entries("normalise", samples)
        return (samples - self.mean[None]) / self.scale

    @takes_arrays
    def restore(self, normalised: Samples) -> Samples:
        """The inverse of ``normalise``: reduced units again.

        Raises:
            InputError: samples with other entries than the mean.
        """
        self._check_entries("restore", normalised)
        return normalised * self.scale + self.mean[None]

    def _check_entries(self, wanted_by: str, samples: Samples) -> None:
        if samples.shape[1:] != self.mean.shape:
            expected = ", ".join(map(str, ("batch", *self.mean.shape)))
            raise InputError(f"Normalisation.{wanted_by}: samples have shape {samples.shape}, expected ({expected})")


@takes_arrays
def learn_normalisation(samples: Samples) -> Normalisation:
    """Mean of every entry and root mean square deviation over all entries.

    Raises:
        InputError: no samples.

    >>> learn_normalisation(jnp.array([[0.0, 4.0], [2.0, 6.0]]))
    Normalisation(mean=Array([1., 5.], dtype=float32), scale=Array(1., dtype=float32))
    """
    if samples.shape[0] == 0:
        raise InputError("learn_normalisation: needs at least one sample")
    mean = jnp.mean(samples, axis=0)
    variance = jnp.mean((samples - mean[None]) ** 2)
    # Samples without any variation keep their units instead of dividing by zero.
    return Normalisation(mean, jnp.where(variance > 0, jnp.sqrt(variance), 1.0))
