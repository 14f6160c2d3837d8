"""Models of images: nats of sets of positions are counted in sigma, and are infinite where a density has no support."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hydra import compose, initialize_config_dir

from lcpjax.config.check import typed_config
from lcpjax.config.presets import CONF
from lcpjax.experiments.occupancy_images.occupied_cells import ModelImages
from lcpjax.experiments.occupancy_images.scores import nats_above_entropy_of_sets
from lcpjax.experiments.occupancy_images.test_set import ImagedFluid
from lcpjax.experiments.occupancy_images.variants import image_config, image_plan
from lcpjax.system import System
from lcpjax.training import ModelSetting
from tests.trained_models import trained

SIDE, CELLS, NUMBER = 4.0, 8, 6


@pytest.fixture(scope="module")
def model():
    overrides = ["+experiment=occupancy_images", f"system.num_particles={NUMBER}", f"system.box_side={SIDE}"]
    with initialize_config_dir(str(CONF), version_base="1.3"):
        config = typed_config(compose("config", overrides=overrides))
    learning = image_plan(image_config(config, "all"), "all", CELLS, 64)
    return trained(learning, {}, ModelSetting(1.0, 512, 0), System(NUMBER, SIDE))


def test_nats_above_the_entropy_are_those_of_a_density_of_sets_in_sigma(model):
    """Uniform points against one model of all cells alike and offsets of one width: both densities are known."""
    scale, number = 0.4, 400
    keys = jax.random.split(jax.random.key(2), 2)
    cells = jax.vmap(lambda key: jax.random.permutation(key, CELLS**2)[:NUMBER])(jax.random.split(keys[0], number))
    offsets = jax.random.uniform(keys[1], (number, NUMBER, 2), minval=-0.5, maxval=0.5)
    corners = jnp.stack([cells % CELLS, cells // CELLS], axis=-1).astype(jnp.float32)
    positions = (corners + 0.5 + offsets) * (SIDE / CELLS)
    # One set of cells out of all, one place in each of its cells.
    of_sets = -math.log(math.comb(CELLS**2, NUMBER)) - 2 * NUMBER * math.log(SIDE / CELLS)
    fluid = ImagedFluid(
        System(NUMBER, SIDE), positions, np.zeros(number), np.zeros(number), np.full(number, of_sets), 0.0
    )
    images = model.representation.represent(positions)
    log_likelihood = jax.jit(model.model.likelihood.log_likelihood)
    nats = log_likelihood(images, jnp.zeros(images.shape), jnp.float32(scale))
    zeros = jnp.zeros(number)
    found = ModelImages(positions, positions, images[..., 0], zeros, zeros, nats)
    above, error = nats_above_entropy_of_sets(fluid, model, found)
    # Of a uniform offset: -<ln N(u; 0, s)>, its entropy being 0.
    expected = 2 * NUMBER * (0.5 * math.log(2 * math.pi * scale**2) + 1 / (24 * scale**2))
    assert expected > 0
    assert above == pytest.approx(expected, abs=4 * error + 1e-3)
    fluid = fluid._replace(positions=positions.at[0, 1].set(positions[0, 0]))
    shared = nats_above_entropy_of_sets(fluid, model, found)
    assert shared[0] == math.inf
