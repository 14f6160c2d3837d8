import jax
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.experiments.latent_probes.conditional_gaussian import draw_given

RANDOM = np.random.default_rng(0)


def given():
    cov = np.array([[1.0, 0.8, 0.0], [0.8, 1.0, 0.0], [0.0, 0.0, 0.25]])
    return RANDOM.normal(size=(40_000, 3)) @ np.linalg.cholesky(cov).T + np.array([1.0, 2.0, 3.0])


def test_latents_are_drawn_given_those_that_are_held():
    values = np.full((20_000, 3), 3.0)
    drawn = draw_given(jax.random.key(0), given(), np.array([0]), values)
    assert np.all(drawn[:, 0] == 3.0)
    np.testing.assert_allclose(drawn[:, 1:].mean(axis=0), [2.0 + 0.8 * 2.0, 3.0], atol=0.03)
    np.testing.assert_allclose(drawn[:, 1:].std(axis=0), [0.6, 0.5], atol=0.02)


def test_with_nothing_held_the_whole_gaussian_is_drawn_and_what_never_changes_stays():
    codes = np.concatenate([given(), np.full((40_000, 1), 7.0)], axis=1)
    drawn = draw_given(jax.random.key(0), codes, np.array([], int), np.zeros((20_000, 4)))
    np.testing.assert_allclose(np.cov(drawn.T)[:3, :3], np.cov(codes.T)[:3, :3], atol=0.03)
    np.testing.assert_allclose(drawn[:, 3], 7.0)


def test_latents_that_do_not_exist_cannot_be_held():
    with pytest.raises(InputError, match="different latents from 0 to 2"):
        draw_given(jax.random.key(0), given(), np.array([3]), np.zeros((2, 3)))
