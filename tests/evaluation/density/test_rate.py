import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.evaluation.density.rate import (
    nats_above_entropy,
    ordered_entropy,
    rate_above_shannon_bound,
    shannon_lower_bound,
)
from lcpjax.evaluation.latents.active_units import active_by_kl, active_by_variance, kl_of_each_latent
from lcpjax.model import Posterior
from lcpjax.model.posterior import kl_divergence
from lcpjax.representation import ORDERINGS, Representation


@pytest.mark.parametrize("ordering", [*ORDERINGS, "template"])
@pytest.mark.parametrize("mirror", ["keep", "canonical", "augmented"])
def test_an_order_takes_ln_n_factorial_and_a_canonical_image_ln_two_and_nothing_else_takes_anything(ordering, mirror):
    taken = 50.0 - ordered_entropy(50.0, 6, Representation("coordinates", ordering, mirror=mirror))
    expected = (0 if ordering == "none" else math.log(720)) + (math.log(2) if mirror == "canonical" else 0)
    assert taken == pytest.approx(expected, abs=1e-12)


def test_one_particle_on_a_line_of_two_halves_has_the_entropy_of_one_half():
    # Uniform in a box of side 4, labelled entropy ln 16; its canonical image is uniform in half of it.
    labelled, canonical = math.log(16.0), Representation("coordinates", "height", box_side=4.0, mirror="canonical")
    assert ordered_entropy(labelled, 1, canonical) == pytest.approx(math.log(8.0))


def test_the_bound_of_a_gaussian_is_its_rate_distortion_function():
    # Five particles, ten independent coordinates of variance 3: R = 10 / 2 ln (3 / D).
    entropy = 5 * math.log(2 * math.pi * math.e * 3.0)
    for error in (0.01, 0.3, 3.0):
        assert shannon_lower_bound(entropy, 5, error) == pytest.approx(5 * math.log(3.0 / error), abs=1e-12)
    assert shannon_lower_bound(entropy, 5, 0.0) == math.inf


def test_halving_the_error_costs_ln_two_a_particle():
    costs = shannon_lower_bound(22.4, 30, 0.01) - shannon_lower_bound(22.4, 30, 0.02)
    assert costs == pytest.approx(30 * math.log(2))


def test_a_code_at_the_bound_lies_no_nats_above_it_nor_does_the_true_density():
    rate = shannon_lower_bound(22.4, 30, 0.02)
    assert rate_above_shannon_bound(rate, 22.4, 30, 0.02) == 0.0
    assert rate_above_shannon_bound(rate - 3.0, 22.4, 30, 0.02) == pytest.approx(-3.0)
    assert nats_above_entropy(-22.4, 22.4) == 0.0
    assert nats_above_entropy(-20.0, 22.4) == pytest.approx(-2.4)


def test_the_kl_of_all_latents_together_is_that_of_the_model():
    mean, log_variance = (jax.random.normal(jax.random.key(seed), (64, 5)) for seed in range(2))
    posterior = Posterior(mean, log_variance)
    assert kl_of_each_latent(posterior).shape == (5,)
    np.testing.assert_allclose(kl_of_each_latent(posterior).sum(), kl_divergence(posterior).mean(), rtol=1e-5)


def test_a_latent_that_follows_its_prior_is_not_active_by_either_criterion():
    # The first is the prior, the second varies by 0.04 around it, the third says nothing but in its width,
    # the fourth varies by 0.0025, with an almost certain posterior.
    mean = jnp.array([[0.0, 0.2, 0.0, 0.05], [0.0, -0.2, 0.0, -0.05]])
    log_variance = jnp.array([[0.0, 0.0, -1.0, -6.0], [0.0, 0.0, 1.0, -6.0]])
    posterior = Posterior(mean, log_variance)
    assert active_by_kl(posterior).tolist() == [False, True, True, True]
    assert active_by_variance(posterior).tolist() == [False, True, False, False]
