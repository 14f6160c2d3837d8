import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn

from lcpjax.errors import InputError
from lcpjax.evaluation.latents.latent_axes import decoded_axes, decoder_gain, principal_axes
from lcpjax.evaluation.latents.latent_coherence import cluster_agreement
from lcpjax.model import VAE, StandardNormal
from lcpjax.model.sample_kinds import NORMALISED, VECTOR

RANDOM = np.random.default_rng(0)


SLOPES = np.array([[2.0, 0.0], [0.0, 1.0], [0.0, 1.0], [0.0, 0.0]], np.float32)


class Linear(nn.Module):
    gives, latents = NORMALISED, VECTOR

    @nn.compact
    def __call__(self, latent):
        return (latent @ jnp.asarray(SLOPES.T)).reshape(-1, 2, 2)


def linear_model(scale):
    model = VAE(Linear(), Linear(), StandardNormal(2), (2, 2))
    return model, {"params": {}, "normalisation": {"mean": jnp.zeros((2, 2)), "scale": jnp.float32(scale)}}


def test_the_gain_of_a_linear_decoder_is_its_slopes_squared_an_entry_in_reduced_units():
    gain = decoder_gain(*linear_model(3.0), jnp.asarray(RANDOM.normal(size=(5, 2)), jnp.float32))
    np.testing.assert_allclose(gain, 9.0 * SLOPES.T @ SLOPES / 4, rtol=1e-5)


def test_axes_of_what_is_decoded_weigh_latents_by_the_gain():
    codes = RANDOM.normal(size=(20_000, 2))
    axes = decoded_axes(codes, np.asarray(decoder_gain(*linear_model(1.0), jnp.asarray(codes[:4], jnp.float32))))
    np.testing.assert_allclose(axes.variances, [4.0 / 4, 2.0 / 4], rtol=0.05)


def test_principal_axes_are_those_of_the_covariance_the_most_varying_first():
    turn = np.linalg.qr(RANDOM.normal(size=(3, 3)))[0]
    rows = RANDOM.normal(size=(20_000, 3)) * np.array([3.0, 1.0, 0.1]) @ turn.T + 5.0
    axes = principal_axes(rows)
    np.testing.assert_allclose(axes.variances, [9.0, 1.0, 0.01], rtol=0.05)
    np.testing.assert_allclose(np.abs(axes.axes[:, 0] @ turn[:, 0]), 1.0, atol=1e-3)
    assert axes.explained_fraction(1) == pytest.approx(9.0 / 10.01, rel=0.01)
    np.testing.assert_allclose(axes.coordinates(rows, 2).mean(axis=0), 0.0, atol=1e-9)


def test_an_isotropic_cloud_has_two_of_d_and_a_little_more_from_few_codes():
    many, few = (principal_axes(RANDOM.normal(size=(number, 20))).explained_fraction(2) for number in (50_000, 200))
    assert many == pytest.approx(2 / 20, rel=0.05)
    assert 0.12 < few < 0.25


@pytest.mark.parametrize("rows", [np.ones((1, 3)), np.ones((5, 3)), np.array([[0.0], [np.nan]]), np.ones((5, 0))])
def test_codes_without_axes_are_refused(rows):
    with pytest.raises(InputError, match="principal axes"):
        principal_axes(rows)


def test_clusters_agree_with_classes_that_lie_apart_and_not_with_others():
    labels = np.repeat([0, 1, 2], 100)
    apart = RANDOM.normal(size=(300, 2)) + 20.0 * np.eye(3)[labels][:, :2]
    assert cluster_agreement(apart, labels) == 1.0
    assert abs(cluster_agreement(apart, RANDOM.permutation(labels))) < 0.05


def test_codes_of_other_latents_and_a_gain_that_is_none_are_refused():
    codes = RANDOM.normal(size=(9, 2))
    with pytest.raises(InputError, match="latents: 3 a code; these axes are of 2"):
        principal_axes(codes).coordinates(np.ones((4, 3)), 1)
    for gain in (np.ones((2, 3)), np.full((2, 2), np.nan)):
        with pytest.raises(InputError, match="gain: needs a finite square matrix"):
            decoded_axes(codes, gain)
