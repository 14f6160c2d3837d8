"""Priors p(z) by name, and their sizes."""

from collections.abc import Callable
from typing import NamedTuple

import flax.linen as nn

from lcpjax.errors import InputError, did_you_mean
from lcpjax.model.priors.autoregressive import NUM_HEADS, AutoregressivePrior
from lcpjax.model.priors.next_place import coarsest_resolution
from lcpjax.model.priors.standard import StandardNormal
from lcpjax.system import System


class PriorSizes(NamedTuple):
    """Sizes of learned priors, and their resolution."""

    resolution: float
    """About the standard deviation of a coordinate under the posterior, in sigma."""
    width: int
    """Of a token."""
    depth: int
    """Blocks of attention."""
    knows_energies: bool = True
    """Whether the pair potential is given; else all is learned."""


PRIORS: dict[str, Callable[[int, System, PriorSizes], nn.Module]] = {
    "standard": lambda latent_dim, system, sizes: StandardNormal(latent_dim),
    "autoregressive": lambda latent_dim, system, sizes: AutoregressivePrior(
        system, sizes.resolution, sizes.width, sizes.depth, knows_energies=sizes.knows_energies
    ),
}
"""By name: a prior of a number of latents, or of the particles of a system."""


def build_prior(name: str, latent_dim: int, system: System, sizes: PriorSizes) -> nn.Module:
    """Prior of that name.

    Raises:
        InputError: an unknown name, or sizes that do not fit each other.
    """
    if name not in PRIORS:
        raise InputError(f"prior = {name}: {did_you_mean(name, PRIORS)}")
    if sizes.width % NUM_HEADS:
        raise InputError(f"prior_width = {sizes.width}: must be a multiple of {NUM_HEADS}")
    if name != "standard" and sizes.resolution >= (coarsest := coarsest_resolution(system)):
        raise InputError(f"resolution = {sizes.resolution} sigma: must be below {coarsest:.3g} with prior = {name}")
    return PRIORS[name](latent_dim, system, sizes)
