"""Step sizes: tuned for each chain from that chain alone, in burn-in only."""

import jax.numpy as jnp

from lcpjax.array_types import PerChain, Word
from lcpjax.system import System

TARGET_ACCEPTANCE = 0.4
_FIRST_STEP = 0.5
"""In sigma; about right for a Lennard-Jones liquid at T = 1."""


def num_tuning_sweeps(num_sweeps: int) -> int:
    """Sweeps before a chain's step size is frozen: the first half."""
    return num_sweeps // 2


def first_step_size(system: System) -> float:
    """Initial step size, in sigma."""
    return min(_FIRST_STEP, largest_step_size(system))


def largest_step_size(system: System) -> float:
    """Half the box, in sigma: a longer step only leaves the box more often."""
    return system.box_side / 2


def tuned_step_size(step_size: PerChain, acceptance: PerChain, sweep_index: Word, system: System) -> PerChain:
    """Step sizes of the next sweep, in sigma, adjusted towards an acceptance of 0.4.

    Robbins-Monro on the logarithm of the step: log s += a_t (acceptance - 0.4)
    with a_t = 2 / (t + 10)^0.6, which sums to infinity while its squares do not.
    A large constant gain oscillates between accepting all and nothing.

    Args:
        acceptance: (chains,), of the sweep just made.
        sweep_index: t, the number of sweeps made before it.
    """
    # The power by exp and log, because Pallas' Mosaic GPU backend knows no powers.
    gain = 2.0 * jnp.exp(-0.6 * jnp.log(sweep_index.astype(jnp.float32) + 10.0))
    nudged = step_size * jnp.exp(gain * (acceptance - TARGET_ACCEPTANCE))
    return jnp.minimum(nudged, largest_step_size(system))
