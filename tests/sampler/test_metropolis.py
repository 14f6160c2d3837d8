import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.sampler import ChainState, sample
from lcpjax.sampler.checks import SamplerError, check_block, energy_drift_allowance
from lcpjax.sampler.metropolis import move_particle
from lcpjax.sampler.random_numbers import MoveNumbers, key_words
from lcpjax.sampler.run_chains import advance_chains, chain_positions, recompute_energy, uniform_coordinates
from lcpjax.system import System, total_energy

NUM_CHAINS = 8192


def standard_errors_from_barometric_law(sampled_temperature, law_temperature):
    """How far the mean height of one particle under gravity lies from the exact one, in standard errors."""
    gamma, side = 1.0, 10.0
    system = System(num_particles=1, temperature=sampled_temperature)
    configurations = sample(jax.random.key(0), system, jnp.full(NUM_CHAINS, gamma), num_sweeps=200)
    heights = np.asarray(configurations.positions[:, 0, 1], np.float64)
    law = law_temperature / gamma - side / np.expm1(gamma * side / law_temperature)
    return abs(heights.mean() - law) / (heights.std(ddof=1) / np.sqrt(heights.size))


def test_one_particle_obeys_the_barometric_law():
    assert standard_errors_from_barometric_law(1.0, 1.0) < 4.3


def test_the_barometric_check_fails_when_the_temperature_is_ten_percent_off():
    assert standard_errors_from_barometric_law(1.1, 1.0) > 4.3


def test_the_heights_of_one_particle_have_the_whole_barometric_histogram():
    gamma, side = 0.5, 10.0
    configurations = sample(jax.random.key(1), System(num_particles=1), jnp.full(NUM_CHAINS, gamma), num_sweeps=200)
    edges = np.linspace(0, side, 11)
    counts, _ = np.histogram(configurations.positions[:, 0, 1], edges)
    expected = NUM_CHAINS * -np.diff(np.exp(-gamma * edges)) / -np.expm1(-gamma * side)
    # Chi squared with 9 degrees of freedom: mean 9, standard deviation sqrt(18).
    assert np.sum((counts - expected) ** 2 / expected) < 9 + 4.3 * 18**0.5


def block(system, num_chains=128, step_size=0.3, seed=0):
    chain = jnp.arange(num_chains, dtype=jnp.uint32)
    x, y = uniform_coordinates(system, key_words(jax.random.key(seed), 0), chain)
    gamma = jnp.linspace(0.1, 1.0, num_chains)
    state = ChainState(x, y, jnp.zeros(num_chains), jnp.full(num_chains, step_size))
    return state, gamma, chain


def advance(system, state, gamma, chain, first, num_sweeps, *, tune=False):
    key = key_words(jax.random.key(9), 1)
    counts = jnp.uint32(first), jnp.uint32(num_sweeps)
    return advance_chains(system, key, state, gamma, chain, *counts, jnp.bool_(tune))


@pytest.mark.parametrize("pair_potential", ["lennard_jones", "soft_power"])
def test_the_running_energy_stays_the_recomputed_one_once_the_step_is_frozen(pair_potential):
    system = System(num_particles=20, pair_potential=pair_potential)
    state, gamma, chain = block(system)
    state, _ = advance(system, state, gamma, chain, 0, 300, tune=True)
    state = recompute_energy(system, state, gamma)
    frozen = np.asarray(state.energy)
    state, acceptance = advance(system, state, gamma, chain, 300, 300)
    energy = jax.vmap(lambda positions, g: total_energy(positions, g, system.pair_energy_fn))(
        chain_positions(state), gamma
    )
    assert float(acceptance.min()) > 0.2
    assert np.abs(np.asarray(state.energy) - frozen).min() > 0
    allowed = energy_drift_allowance(jnp.maximum(jnp.abs(energy), jnp.abs(jnp.asarray(frozen))), 300 * 20)
    assert float(allowed.max()) < 0.1
    assert bool(jnp.all(jnp.abs(state.energy - energy) <= allowed))


def test_a_lost_energy_change_is_found_and_its_chain_named():
    system = System(num_particles=5)
    state, gamma, chain = block(system, num_chains=8)
    state, _ = advance(system, state, gamma, chain, 0, 400, tune=True)
    energy = recompute_energy(system, state, gamma).energy
    wrong = state._replace(energy=energy.at[3].add(1.0))
    with pytest.raises(SamplerError, match="chain 3 has a running energy that differs"):
        check_block(system, wrong, energy, energy, jnp.ones(8), chain, 400, tuned=True)


def test_an_escaped_particle_is_found_and_its_chain_named():
    system = System(num_particles=5)
    state, gamma, chain = block(system, num_chains=8)
    energy = recompute_energy(system, state, gamma).energy
    escaped = state._replace(x=state.x.at[2, 6].set(10.5), energy=energy)
    with pytest.raises(SamplerError, match="chain 6 has a particle outside the box"):
        check_block(system, escaped, energy, energy, jnp.ones(8), chain, 400, tuned=True)


def test_a_chain_that_never_moves_is_found():
    system = System(num_particles=5)
    state, gamma, chain = block(system, num_chains=8)
    energy = recompute_energy(system, state, gamma).energy
    with pytest.raises(SamplerError, match="chain 0 has accepted no move"):
        check_block(system, state._replace(energy=energy), energy, energy, jnp.zeros(8), chain, 400, tuned=True)


def moved(x, y, direction, threshold, gamma=0.0, num_particles=2):
    """One move of particle 0 by one whole step, with the chance given."""
    one = jnp.ones(1)
    state = ChainState(jnp.asarray(x)[:, None], jnp.asarray(y)[:, None], 0.0 * one, one)
    numbers = MoveNumbers(direction[0] * one, direction[1] * one, threshold * one)
    system = System(num_particles=num_particles)
    return move_particle(system, state, gamma * one, jnp.int32(0), numbers)


def test_a_move_out_of_an_infinite_overlap_is_accepted_and_one_into_it_is_not():
    _, accepted = moved([5.0, 5.0], [5.0, 5.0], (1.0, 0.5), 1e-9)
    assert bool(accepted[0])
    _, accepted = moved([4.0, 5.0], [5.0, 5.0], (1.0, 0.0), 100.0)
    assert not bool(accepted[0])


def test_a_move_through_a_wall_is_rejected_and_one_onto_it_is_not():
    _, accepted = moved([9.5, 2.0], [5.0, 5.0], (0.6, 0.0), 1e9)
    assert not bool(accepted[0])
    _, accepted = moved([9.0, 2.0], [5.0, 5.0], (1.0, 0.0), 1e9)
    assert bool(accepted[0])


def test_a_move_is_accepted_exactly_when_it_costs_less_than_its_threshold():
    # Alone but for gravity, a rise by 1 costs gamma = 0.5.
    for threshold, expected in ((0.499, False), (0.501, True)):
        state, accepted = moved([5.0], [5.0], (0.0, 1.0), threshold, gamma=0.5, num_particles=1)
        assert bool(accepted[0]) is expected
        np.testing.assert_allclose(state.energy, 0.5 if expected else 0.0, rtol=1e-6)
