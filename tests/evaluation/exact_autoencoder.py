"""The perfect autoencoder of the linear-Gaussian world: the true posterior, and the world's own decoder."""

import jax
import jax.numpy as jnp
from flax import linen as nn

from lcpjax.model import VAE, Likelihood, Posterior, StandardNormal, initial_variables
from lcpjax.model.sample_kinds import REDUCED_UNITS, VECTOR
from lcpjax.representation import Normalisation, Representation
from tests.evaluation.linear_gaussian_world import LENGTHS, NOISE, NUM_PARTICLES, WEIGHTS

VARIANCE = 1 / (1 + LENGTHS**2 / NOISE**2)


class ExactEncoder(nn.Module):
    """The true posterior."""

    latents, takes = VECTOR, REDUCED_UNITS
    representation: Representation
    latent_dim: int = 3

    def __call__(self, samples):
        rows = self.representation.coordinates(samples).reshape(len(samples), -1)
        mean = jnp.matmul(rows, jnp.asarray(WEIGHTS / NOISE**2 * VARIANCE, jnp.float32), precision="highest")
        return Posterior(mean, jnp.broadcast_to(jnp.log(jnp.asarray(VARIANCE, jnp.float32)), mean.shape))


class ExactDecoder(nn.Module):
    """The world's own W z."""

    gives, latents = REDUCED_UNITS, VECTOR
    representation: Representation

    def __call__(self, latent):
        rows = jnp.matmul(latent, jnp.asarray(WEIGHTS.T, jnp.float32), precision="highest")
        return self.representation.represent(rows.reshape(-1, NUM_PARTICLES, 2))


def exact_vae(representation, prior=None):
    """Encoder, decoder and noise of the world; N(0, I) is its prior."""
    likelihood = Likelihood("shared", initial_scale=NOISE, min_scale=1e-3)
    shape = representation.sample_shape(NUM_PARTICLES)
    return VAE(
        ExactEncoder(representation), ExactDecoder(representation), prior or StandardNormal(3), shape, likelihood
    )


def variables_of(model):
    """Without training: nothing but the noise is a parameter, and samples are not normalised."""
    unit = Normalisation(jnp.zeros(model.sample_shape), jnp.float32(1.0))
    return initial_variables(model, jax.random.key(0), unit)
