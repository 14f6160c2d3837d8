"""Fit, score, predict: thresholds from held-out normal data, settable at use, and kept on disk."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.evaluation.anomalies import (
    AnomalyDetector,
    NormalReference,
    learn_latent_distribution,
    likelihood_regret,
    model_scores,
    threshold_of,
)
from lcpjax.model import (
    VAE,
    Likelihood,
    NetworkSizes,
    SampleLayout,
    StandardNormal,
    build_decoder,
    build_encoder,
    initial_variables,
)
from lcpjax.representation import Representation, learn_normalisation
from lcpjax.system import System
from lcpjax.trained_model import TrainedModel
from lcpjax.training import ModelSetting

SYSTEM = System(num_particles=4, box_side=5.0)
REPRESENTATION = Representation("coordinates", "height", box_side=5.0)


@pytest.fixture(scope="module")
def parts():
    keys = jax.random.split(jax.random.key(0), 2)
    normal = [2.0 + 0.3 * jax.random.normal(key, (200, 4, 2)) for key in keys]
    return [jnp.clip(each + jnp.array([0.0, 0.5, 1.0, 1.5])[None, :, None], 0.0, 5.0) for each in normal]


@pytest.fixture(scope="module")
def trained(parts):
    layout, sizes = SampleLayout("coordinates", 4, 5.0), NetworkSizes((), 3, 8, 1)
    encoder, decoder = build_encoder("perceptron", layout, 2, sizes), build_decoder("perceptron", layout, sizes)
    model = VAE(encoder, decoder, StandardNormal(2), layout.shape, Likelihood("shared"))
    variables = initial_variables(model, jax.random.key(1), learn_normalisation(REPRESENTATION.of(parts[0])))
    setting = ModelSetting(kl_weight=1.0, latent_dim=2, seed=0)
    return TrainedModel("perceptron", model, REPRESENTATION, variables, setting, SYSTEM, batch_size=64)


@pytest.fixture(scope="module")
def fitted(trained, parts):
    return AnomalyDetector(trained, num_samples=2).fit(*parts)


def test_every_score_has_a_value_for_each_configuration_and_is_the_same_again(fitted, parts):
    first, second = fitted.score(parts[1]), fitted.score(parts[1])
    names = {"reconstruction", "kl", "elbo", "energy", "sum_y", "latent_mahalanobis", "latent_height"}
    assert set(first) == names
    for name, values in first.items():
        assert values.shape == (200,)
        np.testing.assert_array_equal(values, second[name])


def test_a_score_does_not_depend_on_which_other_configurations_are_scored(fitted, parts):
    """Chunks are of 64: whole ones, and one that reaches back. Scores are sums of some 20 floats."""
    detector = dataclasses.replace(fitted, regret_steps=3)
    every, some = detector.score(parts[1]), detector.score(parts[1][70:75])
    assert "likelihood_regret" in some
    for name, values in some.items():
        np.testing.assert_allclose(values, every[name][70:75], rtol=1e-4, atol=1e-4, err_msg=name)


def test_a_loaded_detector_scores_as_its_thresholds_were_made(trained, parts, tmp_path):
    # Not as many held out as learned from.
    fitted = AnomalyDetector(trained, num_samples=3, regret_steps=2).fit(parts[0], parts[1][:150])
    assert fitted.reference is not None
    fitted.reference.save(tmp_path / "one.npz")
    loaded = AnomalyDetector.of_reference(trained, NormalReference.load(tmp_path / "one.npz"))
    assert (loaded.num_samples, loaded.regret_steps) == (3, 2)
    for name, values in loaded.score(parts[1][:150]).items():
        # Sums in codes come back from disk in double precision.
        np.testing.assert_allclose(np.sort(values), fitted.reference.held_out[name], rtol=1e-12)


def test_an_autoencoder_has_neither_rate_nor_bound(trained, parts):
    plain = dataclasses.replace(trained, setting=trained.setting._replace(kl_weight=0.0))
    scores, _ = model_scores(plain, parts[0], jax.random.key(0), 2)
    assert set(scores) == {"reconstruction"}


def test_as_many_held_out_normal_configurations_are_flagged_as_was_asked_for(fitted, parts):
    for quantile in (0.9, 0.5):
        flagged = fitted.predict(parts[1], quantile=quantile)
        # Of the very configurations that thresholds were made of; ties aside exactly.
        for name in ("reconstruction", "elbo", "energy"):
            assert np.mean(flagged[name]) == pytest.approx(1 - quantile, abs=0.011)


def test_a_threshold_given_takes_the_place_of_the_learned_one(fitted, parts):
    assert np.all(fitted.predict(parts[1], thresholds={"energy": -1e9})["energy"])
    with pytest.raises(InputError, match=r"thresholds = enregy: .*energy"):
        fitted.predict(parts[1], thresholds={"enregy": 0.0})


def test_what_lies_elsewhere_scores_higher(fitted, parts):
    normal, anomalous = fitted.score(parts[1]), fitted.score(4.5 + 0.1 * (parts[1] - 2.5))
    for name in ("latent_mahalanobis", "latent_height", "reconstruction"):
        assert np.median(anomalous[name]) > np.quantile(normal[name], 0.95)


def test_without_fit_there_is_no_prediction(trained, parts):
    plain = AnomalyDetector(trained)
    assert "latent_mahalanobis" not in plain.score(parts[0])
    with pytest.raises(InputError, match="fit: this model knows no normal data yet"):
        plain.predict(parts[0])


def test_a_quantile_is_a_fraction(fitted):
    with pytest.raises(InputError, match=r"quantile = 1.0: must lie between 0 and 1"):
        fitted.thresholds(1.0)


def test_what_is_known_of_normal_data_comes_back_from_disk(fitted, tmp_path):
    fitted.reference.save(tmp_path / "normal" / "one.npz")
    again = NormalReference.load(tmp_path / "normal" / "one.npz")
    assert jax.tree.all(jax.tree.map(np.array_equal, again._asdict(), fitted.reference._asdict()))


def test_the_interval_of_a_threshold_holds_the_true_quantile():
    """Ranks are binomial, whatever the distribution: of 400 samples of 200 in 95 % of cases; 4.3 standard errors."""
    random = np.random.default_rng(0)
    found = [threshold_of(random.uniform(size=200), 0.9) for _ in range(400)]
    inside = np.mean([one.low <= 0.9 <= one.high for one in found])
    assert 0.95 - 4.3 * np.sqrt(0.95 * 0.05 / 400) < inside < 1.0


def test_mahalanobis_distance_has_the_number_of_latents_as_its_mean():
    codes = np.random.default_rng(0).normal(size=(300, 5)) @ np.random.default_rng(1).normal(size=(5, 5))
    distribution = learn_latent_distribution(codes)
    assert distribution.squared_distance(codes).mean() == pytest.approx(5.0)
    with pytest.raises(InputError, match="codes: 5 of 5 latents"):
        learn_latent_distribution(codes[:5])
    with pytest.raises(InputError, match="codes: of 4 latents; the normal ones had 5"):
        distribution.squared_distance(codes[:, :4])


def test_regret_is_what_a_better_posterior_gains(trained, parts):
    few = parts[0][:16]
    none, some = (likelihood_regret(trained, few, jax.random.key(0), steps) for steps in (0, 30))
    np.testing.assert_array_equal(none, 0.0)
    assert np.all(some >= 0)
    assert some.mean() > 0.01


def test_thresholds_know_infinite_scores_and_no_others():
    assert threshold_of(np.array([0.0, 1.0, np.inf, np.inf]), 0.95).value == np.inf
    assert threshold_of(np.array([0.0, 1.0, 2.0, np.inf]), 0.5).value == 1.5
    with pytest.raises(InputError, match="scores: 2, of which 1 are not numbers"):
        threshold_of(np.array([0.0, np.nan]), 0.95)


def test_a_threshold_that_nothing_can_exceed_is_refused(fitted, parts):
    scores = fitted.reference.held_out | {"kl": np.repeat([0.0, np.inf], [90, 10])}
    anomalous = dataclasses.replace(fitted, reference=fitted.reference._replace(held_out=scores))
    with pytest.raises(InputError, match=r"^held_out: kl of 10 of 100 normal configurations is not finite, so that"):
        anomalous.predict(parts[1])
    with pytest.raises(InputError, match=r"thresholds = energy: nan; must be a number, or inf for none"):
        fitted.predict(parts[1], thresholds={"energy": np.nan})


def test_codes_that_overflow_lie_infinitely_far_out(fitted):
    codes = np.array([[np.nan, 0.0], [np.inf, -np.inf], [1e300, 0.0]])
    assert np.all(fitted.reference.distribution.squared_distance(codes) == np.inf)
    assert np.all(fitted.reference.heights.anomaly_score(codes)[:2] == np.inf)
