"""Exact likelihood ratio of a fluid with another pair potential, up to a constant, from its own samples."""

import numpy as np
from jaxtyping import Float, Float64, Int
from scipy.special import logsumexp

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Configurations2D
from lcpjax.errors import InputError
from lcpjax.evaluation.anomalies.extremes import most_anomalous_where_undefined
from lcpjax.evaluation.reconstruction.energies import pair_energies
from lcpjax.sampler.thermodynamic_integration import FreeEnergy
from lcpjax.system import System

PerConfigurationRatio = Float64[np.ndarray, " configurations"]
PerGamma = Float[np.ndarray, " gammas"]
Sums = Float[np.ndarray, " sampled"]

# Of the fixed point, far below the statistical error.
_TOLERANCE, _MOST_ROUNDS = 1e-10, 10_000


@takes_arrays
def relative_log_partition(
    gammas: PerGamma, sums_of_heights: Sums, gamma_index: Int[np.ndarray, " sampled"], temperature: float
) -> Float64[np.ndarray, " gammas"]:
    """Ln Z at each gamma less that at the first, in nats, from samples at all of them.

    By the multistate Bennett acceptance ratio (Shirts and Chodera, J. Chem. Phys. 129, 124105, 2008), of sum y alone
    because only gravity differs.

    Args:
        gammas: increasing.
        sums_of_heights: of each sample, in sigma.
        gamma_index: at which of the gammas each was sampled; each occurs.
        temperature: in epsilon / k_B.

    Raises:
        InputError: sums that are not finite.
    """
    if not np.isfinite(sums_of_heights).all():
        number = int((~np.isfinite(sums_of_heights)).sum())
        raise InputError(f"sums_of_heights: {number} of {len(sums_of_heights)} are not finite; all must be")
    weights = -np.outer(np.asarray(sums_of_heights, np.float64), gammas) / temperature
    log_numbers = np.log(np.bincount(gamma_index, minlength=len(gammas)))
    log_z = np.zeros(len(gammas))
    for _ in range(_MOST_ROUNDS):
        mixture = logsumexp(weights - log_z + log_numbers, axis=1)
        later = logsumexp(weights - mixture[:, None], axis=0)
        later -= later[0]
        if np.abs(later - log_z).max() < _TOLERANCE:
            break
        log_z = later
    return later


@takes_arrays
def log_fluid_ratio(
    system: System, fluid: FreeEnergy, other: System, other_log_z: PerGamma, positions: Configurations2D
) -> PerConfigurationRatio:
    """Ln p of another fluid's mixture over gammas less that of this one's, up to a constant, in nats.

    +inf where both are 0, as where particles coincide.

    Args:
        fluid: ln Z of this one at each gamma.
        other: the same box, another pair potential.
        other_log_z: of the other one at the same gammas, up to a constant.
        positions: (configurations, particles, 2), in sigma.
    """
    sums = np.asarray(positions[..., 1], np.float64).sum(axis=1)
    falls = -np.outer(sums, fluid.gamma) / system.temperature

    def log_weight(one: System, log_z: np.ndarray) -> np.ndarray:
        energies = np.asarray(pair_energies(positions, one), np.float64)
        return -energies / one.temperature + logsumexp(falls - log_z, axis=1)

    log_this, log_other = log_weight(system, fluid.log_partition_function), log_weight(other, np.asarray(other_log_z))
    with np.errstate(invalid="ignore"):
        return most_anomalous_where_undefined(log_other - log_this)
