import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.sampler.verification import Subject, vanishing_fields
from lcpjax.sampler.verification.exact_draws import draw_configurations
from lcpjax.sampler.verification.sampled_chains import SampledChains
from lcpjax.sampler.verification.vanishing_fields import check_pair_strength, check_temperature, field_moments
from lcpjax.system import System, gravity_energy, pair_energy

# Two particles in so small a box meet each other, and the walls, all the time.
PAIR = System(num_particles=2, box_side=3.0, temperature=1.3)
GAMMAS = (0.1, 1.0)
NUM_DRAWS = 4000


def drawn_chains(system=PAIR, true_system=None):
    """Exact draws, without any Markov chain, of one system that are said to be of another."""
    rng = np.random.default_rng(0)
    positions = {gamma: draw_configurations(rng, true_system or system, np.full(NUM_DRAWS, gamma)) for gamma in GAMMAS}
    return SampledChains(Subject("exact draws", system, "none"), positions)


def field_in_plain_words(positions, heights_weight):
    """The field of the docstring, particle by particle."""

    def component(particle, axis):
        place = positions[particle, axis]
        wall = jnp.tanh(place / 0.4) * jnp.tanh((10.0 - place) / 0.4)
        total = jnp.zeros(())
        for other in range(positions.shape[0]):
            if other != particle:
                displacement = positions[particle] - positions[other]
                r = jnp.sqrt(jnp.sum(displacement**2))
                f = 0.8 * jnp.exp(-(((r - 1.3) / 0.12) ** 2) / 2) - jnp.exp(-(((r - 1.0) / 0.05) ** 2) / 2)
                total = total + wall * f * displacement[axis]
        return total + (heights_weight * jnp.sin(jnp.pi * place / 10.0) if axis == 1 else 0.0)

    return jnp.stack([jnp.stack([component(particle, axis) for axis in (0, 1)]) for particle in range(3)])


@pytest.mark.parametrize("heights_weight", [0.0, 8.0])
def test_divergence_and_work_are_those_of_automatic_differentiation(heights_weight):
    positions = jnp.array([[0.3, 0.2], [1.25, 0.4], [0.5, 1.4]])
    found = field_moments(System(num_particles=3), positions[None], jnp.float32(0.7), heights_weight)
    jacobian = jax.jacfwd(field_in_plain_words)(positions, heights_weight).reshape(6, 6)
    field = field_in_plain_words(positions, heights_weight)
    work, of_gravity = jax.grad(pair_energy)(positions), jax.grad(gravity_energy)(positions, 0.7)
    expected = jnp.trace(jacobian), jnp.sum(field * work), jnp.sum(field * of_gravity)
    # float32, sums of a dozen terms as large as 50.
    np.testing.assert_allclose(np.ravel(found), np.array(expected), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("law", [check_temperature, check_pair_strength])
@pytest.mark.parametrize("potential", ["lennard_jones", "soft_power"])
def test_exact_draws_obey_the_identity(law, potential):
    assert not any(check.has_failed for check in law(drawn_chains(dataclasses.replace(PAIR, pair_potential=potential))))


@pytest.mark.parametrize("law", [check_temperature, check_pair_strength])
def test_exact_draws_of_another_temperature_break_it(law):
    hotter = dataclasses.replace(PAIR, temperature=1.3 * PAIR.temperature)
    *_, together = law(drawn_chains(PAIR, hotter))
    assert together.gamma == "0.1 to 1"
    assert together.has_failed


def test_the_measured_temperature_is_that_of_the_draws():
    hotter = dataclasses.replace(PAIR, temperature=1.1 * PAIR.temperature)
    *_, together = check_temperature(drawn_chains(PAIR, hotter))
    assert abs(together.measured - hotter.temperature) < 4.3 * together.standard_error


def test_any_pair_function_will_do_and_walls_must_not(monkeypatch):
    monkeypatch.setattr(vanishing_fields, "_pull", jnp.ones_like)
    field_moments.clear_cache()
    assert not any(check.has_failed for check in check_temperature(drawn_chains()))
    monkeypatch.setattr(vanishing_fields, "_wall_factor", lambda places, box_side: jnp.ones_like(places))
    field_moments.clear_cache()
    *_, together = check_temperature(drawn_chains())
    field_moments.clear_cache()
    assert together.has_failed


def test_one_particle_has_a_temperature_and_no_pair_energy():
    chains = drawn_chains(System(num_particles=1, temperature=1.3))
    assert not any(check.has_failed for check in check_temperature(chains))
    assert check_pair_strength(chains) == []
