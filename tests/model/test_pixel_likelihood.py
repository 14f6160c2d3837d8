"""Probabilities of images: they sum to 1 over all images there are, and extreme logits break none of them."""

import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import softmax
from scipy.stats import multinomial, norm

from lcpjax.errors import InputError
from lcpjax.model import BERNOULLI, EXACTLY, MULTINOMIAL, PixelLikelihood
from lcpjax.model.exactly_n import log_number_weight, tilt_to_number

NUMBER = 2
LOGITS = jnp.array([[[0.3, -1.2], [2.0, 0.1]]])


def images_of(counts):
    return jnp.asarray(counts, jnp.float32).reshape(-1, 2, 2)


def total_probability(distribution, images):
    likelihood = PixelLikelihood(cell_distribution=distribution, num_particles=NUMBER)
    logits = jnp.broadcast_to(LOGITS, images.shape)
    return float(jnp.sum(jnp.exp(likelihood.log_likelihood(images, logits, jnp.ones(())))))


ALL_SETS = images_of(list(itertools.product((0, 1), repeat=4)))
PAIRS = images_of([each for each in itertools.product((0, 1), repeat=4) if sum(each) == NUMBER])
COUNTS = images_of([each for each in itertools.product((0, 1, 2), repeat=4) if sum(each) == NUMBER])


@pytest.mark.parametrize(("distribution", "images"), [(BERNOULLI, ALL_SETS), (EXACTLY, PAIRS), (MULTINOMIAL, COUNTS)])
def test_each_distribution_sums_to_one_over_its_own_images_and_not_over_others(distribution, images):
    assert total_probability(distribution, images) == pytest.approx(1.0, rel=1e-5)
    # Images of another distribution: pairs are not all that independent cells or a multinomial allow.
    others = PAIRS if distribution != EXACTLY else COUNTS
    assert abs(total_probability(distribution, others) - 1.0) > 1e-2


def test_the_multinomial_is_scipys():
    likelihood = PixelLikelihood(cell_distribution=MULTINOMIAL, num_particles=NUMBER)
    logits = jnp.broadcast_to(LOGITS, COUNTS.shape)
    found = likelihood.log_likelihood(COUNTS, logits, jnp.ones(()))
    fractions = softmax(np.asarray(LOGITS, np.float64).ravel())
    np.testing.assert_allclose(
        found, multinomial.logpmf(np.asarray(COUNTS).reshape(-1, 4), NUMBER, fractions), rtol=1e-5
    )


@pytest.mark.parametrize("spread", [1.0, 40.0])
def test_the_weight_of_so_many_cells_is_that_of_all_their_sets(spread):
    values = spread * jax.random.normal(jax.random.key(0), (3, 9))
    sets = np.array(list(itertools.combinations(range(9), 4)))
    exact = np.logaddexp.reduce(np.asarray(values, np.float64)[:, sets].sum(axis=-1), axis=1)
    # 9 cells, each a rounding of numbers of order 100.
    np.testing.assert_allclose(log_number_weight(values, 4), exact, atol=1e-6 * 9 * spread)


def test_the_slope_of_the_weight_is_how_often_a_cell_is_in_a_set_and_it_is_finite_where_logits_are_extreme():
    values = jnp.array([[0.5, -0.3, 1.0, 0.0]])
    slope = jax.grad(lambda each: log_number_weight(each, 2)[0])(values)[0]
    sets = np.array(list(itertools.combinations(range(4), 2)))
    weights = np.exp(np.asarray(values)[0][sets].sum(axis=1))
    expected = [weights[(sets == cell).any(axis=1)].sum() / weights.sum() for cell in range(4)]
    np.testing.assert_allclose(slope, expected, rtol=1e-5)
    extreme = jnp.where(jnp.arange(256) < 40, 90.0, -90.0)[None]
    value, slope = jax.value_and_grad(lambda each: log_number_weight(each, 30)[0])(extreme)
    # All sets of 30 of the 40 likely cells.
    assert float(value) == pytest.approx(30 * 90.0 + math.log(math.comb(40, 30)), rel=1e-5)
    assert float(slope.sum()) == pytest.approx(30.0, rel=1e-4)


def test_tilted_cells_are_occupied_so_often_on_average():
    logits = 5.0 * jax.random.normal(jax.random.key(1), (4, 50))
    tilted = jax.nn.sigmoid(logits + tilt_to_number(logits, 7)[:, None])
    np.testing.assert_allclose(tilted.sum(axis=1), 7.0, rtol=1e-3)


def test_offsets_are_gaussian_in_occupied_cells_and_of_no_matter_elsewhere():
    likelihood = PixelLikelihood(num_particles=1, base_rate=0.25)
    image = jnp.zeros((1, 2, 2, 3)).at[0, 1, 0].set(jnp.array([1.0, 0.2, -0.1]))
    outputs = jnp.full((1, 2, 2, 3), 0.05)
    scale = jnp.float32(0.3)
    of_cells = likelihood.log_probability_of_cells(image, outputs)
    found = likelihood.log_likelihood(image, outputs, scale) - of_cells
    assert float(found[0]) == pytest.approx(norm.logpdf([0.2, -0.1], 0.05, 0.3).sum(), rel=1e-5)
    elsewhere = outputs.at[0, 0, 0, 1:].set(9.0)
    assert float(likelihood.log_likelihood(image, elsewhere, scale)[0]) == pytest.approx(float(found[0] + of_cells[0]))


def test_logits_of_zero_are_the_base_rate_and_offsets_are_left_alone():
    likelihood = PixelLikelihood(base_rate=0.1)
    means = likelihood.means(likelihood.outputs(jnp.zeros((1, 2, 2, 3))))
    np.testing.assert_allclose(means[..., 0], 0.1, rtol=1e-6)
    assert not means[..., 1:].any()


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"cell_distribution": "exact"}, "cell_distribution = exact: did you mean 'exactly'"),
        ({"base_rate": 1.0}, "base_rate = 1.0: must be"),
    ],
)
def test_a_likelihood_of_images_that_cannot_be_is_refused(settings, complaint):
    with pytest.raises(InputError, match=complaint):
        PixelLikelihood(**settings)
