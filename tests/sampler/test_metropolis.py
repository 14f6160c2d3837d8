import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.sampler import ChainProgram, ChainState, ThermodynamicState, Tuning
from lcpjax.sampler.advance import advance_chains, chain_positions, recompute_energy, uniform_coordinates
from lcpjax.sampler.blocks import Block
from lcpjax.sampler.checks import ChainError, check_block, energy_drift_allowance
from lcpjax.sampler.metropolis import energy_and_bound, move_particle
from lcpjax.sampler.random_numbers import MoveNumbers, key_words
from lcpjax.system import System, total_energy


def block(system, num_chains=128, step_size=0.3, seed=0):
    chain = jnp.arange(num_chains, dtype=jnp.uint32)
    x, y = uniform_coordinates(system, key_words(jax.random.key(seed), 0), chain)
    gamma = jnp.linspace(0.1, 1.0, num_chains)
    state = ChainState(x, y, jnp.zeros(num_chains), jnp.full(num_chains, step_size), jnp.full(num_chains, 0.5))
    return state, gamma, chain


def advance(system, state, gamma, chain, first, num_sweeps, *, tune=False):
    key = key_words(jax.random.key(9), 1)
    counts = jnp.uint32(first), jnp.uint32(num_sweeps)
    thermodynamic = ThermodynamicState(gamma, jnp.full_like(gamma, system.temperature))
    return advance_chains(
        ChainProgram(system), key, state, thermodynamic, chain, *counts, Tuning(jnp.bool_(tune), jnp.bool_(tune))
    )


def check(system, state, running, chain, acceptance=1.0, is_kept=None):
    """The checks after 200 sweeps since the freeze, of a block whose energies were about as large when they began."""
    is_kept = jnp.ones(chain.shape, bool) if is_kept is None else is_kept
    thermodynamic = ThermodynamicState(jnp.ones(chain.shape), jnp.full(chain.shape, system.temperature))
    about = Block(chain, thermodynamic, jnp.ones(chain.shape), jnp.zeros(chain.shape), None, is_kept)
    accepted = jnp.full(chain.shape, acceptance)
    check_block(ChainProgram(system), about, (200, 400), state, running, jnp.abs(state.energy), accepted)


@pytest.mark.slow
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
    assert float(acceptance.min()) > 0.05
    assert np.abs(np.asarray(state.energy) - frozen).min() > 0
    allowed = energy_drift_allowance(jnp.maximum(jnp.abs(energy), jnp.abs(jnp.asarray(frozen))), 300 * 20)
    assert float(allowed.max()) < 0.1
    assert bool(jnp.all(jnp.abs(state.energy - energy) <= allowed))


def test_a_lost_energy_change_is_found_and_its_chain_named():
    system = System(num_particles=5)
    state, gamma, chain = block(system, num_chains=8)
    state, _ = advance(system, state, gamma, chain, 0, 400, tune=True)
    state = recompute_energy(system, state, gamma)
    check(system, state, state.energy, chain)
    with pytest.raises(ChainError, match=r"chain 3 has a running energy that differs .*after sweep 400"):
        check(system, state, state.energy.at[3].add(1.0), chain)


def test_an_escaped_particle_is_found_and_its_chain_named():
    system = System(num_particles=5)
    state, gamma, chain = block(system, num_chains=8)
    state = recompute_energy(system, state, gamma)
    with pytest.raises(ChainError, match="chain 6 has a particle outside the box"):
        check(system, state._replace(x=state.x.at[2, 6].set(10.5)), state.energy, chain)


def test_a_chain_that_never_moves_is_found():
    system = System(num_particles=5)
    state, gamma, chain = block(system, num_chains=8)
    state = recompute_energy(system, state, gamma)
    with pytest.raises(ChainError, match="chain 0 has accepted none of its moves"):
        check(system, state, state.energy, chain, acceptance=0.0)


def test_a_stretch_of_non_local_sweeps_alone_may_accept_nothing():
    # Of 200 sweeps fewer than 30 are expected to be local, but of their moves more than 300.
    system = System(num_particles=20)
    state, gamma, chain = block(system, num_chains=8)
    state = recompute_energy(system, state._replace(nonlocal_fraction=jnp.full(8, 0.9)), gamma)
    check(system, state, state.energy, chain, acceptance=0.0)


def test_chains_that_only_fill_a_block_stop_nobody():
    system = System(num_particles=5)
    state, gamma, chain = block(system, num_chains=8)
    state = recompute_energy(system, state, gamma)
    escaped = state._replace(x=state.x.at[2, 6].set(10.5))
    check(system, escaped, state.energy, chain, is_kept=chain < 6)


def moved(x, y, direction, threshold, gamma=0.0, num_particles=2):
    """One move of particle 0 by one whole step, with the chance given."""
    one = jnp.ones(1)
    state = ChainState(jnp.asarray(x)[:, None], jnp.asarray(y)[:, None], 0.0 * one, one, 0.0 * one)
    numbers = MoveNumbers(direction[0] * one, direction[1] * one, threshold * one)
    system = System(num_particles=num_particles)
    thermodynamic = ThermodynamicState(gamma * one, one)
    return move_particle(ChainProgram(system), state, thermodynamic, None, jnp.int32(0), numbers)


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


@pytest.mark.parametrize("num_particles", [2, 5, 6, 9, 30, 32])
def test_a_decision_compares_two_results_of_one_loop(num_particles):
    """Nothing is left to compute after it that XLA could work out twice with other rounding."""
    system = System(num_particles=num_particles)
    rows, values = jnp.ones((num_particles, 8)), jnp.ones(8)
    state = ChainState(rows, rows, values, values, values)

    def decide(particle):
        return energy_and_bound(ChainProgram(system), state, values, particle, (values, values), values)

    program = jax.make_jaxpr(decide)(jnp.int32(0)).jaxpr
    last = program.eqns[-1]
    assert last.primitive.name == "while"
    assert set(program.outvars) <= set(last.outvars)
    # Its length is not written anywhere, so it is never unrolled.
    assert last.params["cond_nconsts"] == 0
