"""From the config to objects, before anything is written: every name is looked up and every size is checked here."""

from collections.abc import Generator
from contextlib import contextmanager

from lcpjax.config import Config, ConfigError
from lcpjax.errors import OneLineError
from lcpjax.model import VAE, build_decoder, build_encoder
from lcpjax.representation import Representation
from lcpjax.system import System
from lcpjax.training import TrainingPlan


def build_system(config: Config) -> System:
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


def build_representation(config: Config) -> Representation:
    """What the model sees.

    Raises:
        ConfigError: an unknown name.
    """
    with _named("representation"):
        return Representation(config.representation.name, config.representation.ordering)


def build_model(config: Config) -> VAE:
    """The autoencoder, without parameters.

    Raises:
        ConfigError: an unknown network, or one that does not fit the representation.
    """
    shape = build_representation(config).sample_shape(config.system.num_particles)
    with _named("model"):
        channels, kernel_size = tuple(config.model.channels), config.model.kernel_size
        if kernel_size % 2 == 0:
            raise ConfigError(f"kernel_size = {kernel_size}: must be odd")
        encoder = build_encoder(config.model.encoder, shape, config.model.latent_dim, channels, kernel_size)
        decoder = build_decoder(config.model.decoder, shape, channels, kernel_size)
    return VAE(encoder, decoder, shape)


def build_plan(config: Config) -> TrainingPlan:
    """How models of this config are trained.

    Raises:
        ConfigError: an unknown name, or a batch larger than the training part.
    """
    with _named("training"):
        plan = TrainingPlan(
            model=build_model(config),
            representation=build_representation(config),
            batch_size=config.training.batch_size,
            num_epochs=config.training.num_epochs,
            schedule=config.training.schedule,
            warmup_fraction=config.training.warmup_fraction,
            gradient_clip=config.training.gradient_clip,
            evaluation_batch_size=config.evaluation.batch_size,
        )
        plan.steps_per_epoch(num_training_configurations(config))
    return plan


def num_training_configurations(config: Config) -> int:
    """How many configurations the training part will have."""
    turns = config.dataset.chains_per_gamma
    held_out = sum(round(turns * share) for share in (config.dataset.validation_fraction, config.dataset.test_fraction))
    return (turns - held_out) * len(config.system.gammas)


def check(config: Config) -> None:
    """Build everything once and throw it away.

    Raises:
        ConfigError: the first thing that cannot be built.
    """
    system = build_system(config)
    if config.sampler.step_size is not None and config.sampler.step_size > system.box_side / 2:
        raise ConfigError(f"sampler.step_size = {config.sampler.step_size}: must be at most {system.box_side / 2}")
    turns = config.dataset.chains_per_gamma
    for name in ("validation_fraction", "test_fraction"):
        if round(turns * getattr(config.dataset, name)) < 1:
            raise ConfigError(
                f"dataset.{name} = {getattr(config.dataset, name)}: leaves no configuration "
                f"of {turns} a gamma; must be at least {0.5 / turns:.2g}"
            )
    if num_training_configurations(config) < 1:
        raise ConfigError("dataset.validation_fraction and dataset.test_fraction leave nothing to train on")
    build_plan(config)


@contextmanager
def _named(group: str) -> Generator[None]:
    """Put the group in front of what a builder says about one of its values."""
    try:
        yield
    except ConfigError as error:
        raise ConfigError(str(error) if "." in str(error).split(" ")[0] else f"{group}.{error}") from None
    except OneLineError as error:
        raise ConfigError(f"{group}.{error}") from None
