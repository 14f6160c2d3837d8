"""Scores of single particles, and where a change of a matrix lies."""

import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.experiments.anomalies.displaced_particles import (
    energies_of_particles,
    fraction_in_rows,
    places_in_order,
    residuals_of_particles,
)
from lcpjax.representation import distance_matrix, order_particles
from lcpjax.system import System

POSITIONS = jnp.array([[[1.0, 3.0], [2.0, 1.0], [2.0, 2.2], [4.0, 0.5]]])
SYSTEM = System(num_particles=4, box_side=5.0)


def test_energies_of_particles_count_every_pair_twice():
    from lcpjax.evaluation.reconstruction.energies import pair_energies

    found = energies_of_particles(POSITIONS, SYSTEM)
    np.testing.assert_allclose(jnp.sum(found, axis=1), 2 * pair_energies(POSITIONS, SYSTEM), rtol=1e-5)


def test_a_particle_is_found_where_the_order_has_put_it():
    ordered = order_particles(POSITIONS, "height")
    places = np.asarray(places_in_order(POSITIONS, ordered))
    assert places.tolist() == [[3, 1, 2, 0]]
    np.testing.assert_array_equal(np.asarray(ordered)[0][places[0]], POSITIONS[0])


def test_residuals_are_those_of_each_particle_s_row():
    samples = distance_matrix(POSITIONS)
    outputs = samples.at[0, 2].add(1.0)
    assert residuals_of_particles(samples, outputs, 4).tolist() == [[0.0, 0.0, pytest.approx(1.0, rel=1e-6), 0.0]]


def test_a_change_of_displaced_rows_lies_there_and_one_of_all_does_not():
    moved = POSITIONS.at[0, 1].add(0.3)
    change = np.asarray(distance_matrix(moved) - distance_matrix(POSITIONS))
    displaced = np.array([[False, True, False, False]])
    assert fraction_in_rows(change, displaced) == pytest.approx(1.0)
    assert fraction_in_rows(np.ones((1, 4, 4)) - np.eye(4)[None], displaced) == pytest.approx(0.5)


def test_a_residual_that_overflows_is_the_largest():
    samples = jnp.zeros((1, 2, 2)).at[0, 1, 0].set(1e25)
    outputs = jnp.zeros((1, 2, 2)).at[0, 1, 1].set(jnp.nan)
    assert residuals_of_particles(samples, outputs, 2).tolist() == [[0.0, np.inf]]
