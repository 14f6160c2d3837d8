"""The variational autoencoder: encoder, decoder, prior, likelihood, and the normalisation that comes with them."""

import functools
from collections.abc import Callable
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar, cast

import flax.linen as nn
import jax
import jax.numpy as jnp

from lcpjax.array_types import Count, Latent, ManyPositions, Nats, PRNGKey, Samples, Scalar
from lcpjax.model.likelihood import Likelihood
from lcpjax.model.posterior import (
    ALL_LATENTS,
    Posterior,
    entropy,
    kl_divergence,
    mask_latents,
    sample_posterior,
    used_latents,
)
from lcpjax.model.priors import StandardNormal
from lcpjax.model.sample_kinds import PARTICLES, REDUCED_UNITS
from lcpjax.representation import Normalisation

Variables = dict[str, Any]

Arguments = ParamSpec("Arguments")
Returned = TypeVar("Returned")


class VAEOutput(NamedTuple):
    """Results of one pass."""

    reconstruction: Samples
    """In reduced units; logits where the likelihood is of images."""
    posterior: Posterior
    latent: Latent
    """The posterior sample that was decoded."""
    kl_nats: Nats
    """KL(q(z | x) || p(z)): exact where the prior is N(0, I), else at the one latent."""
    log_likelihood: Nats
    """Log p(x | z) where its variance is learned, else 0."""


class VAE(nn.Module):
    """p(x | z) p(z) and q(z | x), samples in reduced units on both sides.

    The normalisation is a variable of the model (collection "normalisation"), not
    a parameter: it is learned from the training set once and saved with the rest.
    """

    encoder: nn.Module
    decoder: nn.Module
    prior: nn.Module
    sample_shape: tuple[int, ...]
    likelihood: Likelihood = Likelihood()

    def setup(self) -> None:
        """Declare the normalisation, and the likelihood's parameters."""
        self.mean = self.variable("normalisation", "mean", jnp.zeros, self.sample_shape)
        self.scale = self.variable("normalisation", "scale", jnp.ones, ())
        if (scale_shape := self.likelihood.scale_shape(self.sample_shape)) is not None:
            first = nn.initializers.constant(self.likelihood.initial_parameter)
            self.log_scale = self.param("log_scale", first, scale_shape)

    @property
    def needs_posterior_samples(self) -> bool:
        """Whether the loss is only known at posterior samples, not in closed form or from the latent mean."""
        return self.likelihood.is_learned or self.has_learned_prior

    @property
    def has_learned_prior(self) -> bool:
        """Whether p(z) is not N(0, I), so that the KL has no closed form and single latents no rate."""
        return not isinstance(self.prior, StandardNormal)

    def encode(self, samples: Samples) -> Posterior:
        """q(z | x) of a batch of samples."""
        if self.encoder.latents == PARTICLES:
            return self._latents_of(*self.encoder(samples))
        if self.encoder.takes == REDUCED_UNITS:
            return self.encoder(samples)
        return self.encoder(self._normalisation().normalise(samples))

    def decode(self, latent: Latent) -> Samples:
        """Decoder mean for a batch of latents, in reduced units; logits where the likelihood is of images."""
        output = self.decoder(self._particles(latent) if self.decoder.latents == PARTICLES else latent)
        if self.likelihood.gives_logits:
            return self.likelihood.outputs(output)
        return output if self.decoder.gives == REDUCED_UNITS else self._normalisation().restore(output)

    @property
    def decodes_coordinates(self) -> bool:
        """Whether the decoder makes coordinates first, whatever the representation."""
        return hasattr(self.decoder, "coordinates")

    def decode_coordinates(self, latent: Latent) -> ManyPositions:
        """Coordinates behind the output for a batch of latents, (batch, particles, 2), in sigma."""
        return self.decoder.coordinates(latent)

    def __call__(
        self,
        samples: Samples,
        key: PRNGKey,
        noise: Scalar | float = 1.0,
        latent_dim: Count | int = ALL_LATENTS,
        encoder_input: Samples | None = None,
    ) -> VAEOutput:
        """Encode, draw one latent for each sample, decode.

        Args:
            noise: of the latent, in posterior standard deviations; 0: its mean, an autoencoder.
            latent_dim: number of latents in use; the others are set to 0.
            encoder_input: what the encoder gets in place of the samples that the decoder is to give, of their shape.
        """
        posterior = mask_latents(self.encode(samples if encoder_input is None else encoder_input), latent_dim)
        latent = used_latents(sample_posterior(posterior, key, noise), latent_dim)
        reconstruction = self.decode(latent)
        kl_nats = self.kl_divergence(posterior, latent)
        return VAEOutput(reconstruction, posterior, latent, kl_nats, self.log_likelihood(samples, reconstruction))

    def kl_divergence(self, posterior: Posterior, latent: Latent) -> Nats:
        """KL(q(z | x) || p(z)) in nats: in closed form for N(0, I), else -<log q> in closed form and p at a latent."""
        if self.has_learned_prior:
            return -entropy(posterior) - self.log_prior(latent)
        return kl_divergence(posterior)

    def log_prior(self, latent: Latent) -> Nats:
        """Log p(z) in nats."""
        if self.prior.latents != PARTICLES:
            return self.prior.log_density(latent)
        # A density of positions in sigma; latents are those in units of the normalisation's scale.
        return self.prior.log_density(self._particles(latent)) + latent.shape[-1] * jnp.log(self.scale.value)

    def log_prior_of_particles(self, positions: ManyPositions) -> Nats:
        """Log p of a prior over particles at positions in sigma, in nats per sigma^(2 particles)."""
        return self.prior.log_density(positions)

    def sample_prior(self, key: PRNGKey, number: int) -> Latent:
        """Latents from p(z), (number, latent)."""
        drawn = self.prior.sample(key, number)
        if self.prior.latents != PARTICLES:
            return drawn
        return self._normalisation().normalise(drawn).reshape(number, -1)

    def log_likelihood(self, samples: Samples, reconstruction: Samples) -> Nats:
        """Log p(x | z) in nats given the decoder output for z; 0 where no variance is learned."""
        if not self.likelihood.is_learned:
            return jnp.zeros(samples.shape[0])
        has_scale = self.likelihood.scale_shape(self.sample_shape) is not None
        scale = self.likelihood.scale(self.log_scale) if has_scale else jnp.ones(())
        return self.likelihood.log_likelihood(samples, reconstruction, scale)

    def _particles(self, latent: Latent) -> ManyPositions:
        """Latents of a model of particles as positions in sigma."""
        return self._normalisation().restore(latent.reshape(-1, *self.sample_shape))

    def _latents_of(self, positions: ManyPositions, log_variance: ManyPositions) -> Posterior:
        """Posterior of the latents from that of positions in sigma."""
        mean = self._normalisation().normalise(positions)
        log_variance = log_variance - 2 * jnp.log(self.scale.value)
        return Posterior(mean.reshape(mean.shape[0], -1), log_variance.reshape(mean.shape[0], -1))

    def _normalisation(self) -> Normalisation:
        return Normalisation(self.mean.value, self.scale.value)


