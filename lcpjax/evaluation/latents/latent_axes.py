"""Axes along which codes vary, and along which the decoder's output does."""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Float64

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Latent
from lcpjax.errors import InputError
from lcpjax.model import VAE, Variables, decode

LatentRows = Float[np.ndarray, "codes latent"]
Square = Float[Array, "latent other_latent"]

# Codes whose outputs exist at once, one for each latent.
_BATCH = 8


class PrincipalAxes(NamedTuple):
    """Orthogonal axes of codes, the most varying first."""

    mean: Float64[np.ndarray, " latent"]
    axes: Float64[np.ndarray, "latent axes"]
    """Unit vectors, one a column."""
    variances: Float64[np.ndarray, " axes"]
    """Along each, falling."""

    @takes_arrays
    def coordinates(self, latents: LatentRows, number: int) -> Float64[np.ndarray, "codes number"]:
        """Coordinates along the first axes.

        Raises:
            InputError: codes of another number of latents.
        """
        if latents.shape[1] != len(self.mean):
            raise InputError(f"latents: {latents.shape[1]} a code; these axes are of {len(self.mean)}")
        return (np.asarray(latents, np.float64) - self.mean) @ self.axes[:, :number]

    def explained_fraction(self, number: int) -> float:
        """Fraction of the variance along the first axes; of an isotropic cloud about number / latent."""
        return float(self.variances[:number].sum() / self.variances.sum())


@takes_arrays
def principal_axes(latents: LatentRows) -> PrincipalAxes:
    """The principal axes of codes.

    Args:
        latents: (codes, latent).

    Raises:
        InputError: fewer than two codes, none of latents, some that are not finite, or all the same.
    """
    rows = np.asarray(latents, np.float64)
    if not rows.shape[1]:
        raise InputError(f"latents: codes of no latents, of shape {rows.shape}; they have no principal axes")
    if len(rows) < 2 or not np.isfinite(rows).all():
        raise InputError(
            f"latents: principal axes need at least 2 codes, all finite; of {len(rows)} some are not, or too few"
        )
    mean = rows.mean(axis=0)
    variances, axes = np.linalg.eigh((rows - mean).T @ (rows - mean) / len(rows))
    if variances[-1] <= 0:
        raise InputError("latents: all codes are the same; they have no principal axes")
    return PrincipalAxes(mean, axes[:, ::-1], np.maximum(variances[::-1], 0.0))


@takes_arrays
def decoder_gain(model: VAE, variables: Variables, latents: Latent) -> Square:
    """G = <J^T J> / entries, J the slope of the decoder at each code: mean square change an entry, of steps of 1.

    A step dz changes the output by dz^T G dz, a mean square an entry, on average over
    the codes. In the representation's units squared per latent squared.

    Args:
        latents: (codes, latent).
    """
    return _gain(model, variables, latents)


@functools.partial(jax.jit, static_argnames="model")
def _gain(model: VAE, variables: Variables, latents: Latent) -> Square:
    size = latents.shape[-1]

    def of_one(latent: Float[Array, " latent"]) -> Square:
        def output(point: Float[Array, " latent"]) -> Float[Array, " entries"]:
            return decode(model, variables, point[None]).reshape(-1)

        slopes = jax.vmap(lambda direction: jax.jvp(output, (latent,), (direction,))[1])(jnp.eye(size))
        return slopes @ slopes.T / slopes.shape[1]

    return jnp.mean(jax.lax.map(of_one, latents, batch_size=_BATCH), axis=0)


@takes_arrays
def decoded_axes(latents: LatentRows, gain: Float[np.ndarray, "latent other_latent"]) -> PrincipalAxes:
    """Principal axes of codes in the metric of the decoder's output.

    Codes are transformed by the root of the gain first, so that ``variances`` are mean
    squares of the output an entry: to first order those that each axis accounts for.

    Args:
        latents: (codes, latent).
        gain: of ``decoder_gain``.

    Raises:
        InputError: a gain that is none, or codes without principal axes.
    """
    return principal_axes(np.asarray(latents, np.float64) @ root_of_gain(gain))


@takes_arrays
def root_of_gain(gain: Float[np.ndarray, "latent other_latent"]) -> Float64[np.ndarray, "latent other_latent"]:
    """Symmetric root of a decoder's gain: it maps codes to points as far apart as what they decode to.

    Raises:
        InputError: not square, or not finite.
    """
    if gain.shape[0] != gain.shape[1] or not np.isfinite(gain).all():
        raise InputError(f"gain: needs a finite square matrix, not this one of shape {gain.shape}")
    values, vectors = np.linalg.eigh(np.asarray(gain, np.float64))
    return vectors * np.sqrt(np.maximum(values, 0.0)) @ vectors.T
