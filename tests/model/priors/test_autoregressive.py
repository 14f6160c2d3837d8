import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.model.priors import PriorSizes, StandardNormal, build_prior
from lcpjax.model.priors.autoregressive import AutoregressivePrior
from lcpjax.model.priors.next_place import coarsest_resolution, place_knots
from lcpjax.system import System, lennard_jones

SIDE, PARTICLES = 4.0, 3


def prior_of(num_particles=PARTICLES, *, knows_energies=True):
    return AutoregressivePrior(
        System(num_particles, SIDE), 0.01, width=8, depth=1, hidden=4, knows_energies=knows_energies
    )


@functools.cache
def first_variables(model):
    shape = (1, model.system.num_particles, 2)
    return jax.jit(functools.partial(model.init, method=model.log_density))(jax.random.key(0), jnp.ones(shape))


def any_variables(model):
    """Random parameters, so that nothing is zero as it is at first."""
    leaves, tree = jax.tree.flatten(first_variables(model))
    keys = jax.random.split(jax.random.key(1), len(leaves))
    return tree.unflatten(
        [leaf + 0.2 * jax.random.normal(key, leaf.shape) for leaf, key in zip(leaves, keys, strict=True)]
    )


@functools.partial(jax.jit, static_argnames="model")
def conditionals(model, variables, positions):
    return model.apply(variables, positions, method=model.log_conditionals)


@functools.partial(jax.jit, static_argnames=("model", "number"))
def draw(model, variables, key, number):
    return model.apply(variables, key, number, method=model.sample)


def some_positions(batch=4):
    positions = np.random.default_rng(0).uniform(0.0, SIDE, (batch, PARTICLES, 2)).astype(np.float32)
    return jnp.asarray(np.take_along_axis(positions, positions[..., 1].argsort(-1)[..., None], 1))


def moved(axis, values, particle=1):
    """One configuration many times, a coordinate of a particle at all values."""
    positions = np.repeat(np.asarray(some_positions(1)), values.size, axis=0)
    positions[:, particle, axis] = values
    return jnp.asarray(positions)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("particle", [0, 2])
@pytest.mark.parametrize("knows_energies", [True, False])
def test_every_conditional_density_integrates_to_one(axis, particle, knows_energies):
    model = prior_of(knows_energies=knows_energies)
    grid = np.linspace(-0.2, SIDE + 0.2, 4_401).astype(np.float32)
    of_heights, of_places = conditionals(model, any_variables(model), moved(axis, grid, particle))
    densities = np.exp(np.asarray((of_places, of_heights)[axis][:, particle], np.float64))
    # Trapezoids of a tenth of the resolution; the tails fall by e within half of it.
    assert np.trapezoid(densities, grid) == pytest.approx(1.0, abs=3e-3)


def test_no_particle_depends_on_those_above():
    model, positions = prior_of(), some_positions()
    other = positions.at[:, 2].set(jnp.array([[0.3, 3.9]]))
    before, after = (jnp.stack(conditionals(model, any_variables(model), each)) for each in (positions, other))
    np.testing.assert_array_equal(before[..., :2], after[..., :2])
    assert jnp.all(before[..., 2] != after[..., 2])


def test_a_place_depends_on_its_own_height_and_on_all_below():
    model, positions = prior_of(), some_positions()
    _, before = conditionals(model, any_variables(model), positions)
    _, after = conditionals(model, any_variables(model), positions.at[:, 0].add(0.2))
    _, higher = conditionals(model, any_variables(model), positions.at[:, 2, 1].add(0.2))
    assert jnp.all(before != after)
    assert jnp.all(before[:, 2] != higher[:, 2])


def test_a_mirror_image_is_as_likely():
    model, positions = prior_of(), some_positions()
    image = positions.at[..., 0].set(SIDE - positions[..., 0])
    here, there = (jnp.stack(conditionals(model, any_variables(model), each)) for each in (positions, image))
    np.testing.assert_allclose(here, there, atol=2e-3)  # float32 at slopes of 200 a sigma


