import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.sampler import SWEEP_ORDERS, MoveRules, sample
from lcpjax.sampler.random_numbers import key_words
from lcpjax.system import System

SYSTEM = System(num_particles=5, box_side=5.0)


def particles_of(order, num_sweeps):
    """Which particle each move was about, a row for each sweep."""
    key, moves = key_words(jax.random.key(2), 1), jnp.arange(30)
    sweeps = jnp.arange(num_sweeps, dtype=jnp.uint32)
    of_move = jax.vmap(lambda sweep, move: SWEEP_ORDERS[order](key, sweep, move, 30), in_axes=(None, 0))
    return np.asarray(jax.vmap(of_move, in_axes=(0, None))(sweeps, moves))


def test_the_study_moves_particles_first_to_last():
    assert (particles_of("sequential", 3) == np.arange(30)).all()


def test_forward_backward_turns_round_every_sweep():
    moved = particles_of("forward_backward", 4)
    assert (moved[::2] == np.arange(30)).all()
    assert (moved[1::2] == np.arange(30)[::-1]).all()


def test_random_order_moves_every_particle_equally_often_and_never_repeats_a_sweep():
    moved = particles_of("random", 400)
    counts = np.bincount(moved.ravel(), minlength=30)
    # Chi squared with 29 degrees of freedom: mean 29, standard deviation sqrt(58).
    assert np.sum((counts - 400) ** 2 / 400) < 29 + 4.3 * 58**0.5
    assert len({tuple(row) for row in moved}) == 400


@pytest.mark.slow
def test_orders_differ_in_what_they_do_to_a_chain():
    gamma = jnp.ones(4)
    energies = {
        name: tuple(
            sample(jax.random.key(0), SYSTEM, gamma, num_sweeps=4, rules=MoveRules(order=order)).energy.tolist()
        )
        for name, order in SWEEP_ORDERS.items()
    }
    assert len(set(energies.values())) == len(SWEEP_ORDERS)


@pytest.mark.parametrize("order", SWEEP_ORDERS)
def test_a_chain_is_bitwise_the_same_in_every_order_whatever_runs_next_to_it(order):
    rules, gamma = MoveRules(order=SWEEP_ORDERS[order]), jnp.linspace(0.1, 1.0, 600)
    many = sample(jax.random.key(1), SYSTEM, gamma, num_sweeps=20, rules=rules)
    few = sample(jax.random.key(1), SYSTEM, gamma[530:], num_sweeps=20, rules=rules, first_chain=530)
    assert bool((many.positions[530:] == few.positions).all())
