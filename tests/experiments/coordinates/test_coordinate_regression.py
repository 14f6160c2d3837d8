import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.experiments.coordinates.coordinate_regression import LOSSES, Regression, regress_coordinates
from lcpjax.model import CoordinateNetwork, NetworkSizes, SampleLayout, build_encoder, predicted_coordinates
from lcpjax.reconstruction import align
from lcpjax.representation import distance_matrix

SIZES = NetworkSizes((4,), 3, 32, 2)
ENCODER = build_encoder("perceptron", SampleLayout("distance_matrix", 4, 10.0), 8, SIZES)
NETWORK = CoordinateNetwork(ENCODER, 4, 2.0)


def triangles(number):
    """Tall ones, in one pose, and in as many cases its mirror image: their distances are the same."""
    width, height = jax.random.uniform(jax.random.key(0), (2, number), minval=1.0, maxval=2.0)
    zero = jnp.zeros(number)
    x = jnp.stack([zero, width, 0.3 * width, 0.5 * width], axis=-1)
    y = jnp.stack([zero, 0.1 * height, height, 2 * height], axis=-1)
    side = jnp.where(jnp.arange(number) % 2 == 0, 1.0, -1.0)[:, None]
    return jnp.stack([side * x, y], axis=-1)


POSITIONS = triangles(256)


def learned(loss, *, turned=False, seed=0, epochs=60):
    regression = Regression(NETWORK, loss, turned, 64, epochs, 1e-2)
    found = regress_coordinates(regression, POSITIONS, seed)
    return predicted_coordinates(NETWORK, *found, distance_matrix(POSITIONS))


def spread(points, axis):
    return float(jnp.std(points[..., axis]))


def test_the_losses_are_what_they_say():
    found = POSITIONS + 0.1 * jax.random.normal(jax.random.key(1), POSITIONS.shape)
    in_the_frame = jnp.mean(jnp.sum((found - POSITIONS) ** 2, axis=-1), axis=-1)
    np.testing.assert_allclose(LOSSES["coordinates"](found, POSITIONS), in_the_frame, rtol=1e-5)
    # A difference of sums of about 50.
    np.testing.assert_allclose(LOSSES["procrustes"](found, POSITIONS), align(found, POSITIONS)[1] ** 2, atol=1e-4)
    errors = distance_matrix(found) - distance_matrix(POSITIONS)
    np.testing.assert_allclose(LOSSES["distances"](found, POSITIONS), jnp.mean(errors**2, axis=(1, 2)), rtol=1e-5)


def test_of_two_mirror_images_coordinates_become_the_mean_and_no_pose_loss_does():
    in_the_frame, free = learned("coordinates"), learned("procrustes")
    # The mean of both images: all of the height, and no width but for what is learned by heart of 256 configurations.
    assert spread(in_the_frame, 0) < 0.25 * spread(POSITIONS, 0)
    assert spread(in_the_frame, 1) == pytest.approx(spread(POSITIONS, 1), rel=0.05)
    rmsd = [float(jnp.sqrt(jnp.mean(align(each, POSITIONS)[1] ** 2))) for each in (in_the_frame, free)]
    assert rmsd[1] < 0.3 * rmsd[0]


def test_of_all_angles_coordinates_become_one_point():
    found = learned("coordinates", turned=True)
    size, true_size = (float(jnp.sqrt(jnp.mean(jnp.var(each, axis=1)))) for each in (found, POSITIONS))
    assert size < 0.15 * true_size


def test_distances_alone_are_enough_to_learn_the_shape():
    found = learned("distances")
    assert float(jnp.sqrt(jnp.mean(align(found, POSITIONS)[1] ** 2))) < 0.1


def test_the_same_seed_learns_the_same_and_another_does_not():
    first, again, other = (learned("distances", seed=seed, epochs=1) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


def test_what_cannot_be_learned_is_refused():
    with pytest.raises(InputError, match="loss = procrutes: did you mean 'procrustes'"):
        learned("procrutes")
    with pytest.raises(InputError, match="batch_size = 64: there are only 10 configurations"):
        regress_coordinates(Regression(NETWORK, "distances", False, 64, 1, 1e-2), POSITIONS[:10], 0)  # noqa: FBT003
