"""Draws given observed distances, against quadrature where there is one, and against the truth's own rank."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.evaluation.imputation import exact_posterior, place_lost_particle
from lcpjax.representation import distance_matrix
from lcpjax.sampler.thermodynamic_integration import FreeEnergy
from lcpjax.system import System, lennard_jones

# Few particles in small boxes, so that places can be summed over.
PAIR_AND_ONE = System(num_particles=3, box_side=3.0)
FOUR_AND_ONE = System(num_particles=5, box_side=4.0)
# Any ln Z: the mixture's weights, whatever they are.
_NONE = np.zeros(2)
FLUID = FreeEnergy(np.array([0.5, 2.0]), np.array([2.0, -1.0]), *[_NONE] * 7, 0.0, 0.0, 0.0)
THREE = jnp.array([[0.6, 0.3], [1.8, 0.5], [1.3, 1.6]])
FIVE = jnp.array([[0.6, 0.3], [1.8, 0.5], [1.0, 1.4], [2.4, 1.6], [1.9, 2.7]])
DRAWS = 400


def _log_density(positions):
    """Ln p up to a constant of (..., particles, 2)."""
    first, second = np.triu_indices(positions.shape[-2], k=1)
    squares = np.sum((positions[..., first, :] - positions[..., second, :]) ** 2, axis=-1, dtype=np.float32)
    falls = -np.multiply.outer(positions[..., 1].sum(axis=-1), FLUID.gamma) - FLUID.log_partition_function
    return -np.asarray(lennard_jones(jnp.asarray(squares))).sum(axis=-1) + np.logaddexp.reduce(falls, axis=-1)


def _linked(number, rest, links):
    """All distances among the first ``rest``, and from the last particle to some of them."""
    mask = np.eye(number, dtype=bool)
    mask[:rest, :rest] = True
    mask[-1, links] = mask[links, -1] = True
    return mask


def _drawn(system, truth, mask):
    distances = distance_matrix(truth)[None]
    found = exact_posterior(jax.random.key(3), system, FLUID, distances, jnp.asarray(mask)[None], DRAWS, 800)
    settled = np.asarray(found.is_settled)[0]
    assert settled.mean() > 0.95
    return np.asarray(found.positions)[0][settled]


def _weighed(system, truth, rest, links, number):
    """Uniform poses of a rigid piece and of one more particle by its one or two links; in order, with weights."""
    random, side = np.random.default_rng(0), system.box_side
    points = np.asarray(truth) - np.asarray(truth)[:rest].mean(axis=0)
    # In order of height is only what is nearly upright, or mirrored.
    angles = random.uniform(-np.pi / 2, np.pi / 2, number)
    cosine, sine = np.cos(angles), np.sin(angles)
    turned = points @ np.moveaxis(np.array([[cosine, sine], [-sine, cosine]]), 2, 0)
    turned[..., 0] *= np.where(random.random(number) < 0.5, 1, -1)[:, None]
    turned = turned[(np.diff(turned[:, :rest, 1], axis=1) > 0).all(axis=1)]
    turned += side * random.random((len(turned), 1, 2))
    if len(links) == 1:
        angles = 2 * np.pi * random.random(len(turned))
        length = float(jnp.linalg.norm(truth[links[0]] - truth[-1]))
        turned[:, -1] = turned[:, links[0]] + length * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    else:
        turned[:, -1] = np.where(random.random((len(turned), 1)) < 0.5, turned[:, -1], _twins(turned, links))
    inside = ((turned >= 0) & (turned <= side)).all(axis=(1, 2)) & (turned[:, -1, 1] > turned[:, -2, 1])
    places = turned[inside]
    log_weights = _log_density(places)
    weights = np.exp(log_weights - log_weights.max())
    return places, weights / weights.sum()


def _twins(places, links):
    """Mirror images of the last particle across the line of its two links."""
    one, other = (places[:, link] for link in links)
    along = (other - one) / np.linalg.norm(other - one, axis=1, keepdims=True)
    reach = places[:, -1] - one
    return one + 2 * (reach * along).sum(axis=1, keepdims=True) * along - reach


def _deviations(draws, places, weights, one):
    """Of the mean distance of one particle to the last, and of the fraction below the draws' median, in errors."""
    own = np.linalg.norm(draws[:, one] - draws[:, -1], axis=1)
    expected = np.linalg.norm(places[:, one] - places[:, -1], axis=1)
    mean, below = weights @ expected, weights @ (expected < np.median(own))
    mean_error = own.std() / np.sqrt(len(own)) + np.sqrt(weights**2 @ (expected - mean) ** 2)
    fraction_error = 0.5 / np.sqrt(len(own)) + 0.5 * np.sqrt((weights**2).sum())
    return (own.mean() - mean) / mean_error, (below - 0.5) / fraction_error


@pytest.fixture(scope="module")
def drawn():
    """Draws of a rigid piece of four and a fifth particle with one link."""
    return _drawn(FOUR_AND_ONE, FIVE, _linked(5, 4, [3]))


@pytest.fixture(scope="module")
def weighed():
    """What those draws should look like."""
    return _weighed(FOUR_AND_ONE, FIVE, 4, [3], 1_000_000)


def test_draws_follow_the_density_on_all_that_has_the_observed_distances(drawn, weighed):
    for one in range(3):
        assert max(abs(each) for each in _deviations(drawn, *weighed, one)) < 4


def test_the_comparison_can_fail(drawn, weighed):
    places, weights = weighed
    alike = np.full_like(weights, 1 / len(weights))
    assert max(max(abs(each) for each in _deviations(drawn, places, alike, one)) for one in range(3)) > 4


