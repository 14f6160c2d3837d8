"""Distances to the data, and the coherence of labels in a latent space."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.evaluation.latents.latent_coherence import cluster_agreement, neighbour_accuracy, silhouette
from lcpjax.evaluation.samples.neighbours import distances_to_nearest, fraction_beyond


def images(seed, number):
    return jax.random.uniform(jax.random.key(seed), (number, 4, 4))


def test_the_nearest_is_found_among_all_data():
    data, samples = images(0, 50), images(1, 130)
    every = np.sqrt(np.sum((np.asarray(samples)[:, None] - np.asarray(data)[None]) ** 2, axis=(2, 3)))
    np.testing.assert_allclose(distances_to_nearest(samples, data), every.min(axis=1), rtol=1e-5)
    assert float(distances_to_nearest(data, data).max()) == 0.0


def test_of_held_out_data_five_percent_are_farther_than_95_percent_of_them_and_of_others_all():
    data, held_out = images(0, 500), images(1, 200)
    of_held_out = distances_to_nearest(held_out, data)
    assert float(fraction_beyond(of_held_out, of_held_out)) == pytest.approx(0.05)
    assert float(fraction_beyond(distances_to_nearest(held_out + 3.0, data), of_held_out)) == 1.0


def clusters(distance):
    labels = jnp.repeat(jnp.arange(3, dtype=jnp.int32), 60)
    noise = jax.random.normal(jax.random.key(0), (180, 2))
    return noise + distance * jnp.stack([labels, labels**2], axis=1).astype(jnp.float32), labels


def test_separate_classes_are_coherent_and_equal_ones_are_not():
    (apart, labels), (mixed, _) = clusters(30.0), clusters(0.0)
    assert neighbour_accuracy(apart[::2], labels[::2], apart[1::2], labels[1::2], 5) == 1.0
    # Guessing among three classes, 90 times: 0.33 with a standard error of 0.05.
    assert abs(neighbour_accuracy(mixed[::2], labels[::2], mixed[1::2], labels[1::2], 5) - 1 / 3) < 4.3 * 0.05
    assert silhouette(apart, labels) > 0.9
    assert abs(silhouette(mixed, labels)) < 0.1


def test_coherence_does_not_know_the_scale_of_the_latents():
    latent, labels = clusters(2.0)
    assert silhouette(100.0 * latent, labels) == pytest.approx(silhouette(latent, labels), rel=1e-4)
    assert silhouette(latent * jnp.array([[100.0, 1.0]]), labels) != pytest.approx(silhouette(latent, labels), rel=1e-2)


def test_what_has_no_neighbours_or_classes_is_refused_in_one_line():
    points, labels = np.eye(4)[:, :2], np.array([0, 1, 0, 1])
    with pytest.raises(InputError, match=r"^silhouette: [^\n]+$"):
        silhouette(points, np.zeros(4, int))
    with pytest.raises(InputError, match=r"^neighbour_accuracy: [^\n]+$"):
        neighbour_accuracy(points, labels, points, labels, num_neighbours=5)
    with pytest.raises(InputError, match=r"^cluster_agreement: [^\n]+$"):
        cluster_agreement(np.full((4, 2), np.nan), labels)
    with pytest.raises(InputError, match="data: no samples"):
        distances_to_nearest(points, points[:0])
    with pytest.raises(InputError, match="usual: no distances"):
        fraction_beyond(points[0], points[:0])
