import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.reconstruction.completion import complete_distances, fit_points

NUMBER, PARTICLES = 3, 30
# What is asked for in each precision, in a box of 10 sigma. Rounding of a distance from its squares is
# 200 * eps / 0.9 = 3e-5 sigma in float32 at most, and the distances missing carry a little more of it.
ASKED = {np.float32: 1e-4, np.float64: 1e-6}


def _points_apart(number_of_sets, least=0.9, side=10.0):
    """Random points with no two of them nearer than particles of the fluid get."""
    random = np.random.default_rng(0)
    sets = np.zeros((number_of_sets, PARTICLES, 2))
    for points in sets:
        placed = 0
        while placed < PARTICLES:
            points[placed] = random.uniform(0.0, side, 2)
            placed += bool((np.linalg.norm(points[:placed] - points[placed], axis=-1) > least).all())
    return sets


def _distances(points):
    return np.linalg.norm(points[..., :, None, :] - points[..., None, :, :], axis=-1)


def _all_but(missing):
    """Masks that leave out what one triangle or both say."""
    masks = np.broadcast_to(~(missing | np.swapaxes(missing, -2, -1)), (NUMBER, PARTICLES, PARTICLES))
    return jnp.asarray(masks | np.eye(PARTICLES, dtype=bool))


def _block(rows, columns):
    missing = np.zeros((PARTICLES, PARTICLES), bool)
    missing[rows, columns] = True
    return _all_but(missing)


POINTS = _points_apart(NUMBER)
TRUE = _distances(POINTS)
DISTANCES = jnp.asarray(TRUE, jnp.float32)
RIGID = {
    "off-diagonal 12 x 12": _block(slice(12), slice(12, 24)),
    "diagonal 10 x 10": _block(slice(10), slice(10)),
    "30 % at random": _all_but(np.triu(np.random.default_rng(1).random(TRUE.shape) < 0.3, 1)),
}
NOTHING_MISSING = _block(slice(0), slice(0))


@pytest.mark.parametrize("family", RIGID)
def test_what_is_missing_from_a_rigid_set_of_distances_is_found(family):
    found = complete_distances(DISTANCES, RIGID[family])
    assert found.shape == DISTANCES.shape
    assert found.dtype == jnp.float32
    np.testing.assert_allclose(found, TRUE, atol=ASKED[np.float32])


def test_in_float64_it_is_found_to_more_digits():
    with jax.enable_x64(new_val=True):
        found = complete_distances(jnp.asarray(TRUE), RIGID["off-diagonal 12 x 12"])
        assert found.dtype == jnp.float64
        np.testing.assert_allclose(found, TRUE, atol=ASKED[np.float64])


def test_where_nothing_is_missing_the_distances_come_back():
    np.testing.assert_allclose(complete_distances(DISTANCES, NOTHING_MISSING), TRUE, atol=ASKED[np.float32])


def test_what_was_not_observed_may_be_anything_and_the_diagonal_need_not_be():
    observed = RIGID["30 % at random"]
    expected = complete_distances(DISTANCES, observed)
    observed &= ~jnp.eye(PARTICLES, dtype=bool)[None]
    anything = jnp.array([jnp.nan, -jnp.inf, -5.0])[:, None, None]
    assert bool((complete_distances(jnp.where(observed, DISTANCES, anything), observed) == expected).all())


def test_a_particle_with_two_links_has_a_mirror_twin_that_fits_as_well():
    missing = np.zeros((PARTICLES, PARTICLES), bool)
    missing[0, 3:] = True
    along = POINTS[:, 2] - POINTS[:, 1]
    along /= np.linalg.norm(along, axis=-1, keepdims=True)
    seen = POINTS[:, 0] - POINTS[:, 1]
    twins = POINTS.copy()
    twins[:, 0] = POINTS[:, 1] + 2 * np.sum(seen * along, axis=-1, keepdims=True) * along - seen
    points, stress = fit_points(DISTANCES, _all_but(missing))
    assert float(stress.max()) < ASKED[np.float32]
    found = _distances(np.asarray(points))
    errors = np.sort([np.abs(found - true).max(axis=(1, 2)) for true in (TRUE, _distances(twins))], axis=0)
    # Each is one of the two, and the stress does not tell which.
    assert errors[0].max() < ASKED[np.float32]
    assert errors[1].min() > 0.1


def test_what_no_points_in_a_plane_have_is_left_as_stress_and_not_copied_back():
    wrong = DISTANCES.at[:, 0, 1].add(1.0).at[:, 1, 0].add(1.0)
    points, stress = fit_points(wrong, NOTHING_MISSING)
    found = complete_distances(wrong, NOTHING_MISSING)
    np.testing.assert_allclose(found, _distances(np.asarray(points, np.float64)), atol=ASKED[np.float32])
    pairs = PARTICLES * (PARTICLES - 1)
    left = np.sqrt(np.sum((np.asarray(found) - np.asarray(wrong)) ** 2, axis=(1, 2)) / pairs)
    np.testing.assert_allclose(stress, left, rtol=1e-3)
    # The true points miss one pair alone, by d^2 - (d + 1)^2. The best do better, though not by much: 57 degrees
    # of freedom can take up about an eighth of what 435 pairs ask for.
    missed = np.sum((np.asarray(found, np.float64) ** 2 - np.asarray(wrong) ** 2) ** 2, axis=(1, 2)) / 2
    of_true_points = (2 * TRUE[:, 0, 1] + 1) ** 2
    assert (missed < of_true_points).all()
    assert (missed > of_true_points / 2).all()


