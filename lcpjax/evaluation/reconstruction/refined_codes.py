"""Codes that the decoder makes the most of, near those that the encoder gave."""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Configurations2D, Latent, Samples
from lcpjax.errors import InputError
from lcpjax.model import VAE, Variables, decode, in_batches
from lcpjax.model.sample_kinds import VECTOR
from lcpjax.representation import Representation
from lcpjax.trained_model import TrainedModel

# Of the mean eigenvalue of J^T J: at first, and how it changes with a step that was taken or refused.
_DAMPING, _LESS, _MORE = 1e-3, 1 / 3, 5.0
_BATCH = 64


class _Search(NamedTuple):
    latent: Latent
    error: Float[Array, " configurations"]
    """Squared, summed over the entries of the sample."""
    damping: Float[Array, " configurations"]


@takes_arrays
def refine_codes(trained: TrainedModel[Representation], ordered: Configurations2D, num_steps: int) -> Latent:
    """Codes (configurations, latent) whose reconstructions have the least squared error that so many steps find.

    Levenberg and Marquardt's steps from the mean of the posterior, each configuration with a damping of its own; a step
    that would raise its error is not taken. What they gain is the encoder's part of the error, its amortisation gap
    (Cremer, Li and Duvenaud, "Inference suboptimality in variational autoencoders", 2018); what is left is the
    decoder's. A step costs about as much as decoding once for each latent.

    Args:
        ordered: (configurations, particles, 2), in sigma, in the model's particle order.
        num_steps: 0 gives the means themselves.

    Raises:
        InputError: a model whose code is no vector.
    """
    if trained.model.encoder.latents != VECTOR:
        raise InputError(f"{trained.name}: its code is no vector of latents, the only ones that are refined")
    if num_steps < 0:
        raise InputError(f"num_steps = {num_steps}: must be at least 0")

    def of_batch(batch: Configurations2D) -> Latent:
        samples = trained.representation.represent(batch)
        return _refined(trained.model, trained.variables, samples, trained.posterior(batch).mean, num_steps)

    return in_batches(of_batch, ordered, _BATCH)


@functools.partial(jax.jit, static_argnames=("model", "num_steps"))
def _refined(model: VAE, variables: Variables, samples: Samples, start: Latent, num_steps: int) -> Latent:
    wanted = samples.reshape(samples.shape[0], -1)

    def residuals(latent: Latent) -> Float[Array, "configurations entries"]:
        return wanted - decode(model, variables, latent).reshape(wanted.shape)

    def of_one(latent: Float[Array, " latent"]) -> Float[Array, " entries"]:
        return decode(model, variables, latent[None]).reshape(-1)

    def step(search: _Search, _: None) -> tuple[_Search, None]:
        slope = jax.vmap(jax.jacfwd(of_one))(search.latent)
        normal = jnp.einsum("bei,bej->bij", slope, slope, precision="highest")
        size = jnp.trace(normal, axis1=1, axis2=2) / normal.shape[-1]
        damped = normal + jax.vmap(jnp.diag)(jnp.broadcast_to((search.damping * size)[:, None], start.shape))
        gradient = jnp.einsum("bei,be->bi", slope, residuals(search.latent), precision="highest")
        tried = search.latent + jnp.linalg.solve(damped, gradient[..., None])[..., 0]
        error = jnp.sum(residuals(tried) ** 2, axis=1)
        # Also false where the step or its error is no number.
        is_taken = error < search.error
        latent = jnp.where(is_taken[:, None], tried, search.latent)
        damping = search.damping * jnp.where(is_taken, _LESS, _MORE)
        return _Search(latent, jnp.where(is_taken, error, search.error), damping), None

    error = jnp.sum(residuals(start) ** 2, axis=1)
    search = _Search(start, error, jnp.full(error.shape, _DAMPING, error.dtype))
    return jax.lax.scan(step, search, length=num_steps)[0].latent
