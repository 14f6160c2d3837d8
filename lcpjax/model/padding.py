"""A model with fewer latents inside one with more: its arrays in the corner, zeros around them."""

from typing import Any

import jax
import jax.numpy as jnp

from lcpjax.errors import InputError
from lcpjax.model.linear_skip import LinearSkipEncoder
from lcpjax.model.priors import StandardNormal
from lcpjax.model.sample_kinds import PARTICLES
from lcpjax.model.vae import VAE, Variables, initial_variables
from lcpjax.representation import Normalisation
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler.streams import Seed


def with_latent_dim(model: VAE, latent_dim: int) -> VAE:
    """The same model with another number of latents.

    Raises:
        InputError: its latents are particles, or its prior is a learned one.
    """
    if model.encoder.latent_dim == latent_dim:
        return model
    if model.encoder.latents == PARTICLES:
        raise InputError(f"latent_dim = {latent_dim}: a model of particle tokens has {model.encoder.latent_dim}")
    if not isinstance(model.prior, StandardNormal):
        raise InputError("prior: only models with the standard prior train together with other numbers of latents")
    encoder = model.encoder
    resized = (
        encoder.with_latent_dim(latent_dim)
        if isinstance(encoder, LinearSkipEncoder)
        else encoder.clone(latent_dim=latent_dim)
    )
    return model.clone(encoder=resized, prior=model.prior.clone(latent_dim=latent_dim))


def padded(arrays: Any, like: Any, latent_dim: int, padded_latent_dim: int) -> Any:
    """A tree of arrays with zeros after them, in the shapes of ``like``.

    Masked latents get no gradient, so that what is zero stays zero and the rest
    is trained as if it were alone.

    Raises:
        InputError: an axis differs in another way than ``latent_dim`` from ``padded_latent_dim``.
    """

    def pad(array: jax.Array, wanted: jax.ShapeDtypeStruct) -> jax.Array:
        missing = [large - small for small, large in zip(array.shape, wanted.shape, strict=True)]
        of_latents = [pair == (latent_dim, padded_latent_dim) for pair in zip(array.shape, wanted.shape, strict=True)]
        if any(number < 0 or (number > 0 and not legal) for number, legal in zip(missing, of_latents, strict=True)):
            raise InputError(
                f"latent_dim = {latent_dim}: this model cannot train together with one of {padded_latent_dim}"
            )
        return jnp.pad(array, [(0, number) for number in missing]) if any(missing) else array

    return jax.tree.map(pad, arrays, like)


def cut(arrays: Any, like: Any) -> Any:
    """Inverse of ``padded``: the corner of every array that has the shape of ``like``."""

    def corner(array: jax.Array, wanted: jax.ShapeDtypeStruct) -> jax.Array:
        return array if array.shape == wanted.shape else array[tuple(map(slice, wanted.shape))]

    return jax.tree.map(corner, arrays, like)


def cut_variables(model: VAE, variables: Variables) -> Variables:
    """Variables of a model, cut out if they were trained padded."""
    normalisation = Normalisation(**variables["normalisation"])
    shapes = jax.eval_shape(lambda key: initial_variables(model, key, normalisation), key_of_seed(Seed.EVALUATION))
    return cut(variables, shapes)
