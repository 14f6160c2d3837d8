"""ln Z by acceptance ratios with a normalised density, of two particles whose ln Z quadrature knows."""

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.build import build_plan
from lcpjax.errors import InputError
from lcpjax.evaluation.density.learned_density import learned_density_of
from lcpjax.evaluation.density.partition_functions import densities_of_samples, learned_route
from lcpjax.evaluation.reconstruction.energies import pair_energies
from lcpjax.model import initial_variables
from lcpjax.representation import Normalisation
from lcpjax.sampler.verification.two_particle_distribution import two_particle_distribution
from lcpjax.system import System
from tests.smoke_runs import SMOKE, composed
from tests.trained_models import trained

SYSTEM = System(num_particles=2, box_side=4.0, temperature=1.3)
GAMMAS = (0.1, 0.4)
EXACT = np.array([two_particle_distribution(SYSTEM, gamma).log_partition for gamma in GAMMAS])
BEYOND = 0.1
"""In sigma: how far the uniform density reaches out of the box."""
NUM_DRAWS = 40_000


class UniformDensity:
    """Each particle anywhere in a box that is a little too large, in any order; known exactly."""

    def __init__(self, factor=1.0):
        self.side = SYSTEM.box_side + 2 * BEYOND
        self.nats = -2 * SYSTEM.num_particles * math.log(self.side) + math.log(factor)

    def log_density(self, positions):
        return np.full(len(positions), self.nats)

    def draw(self, number):
        places = np.random.default_rng(0).uniform(-BEYOND, SYSTEM.box_side + BEYOND, (number, 2, 2))
        return jnp.asarray(places, jnp.float32)


@functools.cache
def exact_draws(seed=1, number=60_000):
    """Configurations of the fluid at each gamma by rejection from uniform ones, in no order."""
    rng = np.random.default_rng(seed)
    drawn = []
    for gamma in GAMMAS:
        places = rng.uniform(0.0, SYSTEM.box_side, (number, 2, 2)).astype(np.float32)
        energies = np.asarray(pair_energies(jnp.asarray(places), SYSTEM), np.float64) + gamma * places[..., 1].sum(1)
        # No pair energy lies below -1.
        kept = rng.uniform(size=number) < np.exp(-(energies + 1.0) / SYSTEM.temperature)
        drawn.append(jnp.asarray(places[kept]))
    return tuple(drawn)


def deviations(density, draws):
    """Of both estimates at each gamma, in standard errors; and the largest error in nats."""
    route = learned_route(densities_of_samples(SYSTEM, GAMMAS, density, draws, exact_draws()))
    values = np.concatenate([route.bennett, route.multistate]) - np.tile(EXACT, 2)
    errors = np.concatenate([route.bennett_error, route.multistate_error])
    return np.abs(values / errors), errors


def test_ln_z_of_two_particles_is_that_of_quadrature():
    density = UniformDensity()
    found, errors = deviations(density, density.draw(NUM_DRAWS))
    assert found.max() < 4.3
    # A density wrong by 5 % is 0.049 nats off.
    assert errors.max() < math.log(1.05) / 4.3


def test_a_density_that_is_not_normalised_by_five_per_cent_is_seen():
    found, _ = deviations(UniformDensity(factor=1.05), UniformDensity().draw(NUM_DRAWS))
    assert found.min() > 4.3


def test_draws_outside_the_box_or_out_of_order_count_as_such():
    density = UniformDensity()
    draws = density.draw(NUM_DRAWS)
    route = learned_route(densities_of_samples(SYSTEM, GAMMAS, density, draws, exact_draws()))
    expected = 0.5 * (SYSTEM.box_side / density.side) ** 4
    assert abs(route.fit_fraction - expected) < 4.3 * math.sqrt(expected * (1 - expected) / NUM_DRAWS)
    # Able to fail: without those out of order the other half would stand for all, which is ln 2 too much.
    ordered = draws[np.asarray(draws[:, 1, 1] >= draws[:, 0, 1])]
    assert deviations(density, ordered)[0].min() > 4.3


def test_the_effective_number_of_draws_is_that_of_their_weights():
    density = UniformDensity()
    densities = densities_of_samples(SYSTEM, GAMMAS, density, density.draw(2000), exact_draws())
    weights = np.exp(densities.of_draws[:, 1:])
    np.testing.assert_allclose(
        learned_route(densities).effective_number, weights.sum(axis=0) ** 2 / (weights**2).sum(axis=0), rtol=1e-10
    )


def a_model(*overrides):
    small = ["system.num_particles=2", "system.box_side=4.0", "system.temperature=1.3", *overrides]
    plan = build_plan(composed("train", SMOKE, *small))
    first = Normalisation(jnp.full((2, 2), 2.0), jnp.float32(1.5))
    return trained(plan, initial_variables(plan.model, jax.random.key(0), first), system=SYSTEM)


@pytest.mark.slow
def test_a_learned_density_gives_ln_z_before_it_has_learned_anything():
    density = learned_density_of(a_model("model=best", "model.prior_width=8", "model.prior_depth=1"))
    seen = []
    draws = density.draw(jax.random.key(3), 6000, seen.append)
    assert draws.shape == (6000, 2, 2)
    assert sum(seen) == 6000
    assert deviations(density, draws)[0].max() < 4.3
    # Able to fail: draws of another density, shifted by a twentieth of sigma.
    assert deviations(density, draws + 0.05)[0].max() > 4.3


def test_what_has_no_density_of_particles_is_refused_in_one_line():
    other = a_model("representation.name=coordinates", "model=mlp", "model.latent_dim=2", "model.width=4")
    with pytest.raises(InputError, match="its prior is no density of particles; model=best has one"):
        learned_density_of(other)
    with pytest.raises(InputError, match="1 sets of configurations, needed is one for each of 2 gammas"):
        densities_of_samples(SYSTEM, GAMMAS, UniformDensity(), UniformDensity().draw(2), exact_draws()[:1])