def test_upside_down_is_not_as_likely():
    model, positions = prior_of(), some_positions()
    image = positions.at[..., 1].set(SIDE - positions[..., 1])[:, ::-1]
    here, there = (sum(conditionals(model, any_variables(model), each)).sum(-1) for each in (positions, image))
    assert jnp.all(jnp.abs(here - there) > 0.1)


def test_far_outside_the_box_the_density_is_finite():
    model = prior_of()
    positions = some_positions().at[:, 1].set(jnp.array([[-50.0, 1e4]]))
    assert jnp.all(jnp.isfinite(jnp.stack(conditionals(model, any_variables(model), positions))))
    coinciding = jnp.ones((1, PARTICLES, 2))
    assert jnp.all(jnp.isfinite(jnp.stack(conditionals(model, any_variables(model), coinciding))))


def standard_errors_of_the_draws(perturbed):
    """How far the mean of u / p over draws from p is from the integral of u, p seen with perturbed parameters.

    u is uniform over two particles in height order at least 1 sigma apart; its integral is taken over uniform draws.
    """
    model, number = prior_of(num_particles=2), 4000
    variables = any_variables(model)
    drawn = draw(model, variables, jax.random.key(2), number)
    log_density = sum(conditionals(model, jax.tree.map(perturbed, variables), drawn)).sum(-1)
    ratios = np.where(is_allowed(drawn), np.exp(-np.asarray(log_density, np.float64)), 0.0)
    uniform = np.random.default_rng(0).uniform(0.0, SIDE, (1_000_000, 2, 2))
    expected = np.mean(is_allowed(uniform)) * SIDE**4
    return abs(ratios.mean() - expected) / (ratios.std() / number**0.5)


def is_allowed(positions):
    positions = np.asarray(positions, np.float64)
    inside = np.all((positions > 0.0) & (positions < SIDE), axis=(1, 2))
    apart = np.sum((positions[:, 0] - positions[:, 1]) ** 2, axis=-1) > 1.0
    return inside & apart & (positions[:, 0, 1] < positions[:, 1, 1])


@pytest.mark.slow
def test_draws_follow_the_density():
    assert standard_errors_of_the_draws(lambda leaf: leaf) < 4.3


@pytest.mark.slow
def test_the_check_of_the_draws_can_fail():
    assert standard_errors_of_the_draws(lambda leaf: 0.7 * leaf) > 4.3


def test_one_particle_begins_uniform_across_the_box():
    """Without training: nothing lies below it, so all that is left are the walls."""
    model = prior_of(num_particles=1)
    positions = jnp.asarray(np.random.default_rng(0).uniform(0.1, SIDE - 0.1, (5, 1, 2)), jnp.float32)
    _, places = conditionals(model, first_variables(model), positions)
    # Walls blurred by the resolution: a hundredth of the side at most.
    np.testing.assert_allclose(places, -math.log(SIDE), atol=0.01)


def test_two_particles_begin_with_their_boltzmann_factor():
    model = prior_of()
    positions = jnp.asarray([[[2.0, 1.0], [1.0, 1.5], [3.0, 2.0]]], jnp.float32)
    variables = first_variables(model)
    near, far = (conditionals(model, variables, positions.at[0, 1, 0].set(x))[1][0, 1] for x in (1.0, 0.5))
    expected = lennard_jones(jnp.array(0.5**2 + 1.5**2)) - lennard_jones(jnp.array(0.5**2 + 1.0))
    # Its logarithm is interpolated over 0.05 sigma.
    assert float(near - far) == pytest.approx(float(expected), abs=0.03)


