"""Priors p(z) by name."""

from collections.abc import Callable

import flax.linen as nn

from lcpjax.errors import OneLineError, did_you_mean
from lcpjax.model.priors.standard import StandardNormal


class PriorError(OneLineError):
    """A prior that does not exist or does not fit the latents."""


PRIORS: dict[str, Callable[[int], nn.Module]] = {"standard": StandardNormal}


def build_prior(name: str, latent_dim: int) -> nn.Module:
    """The prior of that name.

    Raises:
        PriorError: an unknown name.
    """
    if name not in PRIORS:
        raise PriorError(f"prior = {name}: {did_you_mean(name, PRIORS)}")
    return PRIORS[name](latent_dim)


__all__ = ["PRIORS", "PriorError", "StandardNormal", "build_prior"]
