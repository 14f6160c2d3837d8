"""Non-local moves: a particle proposed anywhere in the box, from the barometric distribution of a single particle.

x is uniform and y follows exp(-gamma y / T) between the walls, which is the fluid's distribution without its pair
energy. So the Metropolis-Hastings ratio is that of the pair energies alone, and no local diffusion has to carry a
particle through the box. A sweep of a chain is local or non-local as a whole; which one depends on (seed, chain,
sweep) and on the chain's fraction of non-local sweeps, never on where its particles are.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import jax.numpy as jnp

from lcpjax.array_types import Accepted, PerChain, PerChainIndex, Word
from lcpjax.sampler.chain_state import ThermodynamicState
from lcpjax.sampler.random_numbers import MoveNumbers, derived_key, threefry_2x32, unit_interval
from lcpjax.sampler.streams import Decision

# Below this gamma L / T, y is proposed uniformly and the correction weighs it: float32 cannot hold so small a slope.
_SMALLEST_EXPONENT = 1 / 16
# Heights are drawn with 20 bits, which are coarse where less than exp(-10) of the distribution is left. A steeper one
# is uniform above that height, where this fraction of the positions is proposed.
_LARGEST_EXPONENT, _FRACTION_ABOVE = 10.0, 2.0**-10


class PositionProposal(NamedTuple):
    """Density of proposed positions, exp(-energy / T); heights are measured from the wall that gravity points to."""

    gamma: PerChain
    """(chains,), m g sigma / epsilon: the energy is gamma * y up to the cutoff."""
    cutoff_height: PerChain
    """(chains,), in sigma: the box's side, or less where gravity is steep."""
    energy_above_cutoff: PerChain
    """(chains,), in epsilon: from there to the other wall."""
    rate: PerChain
    """(chains,), 1 / sigma: |gamma| / T; 1 where y is uniform."""
    weight_at_cutoff: PerChain
    """(chains,): exp(-rate * cutoff_height)."""
    fraction_below_cutoff: PerChain
    """(chains,): of the proposed positions."""
    box_side: float
    """In sigma."""


def barometric_proposal(thermodynamic: ThermodynamicState, box_side: float) -> PositionProposal:
    """The barometric distribution of one particle between the walls.

    Any density that is nowhere 0 is correct, as long as ``hastings_correction`` weighs it. So a slope too small for
    float32 is left to the correction, and so is the thin end of a steep one.
    """
    gamma, temperature = thermodynamic
    is_uniform = jnp.abs(gamma) * box_side < _SMALLEST_EXPONENT * temperature
    rate = jnp.where(is_uniform, 1.0, jnp.abs(gamma) / temperature)
    # So steep that the strip above the cutoff has a width that float32 resolves.
    is_steep = ~is_uniform & (rate * box_side > _LARGEST_EXPONENT + 1.0)
    cutoff_height = jnp.where(is_steep, _LARGEST_EXPONENT / rate, box_side)
    weight_at_cutoff = jnp.exp(-rate * cutoff_height)
    odds = _FRACTION_ABOVE / (1.0 - _FRACTION_ABOVE)
    weight_above = odds * (1.0 - weight_at_cutoff) / (rate * jnp.where(is_steep, box_side - cutoff_height, 1.0))
    return PositionProposal(
        gamma=jnp.where(is_uniform, 0.0, gamma),
        cutoff_height=cutoff_height,
        energy_above_cutoff=-temperature * jnp.log(weight_above),
        rate=rate,
        weight_at_cutoff=weight_at_cutoff,
        fraction_below_cutoff=jnp.where(is_steep, 1.0 - _FRACTION_ABOVE, 1.0),
        box_side=box_side,
    )


def propose_position(numbers: MoveNumbers, proposal: PositionProposal) -> tuple[PerChain, PerChain]:
    """A position anywhere in the box, x and y in sigma."""
    across, upwards = (0.5 * (1.0 + number) for number in (numbers.direction_x, numbers.direction_y))
    below = upwards / proposal.fraction_below_cutoff
    # 1 - upwards is exact, so that the thin end of the distribution keeps its digits.
    height = -jnp.log((1.0 - below) + below * proposal.weight_at_cutoff) / proposal.rate
    height = jnp.where(proposal.gamma == 0, below * proposal.cutoff_height, height)
    above = (upwards - proposal.fraction_below_cutoff) / _FRACTION_ABOVE
    room_above = proposal.box_side - proposal.cutoff_height
    height = jnp.where(below < 1, height, proposal.cutoff_height + above * room_above)
    return across * proposal.box_side, jnp.where(proposal.gamma < 0, proposal.box_side - height, height)


def hastings_correction(proposal: PositionProposal, y: PerChain, new_y: PerChain) -> PerChain:
    """T ln [q(y) / q(new y)], in epsilon, with q the density of proposals: what an accepted move may cost more."""

    def energy(y: PerChain) -> PerChain:
        height = jnp.where(proposal.gamma < 0, proposal.box_side - y, y)
        below = jnp.abs(proposal.gamma) * height
        return jnp.where(height <= proposal.cutoff_height, below, proposal.energy_above_cutoff)

    return energy(new_y) - energy(y)


@dataclass(frozen=True)
class NonlocalMoves:
    """The steps of a non-local move; the defaults are correct, tests insert wrong ones."""

    proposal: Callable[[ThermodynamicState, float], PositionProposal] = barometric_proposal
    propose: Callable[[MoveNumbers, PositionProposal], tuple[PerChain, PerChain]] = propose_position
    hastings_correction: Callable[[PositionProposal, PerChain, PerChain], PerChain] = hastings_correction


class NonlocalSweep(NamedTuple):
    """One sweep, of those chains for which it is a non-local one."""

    moves: NonlocalMoves
    proposal: PositionProposal
    is_nonlocal: Accepted
    """(chains,): whose sweep it is."""


def is_nonlocal_sweep(key: tuple[Word, Word], chain: PerChainIndex, sweep_index: Word, fraction: PerChain) -> Accepted:
    """(chains,): whether this sweep of each chain is a non-local one, with the chain's own probability for it."""
    decision_key = derived_key(key, Decision.NONLOCAL_SWEEP)
    words, _ = threefry_2x32(decision_key, chain, jnp.broadcast_to(sweep_index, chain.shape))
    return unit_interval(words, 23) < fraction
