import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.evaluation.density.importance import importance_sampling, log_tilt
from lcpjax.evaluation.samples.generated import (
    coverage,
    distance_in_deviations,
    novelty,
    outside_fraction,
    structure_distances,
    structure_of,
)
from tests.evaluation.ideal_fluid import GAMMAS, SIDE, SYSTEM, free_energy, mixture, positions

RANDOM = np.random.default_rng(0)
TRAIN, TEST, OTHER = (jnp.asarray(positions(1.0, 300, seed)) for seed in (0, 1, 2))


def test_a_shift_is_measured_in_standard_deviations_and_weights_count():
    values = RANDOM.normal(size=20_000)
    assert distance_in_deviations(values + 1.5, 1.0 * values) == pytest.approx(1.5 / values.std(), rel=1e-6)
    assert distance_in_deviations(np.array([0.0, 9.0]), np.array([-1.0, 1.0]), np.array([1.0, 0.0])) == 1.0


def test_without_values_or_scatter_there_is_no_distance():
    with pytest.raises(InputError, match="0 values against 2"):
        distance_in_deviations(np.array([]), np.array([0.0, 1.0]))
    with pytest.raises(InputError, match="2 unequal ones"):
        distance_in_deviations(np.array([1.0]), np.array([1.0, 1.0]))
    for weights in ([-1.0, 2.0], [0.0, 0.0], [np.nan, 1.0], [np.inf, 1.0]):
        with pytest.raises(InputError, match="weights: must be at least 0"):
            distance_in_deviations(np.array([0.0, 1.0]), np.array([0.0, 1.0]), np.array(weights))


def test_structures_of_the_same_fluid_are_near_and_those_of_another_gravity_far():
    light = jnp.asarray(positions(0.05, 300))
    own, other, light = (structure_of(each, SIDE) for each in (TEST, OTHER, light))
    near, far = structure_distances(other, own), structure_distances(light, own)
    assert structure_distances(own, own) == (0.0, 0.0)
    assert far[1] > 3 * near[1] > 0.0


def test_copies_are_not_new_and_other_configurations_of_the_fluid_are():
    assert novelty(TRAIN[:100], TRAIN, TEST) == pytest.approx(0.0, abs=1e-3)
    # In whatever order particles come.
    assert novelty(TRAIN[:100, ::-1], TRAIN, TEST) == pytest.approx(0.0, abs=1e-3)
    assert novelty(OTHER, TRAIN, TEST) == pytest.approx(1.0, abs=0.1)


def features(configurations):
    """Two observables, of which the former is far greater than the latter."""
    heights = np.asarray(configurations)[..., 1]
    return np.stack([100.0 * heights.sum(axis=1), heights.std(axis=1)], axis=1)


def test_one_configuration_again_and_again_covers_nothing_and_the_fluid_nearly_all():
    assert coverage(features(jnp.tile(OTHER[:1], (300, 1, 1))), features(TEST)) < 0.1
    assert coverage(features(OTHER), features(TEST)) > 0.9
    # Another gravity is elsewhere, however near its particles are to somebody's.
    assert coverage(features(positions(0.05, 300)), features(TEST)) < 0.5
    with pytest.raises(InputError, match="more than 5"):
        coverage(features(OTHER), features(TEST[:5]))
    with pytest.raises(InputError, match="generated: no configurations"):
        coverage(features(OTHER)[:0], features(TEST))
    with pytest.raises(InputError, match="the same in all configurations"):
        coverage(features(OTHER), np.ones((9, 2)))


def test_what_leaves_the_box_is_counted_and_is_at_no_height():
    own = np.array(TEST)
    own[:30, 0, 1] = SIDE + 0.1
    assert outside_fraction(jnp.asarray(own), SIDE) == pytest.approx(0.1)
    assert outside_fraction(TEST, SIDE) == 0.0
    kept, whole = (structure_of(jnp.asarray(each), SIDE).profile.sum() for each in (own, TEST))
    # Thirty particles less in three hundred configurations; bins are a fiftieth of the box.
    assert (whole - kept) * SIDE / 50 == pytest.approx(0.1)


def test_weights_of_another_gaussian_are_normalised_and_their_fraction_is_the_known_one():
    """Of N(0, 1) drawn from N(m, 1): E w^2 = exp(m^2), so that exp(-m^2) of the draws are left."""
    shift = 0.5
    drawn = RANDOM.normal(size=100_000) + shift
    found = importance_sampling(-0.5 * drawn**2 + 0.5 * (drawn - shift) ** 2)
    assert abs(found.log_mean) < 4.3 * found.log_mean_error
    assert found.effective_fraction == pytest.approx(np.exp(-(shift**2)), rel=0.03)
    wrong = importance_sampling(-0.5 * drawn**2 + 0.5 * (drawn - shift) ** 2 + 0.1)
    assert abs(wrong.log_mean) > 4.3 * wrong.log_mean_error


@pytest.mark.parametrize("weights", [[0.0], [0.0, np.nan], [-np.inf, -np.inf], [0.0, np.inf]])
def test_weights_that_are_no_numbers_are_refused(weights):
    with pytest.raises(InputError, match="are finite; 2 needed"):
        importance_sampling(np.array(weights))


@pytest.mark.parametrize("gamma", [0.35, 1.5])
def test_the_weighted_mixture_is_the_fluid_at_a_gravity_between_and_beyond(gamma):
    pool, _ = mixture(5000)
    log_weights = log_tilt(SYSTEM, free_energy(), jnp.asarray(pool), gamma)
    weights = np.exp(log_weights - log_weights.max())
    own, true = (each[..., 1].astype(np.float64).sum(axis=1) for each in (pool, positions(gamma, 20_000, seed=5)))
    found = np.average(own, weights=weights)
    size = importance_sampling(log_weights).effective_fraction * len(pool)
    error = true.std() / np.sqrt(size)
    assert abs(found - true.mean()) < 4.3 * error
    # Unweighted they are another fluid.
    assert abs(own.mean() - true.mean()) > 4.3 * error
    assert gamma not in GAMMAS
