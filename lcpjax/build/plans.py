"""Sampling, training and export plans of a config, and the check that all can be built."""

import math
from typing import Protocol, runtime_checkable

from lcpjax.build.models import build_model, build_representation, build_system, build_vae
from lcpjax.build.with_key import with_key
from lcpjax.config import Config, SystemConfig
from lcpjax.config.check import ConfigError
from lcpjax.config.groups import SamplerConfig
from lcpjax.dataset import SamplingPlan, split_sizes
from lcpjax.errors import InputError
from lcpjax.model import VAE, ImageLayout, PixelLikelihood
from lcpjax.representation import Representation
from lcpjax.sampler import Ladder, check_kernel
from lcpjax.sampler.blocks import block_size, check_memory
from lcpjax.training import PLAIN, AnyRepresentation, Objective, PixelWeights, TrainingPlan


@runtime_checkable
class SampledConfigView(Protocol):
    """The groups of a config that a dataset's chains depend on."""

    system: SystemConfig
    sampler: SamplerConfig


def build_sampling_plan(config: SampledConfigView) -> SamplingPlan:
    """Sampling plan: all that decides the configurations of every chain, but not the number of chains.

    Raises:
        ConfigError: an unknown order, rungs that make no ladder, a step too long, too many sweeps.
    """
    system, sampler = build_system(config), config.sampler
    with with_key("sampler"):
        return SamplingPlan(
            system=system,
            gammas=tuple(config.system.gammas),
            seed=sampler.seed,
            num_sweeps=sampler.num_sweeps,
            step_size=sampler.step_size,
            order=sampler.order,
            samples_per_chain=sampler.samples_per_chain,
            thinning=sampler.thinning,
            ladder=_ladder(config),
            kernel=sampler.kernel,
            moves=sampler.moves,
            nonlocal_fraction=sampler.nonlocal_fraction,
        )


def _ladder(config: SampledConfigView) -> Ladder | None:
    temperatures = tuple(config.sampler.tempering_temperature_factors)
    gammas = tuple(config.sampler.tempering_gamma_factors)
    try:
        return Ladder(temperatures, gammas) if temperatures or gammas else None
    except InputError as error:
        raise ConfigError(f"sampler.tempering_temperature_factors, tempering_gamma_factors: {error}") from None


def build_plan(config: Config) -> TrainingPlan[Representation]:
    """Training plan of a config's models.

    Raises:
        ConfigError: an unknown name, or a batch larger than the training set.
    """
    return _plan_of(config, build_model(config), build_representation(config), num_per_epoch(config))


def build_image_plan(
    config: Config,
    representation: AnyRepresentation,
    image_shape: tuple[int, ...],
    num_images: int,
    likelihood: PixelLikelihood | None = None,
    pixels: PixelWeights = PLAIN,
) -> TrainingPlan[AnyRepresentation]:
    """Training plan of models of images, with the networks and the training of this config.

    Args:
        representation: makes the images of what is stored.
        num_images: in an epoch.
        likelihood: of cells and offsets; None: the config's Gaussian.
        pixels: weights of the cells.

    Raises:
        ConfigError: an unknown name, weights that the likelihood cannot have, or a batch larger than the training set.
    """
    model = build_vae(config, ImageLayout(image_shape), likelihood)
    return _plan_of(config, model, representation, num_images, pixels)


def _plan_of(
    config: Config, model: VAE, representation: AnyRepresentation, num_rows: int, pixels: PixelWeights = PLAIN
) -> TrainingPlan[AnyRepresentation]:
    training = config.training
    with with_key("training"):
        plan = TrainingPlan(
            model=model,
            representation=representation,
            batch_size=training.batch_size,
            num_epochs=training.num_epochs,
            optimizer=training.optimizer,
            schedule=training.schedule,
            warmup_fraction=training.warmup_fraction,
            final_learning_rate_fraction=training.final_learning_rate_fraction,
            gradient_clip=training.gradient_clip,
            num_normalisation_configurations=training.num_normalisation_configurations,
            evaluation_batch_size=config.evaluation.batch_size,
            objective=Objective(training.error, training.kl_warmup_fraction, training.free_bits, pixels),
            masks=training.masks,
        )
        plan.steps_per_epoch(num_rows)
    return plan


def num_training_configurations(config: Config) -> int:
    """Number of configurations in the training set.

    Raises:
        ConfigError: a set would be empty.
    """
    return num_training_chains(config) * config.sampler.samples_per_chain


def num_per_epoch(config: Config) -> int:
    """Number of configurations of the training set that an epoch shows: whole turns of the gammas.

    Raises:
        ConfigError: a set would be empty.
    """
    turn = len(config.system.gammas) * config.sampler.samples_per_chain
    num_all = num_training_configurations(config)
    wanted = config.training.configurations_per_epoch or num_all
    return min(max(wanted // turn, 1) * turn, num_all)


def num_training_chains(config: Config) -> int:
    """Number of chains in the training set.

    Raises:
        ConfigError: a set would be empty.
    """
    with with_key("dataset"):
        fractions = config.dataset.validation_fraction, config.dataset.test_fraction
        return split_sizes(config.dataset.chains_per_gamma, *fractions)[0] * len(config.system.gammas)


def num_kept_chains(config: Config) -> int:
    """Number of chains in the dataset; the numbers of a stream's chains continue after them."""
    return config.dataset.chains_per_gamma * len(config.system.gammas)


def num_all_chains(config: Config) -> int:
    """Number of chains in the dataset and in the stream of all epochs, if training data are streamed.

    Raises:
        ConfigError: a set would be empty.
    """
    chains_per_epoch = num_per_epoch(config) // config.sampler.samples_per_chain
    streamed = chains_per_epoch * config.training.num_epochs if config.dataset.source == "stream" else 0
    return num_kept_chains(config) + streamed


def check(config: Config) -> None:
    """Build everything once and throw it away.

    Raises:
        ConfigError: the first thing that cannot be built.
    """
    sampling = build_sampling_plan(config)
    if (num_chains := num_all_chains(config)) > (most := sampling.program.most_chains):
        raise ConfigError(f"dataset.chains_per_gamma: {num_chains} chains in all, there can be at most {most}")
    with with_key("sampler"):
        check_kernel(sampling.program)
        sampling.program.check_potential()
        replicas = block_size(num_chains, sampling.program.num_rungs) * sampling.program.num_rungs
        check_memory(
            replicas, sampling.system.num_particles, math.ceil(num_chains * sampling.program.num_rungs / replicas)
        )
    steps = build_plan(config).steps_per_epoch(num_per_epoch(config))
    if config.training.num_epochs > (most := (2**31 - 1) // steps):
        raise ConfigError(f"training.num_epochs = {config.training.num_epochs}: must be at most {most}")
