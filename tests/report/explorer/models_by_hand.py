"""Trained models of each kind that a page can show, with random parameters."""

import jax
import jax.numpy as jnp
import numpy as np
from hydra import compose, initialize_config_dir

from lcpjax.build import build_model, build_representation, build_system
from lcpjax.config.check import typed_config
from lcpjax.run import CONF
from lcpjax.trained_model import TrainedModel
from lcpjax.training import ModelSetting
from tests.model.random_parameters import random_parameters

NUM_PARTICLES = 6
SHOWN = {
    "blocks beside a linear code": [
        "representation.ordering=lowest",
        "model.encoder=residual_convolutional",
        "model.decoder=residual_convolutional",
        "model.linear_skip=true",
        "model.channels=[3,4]",
        "model.depth=1",
    ],
    "points first": [
        "representation=anchored_distances",
        "representation.ordering=hilbert",
        "model.encoder=perceptron",
        "model.decoder=point_residual_perceptron",
        "model.width=5",
        "model.depth=2",
    ],
    "coordinates": [
        "representation=coordinates",
        "representation.ordering=template",
        "representation.mirror=canonical",
        "model.encoder=residual_perceptron",
        "model.decoder=perceptron",
        "model.width=5",
        "model.depth=1",
    ],
}


def positions():
    """Three configurations without neighbours that are too close, in sigma."""
    sites = np.stack(np.meshgrid([1.5, 4.0, 6.5], [2.0, 5.0]), axis=-1).reshape(1, NUM_PARTICLES, 2)
    return (sites + np.random.default_rng(1).uniform(-0.7, 0.7, (3, NUM_PARTICLES, 2))).astype(np.float32)


def model_of(*overrides):
    """A model of these overrides, with random parameters and a normalisation."""
    small = ["+experiment=train", f"system.num_particles={NUM_PARTICLES}", "model.latent_dim=3"]
    with initialize_config_dir(str(CONF), version_base="1.3"):
        config = typed_config(compose("config", overrides=[*small, *overrides]))
    model = build_model(config)
    # Learned ones are of the same kind.
    places = tuple((float(x), float(y)) for x, y in positions()[2])
    representation = build_representation(config, places if config.representation.ordering == "template" else ())
    samples = jnp.zeros((1, *model.sample_shape))
    variables = random_parameters(model, samples, jax.random.key(0))
    normalisation = {
        "mean": jnp.linspace(1.0, 4.0, samples[0].size).reshape(samples[0].shape),
        "scale": jnp.float32(1.7),
    }
    params = {"params": variables["params"], "normalisation": normalisation}
    setting = ModelSetting(kl_weight=1e-3, latent_dim=3, seed=0)
    return TrainedModel("by hand", model, representation, params, setting, build_system(config), batch_size=8)
