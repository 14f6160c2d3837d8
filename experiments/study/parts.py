"""One chapter as a run of its own, in a folder of the study's."""

import operator
from pathlib import Path

from hydra.core.hydra_config import HydraConfig

from lcpjax.build import check
from lcpjax.cli.job import load_experiment, reason_of, run_config
from lcpjax.config import Config
from lcpjax.config.check import ConfigError, of_experiment
from lcpjax.config.presets import experiment_preset
from lcpjax.errors import did_you_mean
from lcpjax.pipeline.run import Run

from .chapters import CHAPTERS, FOLDER, Chapter
from .settings import Settings

_MODELS = "models"
_OF_THE_STUDY = ("experiment", "settings")


def chapters_of(config: Config) -> list[Chapter]:
    """The chapters asked for, in their order.

    Raises:
        ConfigError: there is none of that name.
    """
    settings: Settings = config.settings
    names = [chapter.name for chapter in CHAPTERS]
    for name in settings.chapters:
        if name not in names:
            raise ConfigError(f"settings.chapters = {name}: {did_you_mean(name, names)}")
    return [chapter for chapter in CHAPTERS if chapter.name in (settings.chapters or names)]


def config_of(config: Config, chapter: Chapter, models: str | None = None) -> Config:
    """The config of a chapter's own run.

    Args:
        models: folder of trained models that chapters share, unless the config names one.
    """
    settings: Settings = config.settings
    shared = {
        "sweep.seeds": config.sweep.seeds[: settings.num_seeds],
        "training.kept_models": config.training.kept_models or models,
        # W&B sees the study as one run.
        "tracker.wandb.mode": "disabled",
    }
    sizes = {
        key: max(round(times * operator.attrgetter(size)(config)), 1)
        for key, (times, size) in chapter.in_proportion.items()
    }
    return of_experiment(config, chapter.name, {**chapter.changes, **sizes, **shared})


def check_chapter(config: Config, chapter: Chapter) -> None:
    """Refuse a chapter that its experiment refuses, or whose own keys the command line sets for all."""
    asked = HydraConfig.get().overrides.task if HydraConfig.initialized() else []
    keys = {override.partition("=")[0].lstrip("+") for override in asked}
    own = {*experiment_preset(chapter.name), *chapter.changes, *chapter.in_proportion} - {*_OF_THE_STUDY}
    for key in sorted(keys & own):
        raise ConfigError(
            f"{key}: chapter {chapter.name} sets it itself; leave it out, choose others with settings.chapters, or run "
            f"+experiment={chapter.name} alone"
        )
    of_chapter, experiment = config_of(config, chapter), load_experiment(chapter.name)
    check(of_chapter)
    getattr(experiment, "check", check)(of_chapter)


def folder_of(run: Run, chapter: Chapter) -> Path:
    """A chapter's run folder."""
    return run.folder.path / FOLDER / chapter.name


def run_chapter(run: Run, chapter: Chapter) -> tuple[bool, list[str]]:
    """Run a chapter, or go on with it, or show what is there.

    Returns:
        Whether it ran to its end, and what failed in it, a line each.
    """
    own, folder = config_of(run.config, chapter, str(run.folder.path / _MODELS)), folder_of(run, chapter)
    try:
        has_ended, failures = True, run_config(own, folder)
    # The chapters after it do not depend on it.
    except Exception as error:  # noqa: BLE001
        has_ended, failures = False, [reason_of(error, folder)]
    return has_ended, [f"{chapter.name}: {line}" for line in failures]
