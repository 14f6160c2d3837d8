import math

import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.evaluation.latents.gamma_information import (
    LabelledFeatures,
    exact_log_posterior,
    fraction_of_exact,
    gamma_information,
    index_of_gamma,
    linear_probe,
    missed_nats,
)
from tests.evaluation.ideal_fluid import GAMMAS, SYSTEM, free_energy, mixture


@pytest.fixture(scope="module")
def parts():
    return [mixture(number, seed) for number, seed in ((1000, 0), (300, 10), (1500, 20))]


@pytest.fixture(scope="module")
def exact(parts):
    return exact_log_posterior(SYSTEM, free_energy(), jnp.asarray(parts[2][0]))


def probed(parts, features):
    train, validation, test = (np.asarray(features(each[0], each[1])) for each in parts)
    own, other = (LabelledFeatures(rows, part[1]) for rows, part in zip((train, validation), parts, strict=False))
    return linear_probe(own, other, test)


def test_the_exact_posterior_is_calibrated(exact, parts):
    """Of configurations to which it gives a probability, that share has the gamma."""
    sure, is_high = np.exp(exact[:, 1]), parts[2][1] == 1
    for low in np.arange(0.0, 1.0, 0.25):
        inside = (sure >= low) & (sure < low + 0.25)
        error = math.sqrt(0.25 / inside.sum())
        assert abs(is_high[inside].mean() - sure[inside].mean()) < 4.3 * error


def test_the_wrong_partition_function_is_not_calibrated(parts):
    wrong = free_energy()._replace(log_partition_function=free_energy().log_partition_function + np.array([0.0, 1.0]))
    posterior = exact_log_posterior(SYSTEM, wrong, jnp.asarray(parts[2][0]))
    assert abs(np.exp(posterior[:, 1]).mean() - 0.5) > 0.05


def test_a_probe_of_all_heights_has_what_sum_y_has_and_one_of_places_has_nothing(exact, parts):
    labels = parts[2][1]
    of_heights = probed(parts, lambda positions, _: positions[..., 1])
    fraction, error = fraction_of_exact(of_heights, exact, labels)
    assert abs(fraction - 1.0) < max(4.3 * error, 0.01)
    missed, missed_error = missed_nats(of_heights, exact, labels)
    assert abs(missed) < max(4.3 * missed_error, 0.02)
    found, best = gamma_information(of_heights, labels), gamma_information(exact, labels)
    assert found.nats == pytest.approx(best.nats, abs=0.02)
    of_places = gamma_information(probed(parts, lambda positions, _: positions[..., 0]), labels)
    assert abs(of_places.nats) < 0.02
    assert abs(of_places.accuracy - 0.5) < 4.3 * of_places.accuracy_error


def test_a_leak_is_seen_above_the_exact_bound(exact, parts):
    leaking = probed(parts, lambda positions, labels: np.stack([labels, positions[:, 0, 1]], axis=1).astype(float))
    fraction, error = fraction_of_exact(leaking, exact, parts[2][1])
    assert fraction > 1.0 + 4.3 * error
    missed, missed_error = missed_nats(leaking, exact, parts[2][1])
    assert missed < -4.3 * missed_error
    assert gamma_information(leaking, parts[2][1]).nats > gamma_information(exact, parts[2][1]).nats + 0.1


def test_certainty_is_all_information_and_guessing_none():
    labels = np.array([0, 1, 1, 0])
    assert gamma_information(np.full((4, 2), -math.log(2)), labels).nats == pytest.approx(0.0)
    sure = np.where(np.eye(2)[labels] > 0, 0.0, -50.0)
    assert gamma_information(sure, labels).nats == pytest.approx(math.log(2))


def test_gammas_are_counted_from_the_smallest():
    assert index_of_gamma(np.array([1.0, GAMMAS[0], 1.0])).tolist() == [1, 0, 1]


def test_a_feature_that_never_changes_is_no_hindrance(parts):
    constant = probed(parts, lambda positions, _: np.concatenate([positions[..., 1], np.ones((len(positions), 1))], 1))
    assert np.isfinite(constant).all()


def test_features_that_are_no_numbers_and_a_single_gamma_are_refused():
    rows = np.ones((4, 2))
    labelled = LabelledFeatures(rows, np.array([0, 1, 0, 1]))
    with pytest.raises(InputError, match="not finite"):
        linear_probe(labelled, labelled, np.full((1, 2), np.nan))
    one = LabelledFeatures(rows, np.zeros(4, int))
    with pytest.raises(InputError, match="only one value"):
        linear_probe(one, one, rows)


@pytest.mark.parametrize(
    "function", [fraction_of_exact, missed_nats, lambda each, _, index: gamma_information(each, index)]
)
def test_an_index_of_no_gamma_and_no_configurations_are_refused(function):
    each = np.log(np.full((3, 2), 0.5))
    for index in ([0, 1, 2], [0, 1, -1]):
        with pytest.raises(InputError, match=r"gamma_index: from -?\d to \d; there are 2 gammas"):
            function(each, each, np.array(index))
    with pytest.raises(InputError, match="of no configurations"):
        function(each[:0], each[:0], np.zeros(0, int))
