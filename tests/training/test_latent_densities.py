import jax
import numpy as np
import pytest

from lcpjax.model.priors import CouplingFlow
from lcpjax.training import DensityError, FlowTraining, StandardDensity, fit_flow, fit_mixtures

SMALL = CouplingFlow(depth=4, width=32)
QUICK = FlowTraining(num_epochs=25, batch_size=64, learning_rate=3e-3)


def bent(number, seed):
    """Two classes of two latents, the second latent bent along the first: no Gaussian."""
    random = np.random.default_rng(seed)
    index = random.integers(0, 2, number)
    first = random.normal(size=number)
    second = 0.3 * random.normal(size=number) + first**2 + 2.0 * index
    return np.stack([first, second], axis=1).astype(np.float32), index


TRAIN, HELD_OUT, TEST = bent(2000, 0), bent(500, 1), bent(2000, 2)


@pytest.fixture(scope="module")
def densities():
    parts = *TRAIN, *HELD_OUT
    return {
        "Gaussian": fit_mixtures(*parts, (1,)),
        "mixture": fit_mixtures(*parts, (1, 4)),
        "flow": fit_flow(jax.random.key(0), *parts, QUICK, SMALL),
    }


def mean_log_density(density):
    latents, index = TEST
    return density.log_density_of_each(latents)[np.arange(len(index)), index].mean()


def test_what_bends_with_the_codes_is_the_better_density(densities):
    found = {name: mean_log_density(density) for name, density in densities.items()}
    exact = -0.5 * np.log(2 * np.pi * np.e) - 0.5 * np.log(2 * np.pi * np.e * 0.3**2)
    assert found["Gaussian"] < found["mixture"] < exact + 0.05
    assert found["Gaussian"] + 0.2 < found["flow"] < exact + 0.05


@pytest.mark.parametrize("name", ["Gaussian", "mixture", "flow"])
def test_every_density_integrates_to_one_and_draws_follow_it(densities, name):
    """The mean of u / p over draws from p is the integral of u, here a uniform density on a square."""
    index = np.repeat([0, 1], 4000)
    drawn = densities[name].draw(jax.random.key(1), index)
    for gamma in (0, 1):
        own = drawn[index == gamma]
        corner = np.array([-0.7, 2.0 * gamma - 0.1])
        inside = np.all((own > corner) & (own < corner + 1.4), axis=1)
        ratios = inside / 1.4**2 * np.exp(-densities[name].log_density_of_each(own)[:, gamma])
        assert abs(ratios.mean() - 1.0) < 4.3 * ratios.std() / len(own) ** 0.5
    # The other class is another density.
    assert np.abs(np.diff(densities[name].log_density_of_each(drawn), axis=1)).mean() > 0.5


def test_a_flow_that_may_not_learn_is_the_gaussian_of_each_gamma(densities):
    untrained = fit_flow(jax.random.key(0), *TRAIN, *HELD_OUT, QUICK._replace(num_epochs=0), SMALL)
    own, other = (each.log_density_of_each(TEST[0]) for each in (untrained, densities["Gaussian"]))
    np.testing.assert_allclose(own, other, atol=0.02)


def test_the_standard_density_is_the_same_for_every_gamma():
    density = StandardDensity(3, 2)
    found = density.log_density_of_each(np.zeros((1, 3)))
    np.testing.assert_allclose(found, -1.5 * np.log(2 * np.pi))
    assert found.shape == (1, 2)
    drawn = density.draw(jax.random.key(0), np.zeros(4000, int))
    np.testing.assert_allclose(np.cov(drawn.T), np.eye(3), atol=0.1)


def test_codes_without_a_density_are_refused():
    latents, index = TRAIN
    with pytest.raises(DensityError, match="not finite"):
        fit_mixtures(np.full_like(latents, np.nan), index, *HELD_OUT, (1,))
    with pytest.raises(DensityError, match="at least 2 of each"):
        fit_flow(jax.random.key(0), latents[:1], index[:1], *HELD_OUT)
