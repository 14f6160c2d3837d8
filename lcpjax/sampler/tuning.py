"""Step sizes and fractions of non-local sweeps: tuned for each chain from that chain alone, in burn-in only."""

import jax.numpy as jnp

from lcpjax.array_types import PerChain, Scalar, Word
from lcpjax.sampler.chain_state import MoveParameters, SweepInfo, Tuning
from lcpjax.sampler.rules import MoveRules
from lcpjax.system import System

TARGET_ACCEPTANCE = 0.4
_FIRST_STEP = 0.5
"""In sigma; about right for a Lennard-Jones liquid at T = 1."""
_FIRST_FRACTION = 0.5
_ACCEPTANCE_AT_EQUAL_ODDS = 0.01
"""Acceptance of non-local moves at which they get half of the sweeps."""
_SMALLEST_FRACTION, _LARGEST_FRACTION = 1 / 16, 15 / 16
"""Of tuned ones: a chain that makes no non-local move learns nothing of them, and pairs relax by local ones."""


def num_tuning_sweeps(num_sweeps: int) -> int:
    """Sweeps in which a chain's parameters are tuned: the first half."""
    return num_sweeps // 2


def first_parameters(system: System, rules: MoveRules) -> MoveParameters:
    """Step size, in sigma, and fraction of non-local sweeps with which tuning begins; scalars."""
    step_size = min(_FIRST_STEP, largest_step_size(system))
    return MoveParameters(jnp.float32(step_size), jnp.float32(0.0 if rules.nonlocal_moves is None else _FIRST_FRACTION))


def largest_step_size(system: System) -> float:
    """Half the box, in sigma: a longer step only leaves the box more often."""
    return system.box_side / 2


def tuned(
    parameters: MoveParameters, info: SweepInfo, sweep_index: Word, tuning: Tuning, system: System
) -> MoveParameters:
    """Parameters of the next sweep: a local sweep updates the step size, a non-local one the fraction.

    Robbins-Monro with gain a_t = 2 / (t + 10)^0.6, which sums to infinity while its squares do not. A large constant
    gain oscillates between accepting all and nothing.

    Args:
        parameters: of the sweep just made.
        sweep_index: t, the number of sweeps made before it.
        tuning: which of them; the rest stays.
    """
    # The power by exp and log, because Pallas' Mosaic GPU backend knows no powers.
    gain = 2.0 * jnp.exp(-0.6 * jnp.log(sweep_index.astype(jnp.float32) + 10.0))
    step_size, fraction = parameters
    next_step = tuned_step_size(step_size, info.acceptance, gain, system)
    next_fraction = tuned_fraction(fraction, info.acceptance, gain)
    return MoveParameters(
        jnp.where(tuning.step_size & ~info.is_nonlocal, next_step, step_size),
        jnp.where(tuning.nonlocal_fraction & info.is_nonlocal, next_fraction, fraction),
    )


def tuned_step_size(step_size: PerChain, acceptance: PerChain, gain: Scalar, system: System) -> PerChain:
    """Step sizes, in sigma, adjusted towards an acceptance of 0.4: log s += a_t (acceptance - 0.4).

    Args:
        acceptance: (chains,), of the local sweep just made.
        gain: a_t.
    """
    nudged = step_size * jnp.exp(gain * (acceptance - TARGET_ACCEPTANCE))
    return jnp.minimum(nudged, largest_step_size(system))


def tuned_fraction(fraction: PerChain, acceptance: PerChain, gain: Scalar) -> PerChain:
    """Fractions of non-local sweeps, whose odds follow the running mean of acceptance / 0.01.

    Args:
        acceptance: (chains,), of the non-local sweep just made.
        gain: a_t, weight of the newest sweep in the running mean.
    """
    odds = fraction / (1.0 - fraction)
    odds = odds + jnp.minimum(gain, 1.0) * (acceptance / _ACCEPTANCE_AT_EQUAL_ODDS - odds)
    return jnp.clip(odds / (1.0 + odds), _SMALLEST_FRACTION, _LARGEST_FRACTION)
