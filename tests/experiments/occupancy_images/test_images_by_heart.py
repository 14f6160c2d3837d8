"""Eight images are learned by heart: what fails on more is not the gradient."""

import jax
import jax.numpy as jnp
import pytest

from lcpjax.experiments.occupancy_images.occupied_cells import cell_f1, images_of_model
from lcpjax.model import (
    EXACTLY,
    VAE,
    ImageLayout,
    NetworkSizes,
    PixelLikelihood,
    StandardNormal,
    build_decoder,
    build_encoder,
)
from lcpjax.representation import OccupancyGrid
from lcpjax.system import System
from lcpjax.training import ModelSetting, initial_state
from tests.trained_models import trained
from tests.training.small_models import model_of, plan, train

SIDE, CELLS, NUMBER, LATENTS = 6.0, 6, 6, 8
GRID, FLUID = OccupancyGrid(CELLS, SIDE), System(NUMBER, SIDE)
AUTOENCODER = ModelSetting(kl_weight=0.0, latent_dim=LATENTS, seed=0)


def eight_images():
    """Positions of which no two are in one cell."""
    cells = jnp.stack(
        [jax.random.permutation(key, CELLS**2)[:NUMBER] for key in jax.random.split(jax.random.key(0), 8)]
    )
    return jnp.stack([cells % CELLS, cells // CELLS], axis=-1).astype(jnp.float32) + 0.5


@pytest.mark.slow
def test_eight_images_are_learned_by_heart_and_were_not_known_before():
    positions, layout = eight_images(), ImageLayout(GRID.shape)
    sizes = NetworkSizes(channels=(4,), kernel_size=3, width=64, depth=1)
    networks = build_encoder("perceptron", layout, LATENTS, sizes), build_decoder("perceptron", layout, sizes)
    likelihood = PixelLikelihood(cell_distribution=EXACTLY, num_particles=NUMBER, base_rate=NUMBER / CELLS**2)
    model = VAE(*networks, StandardNormal(LATENTS), layout.shape, likelihood)
    learning = plan(model, representation=GRID, num_epochs=1)
    hyperparameters, rows = model_of(kl_weight=0.0, learning_rate=1e-2), jnp.tile(positions, (120, 1, 1))
    before = initial_state(learning, hyperparameters, rows).variables
    (state,) = train(learning, [hyperparameters], data=rows)

    def f1(variables):
        found = images_of_model(trained(learning, variables, AUTOENCODER, FLUID), positions, jax.random.key(1))
        return cell_f1(positions, found.of_mean, CELLS, SIDE)

    assert f1(before) < 0.5
    assert f1(state.variables) > 0.99
