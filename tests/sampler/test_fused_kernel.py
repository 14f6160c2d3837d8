import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.sampler import SWEEP_ORDERS, ChainProgram, ChainState, MoveRules, ThermodynamicState, Tuning
from lcpjax.sampler.advance import advance_chains, uniform_coordinates
from lcpjax.sampler.checks import energy_drift_allowance
from lcpjax.sampler.fused_kernel import TILE, advance_chains_fused, most_particles_fused
from lcpjax.sampler.kernels import _on_mesh, chain_mesh
from lcpjax.sampler.random_numbers import key_words
from lcpjax.system import System

NUM_CHAINS = 2 * TILE
CHAIN = jnp.arange(NUM_CHAINS, dtype=jnp.uint32)
RULES = MoveRules()
GAMMA = jnp.linspace(0.1, 1.0, NUM_CHAINS)


def uniform_start(system):
    x, y = uniform_coordinates(system, key_words(jax.random.key(0), 0), CHAIN)
    return ChainState(x, y, jnp.zeros(NUM_CHAINS), jnp.full(NUM_CHAINS, 0.3), jnp.full(NUM_CHAINS, 0.5))


def counts(first_sweep, num_sweeps, tune):
    return jnp.uint32(first_sweep), jnp.uint32(num_sweeps), Tuning(jnp.bool_(tune), jnp.bool_(tune))


def portable(system, state, first_sweep, num_sweeps, *, tune=True, rules=RULES):
    key = key_words(jax.random.key(9), 1)
    thermodynamic = ThermodynamicState(GAMMA, jnp.full(NUM_CHAINS, system.temperature))
    calls = counts(first_sweep, num_sweeps, tune)
    return advance_chains(ChainProgram(system, rules), key, state, thermodynamic, CHAIN, *calls)


def fused(system, state, first_sweep, num_sweeps, *, tune=True, temperature=None, rules=RULES, interpret=True):
    key = key_words(jax.random.key(9), 1)
    if temperature is None:
        temperature = jnp.full(NUM_CHAINS, system.temperature)
    calls, thermodynamic = counts(first_sweep, num_sweeps, tune), ThermodynamicState(GAMMA, temperature)
    program = ChainProgram(system, rules, kernel="fused")
    return advance_chains_fused(program, key, state, thermodynamic, CHAIN, *calls, interpret=interpret)


def abstract_arguments(system, num_chains):
    word, per_chain = jax.ShapeDtypeStruct((), jnp.uint32), jax.ShapeDtypeStruct((num_chains,), jnp.float32)
    coordinates = jax.ShapeDtypeStruct((system.num_particles, num_chains), jnp.float32)
    state = ChainState(coordinates, coordinates, per_chain, per_chain, per_chain)
    chain, flag = jax.ShapeDtypeStruct((num_chains,), jnp.uint32), jax.ShapeDtypeStruct((), jnp.bool_)
    thermodynamic = ThermodynamicState(per_chain, per_chain)
    return (word, word), state, thermodynamic, chain, word, word, Tuning(flag, flag)


def lowered_for_cuda(system, num_chains=NUM_CHAINS, rules=RULES):
    program = ChainProgram(system, rules, kernel="fused")
    traced = advance_chains_fused.trace(program, *abstract_arguments(system, num_chains))
    return traced.lower(lowering_platforms=("cuda",)).as_text()


def equal(first, second):
    leaves = zip(jax.tree.leaves(first), jax.tree.leaves(second), strict=True)
    return all(np.array_equal(a, b, equal_nan=True) for a, b in leaves)


def same_moves(advanced, expected, num_moves):
    """Whether two kernels decided the same, and so hold the same positions and energies but for rounding.

    Both do the same arithmetic in the same order, but where a loop ends the compiler may or may not fuse a
    product with a sum. That changes the last place of an energy, which decides one move in millions.
    """
    (state, acceptance), (other, other_acceptance) = advanced, expected
    allowed = energy_drift_allowance(jnp.maximum(jnp.abs(state.energy), jnp.abs(other.energy)), num_moves)
    return (
        bool(jnp.all(acceptance == other_acceptance))
        and float(jnp.abs(state.x - other.x).max()) < 1e-5
        and float(jnp.abs(state.y - other.y).max()) < 1e-5
        and bool(jnp.all(jnp.abs(state.step_size / other.step_size - 1.0) < 1e-5))
        and bool(jnp.all(jnp.abs(state.nonlocal_fraction - other.nonlocal_fraction) < 1e-5))
        and bool(jnp.all(jnp.abs(state.energy - other.energy) <= allowed))
    )


@pytest.mark.parametrize(
    ("num_particles", "pair_potential"),
    [
        (1, "lennard_jones"),
        (9, "lennard_jones"),
        (30, "soft_power"),
        pytest.param(2, "soft_power", marks=pytest.mark.slow),
        pytest.param(30, "lennard_jones", marks=pytest.mark.slow),
    ],
)
def test_the_fused_kernel_follows_the_portable_one_while_it_tunes(num_particles, pair_potential):
    system = System(num_particles=num_particles, pair_potential=pair_potential)
    expected = portable(system, uniform_start(system), 0, 40)
    advanced = fused(system, uniform_start(system), 0, 40)
    assert same_moves(advanced, expected, 40 * num_particles)
    assert float(advanced[1].min()) > 0


@pytest.mark.parametrize("order", SWEEP_ORDERS)
def test_the_fused_kernel_follows_the_portable_one_in_every_order(order):
    system, rules = System(num_particles=9), MoveRules(order=SWEEP_ORDERS[order])
    expected = portable(system, uniform_start(system), 0, 20, rules=rules)
    assert same_moves(fused(system, uniform_start(system), 0, 20, rules=rules), expected, 20 * 9)


