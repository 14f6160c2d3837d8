"""From the config to objects, before anything is written: every name is looked up and every size is checked here."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol, runtime_checkable

from lcpjax.config import Config, ModelConfig, RepresentationConfig, SystemConfig
from lcpjax.config_check import ConfigError
from lcpjax.dataset import SamplingPlan, part_sizes
from lcpjax.errors import OneLineError
from lcpjax.model import (
    VAE,
    ImageLayout,
    Likelihood,
    NetworkSizes,
    PriorSizes,
    SampleLayout,
    build_decoder,
    build_encoder,
    build_prior,
    check_latents,
    skipping,
)
from lcpjax.report.trajectories import Format, trajectory_format
from lcpjax.representation import AsGiven, Representation
from lcpjax.sampler import Ladder, LadderError, check_kernel
from lcpjax.system import System
from lcpjax.training import AnyRepresentation, Objective, TrainingPlan


@runtime_checkable
class Described(Protocol):
    """The part of a config that a trained model depends on."""

    system: SystemConfig
    representation: RepresentationConfig
    model: ModelConfig


def build_system(config: Described) -> System:
    """The fluid.

    Raises:
        ConfigError: one that cannot exist.
    """
    with _named("system"):
        return System(
            num_particles=config.system.num_particles,
            box_side=config.system.box_side,
            temperature=config.system.temperature,
            pair_potential=config.system.pair_potential,
        )


def build_sampling_plan(config: Config) -> SamplingPlan:
    """What is sampled: all that decides the configurations of every chain, but not how many chains.

    Raises:
        ConfigError: an unknown order, rungs that make no ladder, a step too long, too many sweeps.
    """
    system, sampler = build_system(config), config.sampler
    with _named("sampler"):
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
        )


def _ladder(config: Config) -> Ladder | None:
    temperatures = tuple(config.sampler.tempering_temperature_factors)
    gammas = tuple(config.sampler.tempering_gamma_factors)
    try:
        return Ladder(temperatures, gammas) if temperatures or gammas else None
    except LadderError as error:
        raise ConfigError(f"sampler.tempering_temperature_factors, tempering_gamma_factors: {error}") from None


def build_representation(config: Described, template: tuple[tuple[float, float], ...] = ()) -> Representation:
    """What the model sees.

    Args:
        template: learnt by a run before, if its ordering has one.

    Raises:
        ConfigError: an unknown name.
    """
    with _named("representation"):
        about = config.representation
        return Representation(about.name, about.ordering, template, config.system.box_side, about.mirror)


def build_model(config: Described) -> VAE:
    """The autoencoder, without parameters.

    Raises:
        ConfigError: an unknown network, or one that does not fit the representation.
    """
    representation = build_representation(config)
    if config.model.prior == "autoregressive" and representation.ordering != "height":
        raise ConfigError(
            "model.prior = autoregressive: particles come by height; representation.ordering must be height"
        )
    layout = SampleLayout(representation.name, config.system.num_particles, build_system(config).box_side)
    return _model_of(config, layout)


def _model_of(config: Described, layout: SampleLayout | ImageLayout) -> VAE:
    with _named("model"):
        sizes = _network_sizes(config.model)
        encoder = build_encoder(config.model.encoder, layout, config.model.latent_dim, sizes)
        decoder = build_decoder(config.model.decoder, layout, sizes)
        if config.model.linear_skip:
            encoder, decoder = skipping(encoder, decoder)
        prior_sizes = PriorSizes(config.model.resolution, config.model.prior_width, config.model.prior_depth)
        prior = build_prior(config.model.prior, config.model.latent_dim, build_system(config), prior_sizes)
        check_latents(encoder, decoder, prior)
        likelihood = Likelihood(config.model.variance, config.model.initial_scale, config.model.min_scale)
    return VAE(encoder, decoder, prior, layout.shape, likelihood)


def _network_sizes(model: ModelConfig) -> NetworkSizes:
    return NetworkSizes(
        channels=tuple(model.channels),
        kernel_size=model.kernel_size,
        width=model.width,
        depth=model.depth,
        num_heads=model.num_heads,
        num_queries=model.num_queries,
        knows_order=model.knows_order,
        token_scale=model.resolution,
    ).checked()


def build_plan(config: Config) -> TrainingPlan[Representation]:
    """How models of this config are trained.

    Raises:
        ConfigError: an unknown name, or a batch larger than the training part.
    """
    return _plan_of(config, build_model(config), build_representation(config), num_training_configurations(config))


def build_image_plan(config: Config, image_shape: tuple[int, int], num_images: int) -> TrainingPlan[AsGiven]:
    """How models of images are trained, with the networks and the training of this config.

    Args:
        num_images: in an epoch.

    Raises:
        ConfigError: an unknown name, or a batch larger than the training part.
    """
    return _plan_of(config, _model_of(config, ImageLayout(image_shape)), AsGiven(), num_images)


def _plan_of(
    config: Config, model: VAE, representation: AnyRepresentation, num_rows: int
) -> TrainingPlan[AnyRepresentation]:
    with _named("training"):
        plan = TrainingPlan(
            model=model,
            representation=representation,
            batch_size=config.training.batch_size,
            num_epochs=config.training.num_epochs,
            schedule=config.training.schedule,
            warmup_fraction=config.training.warmup_fraction,
            final_learning_rate_fraction=config.training.final_learning_rate_fraction,
            gradient_clip=config.training.gradient_clip,
            num_normalisation_configurations=config.training.num_normalisation_configurations,
            evaluation_batch_size=config.evaluation.batch_size,
            objective=Objective(config.training.error, config.training.kl_warmup_fraction, config.training.free_nats),
        )
        plan.steps_per_epoch(num_rows)
    return plan


def build_formats(config: Config) -> dict[str, Format]:
    """The formats of trajectory files, by name.

    Raises:
        ConfigError: an unknown format.
    """
    with _named("report"):
        return {name: trajectory_format(name) for name in config.report.export_formats}


def num_training_configurations(config: Config) -> int:
    """How many configurations the training part will have.

    Raises:
        ConfigError: a part would be empty.
    """
    return num_training_chains(config) * config.sampler.samples_per_chain


def num_training_chains(config: Config) -> int:
    """How many chains the training part will have.

    Raises:
        ConfigError: a part would be empty.
    """
    with _named("dataset"):
        fractions = config.dataset.validation_fraction, config.dataset.test_fraction
        return part_sizes(config.dataset.chains_per_gamma, *fractions)[0] * len(config.system.gammas)


def num_kept_chains(config: Config) -> int:
    """How many chains the dataset has in all; a stream goes on after them."""
    return config.dataset.chains_per_gamma * len(config.system.gammas)


def check(config: Config) -> None:
    """Build everything once and throw it away.

    Raises:
        ConfigError: the first thing that cannot be built.
    """
    sampling = build_sampling_plan(config)
    streamed = num_training_chains(config) * config.training.num_epochs if config.dataset.source == "stream" else 0
    if (num_chains := num_kept_chains(config) + streamed) > (most := sampling.most_chains):
        raise ConfigError(f"dataset.chains_per_gamma: {num_chains} chains in all, there can be at most {most}")
    build_formats(config)
    with _named("sampler"):
        check_kernel(sampling.kernel, sampling.ladder, sampling.system)
    steps = build_plan(config).steps_per_epoch(num_training_configurations(config))
    if config.training.num_epochs > (most := (2**31 - 1) // steps):
        raise ConfigError(f"training.num_epochs = {config.training.num_epochs}: must be at most {most}")


@contextmanager
def _named(group: str) -> Generator[None]:
    """Put the group in front of what a stage says about one of its values."""
    try:
        yield
    except ConfigError:
        raise  # Already names its group.
    except OneLineError as error:
        raise ConfigError(f"{group}.{error}") from None
