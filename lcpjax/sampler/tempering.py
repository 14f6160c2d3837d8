"""Parallel tempering: replicas at other temperatures or gravities that swap configurations."""

from dataclasses import dataclass

import jax.numpy as jnp

from lcpjax.array_arguments import convert_numbers, takes_arrays
from lcpjax.array_types import Columns, PerChain, PerChainIndex, Word
from lcpjax.errors import InputError
from lcpjax.sampler.chain_state import ChainState, ThermodynamicState
from lcpjax.sampler.random_numbers import derived_key, threefry_2x32, unit_interval
from lcpjax.sampler.streams import Decision


@dataclass(frozen=True)
class Ladder:
    """Rungs as multiples of a chain's own temperature and gamma; the first rung is the chain itself.

    Raises:
        InputError: fewer than two rungs, lists of different lengths, a first rung that is not (1, 1), a
            temperature factor that is not positive, a gamma factor below 0.

    >>> Ladder(temperature_factors=(1.0, 1.4, 2.0), gamma_factors=(1.0, 1.0, 1.0)).num_rungs
    3
    """

    temperature_factors: tuple[float, ...]
    gamma_factors: tuple[float, ...]

    def __post_init__(self) -> None:
        convert_numbers(self)
        temperatures, gammas = self.temperature_factors, self.gamma_factors
        if len(temperatures) != len(gammas) or len(temperatures) < 2:
            raise InputError(
                f"a ladder of {len(temperatures)} temperature and {len(gammas)} gamma factors: "
                "both lists must have the same length, at least 2"
            )
        if (temperatures[0], gammas[0]) != (1.0, 1.0):
            raise InputError(f"a ladder starts at ({temperatures[0]}, {gammas[0]}): its first rung must be (1, 1)")
        if not (min(temperatures) > 0 and min(gammas) >= 0):
            raise InputError("a ladder's temperature factors must be above 0 and its gamma factors at least 0")

    @property
    def num_rungs(self) -> int:
        """Number of replicas that stand for one chain."""
        return len(self.temperature_factors)

    @takes_arrays
    def rungs(self, thermodynamic: ThermodynamicState) -> ThermodynamicState:
        """States of all rungs, a ladder's adjacent: (chains * rungs,)."""
        gamma = thermodynamic.gamma[:, None] * jnp.asarray(self.gamma_factors, jnp.float32)[None, :]
        temperature = thermodynamic.temperature[:, None] * jnp.asarray(self.temperature_factors, jnp.float32)[None, :]
        return ThermodynamicState(gamma.reshape(-1), temperature.reshape(-1))


def swap_neighbours(
    ladder: Ladder,
    key: tuple[Word, Word],
    state: ChainState,
    thermodynamic: ThermodynamicState,
    chain: PerChainIndex,
    sweep_index: Word,
) -> ChainState:
    """State after neighbouring rungs were offered each other's configurations, even and odd pairs in turn.

    Accepted with min(1, exp(-difference of the sum of both reduced energies)).
    Step sizes and fractions of non-local sweeps stay with their rung. Energies must be true ones.
    """
    column = jnp.arange(chain.shape[0], dtype=jnp.int32)
    rung = column % ladder.num_rungs
    is_lower = (rung % 2) == (sweep_index % 2).astype(jnp.int32)
    partner_rung = jnp.where(is_lower, rung + 1, rung - 1)
    has_partner = (partner_rung >= 0) & (partner_rung < ladder.num_rungs)
    partner = jnp.where(has_partner, column + partner_rung - rung, column)

    here, there = _reduced_energies(state, thermodynamic, partner)
    # Both of a pair use the threshold of the lower rung, so that they decide alike.
    lower = jnp.where(is_lower, column, partner)
    threshold = _thresholds(key, chain, sweep_index)[lower]
    # +inf on both sides compares false: overlapping starts stay where they are.
    swap = has_partner & (there + there[partner] < here + here[partner] + threshold)
    source = jnp.where(swap, partner, column)
    energy = jnp.where(swap, _energy_at(thermodynamic.gamma, state, partner), state.energy)
    return ChainState(state.x[:, source], state.y[:, source], energy, state.step_size, state.nonlocal_fraction)


def _energy_at(gamma: PerChain, state: ChainState, partner: Columns) -> PerChain:
    """Energies of the partners' configurations under each column's own gamma, in epsilon."""
    heights = jnp.sum(state.y, axis=0)
    return state.energy[partner] + (gamma - gamma[partner]) * heights[partner]


def _reduced_energies(
    state: ChainState, thermodynamic: ThermodynamicState, partner: Columns
) -> tuple[PerChain, PerChain]:
    """E / T of each column's own configuration, and of its partner's at this column's state."""
    gamma, temperature = thermodynamic
    return state.energy / temperature, _energy_at(gamma, state, partner) / temperature


def _thresholds(key: tuple[Word, Word], chain: PerChainIndex, sweep_index: Word) -> PerChain:
    words, _ = threefry_2x32(derived_key(key, Decision.SWAP), chain, jnp.broadcast_to(sweep_index, chain.shape))
    return -jnp.log(unit_interval(words, 23))
