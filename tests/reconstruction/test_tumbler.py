import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.spatial import ConvexHull

from lcpjax.errors import InputError
from lcpjax.reconstruction.tumbler import tumble

POINTS = jax.random.uniform(jax.random.key(0), (24, 30, 2)) * 10.0
# float32: points of size 7 around their centre are turned by the direction of a side, no shorter than a seventh of that
# (held below), whose ends are rounded.
ROUNDING = 7 * 7 * 4 * np.finfo(np.float32).eps
TURNS = np.linspace(-3.0, 3.0, 24)


def moved(points, *, angles=TURNS, shift=(0.0, 0.0), mirror=False):
    """Each configuration turned by its angle, in float64; one configuration is turned by all of them."""
    x, y = np.moveaxis(np.asarray(points, np.float64), -1, 0)
    x, cosine, sine = -x if mirror else x, np.cos(angles)[:, None], np.sin(angles)[:, None]
    turned = np.stack([cosine * x - sine * y, sine * x + cosine * y], axis=-1) + np.array(shift)
    return jnp.asarray(turned, jnp.float32)


def polygon(corners):
    """Regular, at rest on a level side."""
    angles = 2 * np.pi * (np.arange(corners) + 0.5) / corners - 0.5 * np.pi
    points = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    return points - [0.0, points[:, 1].min()]


def without_x(points):
    """The centre of mass put at x = 0."""
    points = np.asarray(points, np.float64)
    return points - np.mean(points, axis=-2, keepdims=True) * [1.0, 0.0]


def poses_by_hull(points):
    """The independent route, in float64: poses on all sides of scipy's hull, nearest first, and which feet are in."""
    points = np.asarray(points, np.float64)
    centre, hull = points.mean(0), ConvexHull(points)
    poses = []
    for (normal_x, normal_y, offset), ends in zip(hull.equations, points[hull.simplices], strict=True):
        inwards, along = -np.array([normal_x, normal_y]), np.array([-normal_y, normal_x])
        heights, feet = points @ inwards - offset, (ends - centre) @ along
        pose = np.stack([centre[0] + (points - centre) @ along, heights], axis=-1)
        poses.append((heights.mean(), pose, feet.min() <= 0 <= feet.max(), np.ptp(feet)))
    return sorted(poses, key=lambda each: each[0])


def test_the_pose_is_that_on_the_nearest_side_of_scipys_hull():
    for found, points in zip(tumble(POINTS), POINTS, strict=True):
        (_, pose, foot_is_in, length), *_ = poses_by_hull(points)
        assert foot_is_in
        assert length > 1.0
        np.testing.assert_allclose(found, pose, atol=ROUNDING)


def test_the_check_of_the_pose_fails_on_the_second_nearest_side():
    for found, points in zip(tumble(POINTS), POINTS, strict=True):
        _, (_, pose, *_), *_ = poses_by_hull(points)
        assert np.abs(found - pose).max() > 1000 * ROUNDING


def test_the_lowest_point_is_at_zero_and_the_centre_of_mass_keeps_its_x():
    found = tumble(POINTS)
    assert bool((found[..., 1].min(axis=-1) == 0).all())
    # Two points lie on the floor, not one.
    assert float(jnp.sort(found[..., 1], axis=-1)[:, 1].max()) < ROUNDING
    np.testing.assert_allclose(found[..., 0].mean(axis=-1), POINTS[..., 0].mean(axis=-1), atol=ROUNDING)


def test_tumbling_twice_changes_nothing():
    found = tumble(POINTS)
    np.testing.assert_allclose(tumble(found), found, atol=ROUNDING)


@pytest.mark.parametrize("corners", [4, 6])
@pytest.mark.parametrize("shift", [(0.0, 0.0), (40.0, -9.0)])
def test_of_sides_equally_near_the_one_with_the_least_rotation_comes_down_and_stays(corners, shift):
    resting = polygon(corners)
    nearly = np.linspace(-0.45, 0.45, 24) * 2 * np.pi / corners
    # Where x is 40, float32 tells sides apart by rounding alone, up to which they must count as equal.
    rounding = 8 * (1 + abs(shift[0])) * np.finfo(np.float32).eps
    found = tumble(moved(resting, angles=nearly, shift=shift))
    np.testing.assert_allclose(without_x(found), np.broadcast_to(without_x(resting), found.shape), atol=rounding)
    turned_far = tumble(moved(resting, shift=shift))
    np.testing.assert_allclose(tumble(turned_far), turned_far, atol=rounding)


def test_a_side_not_equally_near_comes_down_whatever_the_rotation():
    """The sibling: a brick on its short side, its corners numbered from there, is laid on the long one."""
    brick = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.001], [0.0, 1.001]])
    found = tumble(moved(brick, angles=np.linspace(-0.3, 0.3, 24)))
    np.testing.assert_allclose(found[..., 1].max(axis=-1), 1.0, atol=8 * np.finfo(np.float32).eps)


def test_a_side_once_level_stays_where_rounding_has_made_another_nearer():
    """The tolerance is 16 epsilons here, twice that for a level side; the level one is 24 farther, later 48."""
    epsilon = np.finfo(np.float32).eps
    for taller, height in ((48 * epsilon, 1.0 + 48 * epsilon), (96 * epsilon, 1.0)):
        brick = np.array([[-0.5, 0.0], [0.5, 0.0], [0.5, 1.0 + taller], [-0.5, 1.0 + taller]])
        assert float(tumble(jnp.asarray(brick, jnp.float32))[:, 1].max()) == np.float32(height)


