"""A model that is asked for displaced particles: what it answers, and what cannot be asked."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hydra import compose, initialize_config_dir

from lcpjax.build import build_model, build_representation, build_system
from lcpjax.config.check import typed_config
from lcpjax.dataset.perturbed_sets import Displacement
from lcpjax.errors import InputError
from lcpjax.evaluation.anomalies import AnomalyDetector, score_of_suspect
from lcpjax.model import initial_variables
from lcpjax.representation import learn_normalisation
from lcpjax.run import CONF
from lcpjax.trained_model import TrainedModel
from lcpjax.training import ModelSetting

SMALL = ["system.num_particles=4", "system.box_side=6", "model.width=4", "model.prior_width=8", "model.prior_depth=1"]


@pytest.fixture(scope="module")
def normal():
    """Four particles well apart."""
    corners = jnp.array([[1.0, 1.0], [4.5, 1.2], [1.2, 4.5], [4.6, 4.6]])
    return corners[None] + 0.3 * jax.random.uniform(jax.random.key(0), (6, 4, 2))


@pytest.fixture(scope="module")
def run(normal):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        config = typed_config(compose("config", overrides=["+experiment=train", "model=best", *SMALL]))
    model, representation, system = build_model(config), build_representation(config), build_system(config)
    variables = initial_variables(model, jax.random.key(1), learn_normalisation(representation.of(normal)))
    setting = ModelSetting(kl_weight=1.0, latent_dim=8, seed=0)
    made = TrainedModel("best", model, representation, variables, setting, system, batch_size=64)
    made.detector = AnomalyDetector(made, num_samples=1)
    return made


def test_a_particle_moved_onto_another_makes_displacement_likelier(run, normal):
    """An untrained density of this kind has the pairs' Boltzmann factor already."""
    overlapping = normal.at[:, 1].set(normal[:, 0] + jnp.array([[0.85, 0.0]]))
    before, after = (run.score(each, suspect="displaced") for each in (normal, overlapping))
    assert np.all(after["displacement_by_model"] > before["displacement_by_model"] + 1.0)


def test_what_is_suspected_is_one_score_more_and_changes_no_other(run, normal):
    asked, unasked = run.score(normal, suspect=Displacement(0.2, 1, stays_inside=True)), run.score(normal)
    assert set(asked) - set(unasked) == {"displacement_by_model"}
    for name, values in unasked.items():
        np.testing.assert_array_equal(asked[name], values)


def test_outside_the_box_a_particle_is_displaced_for_certain(run, normal):
    outside = normal.at[:, 2, 0].set(-0.05)
    assert np.all(run.score(outside, suspect="displaced")["displacement_by_model"] > 900)
    # So far that networks overflow: as every other score.
    far = normal.at[:, 2, 0].set(1e25)
    assert np.all(np.isposinf(run.score(far, suspect="displaced")["displacement_by_model"]))


@pytest.mark.parametrize(
    ("suspect", "message"),
    [
        ("displacd", "suspect = displacd: did you mean 'displaced'"),
        (Displacement(0.0, 1, stays_inside=True), "suspect.largest_step = 0.0: must be above 0, at most 6"),
        (Displacement(0.2, 5, stays_inside=True), "suspect.num_displaced = 5: must be 1 to 4"),
    ],
)
def test_suspects_that_there_cannot_be_are_refused(run, normal, suspect, message):
    with pytest.raises(InputError, match=message):
        score_of_suspect(run, normal, suspect)
