import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.model import (
    VAE,
    NetworkSizes,
    Posterior,
    SampleLayout,
    StandardNormal,
    autoencode,
    build_decoder,
    build_encoder,
    decode,
    encode,
    initial_variables,
    kl_divergence,
    log_density,
    sample_posterior,
)
from lcpjax.model.convolutional import depth_to_space
from lcpjax.model.perceptron import ResidualPerceptron
from lcpjax.representation import Normalisation

SIZES = NetworkSizes(channels=(4, 8), kernel_size=3, width=16, depth=2)


def small_model(side=6, latent_dim=3):
    layout = SampleLayout("distance_matrix", side, 10.0)
    return VAE(
        build_encoder("convolutional", layout, latent_dim, SIZES),
        build_decoder("convolutional", layout, SIZES),
        StandardNormal(latent_dim),
        layout.shape,
    )


def unit(model):
    return Normalisation(jnp.zeros(model.sample_shape), jnp.float32(1.0))


def random_posterior(batch=3, latent=4):
    mean_key, variance_key = jax.random.split(jax.random.key(0))
    return Posterior(jax.random.normal(mean_key, (batch, latent)), jax.random.normal(variance_key, (batch, latent)))


def log_density_ratio(posterior, latent):
    return log_density(posterior, latent) - StandardNormal(latent.shape[-1]).log_density(latent)


def standard_errors_of_kl(claimed):
    """How far a claimed KL lies from the mean of log q - log p over posterior samples, in standard errors."""
    posterior = random_posterior(batch=1)
    many = Posterior(*(jnp.repeat(leaf, 100_000, axis=0) for leaf in posterior))
    ratios = np.asarray(log_density_ratio(many, sample_posterior(many, jax.random.key(1))), np.float64)
    return abs(ratios.mean() - float(claimed(posterior)[0])) / (ratios.std(ddof=1) / ratios.size**0.5)


def test_the_kl_is_the_mean_log_ratio_over_posterior_samples():
    assert standard_errors_of_kl(kl_divergence) < 4.3


def test_the_monte_carlo_check_of_the_kl_can_fail():
    assert standard_errors_of_kl(lambda posterior: 1.05 * kl_divergence(posterior)) > 4.3


def test_the_log_ratio_is_that_of_scipy_densities():
    from scipy.stats import norm

    posterior = random_posterior()
    latent = sample_posterior(posterior, jax.random.key(2))
    deviation = np.exp(0.5 * np.asarray(posterior.log_variance))
    expected = norm.logpdf(latent, posterior.mean, deviation).sum(-1) - norm.logpdf(latent).sum(-1)
    np.testing.assert_allclose(log_density_ratio(posterior, latent), expected, rtol=1e-4, atol=1e-4)


def test_the_kl_vanishes_only_at_the_prior():
    prior = Posterior(jnp.zeros((1, 4)), jnp.zeros((1, 4)))
    assert kl_divergence(prior).tolist() == [0.0]
    assert float(kl_divergence(Posterior(prior.mean, prior.log_variance + 1e-2))[0]) > 0


def test_depth_to_space_puts_each_pixel_into_its_own_square():
    images = jnp.arange(2 * 2 * 4, dtype=jnp.float32).reshape(1, 2, 2, 4)
    expected = [[0, 1, 4, 5], [2, 3, 6, 7], [8, 9, 12, 13], [10, 11, 14, 15]]
    assert depth_to_space(images)[0, ..., 0].tolist() == expected


@pytest.mark.parametrize("side", [1, 5, 6, 8, 30])
def test_the_decoder_gives_back_the_shape_that_went_in(side):
    model = small_model(side)
    variables = initial_variables(model, jax.random.key(0), unit(model))
    output = autoencode(model, variables, jnp.ones((2, side, side)), jax.random.key(1))
    assert output.reconstruction.shape == (2, side, side)
    assert output.posterior.mean.shape == output.latent.shape == (2, 3)


def test_a_model_works_in_reduced_units_on_both_sides():
    """Scaling and shifting the samples and their normalisation alike changes no latent and moves the output along."""
    model = small_model()
    samples = jax.random.normal(jax.random.key(0), (4, 6, 6))
    variables = initial_variables(model, jax.random.key(1), unit(model))
    shifted = variables | {"normalisation": {"mean": jnp.full((6, 6), 5.0), "scale": jnp.float32(2.0)}}
    posterior, same = encode(model, variables, samples), encode(model, shifted, 2.0 * samples + 5.0)
    np.testing.assert_allclose(posterior.mean, same.mean, atol=1e-5)
    np.testing.assert_allclose(
        decode(model, shifted, same.mean), 2.0 * decode(model, variables, posterior.mean) + 5.0, atol=1e-4
    )


def test_only_the_parameters_are_parameters():
    model = small_model()
    variables = initial_variables(model, jax.random.key(0), unit(model))
    assert set(variables) == {"params", "normalisation"}
    assert set(variables["params"]) == {"encoder", "decoder"}


def test_a_residual_perceptron_begins_without_its_blocks():
    """The same features whatever the depth, so that training starts from a linear map."""
    vectors = jax.random.normal(jax.random.key(0), (4, 10))
    shallow, deep = (ResidualPerceptron(16, depth) for depth in (1, 6))
    outputs = [body.apply(body.init(jax.random.key(1), vectors), vectors) for body in (shallow, deep)]
    np.testing.assert_allclose(*outputs, rtol=1e-6)
