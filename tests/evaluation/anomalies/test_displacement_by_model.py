"""The ratio of a model's density, where the model is the fluid or overflows."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.dataset.perturbed_sets import Displacement
from lcpjax.errors import InputError
from lcpjax.evaluation.anomalies import displacement_by_model, displacement_ratio, places_tried
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


def test_walls_that_let_particles_leave_are_those_of_the_exact_ratio():
    """One particle is at a wall: half of its steps come from beyond it, where no particle was."""
    about = Displacement(0.3, 2, stays_inside=False)
    own = displacement_by_model(of_many, SYSTEM, POSITIONS, about, 64)
    exact = displacement_ratio(jax.random.key(0), SYSTEM, FLUID, POSITIONS, about)
    # As above.
    assert own.log_ratio[0] == pytest.approx(float(exact.of_particles_apart[0]), abs=0.05)


def test_the_two_kinds_of_walls_differ_by_more_than_that():
    """The sibling: with the other kind of wall the check above fails; densities are the same."""
    tried = places_tried(of_many, SYSTEM, POSITIONS, 0.3, 64)
    leaving, reflected = (tried.suspecting(2, stays_inside=each).log_ratio[0] for each in (False, True))
    assert abs(leaving - reflected) > 0.2


@pytest.mark.parametrize("stays_inside", [False, True])
def test_a_particle_just_outside_was_displaced_for_certain(stays_inside):
    outside = POSITIONS.at[0, 2, 0].set(4.05)
    found = displacement_by_model(
        lambda many: jnp.zeros(len(many)), SYSTEM, outside, Displacement(0.3, 1, stays_inside=stays_inside)
    )
    assert found.log_ratio[0] > 900
    np.testing.assert_allclose(found.probability, [[0.0, 0.0, 1.0]], atol=1e-4)


def test_too_few_places_and_impossible_numbers_are_refused():
    with pytest.raises(InputError, match="num_nodes = 3: must be at least 4"):
        places_tried(of_many, SYSTEM, POSITIONS, 0.3, 3)
    with pytest.raises(InputError, match="num_displaced = 4: must be 1 to 3"):
        places_tried(of_many, SYSTEM, POSITIONS, 0.3).suspecting(4, stays_inside=True)


def test_by_a_model_too_whose_density_overflows_there():
    def overflowing(positions):
        return jnp.where(jnp.any(positions > 4.0, axis=(1, 2)), jnp.nan, jnp.zeros(len(positions)))

    far, about = POSITIONS.at[0, 2].set(1e25), Displacement(0.3, 1, stays_inside=True)
    found = displacement_by_model(overflowing, SYSTEM, far, about, 4)
    assert found.log_ratio[0] > 900
    np.testing.assert_allclose(found.probability, [[0.0, 0.0, 1.0]])
