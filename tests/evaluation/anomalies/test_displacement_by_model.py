"""The ratio of a model's density, where the model is the fluid or overflows."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.dataset.perturbed_sets import Displacement
from lcpjax.evaluation.anomalies import displacement_ratio
from lcpjax.evaluation.anomalies.displacement_by_model import displacement_by_model
from tests.evaluation.anomalies.three_particles import FLUID, POSITIONS, SYSTEM, by_brute_force, of_many


def test_particles_apart_have_other_probabilities():
    """The sibling: without the correction the check above fails."""
    apart = displacement_by_model(of_many, SYSTEM, POSITIONS, Displacement(0.3, 2, stays_inside=True), 64)
    assert np.abs(apart.probability[0] - by_brute_force()[1]).max() > 0.01


def test_a_model_that_is_the_fluid_gives_the_ratio_of_particles_apart():
    about = Displacement(0.3, 2, stays_inside=True)

    own = displacement_by_model(of_many, SYSTEM, POSITIONS, about, 64)
    exact = displacement_ratio(jax.random.key(0), SYSTEM, FLUID, POSITIONS, about)
    # Of 64 nodes in four rings against 288 in twelve.
    assert own.log_ratio[0] == pytest.approx(float(exact.of_particles_apart[0]), abs=0.05)
    assert own.probability.sum() == pytest.approx(2.0, rel=1e-4)


def test_by_a_model_too_whose_density_overflows_there():
    def overflowing(positions):
        return jnp.where(jnp.any(positions > 4.0, axis=(1, 2)), jnp.nan, jnp.zeros(len(positions)))

    far, about = POSITIONS.at[0, 2].set(1e25), Displacement(0.3, 1, stays_inside=True)
    found = displacement_by_model(overflowing, SYSTEM, far, about, 4)
    assert found.log_ratio[0] > 900
    np.testing.assert_allclose(found.probability, [[0.0, 0.0, 1.0]])
