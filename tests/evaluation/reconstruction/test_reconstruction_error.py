import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.evaluation.reconstruction.reconstruction_error import (
    aligned_rmsd,
    distance_mse,
    over_all,
    rmsd,
)
from lcpjax.representation import distance_matrix, mirror_image

POSITIONS = jax.random.uniform(jax.random.key(0), (50, 6, 2)) * 10.0


def test_the_distance_error_counts_the_diagonal_too():
    apart = jnp.array([[[0.0, 2.0], [2.0, 0.0]]])
    assert distance_mse(apart, apart + 1.0).tolist() == [1.0]
    assert distance_mse(apart, jnp.array([[[0.0, 3.0], [3.0, 0.0]]])).tolist() == [0.5]


def test_a_shift_is_an_error_until_it_is_aligned_away():
    shifted = POSITIONS + jnp.array([[[3.0, 4.0]]])
    np.testing.assert_allclose(rmsd(POSITIONS, shifted), 5.0, rtol=1e-5)
    # float32: coordinates up to 14.
    np.testing.assert_allclose(aligned_rmsd(POSITIONS, shifted), 0.0, atol=14 * 8 * np.finfo(np.float32).eps)


def test_a_mirror_image_is_aligned_away_only_where_it_is_allowed():
    mirrored = mirror_image(POSITIONS, 10.0)
    assert float(aligned_rmsd(POSITIONS, mirrored).max()) < 14 * 8 * np.finfo(np.float32).eps
    assert float(aligned_rmsd(POSITIONS, mirrored, mirror_allowed=False).min()) > 0.3


def test_independent_noise_has_the_rmsd_of_two_coordinates_and_loses_three_of_them_to_the_motion():
    noise = 0.01 * jax.random.normal(jax.random.key(1), (4000, 6, 2))
    positions = jnp.tile(POSITIONS, (80, 1, 1))
    # 12 coordinates each 4000 times: a mean square is known to sqrt(2 / 48000).
    expected, allowed = 0.01 * np.sqrt(2), 4.3 * 0.5 * np.sqrt(2 / 48_000)
    np.testing.assert_allclose(over_all(rmsd(positions, positions + noise)), expected, rtol=allowed)
    aligned = over_all(aligned_rmsd(positions, positions + noise))
    np.testing.assert_allclose(aligned, expected * np.sqrt(9 / 12), rtol=allowed * np.sqrt(12 / 9))
    assert abs(float(aligned) / expected - 1) > 5 * allowed


def test_what_differs_in_shape_is_refused_in_one_line():
    with pytest.raises(InputError, match=r"reconstructions have shape \(50, 5, 2\), what went in \(50, 6, 2\)"):
        rmsd(POSITIONS, POSITIONS[:, :5])
    with pytest.raises(InputError, match="reconstructions have shape"):
        aligned_rmsd(POSITIONS, POSITIONS[:4])
    with pytest.raises(InputError, match="reconstructions have shape"):
        distance_mse(distance_matrix(POSITIONS), distance_matrix(POSITIONS[:, :5]))
