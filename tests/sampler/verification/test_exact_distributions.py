import numpy as np
import pytest
from scipy.integrate import quad

from lcpjax.sampler.verification.exact_draws import draw_configurations
from lcpjax.sampler.verification.two_particle_distribution import (
    gauss_legendre,
    pair_energies,
    two_particle_distribution,
)
from lcpjax.system import PAIR_POTENTIALS, System
from lcpjax.system.barometric_law import fraction_below, height_integral, height_of_fraction, mean_height

RATES = [0.0, 1e-9, 1e-5, 0.1, 1.0, 300.0]


def pair(pair_potential="lennard_jones", temperature=1.3):
    return System(num_particles=2, box_side=4.0, temperature=temperature, pair_potential=pair_potential)


@pytest.mark.parametrize("rate", RATES)
def test_the_barometric_law_is_its_own_integral(rate):
    weight, _ = quad(lambda y: np.exp(-rate * y), 0, 10, epsabs=0, epsrel=1e-12, points=[10 / (1 + rate)])
    moment, _ = quad(lambda y: y * np.exp(-rate * y), 0, 10, epsabs=0, epsrel=1e-12, points=[10 / (1 + rate)])
    # The quadrature's own error.
    np.testing.assert_allclose(height_integral(rate, 10.0), weight, rtol=1e-10)
    np.testing.assert_allclose(mean_height(rate, 10.0), moment / weight, rtol=1e-10)


@pytest.mark.parametrize("rate", RATES)
def test_fractions_and_heights_are_inverse_to_each_other(rate):
    fractions = np.linspace(0.0, 0.999, 50)
    heights = height_of_fraction(fractions, rate, 10.0)
    np.testing.assert_allclose(fraction_below(heights, rate, 10.0), fractions, atol=1e-12)


def test_beyond_the_walls_there_is_nothing():
    assert fraction_below(np.array([-1.0, 0.0, 10.0, 11.0]), 0.5, 10.0).tolist() == [0.0, 0.0, 1.0, 1.0]


@pytest.mark.parametrize("potential", PAIR_POTENTIALS)
@pytest.mark.parametrize("gamma", [0.0, 0.4, 1.0])
def test_twice_the_panels_change_nothing_about_two_particles(potential, gamma):
    some, more = (two_particle_distribution(pair(potential), gamma, panels) for panels in (200, 400))
    np.testing.assert_allclose(some[:3], more[:3], rtol=1e-7)
    np.testing.assert_allclose(some.panel_probabilities, more.panel_probabilities.reshape(-1, 2).sum(1), atol=1e-8)
    assert abs(some.panel_probabilities.sum() - 1.0) < 1e-12


def test_few_panels_do_change_it():
    some, more = (two_particle_distribution(pair(), 0.4, panels) for panels in (2, 4))
    assert abs(some.log_partition - more.log_partition) > 1e-7


@pytest.mark.parametrize("potential", PAIR_POTENTIALS)
def test_two_particles_without_any_integral_done_by_hand(potential):
    """Over x1 - x2, y1 and y2 on a plain grid of Gauss-Legendre nodes."""
    system, gamma = pair(potential), 0.7
    edges = np.linspace(0.0, 4.0, 21)
    nodes, weights = (grid.reshape(-1) for grid in gauss_legendre(edges[:-1], edges[1:], 8))
    u, low, high = np.meshgrid(nodes, nodes, nodes, indexing="ij")
    measure = weights[:, None, None] * weights[None, :, None] * weights[None, None, :]
    energy = pair_energies(system, u**2 + (low - high) ** 2)
    weight = 2 * (4.0 - u) * measure * np.exp(-(energy + gamma * (low + high)) / 1.3)
    exact = two_particle_distribution(system, gamma)
    # Grid nodes miss the hard core's steep edge by so much at most.
    np.testing.assert_allclose(np.log(weight.sum()), exact.log_partition, rtol=1e-5)
    np.testing.assert_allclose((weight * energy).sum() / weight.sum(), exact.mean_pair_energy, rtol=1e-4)
    np.testing.assert_allclose((weight * (low + high)).sum() / weight.sum(), exact.mean_height_sum, rtol=1e-5)


@pytest.mark.parametrize("gamma", [0.1, 1.0])
def test_the_partition_sum_falls_with_gamma_as_the_heights_say(gamma):
    below, above = (two_particle_distribution(pair(), gamma + shift).log_partition for shift in (-1e-4, 1e-4))
    # A central difference of step h is off by h^2 times a third derivative of order 10.
    np.testing.assert_allclose(
        (above - below) / 2e-4, -two_particle_distribution(pair(), gamma).mean_height_sum / 1.3, rtol=1e-6
    )


@pytest.mark.parametrize("potential", PAIR_POTENTIALS)
def test_exact_draws_have_the_means_of_the_quadrature(potential):
    system, gamma = pair(potential), np.full(40_000, 0.7)
    positions = draw_configurations(np.random.default_rng(0), system, gamma)
    exact = two_particle_distribution(system, 0.7)
    energy = pair_energies(system, np.sum((positions[:, 0] - positions[:, 1]) ** 2, axis=-1))
    for values, mean in ((energy, exact.mean_pair_energy), (positions[..., 1].sum(1), exact.mean_height_sum)):
        assert abs(values.mean() - mean) < 4.3 * values.std() / 200
