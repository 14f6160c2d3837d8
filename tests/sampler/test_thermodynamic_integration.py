"""ln Z by integration against quadrature for two particles, and against its own derivative."""

import math

import jax
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.sampler.thermodynamic_integration import (
    Integration,
    ideal_log_partition_function,
    information_about_gamma,
    integrate,
    largest_drift,
)
from lcpjax.sampler.verification.two_particle_distribution import two_particle_distribution
from lcpjax.system import System

FEW = Integration(chains_per_node=64, num_sweeps=200, samples_per_chain=20, thinning=10)
GAMMAS = (0.2, 1.0)


def deviations(system, free_energy):
    """ln Z, <U>, <sum y> and entropy at each gamma against quadrature, in standard errors."""
    for row, gamma in enumerate(free_energy.gamma):
        pair = two_particle_distribution(system, float(gamma))
        total = pair.mean_pair_energy + gamma * pair.mean_height_sum
        exact = {
            "log_partition_function": pair.log_partition,
            "quadrature_log_partition_function": pair.log_partition,
            "pair_energy": pair.mean_pair_energy,
            "sum_of_heights": pair.mean_height_sum,
            "entropy": pair.log_partition + total / system.temperature,
        }
        for name, value in exact.items():
            yield (getattr(free_energy, name)[row] - value) / getattr(free_energy, f"{name}_error")[row]


@pytest.fixture(scope="module")
def two_particles():
    system = System(num_particles=2, box_side=4.0, temperature=1.3)
    return system, integrate(jax.random.key(2), system, GAMMAS, FEW)


def test_two_particles_have_the_partition_function_and_entropy_of_quadrature(two_particles):
    assert max(abs(deviate) for deviate in deviations(*two_particles)) < 4.3


def test_the_comparison_fails_for_another_potential(two_particles):
    _, free_energy = two_particles
    other = System(num_particles=2, box_side=4.0, temperature=1.3, pair_potential="soft_power")
    assert max(abs(deviate) for deviate in deviations(other, free_energy)) > 4.3


def test_another_potential_is_integrated_as_well():
    system = System(num_particles=2, box_side=4.0, pair_potential="soft_power")
    free_energy = integrate(jax.random.key(3), system, [0.5], FEW)
    assert max(abs(deviate) for deviate in deviations(system, free_energy)) < 4.3


def test_the_slope_of_ln_z_in_gamma_is_minus_the_mean_sum_of_heights():
    system, (low, high) = System(num_particles=5, box_side=5.0, temperature=1.2), (0.2, 1.0)
    nodes, weights = np.polynomial.legendre.leggauss(5)
    between = low + (high - low) * (nodes + 1) / 2
    found = integrate(jax.random.key(4), system, [low, *between.tolist(), high], FEW._replace(chains_per_node=32))
    weights = weights * (high - low) / 2 / system.temperature
    integral = -float(weights @ found.sum_of_heights[1:-1])
    error = math.hypot(
        *found.log_partition_function_error[[0, -1]], float(np.linalg.norm(weights * found.sum_of_heights_error[1:-1]))
    )
    difference = found.log_partition_function[-1] - found.log_partition_function[0]
    assert abs(difference - integral) < 4.3 * error
    # Able to fail: without the temperature the integral is a fifth larger.
    assert abs(difference - integral * system.temperature) > 4.3 * error


def test_without_partners_nothing_is_left_to_integrate():
    system = System(num_particles=1)
    found = integrate(jax.random.key(0), system, [0.0, 0.5], FEW)
    exact = [ideal_log_partition_function(system, gamma) for gamma in (0.0, 0.5)]
    np.testing.assert_allclose(found.log_partition_function, exact, rtol=1e-12)
    np.testing.assert_allclose(found.entropy[0], math.log(100.0), rtol=1e-12)


def test_chains_that_still_drift_are_identified_by_their_halves():
    energies = np.random.default_rng(0).normal(size=(2, 3, 50, 20))
    assert largest_drift(energies) < 4.3
    # One node of one gamma.
    energies[1, 2] += 0.1 * np.arange(20)
    assert largest_drift(energies) > 4.3


def test_information_is_that_of_a_distinguishable_pair():
    # Heights that tell gamma for certain give ln 2, heights that tell nothing give 0.
    certain = information_about_gamma(np.array([[0.0], [100.0]]), np.array([1.0, -1.0]), np.array([0.0, 100.0]), 1.0)
    np.testing.assert_allclose(certain, math.log(2.0), rtol=1e-12)
    nothing = information_about_gamma(np.array([[5.0], [5.0]]), np.array([1.0, 1.0]), np.zeros(2), 1.0)
    np.testing.assert_allclose(nothing, 0.0, atol=1e-12)


@pytest.mark.parametrize(
    ("gammas", "integration", "complaint"),
    [
        ([], FEW, "at least one"),
        ([-0.1], FEW, "each at least 0"),
        ([0.1], FEW._replace(chains_per_node=1), "chains_per_node = 1"),
    ],
)
def test_what_cannot_be_integrated_is_refused_in_one_line(gammas, integration, complaint):
    with pytest.raises(InputError, match=complaint):
        integrate(jax.random.key(0), System(num_particles=1), gammas, integration)