def test_the_comparison_fails_when_one_chain_has_another_temperature():
    system = System(num_particles=9)
    temperature = jnp.ones(NUM_CHAINS).at[77].set(1.1)
    expected = portable(system, uniform_start(system), 0, 40)
    advanced = fused(system, uniform_start(system), 0, 40, temperature=temperature)
    same = np.asarray(jnp.abs(advanced[0].x - expected[0].x) < 1e-5).all(axis=0)
    assert not same_moves(advanced, expected, 40 * 9)
    assert np.flatnonzero(~same).tolist() == [77]


def test_each_chain_has_the_temperature_it_was_given():
    cold, hot = (System(num_particles=9, temperature=temperature) for temperature in (0.5, 2.0))
    is_hot = CHAIN % 2 == 1
    mixed = fused(cold, uniform_start(cold), 0, 20, temperature=jnp.where(is_hot, 2.0, 0.5))
    each = [portable(system, uniform_start(system), 0, 20) for system in (cold, hot)]
    assert same_moves(mixed, jax.tree.map(lambda a, b: jnp.where(is_hot, b, a), *each), 20 * 9)


def test_a_step_size_that_is_not_tuned_is_kept_and_counted_sweeps_go_on():
    system = System(num_particles=9)
    expected = portable(system, uniform_start(system), 7, 13, tune=False)
    advanced = fused(system, uniform_start(system), 7, 13, tune=False)
    assert same_moves(advanced, expected, 13 * 9)
    assert (np.asarray(advanced[0].step_size) == np.float32(0.3)).all()


def test_two_calls_make_the_trajectory_of_one():
    system = System(num_particles=9)
    whole, _ = fused(system, uniform_start(system), 0, 20)
    half, _ = fused(system, uniform_start(system), 0, 11)
    assert equal(fused(system, half, 11, 9)[0], whole)


def test_no_sweeps_leave_the_state_as_it_was():
    system = System(num_particles=9)
    advanced, acceptance = fused(system, uniform_start(system), 0, 0)
    assert equal(advanced, uniform_start(system))
    assert not np.asarray(acceptance).any()


def test_a_start_on_one_point_comes_apart_as_in_the_portable_kernel():
    system = System(num_particles=9)

    def start():
        on_one_point = jnp.full((9, NUM_CHAINS), 2.0)
        return ChainState(
            on_one_point,
            on_one_point + 0.0,
            jnp.zeros(NUM_CHAINS),
            jnp.full(NUM_CHAINS, 0.3),
            jnp.full(NUM_CHAINS, 0.5),
        )

    # The running energy began at +inf and is none; the positions are the same.
    (expected, fractions), (advanced, fused_fractions) = portable(system, start(), 0, 40), fused(system, start(), 0, 40)
    assert equal(fused_fractions, fractions)
    np.testing.assert_allclose(jnp.stack([advanced.x, advanced.y]), jnp.stack([expected.x, expected.y]), atol=1e-5)
    assert float(jnp.abs(advanced.x - 2.0).min()) > 0


@pytest.mark.parametrize("pair_potential", ["lennard_jones", "soft_power"])
@pytest.mark.parametrize("num_particles", [1, 2, 30])
def test_the_kernel_lowers_for_cuda_without_a_gpu(num_particles, pair_potential):
    assert "@mosaic_gpu" in lowered_for_cuda(System(num_particles=num_particles, pair_potential=pair_potential))


@pytest.mark.parametrize("order", SWEEP_ORDERS)
def test_every_order_lowers_for_cuda_without_a_gpu(order):
    assert "@mosaic_gpu" in lowered_for_cuda(System(), rules=MoveRules(order=SWEEP_ORDERS[order]))


def test_the_kernel_lowers_for_cuda_on_a_mesh_of_devices():
    program = ChainProgram(System(), kernel="fused", mesh=chain_mesh())
    traced = _on_mesh(program).trace(*abstract_arguments(System(), NUM_CHAINS))
    assert "@mosaic_gpu" in traced.lower(lowering_platforms=("cuda",)).as_text()


def test_the_largest_system_lowers_and_the_next_is_refused_in_one_line():
    most = most_particles_fused()
    assert most == 226
    assert "@mosaic_gpu" in lowered_for_cuda(System(num_particles=most, box_side=20.0))
    for num_particles in (most + 1, 300):
        with pytest.raises(InputError, match=f"num_particles = {num_particles}: .* at most 226"):
            lowered_for_cuda(System(num_particles=num_particles, box_side=20.0))


def test_a_block_that_is_no_multiple_of_the_tile_is_refused_in_one_line():
    with pytest.raises(InputError, match="130 chains: the fused kernel takes multiples of 128"):
        lowered_for_cuda(System(), num_chains=130)


@pytest.mark.gpu
@pytest.mark.parametrize("pair_potential", ["lennard_jones", "soft_power"])
def test_on_a_gpu_the_fused_kernel_makes_the_portable_kernels_moves(pair_potential):
    system = System(pair_potential=pair_potential)
    state, _ = portable(system, uniform_start(system), 0, 200)
    expected, _ = portable(system, jax.tree.map(jnp.copy, state), 200, 1, tune=False)
    advanced, _ = fused(system, state, 200, 1, tune=False, interpret=False)
    # The compilers fuse and divide differently, by units in the last place of a coordinate (1e-6) and of an
    # energy (1e-5 of about 30): one decision in 1e5 may differ, and so one chain of 30 moves in 3000.
    apart = jnp.maximum(jnp.abs(advanced.x - expected.x), jnp.abs(advanced.y - expected.y)).max(axis=0)
    assert float(jnp.mean(apart < 1e-5)) > 0.98
