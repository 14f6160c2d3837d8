"""``load_run``: a trained model with its methods, from a run folder alone."""

import operator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import jax

from lcpjax.build import build_model, build_representation, build_system
from lcpjax.config import ModelConfig, RepresentationConfig, SystemConfig
from lcpjax.config.check import typed_group
from lcpjax.errors import OneLineError, did_you_mean, shown
from lcpjax.evaluation.anomalies import AnomalyDetector, NormalReference, normal_path
from lcpjax.model import cut_variables
from lcpjax.report import print_line
from lcpjax.runtime.abandoned_reads import one_error_for_all_reads
from lcpjax.runtime.jax_settings import with_own_settings
from lcpjax.trained_model import LoadError, TrainedModel
from lcpjax.training import NEVER, NO_MASKS, ONLY_GROUP, Checkpoints, ModelSetting

__all__ = ["LoadError", "TrainedModel", "load_run"]

_SIGNS_OF_A_RUN = ("job.json", "checkpoints", "config.yaml")
_MOST_NAMED = 20
# Configurations at once, and steps of the likelihood regret where the run has none.
_BATCH, _REGRET_STEPS = 512, 10


@dataclass
class _Described:
    """The groups of a run's config that a model depends on."""

    system: SystemConfig
    representation: RepresentationConfig
    model: ModelConfig


class _SavedModel(NamedTuple):
    """One model of a run, as the checkpoint of its group holds it."""

    group: str
    setting: ModelSetting
    index: int
    stacked: dict[str, Any]
    """The best of all models of the group."""
    description: dict[str, Any]
    """Of the group: the config, and the template."""


@with_own_settings
def load_run(folder: str | Path, group: str | None = None, **setting: float) -> TrainedModel:
    """The best model of a run, rebuilt from its run folder alone.

    Args:
        folder: the run folder; ``~`` is the home folder.
        group: kind of model where a run has several: a folder under ``checkpoints``; None: those of the run's own
            config.
        setting: identifies the model of a sweep: ``kl_weight``, ``latent_dim``, ``seed``.

    Raises:
        LoadError: no run there, not exactly one model with that setting, or one that failed.

    Example::

        run = load_run("outputs/lambda_sweep/0123456789", kl_weight=1e-3, seed=0)
        distances, reconstructed = run.reconstruct_distances(positions)
    """
    folder = _run_folder(folder)
    models = [model for path in _groups(folder, group) for model in _models_of_group(folder, path)]
    if unknown := set(setting) - set(ModelSetting._fields):
        raise LoadError(f"{min(unknown)}: models of this run differ in {', '.join(ModelSetting._fields)}")
    matching = [model for model in models if setting.items() <= model.setting._asdict().items()]
    if len(matching) != 1:
        asked = ", ".join(f"{name}={value}" for name, value in setting.items()) or "no setting"
        there = "; ".join(model.setting.label for model in models)
        raise LoadError(f"{folder}: {len(matching)} models match {asked}; there are {there}")
    return _trained_model(folder, matching[0])


def _groups(folder: Path, group: str | None) -> list[Path]:
    """Folders of the checkpoints asked for: those of one group, or of all."""
    groups = {path.name: path for path in sorted((folder / "checkpoints").glob("*")) if path.is_dir()}
    if not groups:
        raise LoadError(f"{folder}: no checkpoints there; is it a run folder whose training began?")
    if group is None:
        return [groups[ONLY_GROUP]] if ONLY_GROUP in groups else list(groups.values())
    if group not in groups:
        raise LoadError(f"{folder}: group {group}: {did_you_mean(group, groups)}")
    return [groups[group]]


def _models_of_group(folder: Path, group: Path) -> list[_SavedModel]:
    stacked, description = _restored(group)
    if other := description.get("learned_from"):
        raise LoadError(f"{folder}: its models learned from {other}; load_run gives those of configurations")
    settings = [ModelSetting(**model) for model in description["models"]]
    return [_SavedModel(group.name, setting, index, stacked, description) for index, setting in enumerate(settings)]


def _restored(group: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        with one_error_for_all_reads(), Checkpoints(group) as checkpoints:
            used = checkpoints.latest_epoch()
            for reason in checkpoints.damaged().values():
                print_line(f"WARNING: a checkpoint cannot be used ({reason}); the models are those after epoch {used}")
            return checkpoints.restore_best()
    except OneLineError:
        raise
    except Exception as error:
        # Libraries say in many ways that a file is damaged or missing.
        line = f"{type(error).__name__}: {error}".splitlines()[0]
        raise LoadError(f"{group}: the checkpoint cannot be read ({line})") from error


def _run_folder(folder: Any) -> Path:
    """The folder, with ``~`` as the home folder, if it can be read and holds no other runs."""
    try:
        path = Path(folder).expanduser()
        entries = sorted(path.iterdir())
    except (TypeError, ValueError, RuntimeError, OSError) as error:
        # From the file system (no such file, not a folder, no permission), or from Python.
        reason = getattr(error, "strerror", None) or str(error)
        raise LoadError(f"{shown(str(folder))}: no run folder can be read there ({reason})") from None
    runs = [entry.name for entry in entries if any((entry / name).exists() for name in _SIGNS_OF_A_RUN)]
    if runs and not (path / "checkpoints").exists():
        kind = "a grid's folder" if (path / "grid.csv").exists() else "not a run folder itself"
        more = f" and {len(runs) - _MOST_NAMED} more" if len(runs) > _MOST_NAMED else ""
        raise LoadError(f"{path}: {kind}, it holds {len(runs)} runs; load one: {', '.join(runs[:_MOST_NAMED])}{more}")
    return path


def _trained_model(folder: Path, saved: _SavedModel) -> TrainedModel:
    """The model, unless it failed."""
    best, setting = jax.tree.map(operator.itemgetter(saved.index), saved.stacked), saved.setting
    if int(best["failed_step"]) != NEVER:
        raise LoadError(f"{setting.label}: failed at step {int(best['failed_step'])} of its training")
    if int(best["epoch"]) == NEVER:
        raise LoadError(f"{setting.label}: its validation loss was never finite")
    # Only the groups a model depends on, so that later keys of others do not matter; of a sweep latent_dim is the
    # setting's.
    config = saved.description["config"]
    described = _Described(
        typed_group(SystemConfig, config["system"]),
        typed_group(RepresentationConfig, config["representation"]),
        # Of runs from before there was the key, priors know the energies.
        typed_group(ModelConfig, {"knows_energies": True} | config["model"] | {"latent_dim": setting.latent_dim}),
    )
    template = tuple((x, y) for x, y in saved.description.get("template", ()))
    model = build_model(described)
    trained = TrainedModel(
        name=saved.group,
        model=model,
        representation=build_representation(described, template),
        # A model of a sweep over latent_dim was trained padded to the largest.
        variables=cut_variables(model, best["variables"]),
        setting=setting,
        system=build_system(described),
        batch_size=_BATCH,
        masks=config["training"].get("masks", NO_MASKS),
    )
    normal = normal_path(folder, saved.group, setting)
    if normal.exists():
        trained.detector = AnomalyDetector.of_reference(trained, NormalReference.load(normal))
    else:
        trained.detector = AnomalyDetector(trained, regret_steps=_REGRET_STEPS)
    return trained
