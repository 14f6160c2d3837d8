import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.reconstruction import align, aligned_square

POINTS = jax.random.uniform(jax.random.key(0), (20, 12, 2)) * 10.0
NOISY = POINTS + 0.3 * jax.random.normal(jax.random.key(1), POINTS.shape)
# float32: coordinates of size 10 around their centroid, turned and moved back.
ROUNDING = 10 * 8 * np.finfo(np.float32).eps


def moved(points, *, angle=2.1, shift=(30.0, -7.0), mirror=False):
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    if mirror:
        rotation = rotation @ np.diag([1.0, -1.0])
    return jnp.asarray(np.asarray(points, np.float64) @ rotation.T + np.array(shift), jnp.float32)


def kabsch_rmsd(points, reference, mirror_allowed):
    """The independent route: singular values, in float64."""
    x, r = (np.asarray(each, np.float64) for each in (points, reference))
    x, r = x - x.mean(0), r - r.mean(0)
    values = np.linalg.svd(x.T @ r)[1]
    if not mirror_allowed and np.linalg.det(x.T @ r) < 0:
        values[-1] *= -1
    return np.sqrt(max((x**2).sum() + (r**2).sum() - 2 * values.sum(), 0.0) / len(x))


@pytest.mark.parametrize("mirror", [False, True])
def test_moved_points_are_brought_back(mirror):
    aligned, rmsd = align(moved(POINTS, mirror=mirror), POINTS)
    # The shift of 30 has cost two bits.
    np.testing.assert_allclose(aligned, POINTS, atol=4 * ROUNDING)
    assert rmsd.shape == (20,)
    assert float(rmsd.max()) < 4 * ROUNDING


@pytest.mark.parametrize("mirror_allowed", [True, False])
def test_the_rmsd_is_that_of_kabsch(mirror_allowed):
    for points in (NOISY, moved(NOISY, mirror=True), jax.random.permutation(jax.random.key(2), NOISY, axis=1)):
        _, rmsd = align(points, POINTS, mirror_allowed=mirror_allowed)
        expected = [kabsch_rmsd(*pair, mirror_allowed) for pair in zip(points, POINTS, strict=True)]
        np.testing.assert_allclose(rmsd, expected, atol=4 * ROUNDING)


def test_the_rmsd_is_that_of_the_points_returned():
    aligned, rmsd = align(moved(NOISY), POINTS)
    left = jnp.sqrt(jnp.mean(jnp.sum((aligned - POINTS) ** 2, axis=-1), axis=-1))
    np.testing.assert_allclose(rmsd, left, atol=ROUNDING)


def test_distances_between_points_survive():
    aligned, _ = align(moved(NOISY), POINTS)
    before, after = (np.linalg.norm(each[:, :, None] - each[:, None], axis=-1) for each in (np.asarray(NOISY), aligned))
    np.testing.assert_allclose(after, before, atol=4 * ROUNDING)


def test_where_the_points_were_and_how_they_were_turned_does_not_matter():
    _, rmsd = align(NOISY, POINTS)
    for other in (moved(NOISY), moved(NOISY, angle=-0.4, mirror=True), moved(NOISY, angle=np.pi, shift=(0.0, 0.0))):
        np.testing.assert_allclose(align(other, POINTS)[1], rmsd, atol=4 * ROUNDING)


def test_without_a_mirror_a_mirror_image_stays_far_away():
    _, rmsd = align(moved(POINTS, mirror=True), POINTS, mirror_allowed=False)
    assert float(rmsd.min()) > 0.5


def test_one_pair_under_vmap_is_as_in_a_batch():
    batched, single = align(NOISY, POINTS), jax.vmap(align)(NOISY, POINTS)
    for one, other in zip(batched, single, strict=True):
        np.testing.assert_allclose(one, other, atol=ROUNDING)
    assert align(NOISY[0], POINTS[0])[1].shape == ()


def test_points_that_no_angle_prefers_are_only_moved():
    same, far = jnp.full((3, 2), 4.0), jnp.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]])
    aligned, rmsd = align(far, same)
    assert aligned.mean(axis=0).tolist() == pytest.approx([4.0, 4.0])
    assert bool(jnp.isfinite(rmsd))


def test_a_coordinate_that_is_not_a_number_is_not_hidden():
    assert np.isnan(align(POINTS.at[0, 3, 1].set(jnp.nan), POINTS)[1]).tolist() == [True] + [False] * 19


@pytest.mark.parametrize("reference", [POINTS[:, :5], POINTS[:4], POINTS[0]])
def test_points_without_partners_are_refused_in_one_line(reference):
    with pytest.raises(InputError, match=r"points of shape \(20, 12, 2\) cannot be aligned to a reference of shape"):
        align(POINTS, reference)


def test_the_square_left_is_that_of_the_rmsd_and_has_a_slope_everywhere():
    # A difference of sums of thousands in float32.
    np.testing.assert_allclose(aligned_square(NOISY, POINTS), align(NOISY, POINTS)[1] ** 2, atol=1e-3)
    at_the_goal, coinciding = (
        jax.grad(lambda x: aligned_square(x, POINTS[0]))(x) for x in (POINTS[0], 0.0 * POINTS[0])
    )
    np.testing.assert_allclose(at_the_goal, 0.0, atol=1e-4)
    assert bool(jnp.isfinite(coinciding).all())
    step = 1e-2 * jax.random.normal(jax.random.key(5), POINTS[0].shape)
    along = jnp.sum(jax.grad(lambda x: aligned_square(x, POINTS[0]))(NOISY[0]) * step)
    rise = 0.5 * (aligned_square(NOISY[0] + step, POINTS[0]) - aligned_square(NOISY[0] - step, POINTS[0]))
    assert float(rise) == pytest.approx(float(along), rel=0.05, abs=1e-3)
