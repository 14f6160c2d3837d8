"""What a trained model says of configurations that cannot be of its box, or that overflow whatever it computes."""

import dataclasses
import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hydra import compose, initialize_config_dir

from lcpjax.build import build_model, build_representation, build_system
from lcpjax.config.check import typed_config
from lcpjax.dataset.perturbed_sets import uniform_points
from lcpjax.errors import InputError
from lcpjax.evaluation.anomalies import AnomalyDetector
from lcpjax.model import initial_variables
from lcpjax.representation import OccupancyGrid, learn_normalisation
from lcpjax.run import CONF
from lcpjax.trained_model import LoadError, TrainedModel
from lcpjax.training import ModelSetting

SIDE = 6.0
FAULTS = {"a thousand sigma": 1e3, "beyond single precision squared": 1e25, "below the floor": -1e3}


@pytest.fixture(scope="module")
def normal():
    """A crystal of four, loosened: nobody near anybody else."""
    corners = jnp.array([[1.0, 1.0], [4.5, 1.0], [1.0, 4.5], [4.5, 4.5]])
    return corners[None] + jax.random.uniform(jax.random.key(0), (120, 4, 2))


@pytest.fixture(scope="module")
def run(normal):
    overrides = [
        "+experiment=train",
        "system.num_particles=4",
        f"system.box_side={SIDE}",
        "representation.name=coordinates",
    ]
    small = ["model.encoder=perceptron", "model.decoder=perceptron", "model.latent_dim=2"]
    with initialize_config_dir(str(CONF), version_base="1.3"):
        config = typed_config(compose("config", overrides=[*overrides, *small]))
    model, representation, system = build_model(config), build_representation(config), build_system(config)
    variables = initial_variables(model, jax.random.key(1), learn_normalisation(representation.of(normal)))
    setting = ModelSetting(kl_weight=1.0, latent_dim=2, seed=0)
    made = TrainedModel("perceptron", model, representation, variables, setting, system, batch_size=512)
    made.detector = AnomalyDetector(made, regret_steps=10)
    return made.fit(normal[:80], normal[80:])


def test_a_printed_model_says_which_it_is_and_none_of_its_weights(run):
    assert f"setting={run.setting!r}" in repr(run)
    assert "Array" not in repr(run)
    assert len(repr(run)) < 400


def test_a_model_without_a_density_of_particles_suspects_nothing(run, normal):
    with pytest.raises(InputError, match=r"^suspect = displaced: perceptron has no density of particles; [^\n]*best$"):
        run.score(normal, suspect="displaced")


def gone_astray(normal, value):
    return normal[:3].at[1, 2, 0].set(value).at[1, 2, 1].set(value)


@pytest.mark.parametrize("value", FAULTS.values(), ids=FAULTS)
def test_the_most_extreme_anomaly_is_one_by_every_score(run, normal, value):
    positions = gone_astray(normal, value)
    scores, found = run.score(positions), run.predict(positions)
    assert {"kl", "elbo", "likelihood_regret", "latent_mahalanobis", "latent_height", "energy", "sum_y"} <= set(scores)
    alone, limits = run.score(normal[:3]), run.detector.thresholds()
    for name, values in scores.items():
        assert not np.isnan(values).any(), name
        assert values[1] > limits[name].value, name
        assert found[name][1], name
        # The others are what they were without it.
        np.testing.assert_allclose(values[[0, 2]], alone[name][[0, 2]], rtol=1e-4, atol=1e-4, err_msg=name)


def test_the_farther_a_particle_has_gone_the_more_anomalous(run, normal):
    positions = jnp.concatenate([gone_astray(normal, value)[1:2] for value in (3.0, 8.0, 11.9, 1e3, 1e25)])
    reconstruction = run.score(positions)["reconstruction"]
    assert np.all(np.diff(reconstruction[:4]) > 0)
    assert reconstruction[4] == np.inf


def warning_of(call):
    """What is warned of, once."""
    with pytest.warns(UserWarning, match="^positions: ") as caught:
        call()
    (warning,) = caught
    return str(warning.message)


def test_another_origin_or_unit_is_warned_of_once_with_its_likely_cause(run, normal):
    centred = normal - SIDE / 2
    message = warning_of(lambda: run.encode(centred))
    assert message.startswith("positions: 120 of 120 configurations have particles outside the box, found -1.")
    assert message.endswith("the box is 0 to 6 sigma; a box centred on 0? its lower left corner must be (0, 0)")
    assert warning_of(lambda: run.rate(normal + 100.0, jax.random.key(2))).endswith(
        "another origin? its lower left corner must be (0, 0)"
    )
    assert warning_of(lambda: run.log_likelihood_bound(3.4 * normal, jax.random.key(2))).endswith(
        "sigma; another unit than sigma?"
    )
    assert "lie on top of each other in a part" in warning_of(lambda: run.reconstruct_distances(0.1 * normal))
    one = warning_of(lambda: run.reconstruct_coordinates(normal.at[5, 0, 0].set(6.2)))
    assert "1 of 120 configurations" in one
    assert one.endswith("to 6.2; the box is 0 to 6 sigma")


def test_what_rounding_leaves_outside_and_points_anywhere_in_the_box_are_not_warned_of(run, normal):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run.encode(normal.at[0, 0, 0].set(SIDE + 1e-5).at[0, 1, 1].set(-1e-5))
        run.encode(uniform_points(jax.random.key(0), 50, run.system))
        jax.jit(lambda positions: run.encode(positions).mean)(normal - SIDE)
        # These say it by their answer.
        run.predict(normal - SIDE)


def test_normal_data_that_are_not_of_the_box_are_refused(run, normal):
    with pytest.raises(LoadError, match=r"^learned: 80 of 80 configurations have particles outside the box, found -"):
        run.fit(normal[:80] - SIDE / 2, normal[80:])
    with pytest.raises(LoadError, match=r"^held_out: 1 of 40 configurations have particles outside the box, found "):
        run.fit(normal[:80], normal[80:].at[3, 0, 0].set(7.0))
    with pytest.raises(InputError, match=r"^held_out: no configurations"):
        run.fit(normal[:80], normal[:0])


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("method", ["encode", "score", "predict", "reconstruct_distances"])
def test_coordinates_that_are_not_finite_are_refused(run, normal, method, value):
    complaint = r"^positions: 1 of 3 configurations have coordinates that are not finite, the first is configuration 1;"
    with pytest.raises(InputError, match=complaint):
        getattr(run, method)(gone_astray(normal, value))


def test_what_a_model_does_not_have_is_refused_in_one_line(run, normal):
    with pytest.raises(LoadError, match=r"^score: this model has no detector; [^\n]*$"):
        dataclasses.replace(run, detector=None).score(normal)
    with pytest.raises(LoadError, match=r"^perceptron: it sees images of particles, which have no order"):
        dataclasses.replace(run, representation=OccupancyGrid(4, SIDE)).encode(normal)
    with pytest.raises(LoadError, match=r"^rate: an autoencoder \(kl_weight = 0\) has none$"):
        dataclasses.replace(run, setting=run.setting._replace(kl_weight=0.0)).rate(normal, jax.random.key(0))


def test_how_many_go_at_a_time_does_not_matter(run, normal):
    few = dataclasses.replace(run, batch_size=50)
    np.testing.assert_allclose(few.encode(normal).mean, run.encode(normal).mean, rtol=1e-5, atol=1e-6)
    for own, other in zip(few.reconstruct_coordinates(normal), run.reconstruct_coordinates(normal), strict=True):
        assert own.shape == (120, 4, 2)
        np.testing.assert_allclose(own, other, rtol=1e-5, atol=1e-6)
