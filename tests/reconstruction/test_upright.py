import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.reconstruction.alignment import align
from lcpjax.reconstruction.upright import orientation_error, turn_upright

SCATTERED = jax.random.uniform(jax.random.key(0), (24, 30, 2)) * 10.0
# Rows in rising height order.
POINTS = jnp.take_along_axis(SCATTERED, jnp.argsort(SCATTERED[..., 1], axis=-1)[..., None], axis=-2)
NOISY = POINTS + 0.3 * jax.random.normal(jax.random.key(1), POINTS.shape)
TURNS = np.linspace(-3.0, 3.0, 24)
# float32: coordinates of size 10 around their centroid, turned by an angle that is known to a few epsilons of 2 pi, for
# no pair at an end of the best interval is closer than 0.6.
ROUNDING = 10 * 2 * np.pi * 4 * np.finfo(np.float32).eps
# The same in degrees, of directions between points; an arc cosine is not taken, which would cost half the digits.
ROUNDING_DEGREES = np.degrees(ROUNDING)


def moved(points, *, angles=TURNS, shift=(0.0, 0.0), mirror=False):
    """Each configuration turned by its angle, in float64."""
    x, y = np.moveaxis(np.asarray(points, np.float64), -1, 0)
    x, cosine, sine = -x if mirror else x, np.cos(angles)[:, None], np.sin(angles)[:, None]
    turned = np.stack([cosine * x - sine * y, sine * x + cosine * y], axis=-1) + np.array(shift)
    return jnp.asarray(turned, jnp.float32)


def out_of_order(points, angles=(0.0,)):
    """How many pairs i < j have y_j < y_i at each angle, counted one by one in float64."""
    x, y = np.moveaxis(np.asarray(points, np.float64), -1, 0)
    heights = np.sin(angles)[:, None] * x + np.cos(angles)[:, None] * y
    lower, upper = np.triu_indices(len(x), k=1)
    return (heights[:, upper] < heights[:, lower]).sum(axis=-1)


def best_interval(points):
    """The independent route: pairs counted in the middle of every interval; the middle and width of the best."""
    points = np.asarray(points, np.float64)
    lower, upper = np.triu_indices(len(points), k=1)
    x, y = (points[upper] - points[lower]).T
    breakpoints = np.sort(np.concatenate([-np.arctan2(y, x), np.pi - np.arctan2(y, x)]) % (2 * np.pi))
    widths = np.diff(breakpoints, append=breakpoints[0] + 2 * np.pi)
    middles = breakpoints + widths / 2
    violated = out_of_order(points, middles)
    best = np.argmax(np.where(violated == violated.min(), widths, -1.0))
    return middles[best], widths[best], violated[best]


def without_place(points):
    points = np.asarray(points, np.float64)
    return points - np.mean(points, axis=-2, keepdims=True)


def test_points_in_height_order_turned_by_any_angle_come_back_in_order():
    found = turn_upright(moved(POINTS, shift=(30.0, -7.0)))
    assert [out_of_order(each).item() for each in found] == [0] * 24
    # 435 pairs leave an interval of about a hundredth of a turn around the true angle.
    errors = orientation_error(found, POINTS)
    assert float(errors.max()) < 3.0
    assert float(jnp.median(errors)) < 0.5


def test_the_check_of_the_order_fails_on_points_turned_a_little_further():
    found = moved(turn_upright(POINTS), angles=np.full(24, np.radians(6.0)))
    assert min(out_of_order(each).item() for each in found) > 0


def test_the_true_angle_lies_within_the_interval_whose_middle_is_taken():
    errors = np.radians(orientation_error(turn_upright(POINTS), POINTS))
    for error, points in zip(errors, POINTS, strict=True):
        _, width, violated = best_interval(points)
        assert violated == 0
        assert error <= width / 2 + ROUNDING


