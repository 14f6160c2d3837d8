"""ln Z from draws of a learned density, which is trained for it."""

import jax
import jax.numpy as jnp

from lcpjax.build import build_plan, build_sampling_plan
from lcpjax.config import Config
from lcpjax.config.check import ConfigError
from lcpjax.evaluation.density.learned_density import LearnedDensity, learned_density_of
from lcpjax.evaluation.density.partition_functions import LearnedRoute, densities_of_samples, learned_route
from lcpjax.model.sample_kinds import PARTICLES
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import sample_dataset
from lcpjax.pipeline.training import learn_representation, train_models, trained_models
from lcpjax.report import progress
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler import sample
from lcpjax.sampler.streams import Seed, Stream
from lcpjax.training import ModelSetting

from .settings import Settings

_CHAINS, _DRAWS = range(2)


def check_density(config: Config) -> None:
    """Refuse a model that is no density of particles.

    Raises:
        ConfigError: such a model, where there are to be draws of it.
    """
    if config.settings.draws_per_configuration and build_plan(config).model.prior.latents != PARTICLES:
        raise ConfigError(
            f"model.prior = {config.model.prior}: no density of particles that can be drawn from; model=best has one, "
            "and settings.draws_per_configuration=0 needs none"
        )


def num_configurations(config: Config) -> int:
    """Equilibrium configurations at all gammas together."""
    return config.evaluation.configurations_per_gamma * len(config.system.gammas)


def train_density(run: Run) -> LearnedDensity:
    """The config's model, trained on a dataset of its own."""
    dataset = sample_dataset(run)
    plan = learn_representation(build_plan(run.config), dataset, run.folder)
    settings = [ModelSetting(run.config.training.kl_weight, run.config.model.latent_dim, run.config.training.seed)]
    states = train_models(run, plan, settings, dataset)
    return learned_density_of(trained_models(run, plan, settings, states)[0])


def route_of(run: Run, density: LearnedDensity) -> LearnedRoute:
    """Ln Z at each gamma, in increasing order, from new chains and draws.

    Raises:
        InputError: they have too little in common.
    """
    sizes: Settings = run.config.settings
    plan, gammas = build_sampling_plan(run.config), sorted(run.config.system.gammas)
    number, sweeps = num_configurations(run.config), 2 * plan.num_sweeps
    key = jax.random.fold_in(key_of_seed(Seed.EVALUATION), Stream.ACCEPTANCE_RATIO)
    moves = number * sweeps * plan.system.num_particles
    with run.folder.stage("chains"), progress("sampling the fluid", moves, "moves") as advance:
        gamma = jnp.tile(jnp.asarray(gammas, jnp.float32), number // len(gammas))
        sampled = sample(jax.random.fold_in(key, _CHAINS), plan.system, gamma, sweeps, on_moves=advance).positions
    num_draws = sizes.draws_per_configuration * number
    with run.folder.stage("draws"), progress("drawing from the learned density", num_draws, "draws") as advance:
        draws = density.draw(jax.random.fold_in(key, _DRAWS), num_draws, advance)
    with run.folder.stage("densities"):
        chains = [sampled[index :: len(gammas)] for index in range(len(gammas))]
        return learned_route(densities_of_samples(plan.system, gammas, density, draws, chains))
