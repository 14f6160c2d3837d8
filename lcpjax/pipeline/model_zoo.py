"""Models that ``sweep.models`` names, and their training."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar, runtime_checkable

from lcpjax.build import build_plan
from lcpjax.config import Config
from lcpjax.config.check import ConfigError, changed, plain
from lcpjax.config.presets import model_preset
from lcpjax.dataset import Dataset
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import announce
from lcpjax.pipeline.training import TrainingError, failures_of, learn_representation, train_models, trained_models
from lcpjax.pipeline.variants import Variant, check_names, check_variants
from lcpjax.report import RunFolder, print_line
from lcpjax.trained_model import TrainedModel
from lcpjax.training import ModelSetting, has_failed


@runtime_checkable
class HasName(Protocol):
    """A model, or what was made of one and goes by its name."""

    @property
    def name(self) -> str:
        """The model's name, that of its kind."""
        ...


Named = TypeVar("Named", bound=HasName)

# Tokens ten times as blurred: energies show the decoder's noise.
_COARSE: dict[str, Any] = {"model.resolution": 1e-2, "model.initial_scale": 1e-2}
_RESIDUAL: dict[str, Any] = {"model.encoder": "residual_perceptron", "model.decoder": "residual_perceptron"}
_POINTS: dict[str, Any] = _RESIDUAL | {"model.decoder": "point_residual_perceptron"}
_DISTANCES: dict[str, Any] = {"representation.name": "distance_matrix"}
_SIGMA_VAE: dict[str, Any] = {
    "representation.name": "coordinates",
    "representation.ordering": "template",
    "model.latent_dim": 64,
    "model.width": 512,
    "model.linear_skip": True,
    "model.variance": "shared",
    "model.initial_scale": 0.3,
    "training.kl_weight": 0.3,
}

# Shown black regions in training; a learned variance, so that its draws have noise. The diagonal is no distance.
_MASKED: dict[str, Any] = {
    "training.masks": "mixed",
    "model.variance": "per_entry",
    "model.initial_scale": 2.0,
    "model.min_scale": 0.1,
    "training.kl_weight": 1.0,
}

MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "seed_conv": ("seed_conv", _DISTANCES),
    "autoencoder": ("seed_conv", _DISTANCES | {"training.kl_weight": 0.0}),
    "anchored": ("seed_conv", {"representation.name": "anchored_distances"}),
    "point_decoder": ("seed_conv", _DISTANCES | _POINTS),
    "masked_conv": ("seed_conv", _DISTANCES | _MASKED),
    "masked_points": ("seed_conv", _DISTANCES | _POINTS | _MASKED),
    "sigma_vae": ("mlp", _RESIDUAL | _SIGMA_VAE),
    "neighbours": ("neighbours", {}),
    "best": ("best", {}),
    "best_coarse": ("best", _COARSE),
    "best_coarse_forces": ("best", _COARSE | {"model.decoder": "half_forces"}),
}
"""By name: the preset (``model=NAME``), and what is changed in it."""


def model_variants(config: Config) -> list[Variant]:
    """The models asked for in ``sweep.models``.

    Raises:
        ConfigError: an unknown one, one that cannot be built, or a model chosen in another way.
    """
    check_names("sweep.models", config.sweep.models, MODELS)
    values = plain(config)
    for key, value in model_preset("seed_conv").items():
        group, name = key.split(".")
        if group == "model" and values[group][name] != value:
            raise ConfigError(f"{key}: +experiment={config.experiment} takes its models from sweep.models")
    variants = [Variant(name, _preset_for(config, name)) for name in config.sweep.models]
    check_variants(config, variants)
    return variants


def _is_density(changes: Mapping[str, Any]) -> bool:
    return changes["model.prior"] == "autoregressive"


def _preset_for(config: Config, name: str) -> dict[str, Any]:
    """Changes of a config by a model, with interpolations resolved."""
    changes = model_preset(MODELS[name][0]) | MODELS[name][1]
    if _is_density(changes) and config.sweep.density_epochs is not None:
        changes["training.num_epochs"] = config.sweep.density_epochs
    values = plain(changed(config, changes))
    for key, value in changes.items():
        if isinstance(value, str) and value.startswith("${"):
            group, name_in_group = key.split(".")
            changes[key] = values[group][name_in_group]
    return changes


def check_frames(config: Config) -> None:
    """Refuse models that do not know where particles are in the box.

    Raises:
        ConfigError: such a model, or whatever ``model_variants`` refuses.
    """
    for variant in model_variants(config):
        if not build_plan(changed(config, variant.changes)).representation.has_coordinates:
            raise ConfigError(
                f"sweep.models = {variant.name}: +experiment={config.experiment} needs models that know the frame"
            )


def announce_models(config: Config, num_others: int = 0) -> int:
    """Print an estimate of the run's time; returns the number of models.

    Args:
        num_others: networks that are trained besides, for each seed.
    """
    variants, num_seeds = model_variants(config), len(config.sweep.seeds)
    densities = [variant for variant in variants if _is_density(variant.changes)]
    announce(config, (len(variants) + num_others) * num_seeds, len(densities) * num_seeds)
    return len(variants) * num_seeds


def train_variant(run: Run, variant: Variant, dataset: Dataset) -> tuple[list[TrainedModel], list[str]]:
    """The models of a variant, one a seed, and a line for each that failed."""
    print_line(variant.name)
    _keep_preset(variant, run.folder)
    config = changed(run.config, variant.changes)
    plan = learn_representation(build_plan(config), dataset, run.folder)
    settings = [ModelSetting(config.training.kl_weight, config.model.latent_dim, seed) for seed in config.sweep.seeds]
    try:
        states = train_models(run.with_config(config), plan, settings, dataset, group=variant.name)
    except TrainingError as error:
        return [], [f"{variant.name}: {error}"]
    trained = trained_models(run, plan, settings, states, variant.name)
    models = [model for model, state in zip(trained, states, strict=True) if not has_failed(state)]
    return models, [f"{variant.name}: {line}" for line in failures_of(settings, states)]


def train_variants(run: Run, dataset: Dataset) -> tuple[list[TrainedModel], list[str]]:
    """All models asked for, trained one variant after the other, and a line for each that failed.

    Raises:
        TrainingError: none could be trained to the end.
    """
    results = [train_variant(run, variant, dataset) for variant in model_variants(run.config)]
    models, failures = ([each for of_variant in column for each in of_variant] for column in zip(*results, strict=True))
    if not models:
        raise TrainingError(f"training stopped: {'; '.join(failures)}")
    return models, failures


def first_of_each(models: Sequence[Named]) -> list[Named]:
    """The model of the first seed that did not fail, of each kind."""
    return list({model.name: model for model in reversed(models)}.values())[::-1]


def _keep_preset(variant: Variant, run_folder: RunFolder) -> None:
    """Write the variant's preset to run_info.json: it is read from conf/ and not in the run's config."""
    info, changes = run_folder.info(), dict(variant.changes)
    kept = info.get("presets") or info.get("recipes", {})  # The name in earlier versions.
    if variant.name in kept and kept[variant.name] != changes:
        raise TrainingError(
            f"{variant.name}: this run began with another preset; choose another folder or restart=true"
        )
    run_folder.add_info(presets=kept | {variant.name: changes})