def _pure(
    method: Callable[Concatenate[VAE, Arguments], Returned], static_argnums: tuple[int, ...] = (0,)
) -> Callable[Concatenate[VAE, Variables, Arguments], Returned]:
    """A method as a compiled function of a model, its variables and the method's own arguments."""

    def apply(model: VAE, variables: Variables, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Returned:
        return cast(Returned, model.apply(variables, method=lambda bound: method(bound, *args, **kwargs)))

    # By which profiles and help() know it.
    apply.__name__, apply.__doc__ = method.__name__, method.__doc__  # ty: ignore[missing-attribute]
    return jax.jit(apply, static_argnums=static_argnums)


autoencode = _pure(VAE.__call__)
encode = _pure(VAE.encode)
decode = _pure(VAE.decode)
decode_coordinates = _pure(VAE.decode_coordinates)
log_prior = _pure(VAE.log_prior)
log_prior_of_particles = _pure(VAE.log_prior_of_particles)
sample_prior = _pure(VAE.sample_prior, static_argnums=(0, 3))


@functools.partial(jax.jit, static_argnames="model")
def initial_variables(model: VAE, key: PRNGKey, normalisation: Normalisation) -> Variables:
    """Fresh parameters and the given normalisation, as Flax variables."""
    params_key, sample_key = jax.random.split(key)
    samples = jnp.zeros((1, *model.sample_shape))
    params = model.init(params_key, samples, sample_key)["params"]
    return {"params": params, "normalisation": normalisation._asdict()}