def test_the_stress_of_noisy_distances_is_about_the_noise():
    noise = np.triu(np.random.default_rng(2).normal(0.0, 0.05, TRUE.shape), 1)
    noisy = DISTANCES + jnp.asarray(noise + np.swapaxes(noise, 1, 2), jnp.float32)
    observed = RIGID["30 % at random"]
    stress = np.asarray(fit_points(noisy, observed).stress)
    pairs = np.asarray(observed).sum(axis=(1, 2)) / 2 - PARTICLES / 2
    # Points have 57 degrees of freedom, which take up their share of the noise. s-stress takes up less, for it
    # weighs long distances more; a root of the mean of 250 squares is off by 1 / sqrt(500) = 4.5 %.
    np.testing.assert_allclose(stress / 0.05, np.sqrt(1 - 57 / pairs), rtol=4 * 0.045)


def test_configurations_are_fitted_in_a_batch_as_each_alone_and_the_same_with_the_same_seed():
    observed = RIGID["off-diagonal 12 x 12"]
    found = complete_distances(DISTANCES, observed)
    assert bool((complete_distances(DISTANCES, observed, seed=0) == found).all())
    alone = complete_distances(DISTANCES[1], observed[1])
    assert alone.shape == (PARTICLES, PARTICLES)
    np.testing.assert_allclose(alone, found[1], atol=ASKED[np.float32])


@pytest.mark.parametrize("number", [1, 2])
def test_few_particles_keep_their_distances_inside_a_compiled_function_too(number):
    few = DISTANCES[:1, :number, :number]
    found = jax.jit(fit_points)(few, jnp.ones(few.shape, bool))
    assert found.positions.shape == (1, number, 2)
    np.testing.assert_allclose(_distances(np.asarray(found.positions)), few, atol=ASKED[np.float32])
    assert float(found.stress[0]) < ASKED[np.float32]


def test_no_decomposition_runs_in_a_batch_on_a_cpu():
    # jaxlib's batched call can wait for ever there: see eigen_decomposition.
    program = jax.jit(fit_points).trace(DISTANCES, NOTHING_MISSING).lower(lowering_platforms=("cpu",)).as_text()
    calls = [line for line in program.splitlines() if "lapack_ssyevd" in line]
    assert calls
    for call in calls:
        assert "tensor<30x30xf32>" in call or "tensor<3x3xf32>" in call


LONE = NOTHING_MISSING.at[1, 7].set(False).at[1, :, 7].set(False)


@pytest.mark.parametrize(
    ("distances", "observed", "complaint"),
    [
        (DISTANCES, NOTHING_MISSING[0], r"needs bool of the distances' shape \(3, 30, 30\), not bool of \(30, 30\)"),
        (DISTANCES, NOTHING_MISSING.astype(jnp.int32), "not int32"),
        (DISTANCES, NOTHING_MISSING.at[1, 2, 3].set(False), "a mask is not symmetric"),
        (DISTANCES, LONE, "no chain of distances joins particles 0 and 7 of configuration 1"),
        (DISTANCES, _block(slice(12), slice(12, 30)), "joins particles 0 and 12 of configuration 0"),
    ],
)
def test_a_mask_that_does_not_say_enough_is_refused_in_one_line(distances, observed, complaint):
    with pytest.raises(InputError, match=complaint) as refused:
        complete_distances(distances, observed)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("distances", "complaint"),
    [
        (DISTANCES[:, :, :5], "needs distance matrices"),
        (DISTANCES.at[1, 2, 3].set(jnp.nan), "are not finite"),
        (-DISTANCES, "are negative"),
        (DISTANCES.at[1, 2, 3].add(0.5), "is not symmetric"),
        (DISTANCES.at[1, 2, 2].set(0.5), "distance to itself is not 0"),
    ],
)
def test_observed_distances_that_cannot_be_are_refused_in_one_line(distances, complaint):
    with pytest.raises(InputError, match=complaint):
        complete_distances(distances, jnp.ones(distances.shape, bool))


def test_no_start_is_refused():
    with pytest.raises(InputError, match="num_starts = 0: must be at least 1"):
        complete_distances(DISTANCES, NOTHING_MISSING, num_starts=0)


def test_a_start_that_is_given_is_searched_from_in_the_plane():
    observed = RIGID["30 % at random"]
    near = jnp.asarray(POINTS + 0.1 * np.random.default_rng(2).normal(size=POINTS.shape), jnp.float32)
    found = fit_points(DISTANCES, observed, starts=near[:, None])
    np.testing.assert_allclose(_distances(np.asarray(found.positions)), TRUE, atol=ASKED[np.float32])
    # All points in one place are a start from which no way leads anywhere.
    stuck = fit_points(DISTANCES, observed, starts=jnp.zeros_like(near)[:, None])
    assert float(stuck.stress.min()) > 1.0
    both = fit_points(DISTANCES, observed, starts=jnp.stack([jnp.zeros_like(near), near], axis=1))
    np.testing.assert_allclose(both.stress, found.stress, atol=ASKED[np.float32])


def test_starts_of_another_shape_are_refused():
    with pytest.raises(InputError, match="starts"):
        fit_points(DISTANCES, RIGID["30 % at random"], starts=jnp.zeros((NUMBER, PARTICLES, 2)))
