"""Weights and blur of images: what they say at each moment of training, and where they cannot be."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.model import EXACTLY, Likelihood, PixelLikelihood
from lcpjax.training import PLAIN, PixelWeights
from lcpjax.training.pixel_weights import blurred

LIKELIHOOD = PixelLikelihood(num_particles=3)
LOGITS = jax.random.normal(jax.random.key(0), (2, 4, 4))
COUNTS = (jax.random.uniform(jax.random.key(1), (2, 4, 4)) < 0.3).astype(jnp.float32)


def cross_entropy(live_weight=1.0, focus=0.0):
    p, t = (np.asarray(each, np.float64) for each in (jax.nn.sigmoid(LOGITS), COUNTS))
    live, empty = live_weight * (1 - p) ** focus * np.log(p), p**focus * np.log(1 - p)
    return -np.sum(t * live + (1 - t) * empty, axis=(1, 2))


def test_without_weights_or_blur_nothing_is_replaced():
    assert PLAIN.is_plain
    found = -LIKELIHOOD.log_probability_of_cells(COUNTS, LOGITS)
    np.testing.assert_allclose(found, cross_entropy(), rtol=1e-5)


def test_the_weight_of_live_cells_goes_from_its_first_value_to_its_last():
    weights = PixelWeights(live_weight=9.0, final_live_weight=1.0)
    for progress, weight in ((0.0, 9.0), (0.5, 5.0), (1.0, 1.0)):
        found = weights.term(LIKELIHOOD, LOGITS, COUNTS, jnp.float32(progress))
        np.testing.assert_allclose(found, cross_entropy(weight), rtol=1e-5)


def test_focus_weighs_by_what_was_missing_and_its_slope_is_finite_where_nothing_is():
    weights = PixelWeights(focus=2.0)
    np.testing.assert_allclose(weights.term(LIKELIHOOD, LOGITS, COUNTS, 1.0), cross_entropy(focus=2.0), rtol=1e-5)
    for weighs in (weights, PixelWeights(live_weight=3.0)):
        slope = jax.grad(lambda each, own=weighs: own.term(LIKELIHOOD, each, COUNTS, 1.0).sum())(400.0 * LOGITS)
        assert bool(jnp.isfinite(slope).all())


def test_a_blur_keeps_every_particle_and_comes_down_to_none():
    weights = PixelWeights(blur=2.0, blur_fraction=0.5)
    assert [float(weights.blur_at(jnp.float32(progress))) for progress in (0.0, 0.25, 0.5, 1.0)] == [2.0, 1.0, 0.0, 0.0]
    smeared = blurred(COUNTS, 2.0)
    np.testing.assert_allclose(smeared.sum(axis=(1, 2)), COUNTS.sum(axis=(1, 2)), rtol=1e-5)
    assert float(smeared.max()) < 0.6
    np.testing.assert_allclose(blurred(COUNTS, 0.0), COUNTS, atol=1e-6)
    end = weights.term(LIKELIHOOD, LOGITS, COUNTS, 1.0)
    np.testing.assert_allclose(end, cross_entropy(), rtol=1e-5)


@pytest.mark.parametrize(
    ("weights", "likelihood", "shape", "complaint"),
    [
        (PixelWeights(focus=2.0), Likelihood(), (4, 4), "are of images that count particles"),
        (PixelWeights(blur=2.0), LIKELIHOOD, (4, 4, 3), "without offsets"),
        (
            PixelWeights(live_weight=2.0),
            PixelLikelihood(cell_distribution=EXACTLY),
            (4, 4),
            r"independent cells \(bernoulli\)",
        ),
        (PixelWeights(live_weight=2.0, blur=1.0), LIKELIHOOD, (4, 4), "that are not blurred"),
    ],
)
def test_weights_that_a_likelihood_cannot_have_are_refused(weights, likelihood, shape, complaint):
    with pytest.raises(InputError, match=complaint):
        weights.check(likelihood, shape)
    PLAIN.check(likelihood, shape)
