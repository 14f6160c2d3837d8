"""``load_run``: a trained model with its methods, from a run folder alone."""

import operator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax

from lcpjax.build import build_model, build_representation, build_system
from lcpjax.config import ModelConfig, RepresentationConfig, SystemConfig
from lcpjax.config.check import typed_group
from lcpjax.errors import did_you_mean, shown
from lcpjax.evaluation.anomalies import AnomalyDetector, NormalReference, normal_path
from lcpjax.model import cut_variables
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
    groups = sorted(path for path in (folder / "checkpoints").glob("*") if path.is_dir())
    if not groups:
        raise LoadError(f"{folder}: no checkpoints there; is it a run folder whose training began?")
    names = [path.name for path in groups]
    if group is None and ONLY_GROUP in names:
        group = ONLY_GROUP
    if group is not None:
        if group not in names:
            raise LoadError(f"{folder}: group {group}: {did_you_mean(group, names)}")
        groups = [folder / "checkpoints" / group]
    offers, matching = [], []
    for path in groups:
        with Checkpoints(path) as checkpoints:
            stacked, saved = checkpoints.restore_best()
        if other := saved.get("learned_from"):
            raise LoadError(f"{folder}: its models learned from {other}; load_run gives those of configurations")
        for index, model in enumerate(saved["models"]):
            if unknown := set(setting) - set(model):
                raise LoadError(f"{min(unknown)}: models of this run differ in {', '.join(model)}")
            offers.append(ModelSetting(**model))
            if all(model[name] == value for name, value in setting.items()):
                best = jax.tree.map(operator.itemgetter(index), stacked)
                normal = normal_path(folder, path.name, offers[-1])
                matching.append((path.name, saved, offers[-1], best, normal))
    if len(matching) != 1:
        asked = ", ".join(f"{name}={value}" for name, value in setting.items()) or "no setting"
        there = "; ".join(offer.label for offer in offers)
        raise LoadError(f"{folder}: {len(matching)} models match {asked}; there are {there}")
    return _trained_model(*matching[0])


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


def _trained_model(
    name: str, saved: dict[str, Any], setting: ModelSetting, best: dict[str, Any], normal: Path
) -> TrainedModel:
    """The model of one setting, unless it failed."""
    if int(best["failed_step"]) != NEVER:
        raise LoadError(f"{setting.label}: failed at step {int(best['failed_step'])} of its training")
    if int(best["epoch"]) == NEVER:
        raise LoadError(f"{setting.label}: its validation loss was never finite")
    # Only the groups a model depends on, so that later keys of others do not matter; of a sweep latent_dim is the
    # setting's.
    config = saved["config"]
    described = _Described(
        typed_group(SystemConfig, config["system"]),
        typed_group(RepresentationConfig, config["representation"]),
        typed_group(ModelConfig, config["model"] | {"latent_dim": setting.latent_dim}),
    )
    model = build_model(described)
    trained = TrainedModel(
        name=name,
        model=model,
        representation=build_representation(described, tuple((x, y) for x, y in saved.get("template", ()))),
        # A model of a sweep over latent_dim was trained padded to the largest.
        variables=cut_variables(model, best["variables"]),
        setting=setting,
        system=build_system(described),
        batch_size=_BATCH,
        masks=config["training"].get("masks", NO_MASKS),
    )
    if normal.exists():
        trained.detector = AnomalyDetector.of_reference(trained, NormalReference.load(normal))
    else:
        trained.detector = AnomalyDetector(trained, regret_steps=_REGRET_STEPS)
    return trained
