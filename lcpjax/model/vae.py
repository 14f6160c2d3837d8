"""The variational autoencoder: an encoder, a decoder and the normalisation between them and reduced units."""

import functools
from typing import Any, NamedTuple, cast

import flax.linen as nn
import jax
import jax.numpy as jnp

from lcpjax.array_types import Latent, PRNGKey, Samples
from lcpjax.model.posterior import Posterior, sample_posterior
from lcpjax.representation import Normalisation

Variables = dict[str, Any]


class VAEOutput(NamedTuple):
    """Everything one pass gives, so that nothing needs a second one."""

    reconstruction: Samples
    """In reduced units."""
    posterior: Posterior
    latent: Latent
    """The posterior sample that was decoded."""


class VAE(nn.Module):
    """p(x | z) p(z) and q(z | x), samples in reduced units on both sides.

    The normalisation is a variable of the model (collection "normalisation"), not
    a parameter: it is learnt from the training part once and saved with the rest.
    """

    encoder: nn.Module
    decoder: nn.Module
    sample_shape: tuple[int, ...]

    def setup(self) -> None:
        """Declare the normalisation."""
        self.mean = self.variable("normalisation", "mean", jnp.zeros, self.sample_shape)
        self.scale = self.variable("normalisation", "scale", jnp.ones, ())

    def encode(self, samples: Samples) -> Posterior:
        """q(z | x) of a batch of samples."""
        return self.encoder(self._normalisation().normalise(samples))

    def decode(self, latent: Latent) -> Samples:
        """The decoder's mean for a batch of latents, in reduced units."""
        return self._normalisation().restore(self.decoder(latent))

    def __call__(self, samples: Samples, key: PRNGKey) -> VAEOutput:
        """Encode, draw one latent for each sample, decode."""
        posterior = self.encode(samples)
        latent = sample_posterior(posterior, key)
        return VAEOutput(self.decode(latent), posterior, latent)

    def _normalisation(self) -> Normalisation:
        return Normalisation(self.mean.value, self.scale.value)


@functools.partial(jax.jit, static_argnames="model")
def autoencode(model: VAE, variables: Variables, samples: Samples, key: PRNGKey) -> VAEOutput:
    """One whole pass of a model: encode, draw one latent for each sample, decode."""
    return cast(VAEOutput, model.apply(variables, samples, key))


@functools.partial(jax.jit, static_argnames="model")
def encode(model: VAE, variables: Variables, samples: Samples) -> Posterior:
    """The posterior of a batch of samples in reduced units."""
    return cast(Posterior, model.apply(variables, samples, method=VAE.encode))


@functools.partial(jax.jit, static_argnames="model")
def decode(model: VAE, variables: Variables, latent: Latent) -> Samples:
    """The decoder's mean for a batch of latents, in reduced units."""
    return cast(Samples, model.apply(variables, latent, method=VAE.decode))


@functools.partial(jax.jit, static_argnames="model")
def initial_variables(model: VAE, key: PRNGKey, normalisation: Normalisation) -> Variables:
    """Fresh parameters and the given normalisation, as Flax variables."""
    params_key, sample_key = jax.random.split(key)
    samples = jnp.zeros((1, *model.sample_shape))
    params = model.init(params_key, samples, sample_key)["params"]
    return {"params": params, "normalisation": normalisation._asdict()}