def test_observed_distances_are_kept_and_heights_in_order(drawn):
    mask = _linked(5, 4, [3])
    lengths, expected = np.asarray(distance_matrix(jnp.asarray(drawn))), np.asarray(distance_matrix(FIVE))
    # Each move rounds coordinates of 4 sigma by some 5e-7, and 800 of them add up as a random walk: 1e-5; ten of them.
    np.testing.assert_allclose(np.where(mask, lengths - expected, 0.0), 0.0, atol=1e-4)
    assert (np.diff(drawn[..., 1], axis=1) >= 0).all()
    assert (drawn >= 0).all()
    assert (drawn <= 4).all()


def test_two_links_leave_a_particle_and_its_mirror_image_each_by_its_density():
    # Links one above the other, so that both twins are the highest particle.
    points = jnp.array([[2.1, 0.4], [2.3, 1.5], [0.6, 1.6], [2.2, 2.6], [3.2, 3.3]])
    draws = _drawn(FOUR_AND_ONE, points, _linked(5, 4, [1, 3]))
    places, weights = _weighed(FOUR_AND_ONE, points, 4, [1, 3], 1_000_000)
    true = float(jnp.linalg.norm(points[2] - points[4]))
    own, expected = (np.abs(np.linalg.norm(each[:, 2] - each[:, 4], axis=1) - true) < 1e-3 for each in (draws, places))
    fraction = float(weights @ expected)
    assert 0.2 < fraction < 0.8
    error = np.sqrt(fraction * (1 - fraction)) * (1 / np.sqrt(len(draws)) + np.sqrt((weights**2).sum()))
    assert abs(own.mean() - fraction) < 4 * error


def test_a_chain_that_ends_with_an_overlap_has_not_converged():
    mask = jnp.asarray(_linked(5, 4, []))[None]
    found = exact_posterior(jax.random.key(3), FOUR_AND_ONE, FLUID, distance_matrix(FIVE)[None], mask, DRAWS, 20)
    places, settled = np.asarray(found.positions)[0], np.asarray(found.is_settled)[0]
    inside = ((places >= 0) & (places <= 4)).all(axis=(1, 2)) & (np.diff(places[..., 1], axis=1) >= 0).all(axis=1)
    nearest = np.asarray(distance_matrix(jnp.asarray(places)))[:, *np.triu_indices(5, k=1)].min(axis=1)
    # 4 (r^-12 - r^-6) = 20 at 0.857.
    np.testing.assert_array_equal(settled, inside & (nearest > 0.857))
    assert (inside & ~settled).any()


def test_a_lost_particle_in_a_known_frame_is_placed_by_its_density():
    def density(positions):
        return np.asarray(_log_density(np.asarray(positions)))

    found = place_lost_particle(jax.random.key(0), density, PAIR_AND_ONE, THREE, _linked(3, 2, []), 4096, DRAWS)
    random, low = np.random.default_rng(1), float(THREE[1, 1])
    places = np.broadcast_to(np.asarray(THREE), (200_000, 3, 2)).copy()
    places[:, 2] = np.array([0.0, low]) + np.array([3.0, 3.0 - low]) * random.random((200_000, 2))
    log_weights = _log_density(places)
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

    found = place_lost_particle(jax.random.key(1), density, FOUR_AND_ONE, points, _linked(5, 4, [2, 3]), 64, DRAWS)
    is_true = np.abs(found.distances[:, 0, 4] - float(jnp.linalg.norm(points[0] - points[4]))) < 1e-3
    fraction = np.e / (1 + np.e)
    assert abs(is_true.mean() - fraction) < 4 * np.sqrt(fraction * (1 - fraction) / DRAWS)
    assert found.effective_number == pytest.approx((np.e + 1) ** 2 / (np.e**2 + 1))


def test_a_lost_particle_that_can_be_nowhere_has_no_draws():
    def nowhere(positions):
        return np.full(len(positions), -np.inf)

    found = place_lost_particle(jax.random.key(0), nowhere, PAIR_AND_ONE, THREE, _linked(3, 2, []), 16, 4)
    assert found.effective_number == 0
    assert np.isnan(found.distances).all()


def test_a_density_that_is_no_number_is_refused():
    def broken(positions):
        return np.where(np.arange(len(positions)) == 3, np.nan, 0.0)

    # All places are in the box: the lost particle is the highest, and may be anywhere above the others.
    with pytest.raises(InputError, match="not a number"):
        place_lost_particle(jax.random.key(0), broken, PAIR_AND_ONE, THREE, _linked(3, 2, []), 16, 4)


def test_a_lost_particle_on_a_circle_is_as_often_at_each_angle_where_all_are_alike():
    def alike(positions):
        return np.zeros(len(positions))

    system, centre = System(num_particles=4, box_side=20.0), jnp.array([10.0, 10.0])
    # Nothing but the order of heights: the last one on the upper half of a circle around the middle one.
    points = jnp.stack([jnp.array([3.0, 2.0]), jnp.array([9.0, 3.0]), centre, centre + jnp.array([3.0, 4.0])])
    found = place_lost_particle(jax.random.key(4), alike, system, points, _linked(4, 3, [2]), 4096, DRAWS)
    np.testing.assert_allclose(found.distances[:, 2, 3], 5.0, rtol=1e-5)
    # The first one sees it at distances that have the distribution of uniform angles.
    angles = np.pi * np.random.default_rng(0).random(100_000)
    places = 10.0 + 5.0 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    expected = np.linalg.norm(places - np.array([3.0, 2.0]), axis=1)
    own = found.distances[:, 0, 3]
    assert abs(own.mean() - expected.mean()) < 4 * own.std() / np.sqrt(DRAWS * 0.5)
    assert abs(own.std() - expected.std()) < 4 * own.std() / np.sqrt(2 * DRAWS * 0.5)
