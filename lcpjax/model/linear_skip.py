"""Networks beside a linear code: training begins at principal components and goes on from there."""

from typing import Any, ClassVar

import flax.linen as nn
import jax.numpy as jnp

from lcpjax.array_types import Latent, Samples
from lcpjax.model.posterior import Posterior
from lcpjax.model.sample_kinds import NORMALISED, VECTOR

# A direction in which samples hardly vary would otherwise be blown up to a latent of variance 1.
_LEAST_VARIANCE = 1e-6


class LinearSkipEncoder(nn.Module):
    """Posterior whose mean is linear in the samples plus, nothing at first, what a network says.

    Args:
        network: an encoder of normalised samples.
    """

    latents: ClassVar[str] = VECTOR
    takes: ClassVar[str] = NORMALISED
    network: nn.Module

    @property
    def latent_dim(self) -> int:
        """Its network's d."""
        return self.network.latent_dim

    def with_latent_dim(self, latent_dim: int) -> "LinearSkipEncoder":
        """The same with another d."""
        return self.clone(network=self.network.clone(latent_dim=latent_dim))

    @property
    def works_on(self) -> str:
        """The samples that its network can read."""
        return self.network.works_on

    @nn.compact
    def __call__(self, samples: Samples) -> Posterior:
        """q(z | x) of normalised samples."""
        rows = samples.reshape(samples.shape[0], -1)
        axes = self.param("axes", nn.initializers.zeros, (rows.shape[1], self.latent_dim))
        # Bachlechner et al., "ReZero is all you need" (2021): a gate that opens as it helps.
        gate = self.param("gate", nn.initializers.zeros, ())
        found = self.network(samples)
        return Posterior(rows @ axes + gate * found.mean, found.log_variance)


class LinearSkipDecoder(nn.Module):
    """Normalised samples that are linear in the latent plus, nothing at first, what a network says.

    Args:
        network: a decoder that gives normalised samples.
    """

    latents: ClassVar[str] = VECTOR
    gives: ClassVar[str] = NORMALISED
    network: nn.Module

    @property
    def works_on(self) -> str:
        """The samples that its network can write."""
        return self.network.works_on

    @nn.compact
    def __call__(self, latent: Latent) -> Samples:
        """Normalised samples."""
        found = self.network(latent)
        rows = found.reshape(found.shape[0], -1)
        axes = self.param("axes", nn.initializers.zeros, (latent.shape[1], rows.shape[1]))
        gate = self.param("gate", nn.initializers.zeros, ())
        return (latent @ axes + gate * rows).reshape(found.shape)


def principal_parameters(params: dict[str, Any], samples: Samples, latent_dim: int) -> dict[str, Any]:
    """The parameters of a model with linear skips on both sides, at its principal components.

    Latents are scaled to variance 1, as the prior expects them.

    Args:
        params: of the model.
        samples: normalised; those that the components are learnt from.
    """
    rows = samples.reshape(samples.shape[0], -1)
    covariance = jnp.matmul(rows.T, rows, precision="highest") / rows.shape[0]
    variances, vectors = jnp.linalg.eigh(covariance)
    scales = jnp.sqrt(jnp.maximum(variances[::-1][:latent_dim], _LEAST_VARIANCE))
    kept = vectors[:, ::-1][:, :latent_dim]
    # More latents than entries: those beyond have nothing to tell.
    spare = (0, latent_dim - kept.shape[1])
    into, out_of = jnp.pad(kept / scales[None], [(0, 0), spare]), jnp.pad((kept * scales[None]).T, [spare, (0, 0)])
    encoder, decoder = params["encoder"] | {"axes": into}, params["decoder"] | {"axes": out_of}
    return params | {"encoder": encoder, "decoder": decoder}


def begins_linear(encoder: nn.Module, decoder: nn.Module) -> bool:
    """Whether a model of these has linear skips on both sides."""
    return isinstance(encoder, LinearSkipEncoder) and isinstance(decoder, LinearSkipDecoder)


def skipping(encoder: nn.Module, decoder: nn.Module) -> tuple[nn.Module, nn.Module]:
    """Both beside a linear code."""
    return LinearSkipEncoder(encoder), LinearSkipDecoder(decoder)


def can_skip(encoder: nn.Module, decoder: nn.Module) -> bool:
    """Whether both sides speak of normalised samples, of which a linear code is one of numbers."""
    return encoder.latents == VECTOR and encoder.takes == NORMALISED and decoder.gives == NORMALISED
