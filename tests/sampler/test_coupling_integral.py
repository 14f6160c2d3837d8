"""The integral over the coupling with several numbers of nodes, of two particles whose ln Z quadrature knows."""

import jax
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.sampler.coupling_integral import (
    Integration,
    gauss_nodes,
    integrate_over_coupling,
    slopes_of,
)
from lcpjax.sampler.verification.two_particle_distribution import two_particle_distribution
from lcpjax.system import System

SYSTEM = System(num_particles=2, box_side=4.0, temperature=1.3)
GAMMAS = (0.2, 1.0)
FEW = Integration(chains_per_node=64, num_sweeps=200, samples_per_chain=20, thinning=10)


@pytest.fixture(scope="module")
def integral():
    return integrate_over_coupling(jax.random.key(5), SYSTEM, GAMMAS, 8, FEW)


def deviations(integral, system):
    exact = [two_particle_distribution(system, gamma).log_partition for gamma in GAMMAS]
    return np.abs((integral.log_partition_function - exact) / integral.standard_error)


def test_two_particles_have_the_ln_z_of_quadrature(integral):
    assert deviations(integral, SYSTEM).max() < 4.3
    # Able to fail: that of another potential.
    assert deviations(integral, System(2, 4.0, 1.3, "soft_power")).max() > 4.3


def test_the_slopes_integrate_a_constant_energy_exactly():
    # d ln Z / dk = -1 / T from k = 0 to 1, whatever the power of t: 6 t^5 is a polynomial.
    for number in (3, 12, 48):
        np.testing.assert_allclose(slopes_of(*gauss_nodes(number), 1.3).sum(), -1 / 1.3, rtol=1e-12)
    # Able to fail: two nodes are exact to t^3 only.
    assert abs(slopes_of(*gauss_nodes(2), 1.3).sum() + 1 / 1.3) > 1e-3


@pytest.mark.parametrize(
    ("gammas", "nodes", "integration", "complaint"),
    [
        ([], 2, FEW, "at least one"),
        ([-0.1], 2, FEW, "each at least 0"),
        ([0.1], 0, FEW, "num_nodes = 0"),
        ([0.1], 2, FEW._replace(chains_per_node=1), "chains_per_node = 1"),
    ],
)
def test_what_cannot_be_integrated_is_refused_in_one_line(gammas, nodes, integration, complaint):
    with pytest.raises(InputError, match=complaint):
        integrate_over_coupling(jax.random.key(0), System(num_particles=1), gammas, nodes, integration)
