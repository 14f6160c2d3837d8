"""Exact density of the fluid: ln p of every configuration, up to the error of ln Z."""

import functools
import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Float64

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Configurations2D
from lcpjax.sampler.thermodynamic_integration import FreeEnergy
from lcpjax.system import System
from lcpjax.system.total_energy import pair_energy

# Configurations at once.
_BATCH = 1024

PerConfiguration = Float64[np.ndarray, " configurations"]


class FluidMixture(NamedTuple):
    """The equal mixture of the fluid's gammas in single precision, for compiled programs."""

    gammas: Float[Array, " gammas"]
    log_partition_function: Float[Array, " gammas"]

    @classmethod
    def of(cls, fluid: FreeEnergy) -> "FluidMixture":
        """That of ln Z at every gamma."""
        return cls(*(jnp.asarray(each, jnp.float32) for each in (fluid.gamma, fluid.log_partition_function)))


@takes_arrays
def fluid_log_density(system: System, fluid: FreeEnergy, positions: Configurations2D) -> PerConfiguration:
    """Ln p(x) in nats of labelled coordinates under the equal mixture of the fluid's gammas, (configurations,).

    The mean of -ln p is the mixture's entropy. Its scatter over configurations, some 17 nats,
    cancels in the difference from a model's numbers for the same configurations.

    Args:
        fluid: ln Z at every gamma.
        positions: (configurations, particles, 2), in sigma, in any order.
    """
    pair_energies = np.asarray(_pair_energies(system, positions), np.float64)
    heights = np.asarray(jnp.sum(positions[..., 1], axis=-1), np.float64)
    energies = pair_energies[None] + np.outer(fluid.gamma, heights)
    each = -energies / system.temperature - fluid.log_partition_function[:, None]
    return np.logaddexp.reduce(each, axis=0) - math.log(len(fluid.gamma))


def _pair_energies(system: System, positions: Configurations2D) -> Float[jax.Array, " configurations"]:
    of_one = functools.partial(pair_energy, pair_potential=system.pair_energy_fn)
    return jax.jit(lambda many: jax.lax.map(of_one, many, batch_size=_BATCH))(positions)
