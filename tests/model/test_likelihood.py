import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import norm

from lcpjax.errors import InputError
from lcpjax.model import Likelihood, gaussian_log_likelihood


@pytest.mark.parametrize("scale_shape", [(), (3, 2)])
def test_the_log_likelihood_is_that_of_scipys_normal_density(scale_shape):
    samples, means = jax.random.normal(jax.random.key(0), (2, 4, 3, 2))
    scale = jnp.exp(jax.random.normal(jax.random.key(1), scale_shape))
    expected = norm.logpdf(samples, means, np.broadcast_to(scale, (3, 2))).sum(axis=(1, 2))
    np.testing.assert_allclose(gaussian_log_likelihood(samples, means, scale), expected, rtol=1e-5)


def test_the_best_shared_scale_is_the_root_mean_square_error():
    samples, means = jnp.zeros((1, 50, 2)), 0.3 * jax.random.normal(jax.random.key(0), (1, 50, 2))
    best = jnp.sqrt(jnp.mean((samples - means) ** 2))
    slope = jax.grad(lambda scale: gaussian_log_likelihood(samples, means, scale)[0])
    assert abs(float(slope(best))) < 1e-3 * abs(float(slope(1.1 * best)))


def test_a_learned_scale_begins_where_it_is_set_and_never_falls_below_its_least():
    likelihood = Likelihood("shared", initial_scale=0.5, min_scale=0.1)
    assert float(likelihood.scale(jnp.float32(likelihood.initial_parameter))) == pytest.approx(0.5)
    assert float(likelihood.scale(jnp.float32(-1e4))) == pytest.approx(0.1)


def test_only_learned_variances_have_parameters_one_or_one_an_entry():
    assert not Likelihood("fixed").is_learned
    assert Likelihood("shared").scale_shape((3, 2)) == ()
    assert Likelihood("per_entry").scale_shape((3, 2)) == (3, 2)


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"variance": "shard"}, "variance = shard: did you mean 'shared'"),
        ({"variance": "shared", "initial_scale": 0.1, "min_scale": 0.1}, "initial_scale = 0.1: must be above"),
    ],
)
def test_a_likelihood_that_cannot_be_is_refused(settings, complaint):
    with pytest.raises(InputError, match=complaint):
        Likelihood(**settings)
