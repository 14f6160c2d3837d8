"""Densities that are known: of the linear-Gaussian world, and of one particle without a fluid."""

import dataclasses
import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.evaluation.density.model_density import log_density_bound, log_prior_density
from lcpjax.evaluation.latents.gaussian_codes import fit_gaussian
from lcpjax.model import VAE, Likelihood, PriorSizes, autoencode, build_prior, encode, initial_variables, log_prior
from lcpjax.model.particle_tokens import ParticleTokenDecoder, ParticleTokenEncoder
from lcpjax.representation import Normalisation, Representation
from lcpjax.system import System
from lcpjax.trained_model import TrainedModel
from lcpjax.training import ModelSetting
from tests.evaluation.exact_autoencoder import exact_vae, variables_of
from tests.evaluation.linear_gaussian_world import NUM_PARTICLES, ROWS

POSITIONS = jnp.asarray(ROWS, jnp.float32).reshape(-1, NUM_PARTICLES, 2)
LOG_DENSITY = fit_gaussian(ROWS).log_density(ROWS)
SIDE = 4.0
UNORDERED = Representation("coordinates", "none")


def model_of(vae, variables, representation=UNORDERED, latent_dim=3, kl_weight=1.0):
    setting = ModelSetting(kl_weight, latent_dim, 0)
    system = System(vae.sample_shape[0], SIDE)
    return TrainedModel("known", vae, representation, variables, setting, system, batch_size=300)


@functools.cache
def perfect():
    vae = exact_vae(UNORDERED)
    return model_of(vae, variables_of(vae))


def test_with_the_true_posterior_the_bound_is_the_density_of_every_configuration_at_every_sample():
    for seed in (1, 2):
        found = log_density_bound(perfect(), POSITIONS, jax.random.key(seed), num_draws=1)
        # float32 sums of some ten nats.
        np.testing.assert_allclose(found, LOG_DENSITY, atol=2e-4)


def test_with_the_mean_of_ln_q_in_its_place_the_bound_scatters():
    """The sibling: the same terms with the KL in closed form are right on average, and wrong by a nat each."""
    model = perfect()
    output = autoencode(model.model, model.variables, POSITIONS, jax.random.key(1), 1.0)
    gaps = LOG_DENSITY - np.asarray(output.log_likelihood - output.kl_nats, np.float64)
    assert abs(gaps.mean()) < 4.3 * gaps.std(ddof=1) / len(gaps) ** 0.5
    assert gaps.std() > 1.0


def test_several_draws_are_averaged():
    perturbed = jax.tree.map(lambda leaf: leaf, perfect().variables)
    perturbed["params"]["log_scale"] += 0.5
    model = model_of(perfect().model, perturbed)
    one, many = (log_density_bound(model, POSITIONS, jax.random.key(3), num_draws=number) for number in (1, 16))
    assert one.shape == many.shape == (len(POSITIONS),)
    # Of a wrong likelihood samples do scatter: a sixteenth of their variance is left.
    noise = np.var(one - many) / (1 + 1 / 16)
    assert noise > 0.01
    other = log_density_bound(model, POSITIONS, jax.random.key(4), num_draws=16)
    assert np.var(other - many) < 0.25 * noise


def test_a_model_without_a_density_is_refused():
    autoencoder = model_of(perfect().model, perfect().variables, kl_weight=0.0)
    with pytest.raises(InputError, match="known: has no density"):
        log_density_bound(autoencoder, POSITIONS, jax.random.key(0))


@functools.cache
def one_particle():
    """A prior of one particle, and latents in units of three sigma."""
    sizes = PriorSizes(resolution=0.01, width=8, depth=1, knows_energies=False)
    prior = build_prior("autoregressive", 2, System(1, SIDE), sizes)
    likelihood = Likelihood("shared", initial_scale=0.01, min_scale=1e-4)
    vae = VAE(ParticleTokenEncoder(2, 0.01), ParticleTokenDecoder(4), prior, (1, 2), likelihood)
    normalisation = Normalisation(jnp.full((1, 2), 1.5), jnp.float32(3.0))
    variables = initial_variables(vae, jax.random.key(0), normalisation)
    model = model_of(vae, variables, Representation("coordinates", "height"), latent_dim=2)
    return dataclasses.replace(model, batch_size=10_000)


@pytest.mark.slow
def test_the_prior_is_a_density_of_coordinates_in_sigma_and_not_of_latents_in_their_units():
    model = one_particle()
    heights = np.linspace(-0.1, SIDE + 0.1, 2 * 4201)
    positions = jnp.asarray(np.stack([np.full(heights.size, 1.7), heights], axis=-1)[:, None], jnp.float32)
    found = log_prior_density(model, positions)
    # Nothing is learned: at every height uniform across. The resolution blurs the walls, by a hundredth of the side.
    # Trapezoids of a twentieth of the resolution.
    assert np.trapezoid(np.exp(found), heights) == pytest.approx(1 / SIDE, rel=0.02)
    # float32 at slopes of 200 a sigma beyond the walls.
    latents = encode(model.model, model.variables, positions).mean
    np.testing.assert_allclose(log_prior(model.model, model.variables, latents) - found, 2 * math.log(3.0), atol=1e-2)


def test_there_is_no_density_of_a_prior_of_other_latents():
    assert log_prior_density(perfect(), POSITIONS) is None