def test_without_energies_all_is_learned():
    model, knowing = prior_of(knows_energies=False), prior_of()
    positions = some_positions()
    variables = first_variables(knowing)  # of the same shapes
    _, places = conditionals(model, variables, positions)
    np.testing.assert_allclose(places, -math.log(SIDE), atol=0.01)
    assert not jnp.allclose(conditionals(knowing, variables, positions)[1], places, atol=0.01)


@pytest.mark.parametrize("knows_energies", [True, False])
def test_without_energies_nothing_depends_on_the_pair_potential(knows_energies):
    model = prior_of(knows_energies=knows_energies)
    other = model.clone(system=System(PARTICLES, SIDE, pair_potential="soft_power"))
    variables, positions = any_variables(prior_of()), some_positions()
    heights, places = (
        jnp.array_equal(*pair)
        for pair in zip(
            conditionals(model, variables, positions), conditionals(other, variables, positions), strict=True
        )
    )
    # Heights too: the states before each particle have the energy of the last one.
    assert bool(heights) == bool(places) == (not knows_energies)


@pytest.mark.slow
def test_no_gradient_goes_back_to_the_positions_but_to_every_parameter():
    model, positions = prior_of(), some_positions()
    variables = any_variables(model)

    def mean(variables, positions):
        return jnp.mean(model.apply(variables, positions, method=model.log_density))

    of_variables, of_positions = jax.jit(jax.grad(mean, argnums=(0, 1)))(variables, positions)
    assert not jnp.any(of_positions)
    for path, leaf in jax.tree.leaves_with_path(of_variables):
        assert jnp.any(leaf), path


@pytest.mark.parametrize("fraction", [0.9, 1.1])
def test_places_rise_up_to_the_coarsest_resolution(fraction):
    system = System(num_particles=2)
    rises = bool((np.diff(place_knots(system, fraction * coarsest_resolution(system))) > 0).all())
    assert rises == (fraction < 1)


def test_priors_go_by_their_names():
    system = System(num_particles=2)
    sizes = PriorSizes(resolution=0.01, width=16, depth=1)
    assert build_prior("standard", 4, system, sizes) == StandardNormal(4)
    assert build_prior("autoregressive", 4, system, sizes) == AutoregressivePrior(system, 0.01, width=16, depth=1)
    unknowing = build_prior("autoregressive", 4, system, sizes._replace(knows_energies=False))
    assert unknowing == AutoregressivePrior(system, 0.01, width=16, depth=1, knows_energies=False)
    with pytest.raises(InputError, match="prior_width = 15: must be a multiple of 4"):
        build_prior("autoregressive", 4, system, sizes._replace(width=15))
    with pytest.raises(InputError, match=r"must be below 0\.0167 with prior = autoregressive"):
        build_prior("autoregressive", 4, system, sizes._replace(resolution=0.017))
    with pytest.raises(InputError, match="did you mean 'autoregressive'"):
        build_prior("autoregresive", 4, system, sizes)


def states_at_once(module, positions):
    nothing = module.history.nothing(positions.shape[0])
    return module._states_of(positions, jnp.arange(PARTICLES), nothing)[0]


def states_one_after_the_other(module, positions):
    past, found = module.history.nothing(positions.shape[0]), []
    for row in range(PARTICLES):
        # Of the particles still to come nothing is known.
        below = jnp.where(jnp.arange(PARTICLES)[None, :, None] < row, positions, 0.0)
        states, past = module._states_of(below, jnp.array([row]), past)
        found.append(states)
    return jnp.concatenate(found, axis=1)


def test_what_is_known_before_each_particle_is_the_same_one_after_the_other_as_at_once():
    model, positions = prior_of(), some_positions()
    variables = any_variables(model)
    at_once, in_turn = (
        model.apply(variables, positions, method=states) for states in (states_at_once, states_one_after_the_other)
    )
    np.testing.assert_allclose(in_turn, at_once, atol=1e-5)
    assert float(jnp.abs(at_once[:, 1:] - at_once[:, :-1]).min(axis=-1).max()) > 0.0
