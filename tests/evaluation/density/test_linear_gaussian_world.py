"""A world whose entropy is known, x = W z + noise, and its perfect autoencoder: nothing above it, nothing below."""

import math

import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.evaluation.density.rate import nats_above_entropy, rate_above_shannon_bound, shannon_lower_bound
from lcpjax.evaluation.latents.gaussian_codes import fit_gaussian, rate_of_distortion
from lcpjax.evaluation.reconstruction.reconstruction_error import rmsd
from lcpjax.model import Posterior
from lcpjax.model.posterior import kl_divergence
from tests.evaluation.linear_gaussian_world import ENTROPY, LENGTHS, NOISE, NUM_PARTICLES, ROWS, WEIGHTS

# float32: about 5 nats, summed over 1000 configurations.
ROUNDING = float(5 * 16 * np.finfo(np.float32).eps)


def posterior(rows, width=1.0):
    """q(z | x) of the linear autoencoder; of the perfect one where its standard deviation is 1 times the true one."""
    variance = 1 / (1 + LENGTHS**2 / NOISE**2)
    mean, log_variance = rows @ WEIGHTS / NOISE**2 * variance, np.log(variance * width**2)
    return Posterior(*(jnp.asarray(np.broadcast_to(each, mean.shape), jnp.float32) for each in (mean, log_variance)))


def decoded_error(posterior):
    """D of decoded posterior samples: that of the mean, and the posterior's variance as the decoder hands it on."""
    outputs = posterior.mean @ jnp.asarray(WEIGHTS.T, jnp.float32)
    positions, outputs = (jnp.asarray(each, jnp.float32).reshape(-1, NUM_PARTICLES, 2) for each in (ROWS, outputs))
    of_mean = float(0.5 * np.mean(np.asarray(rmsd(positions, outputs)) ** 2))
    of_noise = np.exp(np.asarray(posterior.log_variance, np.float64)) @ LENGTHS**2 / (2 * NUM_PARTICLES)
    return of_mean + of_noise.mean()


def evidence_bound(posterior, kl_nats):
    """The ELBO with the decoder N(W z, noise^2)."""
    entries = 2 * NUM_PARTICLES
    return -0.5 * entries * (math.log(2 * math.pi * NOISE**2) + decoded_error(posterior) / NOISE**2) - kl_nats


def test_the_perfect_autoencoder_spends_the_mutual_information_and_not_a_nat_more():
    kl_nats = float(kl_divergence(posterior(ROWS)).mean())
    information = 0.5 * np.log(1 + LENGTHS**2 / NOISE**2).sum()
    assert kl_nats == pytest.approx(information, abs=ROUNDING)
    assert decoded_error(posterior(ROWS)) == pytest.approx(NOISE**2, abs=ROUNDING * NOISE**2)
    assert rate_above_shannon_bound(kl_nats, ENTROPY, NUM_PARTICLES, decoded_error(posterior(ROWS))) == pytest.approx(
        0.0, abs=ROUNDING
    )


def test_the_bound_of_the_perfect_autoencoder_is_the_entropy_and_so_is_the_fitted_gaussian():
    bound = evidence_bound(posterior(ROWS), float(kl_divergence(posterior(ROWS)).mean()))
    # The error of D weighs 1 / noise^2.
    assert nats_above_entropy(bound, ENTROPY) == pytest.approx(0.0, abs=4 * ROUNDING)
    assert nats_above_entropy(fit_gaussian(ROWS).log_density(ROWS).mean(), ENTROPY) == pytest.approx(0.0, abs=1e-10)


def test_the_best_linear_code_and_shannons_bound_agree_with_it_down_to_its_own_error():
    variances = fit_gaussian(ROWS).variances
    for error in (0.25 * NOISE**2, NOISE**2):
        bound = shannon_lower_bound(ENTROPY, NUM_PARTICLES, error)
        assert rate_of_distortion(variances, error) == pytest.approx(bound, abs=1e-9)
    # Above it the water covers the noise, and the bound can no longer be reached.
    assert rate_of_distortion(variances, 0.2) > shannon_lower_bound(ENTROPY, NUM_PARTICLES, 0.2) + 0.1


@pytest.mark.parametrize("width", [0.5, 2.0])
def test_an_autoencoder_that_is_too_sure_or_not_sure_enough_lies_above(width):
    kl_nats, error = float(kl_divergence(posterior(ROWS, width)).mean()), decoded_error(posterior(ROWS, width))
    assert rate_above_shannon_bound(kl_nats, ENTROPY, NUM_PARTICLES, error) > 0.1
    assert nats_above_entropy(evidence_bound(posterior(ROWS, width), kl_nats), ENTROPY) > 0.1


def test_one_that_leaks_is_caught_as_negative():
    """The sibling: a decoder that knows more than its latents were charged for."""
    exact, vague = posterior(ROWS), posterior(ROWS, width=2.0)
    charged = float(kl_divergence(vague).mean())
    assert rate_above_shannon_bound(charged, ENTROPY, NUM_PARTICLES, decoded_error(exact)) < -0.1
    assert nats_above_entropy(evidence_bound(exact, charged), ENTROPY) < -0.1


def test_a_density_that_has_seen_what_it_is_tested_on_is_caught_as_negative():
    few = ROWS[:20]
    assert nats_above_entropy(fit_gaussian(few).log_density(few).mean(), ENTROPY) < -0.1
    assert nats_above_entropy(fit_gaussian(few).log_density(ROWS[20:]).mean(), ENTROPY) > 0.1