@pytest.mark.parametrize("points", [POINTS, NOISY, SCATTERED], ids=["in order", "noisy", "in no order"])
def test_the_angle_is_that_of_counting_pair_by_pair_in_every_interval(points):
    for found, given in zip(turn_upright(points), points, strict=True):
        middle, _, violated = best_interval(given)
        expected = without_place(moved(given[None], angles=np.array([middle]))[0])
        np.testing.assert_allclose(without_place(found), expected, atol=ROUNDING)
        assert out_of_order(found).item() == violated


def test_with_noise_no_angle_of_a_fine_grid_has_fewer_pairs_out_of_order():
    grid, found = np.linspace(0.0, 2 * np.pi, 2000), turn_upright(moved(NOISY))
    fewest = [out_of_order(each, grid).min() for each in NOISY]
    # Else nothing was asked.
    assert min(fewest) > 0
    assert all(out_of_order(each).item() <= least for each, least in zip(found, fewest, strict=True))


def test_how_the_points_were_turned_does_not_matter():
    found, expected = turn_upright(moved(NOISY)), turn_upright(NOISY)
    np.testing.assert_allclose(without_place(found), without_place(expected), atol=2 * ROUNDING)


def test_turning_twice_changes_nothing():
    found = turn_upright(NOISY)
    np.testing.assert_allclose(turn_upright(found), found, atol=ROUNDING)


def test_reflected_points_come_upright_too_and_stay_reflected():
    found, expected = turn_upright(moved(POINTS, mirror=True)), turn_upright(POINTS)
    np.testing.assert_allclose(without_place(found), without_place(expected) * [-1.0, 1.0], atol=2 * ROUNDING)


def test_the_lowest_point_is_at_zero_the_centroid_keeps_its_x_and_distances_survive():
    found = turn_upright(NOISY)
    assert bool((found[..., 1].min(axis=-1) == 0).all())
    np.testing.assert_allclose(found[..., 0].mean(axis=-1), NOISY[..., 0].mean(axis=-1), atol=ROUNDING)
    assert float(align(found, NOISY, mirror_allowed=False)[1].max()) < ROUNDING


def test_a_batch_is_as_one_by_one():
    # One alone is compiled otherwise, and may be rounded otherwise.
    alone = jnp.stack([turn_upright(each) for each in NOISY])
    np.testing.assert_allclose(alone, turn_upright(NOISY), atol=ROUNDING)
    assert turn_upright(jnp.zeros((0, 30, 2))).shape == (0, 30, 2)


def test_a_compiled_map_over_batches_is_as_the_batch():
    found = jax.jit(jax.vmap(turn_upright))(NOISY.reshape(4, 6, 30, 2))
    np.testing.assert_allclose(found.reshape(24, 30, 2), turn_upright(NOISY), atol=ROUNDING)


def test_points_given_twice_do_not_cut_the_interval():
    twice = jnp.repeat(POINTS, 2, axis=1)
    np.testing.assert_allclose(turn_upright(twice), jnp.repeat(turn_upright(POINTS), 2, axis=1), atol=ROUNDING)


def test_an_interval_that_only_rounding_makes_is_none():
    """On a lattice many pairs change at one angle, and a few would seem in order between one change and the next."""
    across, up = np.meshgrid(np.arange(6.0), np.arange(5.0))
    lattice = np.stack([across.ravel(), up.ravel()], axis=-1)[np.random.default_rng(0).permutation(30)]
    # Directions on it are 0.03 apart or more, as (5, 4) and (4, 3) are: every interval holds points of this grid.
    fewest = out_of_order(lattice, np.linspace(0.001, 2 * np.pi, 1000)).min()
    found = turn_upright(moved(np.broadcast_to(lattice, (24, 30, 2))))
    assert [out_of_order(each).item() for each in found] == [fewest] * 24
    assert float(jnp.diff(jnp.sort(found[..., 1], axis=-1)).min()) > ROUNDING


