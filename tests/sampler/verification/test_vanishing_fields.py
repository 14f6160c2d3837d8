import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.sampler.verification import Subject, vanishing_fields
from lcpjax.sampler.verification.exact_draws import draw_configurations
from lcpjax.sampler.verification.sampled_chains import SampledChains
from lcpjax.sampler.verification.vanishing_fields import check_pair_strength, check_temperature, field_moments
from lcpjax.system import System

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
    """The field of the docstring, particle by particle, in float64."""
    field = np.zeros_like(positions)
    for particle, axis in np.ndindex(positions.shape):
        place = positions[particle, axis]
        wall = np.tanh(place / 0.4) * np.tanh((10.0 - place) / 0.4)
        for other in set(range(len(positions))) - {particle}:
            displacement = positions[particle] - positions[other]
            r = np.linalg.norm(displacement)
            f = 0.8 * np.exp(-(((r - 1.3) / 0.12) ** 2) / 2) - np.exp(-(((r - 1.0) / 0.05) ** 2) / 2)
            field[particle, axis] += wall * f * displacement[axis]
        field[particle, axis] += heights_weight * np.sin(np.pi * place / 10.0) * (axis == 1)
    return field


def energy_in_plain_words(positions):
    first, second = np.triu_indices(len(positions), k=1)
    r = np.linalg.norm(positions[first] - positions[second], axis=-1)
    return np.sum(4 * (r**-12 - r**-6))


@pytest.mark.parametrize("heights_weight", [0.0, 8.0])
def test_divergence_and_work_are_those_of_finite_differences(heights_weight):
    positions = np.array([[0.3, 0.2], [1.25, 0.4], [0.5, 1.4], [5.0, 9.7]])
    found = field_moments(System(num_particles=4), jnp.float32(positions)[None], jnp.float32(0.7), heights_weight)
    field, divergence, work = field_in_plain_words(positions, heights_weight), 0.0, 0.0
    for place in np.ndindex(positions.shape):
        step = np.zeros_like(positions)
        step[place] = 1e-5
        difference = field_in_plain_words(positions + step, heights_weight)[place]
        divergence += (difference - field_in_plain_words(positions - step, heights_weight)[place]) / 2e-5
        slope = (energy_in_plain_words(positions + step) - energy_in_plain_words(positions - step)) / 2e-5
        work += field[place] * slope
    expected = divergence, work, 0.7 * field[:, 1].sum()
    # float32, sums of some dozen terms as large as 50.
    np.testing.assert_allclose(np.ravel(found), expected, rtol=1e-4, atol=1e-3)


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
