import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.sampler import Ladder, sample, tempering
from lcpjax.sampler.chain_state import ChainState, ThermodynamicState
from lcpjax.sampler.tempering import swap_neighbours
from lcpjax.system import System

LADDER = Ladder(temperature_factors=(1.0, 1.5, 2.0), gamma_factors=(1.0, 0.8, 0.5))


def one_ladder(energies, heights, thermodynamic, parity=0):
    """The energies of one ladder of single particles after its rungs were offered a swap."""
    rungs = len(energies)
    chain = jnp.arange(rungs, dtype=jnp.uint32)
    x = jnp.arange(rungs, dtype=jnp.float32)[None, :]
    state = ChainState(
        x, jnp.asarray(heights)[None, :], jnp.asarray(energies), jnp.arange(1.0, rungs + 1.0), jnp.zeros(rungs)
    )
    ladder = Ladder((1.0,) * rungs, (1.0,) * rungs)
    key = (jnp.uint32(1), jnp.uint32(2))
    return swap_neighbours(ladder, key, state, thermodynamic, chain, jnp.uint32(parity))


def test_a_swap_that_lowers_both_reduced_energies_is_always_made():
    thermodynamic = ThermodynamicState(jnp.zeros(2), jnp.array([1.0, 2.0]))
    state = one_ladder([100.0, -100.0], [1.0, 2.0], thermodynamic)
    assert state.energy.tolist() == [-100.0, 100.0]
    assert state.x[0].tolist() == [1.0, 0.0]
    assert state.step_size.tolist() == [1.0, 2.0]


def test_a_swapped_energy_is_that_of_the_new_gravity():
    thermodynamic = ThermodynamicState(jnp.array([1.0, 0.5]), jnp.ones(2))
    state = one_ladder([60.0, -30.0], [9.0, 1.0], thermodynamic)
    np.testing.assert_allclose(state.energy, [-30.0 + 0.5 * 1.0, 60.0 - 0.5 * 9.0], rtol=1e-6)


def test_odd_sweeps_offer_the_other_pairs():
    thermodynamic = ThermodynamicState(jnp.zeros(3), jnp.array([1.0, 2.0, 4.0]))
    energies = [300.0, 100.0, -500.0]
    assert one_ladder(energies, [1.0] * 3, thermodynamic, parity=0).energy.tolist() == [100.0, 300.0, -500.0]
    assert one_ladder(energies, [1.0] * 3, thermodynamic, parity=1).energy.tolist() == [300.0, -500.0, 100.0]


def test_overlapping_starts_swap_no_nan_in():
    thermodynamic = ThermodynamicState(jnp.ones(2), jnp.array([1.0, 2.0]))
    state = one_ladder([jnp.inf, jnp.inf], [1.0, 2.0], thermodynamic)
    assert not bool(jnp.isnan(state.energy).any())


def height_error(ladder, num_chains=4096, gamma=1.0):
    """How far one particle's mean height lies from the barometric law under a ladder, in standard errors."""
    system = System(num_particles=1)
    heights = sample(jax.random.key(3), system, jnp.full(num_chains, gamma), num_sweeps=100, ladder=ladder)
    heights = np.asarray(heights.positions[:, 0, 1], np.float64)
    law = 1 / gamma - 10 / np.expm1(10 * gamma)
    return abs(heights.mean() - law) / (heights.std(ddof=1) / heights.size**0.5)


@pytest.mark.slow
def test_the_first_rung_keeps_its_own_distribution():
    assert height_error(LADDER) < 4.3


def test_the_ladder_check_fails_when_swaps_are_always_made(monkeypatch):
    monkeypatch.setattr(tempering, "_thresholds", lambda key, chain, sweep: jnp.full(chain.shape, 1e9))
    # Factors of its own, because a program compiled for the ladder above would know nothing of the change.
    assert height_error(Ladder((1.0, 1.5, 2.0), (1.0, 0.8, 0.4))) > 4.3


def test_a_ladder_is_bitwise_the_same_whatever_runs_next_to_it():
    system, gamma = System(num_particles=4, box_side=4.0), jnp.linspace(0.1, 1.0, 400)
    many = sample(jax.random.key(1), system, gamma, num_sweeps=10, ladder=LADDER)
    few = sample(jax.random.key(1), system, gamma[:20], num_sweeps=10, ladder=LADDER)
    assert bool((many.positions[:20] == few.positions).all())


@pytest.mark.parametrize(
    ("temperatures", "gammas", "complaint"),
    [
        ((1.0,), (1.0,), "at least 2"),
        ((1.0, 2.0), (1.0,), "same length"),
        ((2.0, 1.0), (1.0, 1.0), "first rung must be"),
        ((1.0, 0.0), (1.0, 1.0), "above 0"),
    ],
)
def test_rungs_that_make_no_ladder_are_refused_in_one_line(temperatures, gammas, complaint):
    with pytest.raises(InputError, match=complaint):
        Ladder(temperatures, gammas)
