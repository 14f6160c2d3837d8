"""Priors p(z) by name."""

from collections.abc import Callable

import flax.linen as nn

from lcpjax.errors import OneLineError, did_you_mean
from lcpjax.model.priors.autoregressive import AutoregressivePrior
from lcpjax.model.priors.standard import StandardNormal
from lcpjax.system import System


class PriorError(OneLineError):
    """A prior that does not exist or does not fit the latents."""


PRIORS: dict[str, Callable[[int, System, float], nn.Module]] = {
    "standard": lambda latent_dim, system, resolution: StandardNormal(latent_dim),
    "autoregressive": lambda latent_dim, system, resolution: AutoregressivePrior(system, resolution),
}
"""Of so many latents, or of the particles of a system known to a resolution in sigma."""


def build_prior(name: str, latent_dim: int, system: System, resolution: float) -> nn.Module:
    """The prior of that name.

    Args:
        resolution: about the standard deviation of a coordinate under the posterior, in sigma.

    Raises:
        PriorError: an unknown name.
    """
    if name not in PRIORS:
        raise PriorError(f"prior = {name}: {did_you_mean(name, PRIORS)}")
    return PRIORS[name](latent_dim, system, resolution)


__all__ = ["PRIORS", "AutoregressivePrior", "PriorError", "StandardNormal", "build_prior"]
