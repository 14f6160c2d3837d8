import jax
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.model.priors import CouplingFlow
from lcpjax.training import FlowTraining, StandardDensity, fit_flow, fit_gaussians, fit_mixtures

SMALL = CouplingFlow(depth=4, width=32)
QUICK = FlowTraining(num_epochs=25, batch_size=64, learning_rate=3e-3)


def bent(number, seed):
    """Two classes of two latents, the second latent bent along the first: no Gaussian."""
    random = np.random.default_rng(seed)
    index = random.integers(0, 2, number)
    first = random.normal(size=number)
    second = 0.3 * random.normal(size=number) + first**2 + 2.0 * index
    return np.stack([first, second], axis=1).astype(np.float32), index


GAMMAS = np.array([0.1, 1.0])
TRAIN, HELD_OUT, TEST = bent(2000, 0), bent(500, 1), bent(2000, 2)


@pytest.fixture(scope="module")
def densities():
    parts = *TRAIN, *HELD_OUT
    return {
        "Gaussian": fit_gaussians(*TRAIN, GAMMAS),
        "mixture": fit_mixtures(*parts, (1, 4)),
        "flow": fit_flow(jax.random.key(0), *parts, GAMMAS, QUICK, SMALL),
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
    untrained = fit_flow(jax.random.key(0), *TRAIN, *HELD_OUT, GAMMAS, QUICK._replace(num_epochs=0), SMALL)
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
    with pytest.raises(InputError, match="not finite"):
        fit_mixtures(np.full_like(latents, np.nan), index, *HELD_OUT, (1,))
    with pytest.raises(InputError, match="at least 2 of each"):
        fit_flow(jax.random.key(0), latents[:1], index[:1], *HELD_OUT, GAMMAS)


def straight(gammas, number, seed):
    """Latents whose mean and ln of their width are straight in ln(1 + gamma / 0.1), as a Gaussian's rule assumes."""
    index = np.repeat(np.arange(len(gammas)), number)
    place = np.log1p(np.asarray(gammas)[index] / 0.1)
    noise = np.random.default_rng(seed).normal(size=(index.size, 2))
    return (np.stack([3.0 - place, place], axis=1) + np.exp(-0.5 * place)[:, None] * noise).astype(np.float32), index


@pytest.mark.parametrize("gamma", [0.55, 1.5])
@pytest.mark.parametrize("is_flow", [False, True])
def test_a_gamma_never_seen_lies_between_its_neighbours_or_beyond_the_last(gamma, is_flow):
    gammas = np.array([0.1, 0.4, 0.7, 1.0])
    train, held_out = straight(gammas, 4000, 0), straight(gammas, 500, 1)
    # Of what is Gaussian a flow has nothing to learn.
    untrained = QUICK._replace(num_epochs=0)
    density = fit_gaussians(*train, gammas)
    if is_flow:
        density = fit_flow(jax.random.key(0), *train, *held_out, gammas, untrained, SMALL)
    drawn = density.draw_at(jax.random.key(1), gamma, 4000)
    true, _ = straight([gamma], 4000, 2)
    error = true.std(axis=0) * (2 / 4000) ** 0.5
    assert np.all(np.abs(drawn.mean(axis=0) - true.mean(axis=0)) < 4.3 * error)
    np.testing.assert_allclose(drawn.std(axis=0), true.std(axis=0), rtol=4.3 / 4000**0.5)
    # The nearest gamma that was seen is another density.
    nearest = train[0][train[1] == np.argmin(np.abs(gammas - gamma))]
    assert np.any(np.abs(nearest.mean(axis=0) - true.mean(axis=0)) > 8 * error)


def test_what_is_known_is_not_moved():
    gaussians = fit_gaussians(*TRAIN, GAMMAS)
    mean, factor = gaussians.at(1.0)
    np.testing.assert_allclose(mean, gaussians.means[1])
    np.testing.assert_allclose(factor, gaussians.factors[1])
