"""Networks in parallel with a linear code: training starts from principal components."""

from typing import Any, ClassVar, TypeAlias

import flax.linen as nn
import jax.numpy as jnp
from jaxtyping import Array, Float

from lcpjax.array_types import Latent, Samples
from lcpjax.errors import InputError
from lcpjax.model.neighbour_decoder import NeighbourDecoder
from lcpjax.model.posterior import Posterior
from lcpjax.model.sample_kinds import NORMALISED, VECTOR
from lcpjax.model.set_encoder import SetTransformer
from lcpjax.representation import Normalisation

IntoLatents: TypeAlias = Float[Array, "entries latent"]
OutOfLatents: TypeAlias = Float[Array, "latent entries"]

# A direction in which samples hardly vary would otherwise be blown up to a latent of variance 1.
_LEAST_VARIANCE = 1e-6


class LinearSkipEncoder(nn.Module):
    """Posterior whose mean is linear in the samples plus a network's output, at first zero.

    Args:
        network: an encoder; it and the linear code read samples in its units.
    """

    latents: ClassVar[str] = VECTOR
    network: nn.Module

    @property
    def takes(self) -> str:
        """The units that its network reads."""
        return self.network.takes

    @property
    def latent_dim(self) -> int:
        """Its network's d."""
        return self.network.latent_dim

    def with_latent_dim(self, latent_dim: int) -> "LinearSkipEncoder":
        """The same with another d."""
        return self.clone(network=self.network.clone(latent_dim=latent_dim))

    @property
    def works_on(self) -> str:
        """Samples that its network can read."""
        return self.network.works_on

    @nn.compact
    def __call__(self, samples: Samples) -> Posterior:
        """q(z | x) of samples in its network's units."""
        linear = nn.Dense(self.latent_dim, kernel_init=nn.initializers.zeros, name="linear")
        # Bachlechner et al., "ReZero is all you need" (2021): a gate that opens as it helps.
        gate = self.param("gate", nn.initializers.zeros, ())
        found = self.network(samples)
        return Posterior(linear(samples.reshape(samples.shape[0], -1)) + gate * found.mean, found.log_variance)


class LinearSkipDecoder(nn.Module):
    """Normalised samples that are linear in the latent plus a network's output, at first zero.

    Args:
        network: a decoder that gives normalised samples.
    """

    latents: ClassVar[str] = VECTOR
    gives: ClassVar[str] = NORMALISED
    network: nn.Module

    @property
    def works_on(self) -> str:
        """Samples that its network can write."""
        return self.network.works_on

    @nn.compact
    def __call__(self, latent: Latent) -> Samples:
        """Normalised samples."""
        found = self.network(latent)
        rows = found.reshape(found.shape[0], -1)
        linear = nn.Dense(rows.shape[1], kernel_init=nn.initializers.zeros, name="linear")
        gate = self.param("gate", nn.initializers.zeros, ())
        return (linear(latent) + gate * rows).reshape(found.shape)


def principal_parameters(
    params: dict[str, Any], encoder: nn.Module, decoder: nn.Module, samples: Samples, normalisation: Normalisation
) -> dict[str, Any]:
    """Parameters of a model that ``begins_linear``, at its principal components.

    Latents are scaled to variance 1, as the prior expects them.

    Args:
        params: of the model.
        samples: in reduced units; those that the components are learned from.
        normalisation: of the model.
    """
    into, out_of = _principal_axes(normalisation.normalise(samples), encoder.latent_dim)
    mean, scale = normalisation.mean.reshape(-1), normalisation.scale
    reads = {"kernel": into, "bias": jnp.zeros(into.shape[1])}
    if encoder.takes != NORMALISED:
        reads = {"kernel": into / scale, "bias": -(mean / scale) @ into}
    writes = {"kernel": out_of, "bias": jnp.zeros_like(mean)}
    if decoder.gives != NORMALISED:
        writes = {"kernel": out_of * scale, "bias": mean}
    return params | {
        "encoder": params["encoder"] | {"linear": reads},
        "decoder": params["decoder"] | {"linear": writes},
    }


def _principal_axes(normalised: Samples, latent_dim: int) -> tuple[IntoLatents, OutOfLatents]:
    rows = normalised.reshape(normalised.shape[0], -1)
    covariance = jnp.matmul(rows.T, rows, precision="highest") / rows.shape[0]
    variances, vectors = jnp.linalg.eigh(covariance)
    scales = jnp.sqrt(jnp.maximum(variances[::-1][:latent_dim], _LEAST_VARIANCE))
    kept = vectors[:, ::-1][:, :latent_dim]
    # More latents than entries: those beyond carry no information.
    spare = (0, latent_dim - kept.shape[1])
    return jnp.pad(kept / scales[None], [(0, 0), spare]), jnp.pad((kept * scales[None]).T, [spare, (0, 0)])


def begins_linear(encoder: nn.Module, decoder: nn.Module) -> bool:
    """Whether a model of these has linear skips on both sides."""
    return isinstance(encoder, LinearSkipEncoder) and isinstance(decoder, LinearSkipDecoder | NeighbourDecoder)


def skipping(encoder: nn.Module, decoder: nn.Module) -> tuple[nn.Module, nn.Module]:
    """Both in parallel with a linear code; a decoder of neighbours has one of its own.

    Raises:
        InputError: no linear code of numbers can be parallel to both.
    """
    makes_entries = decoder.gives == NORMALISED or isinstance(decoder, NeighbourDecoder)
    if encoder.latents != VECTOR or not makes_entries:
        raise InputError("linear_skip = true: not for particle tokens or decoders that make points first")
    if isinstance(getattr(encoder, "body", None), SetTransformer) and not encoder.body.knows_order:
        raise InputError("linear_skip = true: a linear code knows the order; knows_order must be true")
    return LinearSkipEncoder(encoder), decoder if isinstance(decoder, NeighbourDecoder) else LinearSkipDecoder(decoder)