@pytest.mark.parametrize("shift", [(0.0, 0.0), (30.0, -7.0)])
def test_where_the_points_were_and_how_they_were_turned_does_not_matter(shift):
    found = tumble(moved(POINTS, shift=shift))
    # The shift of 30 has cost two bits.
    np.testing.assert_allclose(without_x(found), without_x(tumble(POINTS)), atol=4 * ROUNDING)


def test_the_mirror_image_of_the_points_rests_as_the_mirror_image():
    found = tumble(moved(POINTS, mirror=True))
    np.testing.assert_allclose(without_x(found), without_x(tumble(POINTS, mirrored=True)), atol=ROUNDING)


def test_mirrored_exchanges_left_and_right_about_the_centre_of_mass_and_nothing_else():
    kept, mirrored = tumble(POINTS), tumble(POINTS, mirrored=True)
    assert bool((mirrored[..., 1] == kept[..., 1]).all())
    np.testing.assert_allclose(without_x(mirrored), without_x(kept) * [-1.0, 1.0], atol=ROUNDING)
    np.testing.assert_allclose(mirrored[..., 0].mean(axis=-1), kept[..., 0].mean(axis=-1), atol=ROUNDING)


@pytest.mark.parametrize("mirrored", [False, True])
def test_distances_between_points_survive(mirrored):
    before, after = (
        np.linalg.norm(np.asarray(each)[:, :, None] - np.asarray(each)[:, None], axis=-1)
        for each in (POINTS, tumble(POINTS, mirrored=mirrored))
    )
    np.testing.assert_allclose(after, before, atol=ROUNDING)


def test_no_way_to_set_the_points_down_has_a_lower_mean_height():
    found = tumble(POINTS)[..., 1].mean(axis=-1)
    for angle in np.linspace(0.0, 2 * np.pi, 24):
        heights = moved(POINTS, angles=np.full(24, angle))[..., 1]
        assert bool((found <= heights.mean(axis=-1) - heights.min(axis=-1) + ROUNDING).all())


def test_a_batch_is_as_one_by_one():
    # One alone is compiled otherwise, and may be rounded otherwise.
    alone = jnp.stack([tumble(each) for each in POINTS])
    np.testing.assert_allclose(alone, tumble(POINTS), atol=ROUNDING)
    assert tumble(jnp.zeros((0, 30, 2))).shape == (0, 30, 2)


def test_a_compiled_map_over_batches_is_as_the_batch():
    found = jax.jit(jax.vmap(tumble))(POINTS.reshape(4, 6, 30, 2))
    np.testing.assert_allclose(found.reshape(24, 30, 2), tumble(POINTS), atol=ROUNDING)


def test_many_configurations_are_never_all_compared_at_once():
    many = jax.ShapeDtypeStruct((40_000, 30, 2), jnp.float32)
    needed = jax.jit(tumble).lower(many).compile().memory_analysis().temp_size_in_bytes
    assert needed < 0.1 * 40_000 * 30**3 * 4


def test_one_point_comes_down_with_its_x():
    assert tumble(jnp.array([[3.0, 4.0]])).tolist() == [[3.0, 0.0]]


def test_points_on_a_line_lie_flat_by_the_least_rotation():
    places = np.array([0.0, 1.0, 3.0, 3.0, 7.0])
    line = np.stack([places, np.zeros(5)], axis=-1)
    # The last place is 7, and twice the tolerance for being on a side is 64 epsilons.
    rounding = 7 * 64 * np.finfo(np.float32).eps
    nearly = tumble(moved(line, angles=np.linspace(-1.5, 1.5, 24)))
    np.testing.assert_allclose(without_x(nearly), np.broadcast_to(without_x(line), nearly.shape), atol=rounding)


def test_two_points_lie_flat():
    np.testing.assert_allclose(tumble(jnp.array([[0.0, 0.0], [3.0, 4.0]])), [[-1.0, 0.0], [4.0, 0.0]], atol=1e-6)


def test_points_given_twice_change_nothing_but_the_weights():
    twice = jnp.concatenate([POINTS, POINTS], axis=1)
    np.testing.assert_allclose(tumble(twice), jnp.tile(tumble(POINTS), (1, 2, 1)), atol=ROUNDING)


def test_points_that_are_all_the_same_are_only_lowered():
    # The mean of 30 equal numbers may round.
    found = tumble(jnp.broadcast_to(jnp.array([0.1, 7.3])[None, None], POINTS.shape))
    np.testing.assert_allclose(found[..., 0], 0.1, rtol=4 * np.finfo(np.float32).eps)
    assert bool((found[..., 1] == 0).all())


def test_no_points_are_refused_in_one_line():
    with pytest.raises(InputError, match=r"tumble: needs at least one point, and an array of shape \(5, 0, 2\)"):
        tumble(jnp.zeros((5, 0, 2)))


@pytest.mark.parametrize(
    ("points", "complaint"),
    [
        (jnp.zeros((4, 3)), r"tumble: needs coordinates \(..., particles, 2\), not an array of shape \(4, 3\)"),
        (POINTS.at[1, 2, 0].set(jnp.nan), "tumble: 1 of 1440 coordinates are not finite"),
    ],
)
def test_what_are_no_points_is_refused_in_one_line(points, complaint):
    with pytest.raises(InputError, match=complaint):
        tumble(points)
