"""ln Z from samples at several gammas, where it is known; and the ratio of two fluids."""

import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.evaluation.anomalies import log_fluid_ratio, relative_log_partition
from lcpjax.system import System
from tests.evaluation.ideal_fluid import GAMMAS, free_energy, log_partition, mixture


def estimate(number, seed):
    positions, index = mixture(number, seed)
    return relative_log_partition(np.array(GAMMAS), positions[..., 1].sum(axis=1), index, 1.0)


def test_relative_ln_z_is_that_of_particles_without_interactions():
    """Of 20 independent estimates the mean, within 4.3 of its standard errors."""
    found = np.array([estimate(500, 100 * seed)[1] for seed in range(20)])
    error = found.std(ddof=1) / np.sqrt(len(found))
    assert abs(found.mean() - (log_partition(GAMMAS[1]) - log_partition(GAMMAS[0]))) < 4.3 * error
    assert error < 0.05


def test_it_has_no_offset_at_the_first_gamma():
    assert estimate(50, 0)[0] == 0.0


def test_the_ratio_of_two_fluids_is_that_of_their_weights():
    """Two pairs at known distances: U differs by known amounts, gravity is the same for both."""
    hard, soft = System(num_particles=2, box_side=5.0), System(2, 5.0, pair_potential="soft_power")
    near, far = [[1.0, 1.0], [2.0, 1.0]], [[1.0, 1.0], [1.0 + 2**0.5, 1.0]]
    fluid = free_energy()
    found = log_fluid_ratio(hard, fluid, soft, fluid.log_partition_function, jnp.array([near, far]))
    # At 1 both are 0; at sqrt 2 the soft one is -1, the other 4 (1/64 - 1/8).
    assert found[0] == pytest.approx(0.0, abs=1e-5)
    assert found[1] == pytest.approx(1.0 + 4 * (1 / 64 - 1 / 8), abs=1e-5)


def test_particles_at_one_place_are_infinitely_anomalous():
    hard, soft = System(num_particles=2, box_side=5.0), System(2, 5.0, pair_potential="soft_power")
    fluid = free_energy()
    assert log_fluid_ratio(hard, fluid, soft, fluid.log_partition_function, jnp.ones((1, 2, 2)))[0] == np.inf


def test_sums_of_heights_that_are_no_numbers_are_refused():
    with pytest.raises(InputError, match="sums_of_heights: 1 of 2 are not finite; all must be"):
        relative_log_partition(np.array(GAMMAS), np.array([1.0, np.nan]), np.array([0, 1]), 1.0)