def test_points_on_a_line_stand_on_their_first():
    line = np.stack([np.array([0.0, 1.0, 3.0, 7.0, 7.0]), np.zeros(5)], axis=-1)
    found = turn_upright(moved(np.broadcast_to(line, (24, 5, 2)), shift=(4.0, 2.0)))
    np.testing.assert_allclose(found[..., 1], np.broadcast_to(line[:, 0], (24, 5)), atol=ROUNDING)


@pytest.mark.parametrize(
    ("points", "expected"),
    [([], []), ([[3.0, 4.0]], [[3.0, 0.0]]), ([[1.0, 1.0]] * 4, [[1.0, 0.0]] * 4)],
)
def test_fewer_than_two_points_and_coinciding_ones_are_not_turned(points, expected):
    assert turn_upright(jnp.array(points).reshape(-1, 2)).tolist() == expected


@pytest.mark.parametrize(
    ("points", "complaint"),
    [
        (jnp.zeros((4, 3)), r"turn upright: needs coordinates \(..., particles, 2\), not an array of shape \(4, 3\)"),
        (POINTS.at[1, 2, 0].set(jnp.inf), "turn upright: 1 of 1440 coordinates are not finite"),
    ],
)
def test_what_are_no_points_is_refused_in_one_line(points, complaint):
    with pytest.raises(InputError, match=complaint):
        turn_upright(points)


@pytest.mark.parametrize("mirror", [False, True])
def test_the_orientation_error_is_the_angle_by_which_the_points_were_turned(mirror):
    error = orientation_error(moved(POINTS, mirror=mirror, shift=(3.0, 1.0)), POINTS)
    np.testing.assert_allclose(error, np.degrees(np.abs(TURNS)), atol=ROUNDING_DEGREES)


@pytest.mark.parametrize("degrees", [0, 90, 180])
def test_quarter_turns_are_identified_exactly(degrees):
    turned = jnp.asarray(np.linalg.matrix_power([[0, -1], [1, 0]], degrees // 90), jnp.float32)
    corner = jnp.array([[0.0, 0.0], [4.0, 0.0], [0.0, 8.0], [0.0, 4.0]])
    assert float(orientation_error(corner @ turned.T, corner)) == degrees


def test_points_so_turned_fit_as_well_as_the_best_motion_with_a_mirror():
    """The closed form against ``align``: the error is taken back, one way or the other."""
    error, best = np.radians(orientation_error(moved(NOISY), POINTS)), align(NOISY, POINTS)[1]
    left = []
    for image in (moved(NOISY), moved(NOISY) * jnp.array([-1.0, 1.0])[None, None]):
        for angles in (error, -error):
            apart = without_place(moved(image, angles=angles)) - without_place(POINTS)
            left.append(np.sqrt((apart**2).sum(axis=-1).mean(axis=-1)))
    np.testing.assert_allclose(np.min(left, axis=0), best, atol=ROUNDING)


def test_where_both_images_fit_equally_well_the_smaller_angle_counts():
    slanted, other = jnp.array([[0.0, 0.0], [1.0, 1.0]]), jnp.array([[0.0, 0.0], [-1.0, 1.0]])
    assert float(orientation_error(slanted, other)) == 0.0


def test_points_that_no_angle_prefers_have_no_error():
    assert float(orientation_error(jnp.ones((3, 2)), jnp.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]]))) == 0.0


def test_a_coordinate_that_is_not_a_number_is_not_hidden():
    error = orientation_error(POINTS.at[0, 3, 1].set(jnp.nan), POINTS)
    assert np.isnan(error).tolist() == [True] + [False] * 23


@pytest.mark.parametrize("reference", [POINTS[:, :5], POINTS[:4], POINTS[0]])
def test_points_without_partners_are_refused_in_one_line(reference):
    with pytest.raises(InputError, match=r"points of shape \(24, 30, 2\) have no orientation to a reference"):
        orientation_error(POINTS, reference)
