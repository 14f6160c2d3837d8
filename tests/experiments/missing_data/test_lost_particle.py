"""Places of one lost particle, against sums over all of them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.experiments.missing_data.lost_particle import place_lost_particle
from lcpjax.system import System
from tests.evaluation.imputation.small_fluids import FOUR_AND_ONE, PAIR_AND_ONE, THREE, linked, log_density

DRAWS = 400


def test_a_lost_particle_in_a_known_frame_is_placed_by_its_density():
    def density(positions):
        return np.asarray(log_density(np.asarray(positions)))

    found = place_lost_particle(jax.random.key(0), density, PAIR_AND_ONE, THREE, linked(3, 2, []), 4096, DRAWS)
    random, low = np.random.default_rng(1), float(THREE[1, 1])
    places = np.broadcast_to(np.asarray(THREE), (200_000, 3, 2)).copy()
    places[:, 2] = np.array([0.0, low]) + np.array([3.0, 3.0 - low]) * random.random((200_000, 2))
    log_weights = log_density(places)
    weights = np.exp(log_weights - log_weights.max())
    mean = weights @ np.linalg.norm(places[:, 0] - places[:, 2], axis=1) / weights.sum()
    own = found.distances[:, 0, 2]
    effective = found.effective_number
    assert abs(own.mean() - mean) < 4 * own.std() * (1 / np.sqrt(DRAWS) + 1 / np.sqrt(effective))
    assert 1 < effective < 4096


def test_a_lost_particle_with_two_links_is_at_each_of_its_places_by_its_density():
    points = jnp.array([[0.6, 0.3], [3.0, 0.5], [1.5, 1.0], [1.4, 2.0], [2.3, 2.5]])

    def density(positions):
        return np.where(np.asarray(positions)[:, 4, 0] > 1.5, 1.0, 0.0)

    found = place_lost_particle(jax.random.key(1), density, FOUR_AND_ONE, points, linked(5, 4, [2, 3]), 64, DRAWS)
    is_true = np.abs(found.distances[:, 0, 4] - float(jnp.linalg.norm(points[0] - points[4]))) < 1e-3
    fraction = np.e / (1 + np.e)
    assert abs(is_true.mean() - fraction) < 4 * np.sqrt(fraction * (1 - fraction) / DRAWS)
    assert found.effective_number == pytest.approx((np.e + 1) ** 2 / (np.e**2 + 1))


def test_a_lost_particle_that_can_be_nowhere_has_no_draws():
    def nowhere(positions):
        return np.full(len(positions), -np.inf)

    found = place_lost_particle(jax.random.key(0), nowhere, PAIR_AND_ONE, THREE, linked(3, 2, []), 16, 4)
    assert found.effective_number == 0
    assert np.isnan(found.distances).all()


def test_a_density_that_is_no_number_is_refused():
    def broken(positions):
        return np.where(np.arange(len(positions)) == 3, np.nan, 0.0)

    # All places are in the box: the lost particle is the highest, and may be anywhere above the others.
    with pytest.raises(InputError, match="not a number"):
        place_lost_particle(jax.random.key(0), broken, PAIR_AND_ONE, THREE, linked(3, 2, []), 16, 4)


def test_a_lost_particle_on_a_circle_is_as_often_at_each_angle_where_all_are_alike():
    def alike(positions):
        return np.zeros(len(positions))

    system, centre = System(num_particles=4, box_side=20.0), jnp.array([10.0, 10.0])
    # Nothing but the order of heights: the last one on the upper half of a circle around the middle one.
    points = jnp.stack([jnp.array([3.0, 2.0]), jnp.array([9.0, 3.0]), centre, centre + jnp.array([3.0, 4.0])])
    found = place_lost_particle(jax.random.key(4), alike, system, points, linked(4, 3, [2]), 4096, DRAWS)
    np.testing.assert_allclose(found.distances[:, 2, 3], 5.0, rtol=1e-5)
    # The first one sees it at distances that have the law of uniform angles.
    angles = np.pi * np.random.default_rng(0).random(100_000)
    places = 10.0 + 5.0 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    expected = np.linalg.norm(places - np.array([3.0, 2.0]), axis=1)
    own = found.distances[:, 0, 3]
    assert abs(own.mean() - expected.mean()) < 4 * own.std() / np.sqrt(DRAWS * 0.5)
    assert abs(own.std() - expected.std()) < 4 * own.std() / np.sqrt(2 * DRAWS * 0.5)
