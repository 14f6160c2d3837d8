"""Draws given observed distances, against quadrature where there is one, and against the truth's own rank."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.evaluation.imputation import exact_posterior
from lcpjax.representation import distance_matrix
from tests.evaluation.imputation.small_fluids import FIVE, FLUID, FOUR_AND_ONE, linked, log_density

DRAWS = 400


def _drawn(system, truth, mask):
    distances = distance_matrix(truth)[None]
    found = exact_posterior(jax.random.key(3), system, FLUID, distances, jnp.asarray(mask)[None], DRAWS, 800)
    converged = np.asarray(found.has_converged)[0]
    assert converged.mean() > 0.95
    return np.asarray(found.positions)[0][converged]


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
    log_weights = log_density(places)
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
    return _drawn(FOUR_AND_ONE, FIVE, linked(5, 4, [3]))


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
    mask = linked(5, 4, [3])
    lengths, expected = np.asarray(distance_matrix(jnp.asarray(drawn))), np.asarray(distance_matrix(FIVE))
    # Each move rounds coordinates of 4 sigma by some 5e-7, and 800 of them add up as a random walk: 1e-5; ten of them.
    np.testing.assert_allclose(np.where(mask, lengths - expected, 0.0), 0.0, atol=1e-4)
    assert (np.diff(drawn[..., 1], axis=1) >= 0).all()
    assert (drawn >= 0).all()
    assert (drawn <= 4).all()


def test_two_links_leave_a_particle_and_its_mirror_image_each_by_its_density():
    # Links one above the other, so that both twins are the highest particle.
    points = jnp.array([[2.1, 0.4], [2.3, 1.5], [0.6, 1.6], [2.2, 2.6], [3.2, 3.3]])
    draws = _drawn(FOUR_AND_ONE, points, linked(5, 4, [1, 3]))
    places, weights = _weighed(FOUR_AND_ONE, points, 4, [1, 3], 1_000_000)
    true = float(jnp.linalg.norm(points[2] - points[4]))
    own, expected = (np.abs(np.linalg.norm(each[:, 2] - each[:, 4], axis=1) - true) < 1e-3 for each in (draws, places))
    fraction = float(weights @ expected)
    assert 0.2 < fraction < 0.8
    error = np.sqrt(fraction * (1 - fraction)) * (1 / np.sqrt(len(draws)) + np.sqrt((weights**2).sum()))
    assert abs(own.mean() - fraction) < 4 * error


def test_a_chain_that_ends_with_an_overlap_has_not_converged():
    mask = jnp.asarray(linked(5, 4, []))[None]
    found = exact_posterior(jax.random.key(3), FOUR_AND_ONE, FLUID, distance_matrix(FIVE)[None], mask, DRAWS, 20)
    places, converged = np.asarray(found.positions)[0], np.asarray(found.has_converged)[0]
    inside = ((places >= 0) & (places <= 4)).all(axis=(1, 2)) & (np.diff(places[..., 1], axis=1) >= 0).all(axis=1)
    nearest = np.asarray(distance_matrix(jnp.asarray(places)))[:, *np.triu_indices(5, k=1)].min(axis=1)
    # 4 (r^-12 - r^-6) = 20 at 0.857.
    np.testing.assert_array_equal(converged, inside & (nearest > 0.857))
    assert (inside & ~converged).any()
