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

_KINDS = 2
# Below this fall of the weight over the box, ln, y is drawn uniformly, and weighed.
_SMALLEST_EXPONENT = 1 / 16
# Heights are drawn with 20 bits, which are coarse where less than exp(-10) of the distribution is left. A steeper one
# is uniform beyond that height, where this fraction of the places is proposed.
_LARGEST_EXPONENT, _FRACTION_BEYOND = 10.0, 2.0**-10


class PlaceDistribution(NamedTuple):
    """Density of proposed places, exp(-energy / T), for each chain; heights are those above the wall things fall to."""

    gamma: PerChain
    """(chains,), m g sigma / epsilon: energy is gamma * y up to ``depth``."""
    depth: PerChain
    """(chains,), in sigma: the box's side, or less where gravity is steep."""
    energy_beyond: PerChain
    """(chains,), in epsilon: from there to the other wall, without the sign of gamma."""
    rate: PerChain
    """(chains,), 1 / sigma: |gamma| / T; 1 where the distribution is uniform."""
    least_weight: PerChain
    """(chains,): exp(-rate * depth)."""
    fraction_within: PerChain
    """(chains,): of the places, up to ``depth``."""


def barometric_places(thermodynamic: ThermodynamicState, box_side: float) -> PlaceDistribution:
    """The barometric distribution of one particle, cut at the lid.

    Any density that is nowhere 0 is correct, as long as ``hastings_energy`` weighs it. So a slope too small for
    float32 is left to the weight, and so is the thin end of a steep one.
    """
    gamma, temperature = thermodynamic
    is_uniform = jnp.abs(gamma) * box_side < _SMALLEST_EXPONENT * temperature
    rate = jnp.where(is_uniform, 1.0, jnp.abs(gamma) / temperature)
    is_steep = ~is_uniform & (rate * box_side > _LARGEST_EXPONENT)
    depth = jnp.where(is_steep, _LARGEST_EXPONENT / rate, box_side)
    least_weight = jnp.exp(-rate * depth)
    odds = _FRACTION_BEYOND / (1.0 - _FRACTION_BEYOND)
    beyond = odds * (1.0 - least_weight) / (rate * jnp.where(is_steep, box_side - depth, 1.0))
    return PlaceDistribution(
        gamma=jnp.where(is_uniform, 0.0, gamma),
        depth=depth,
        energy_beyond=-temperature * jnp.log(beyond),
        rate=rate,
        least_weight=least_weight,
        fraction_within=jnp.where(is_steep, 1.0 - _FRACTION_BEYOND, 1.0),
    )


def propose_place(numbers: MoveNumbers, places: PlaceDistribution, box_side: float) -> tuple[PerChain, PerChain]:
    """A place anywhere in the box, x and y in sigma."""
    across, upwards = (0.5 * (1.0 + number) for number in (numbers.direction_x, numbers.direction_y))
    within = upwards / places.fraction_within
    # 1 - upwards is exact, so that the thin end of the distribution keeps its digits.
    height = -jnp.log((1.0 - within) + within * places.least_weight) / places.rate
    height = jnp.where(places.gamma == 0, within * places.depth, height)
    beyond = (upwards - places.fraction_within) / _FRACTION_BEYOND
    height = jnp.where(within < 1, height, places.depth + beyond * (box_side - places.depth))
    return across * box_side, jnp.where(places.gamma < 0, box_side - height, height)


def hastings_energy(places: PlaceDistribution, y: PerChain, new_y: PerChain, box_side: float) -> PerChain:
    """T ln [q(y) / q(new y)], in epsilon, with q the density of proposals: what an accepted move may cost more."""

    def energy(y: PerChain) -> PerChain:
        height = jnp.where(places.gamma < 0, box_side - y, y)
        return jnp.where(height <= places.depth, jnp.abs(places.gamma) * height, places.energy_beyond)

    return energy(new_y) - energy(y)


@dataclass(frozen=True)
class NonlocalMoves:
    """The steps of a non-local move; the defaults are correct, tests insert wrong ones."""

    places: Callable[[ThermodynamicState, float], PlaceDistribution] = barometric_places
    propose: Callable[[MoveNumbers, PlaceDistribution, float], tuple[PerChain, PerChain]] = propose_place
    hastings_energy: Callable[[PlaceDistribution, PerChain, PerChain, float], PerChain] = hastings_energy


class NonlocalSweep(NamedTuple):
    """One sweep, of those chains for which it is a non-local one."""

    moves: NonlocalMoves
    places: PlaceDistribution
    box_side: float
    is_chosen: Accepted
    """(chains,): whose sweep it is."""

    def replace_in_chosen(
        self, numbers: MoveNumbers, y: PerChain, local: tuple[PerChain, PerChain, PerChain]
    ) -> tuple[PerChain, PerChain, PerChain]:
        """Proposed x and y, in sigma, and the largest energy increase, in epsilon, with the chosen chains' replaced.

        Args:
            numbers: of this move, used by the one kind or by the other.
            y: (chains,), height now.
            local: the same three of the local move.
        """
        x, new_y = self.moves.propose(numbers, self.places, self.box_side)
        headroom = local[2] + self.moves.hastings_energy(self.places, y, new_y, self.box_side)
        replaced = zip((x, new_y, headroom), local, strict=True)
        x, new_y, headroom = (jnp.where(self.is_chosen, theirs, other) for theirs, other in replaced)
        return x, new_y, headroom


def is_nonlocal_sweep(key: tuple[Word, Word], chain: PerChainIndex, sweep_index: Word, fraction: PerChain) -> Accepted:
    """(chains,): whether this sweep of each chain is a non-local one, with the chain's own probability for it."""
    words, _ = threefry_2x32(derived_key(key, _KINDS), chain, jnp.broadcast_to(sweep_index, chain.shape))
    return unit_interval(words, 23) < fraction
